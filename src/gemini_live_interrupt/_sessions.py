"""The sessions that the library follows, and all module state that changes.

Each session has one attribute of ours, its `Delivery`. One that missed messages while the library was off starts
afresh, and so does a copy of a session; what was agreed at connect, and the options of the session, stay known.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ._agreement import Agreement
from ._delivery import Delivery
from ._handles import Handles
from ._settings import SessionOptions, Settings
from ._snapshot import EMPTY, State
from ._switch import Switch

switch = Switch()
"""On or off: written by `install()` and `remove()`."""
handles: Handles[Delivery] = Handles(time.monotonic)
"""Whose session goes on by which resumption handle."""


def follow(session: Any, settings: Settings) -> Delivery:
    """Return the session's delivery, with these settings."""
    delivery: Delivery | None = getattr(session, "_interrupt", None)
    agreement: Agreement | None = None
    options: SessionOptions = {}
    if delivery is not None:
        if delivery.belongs_to(session):
            if delivery.generation == switch.generation:
                if delivery.base is not settings:
                    delivery.use(settings)
                return delivery
            delivery.stop()
        agreement, options = delivery.agreement, delivery.options
    return _made(session, settings, agreement, options)


def connected(session: Any, settings: Settings, agreement: Agreement, options: SessionOptions) -> None:
    """Follow a session from its connect on. One that goes on with another session takes over what is known of it."""
    delivery = _made(session, settings, agreement, options)
    before = None if agreement.handle is None else handles.take(agreement.handle)
    if before is not None:
        delivery.go_on(before.snapshot())
        before.stop_soon()


def _made(session: Any, settings: Settings, agreement: Agreement | None, options: SessionOptions) -> Delivery:
    delivery = Delivery(session, settings, switch, handles, agreement, options)
    session._interrupt = delivery
    return delivery


def followed(session: Any) -> Delivery | None:
    """Return the session's delivery, if it has one that is switched on and has missed nothing."""
    delivery: Delivery | None = getattr(session, "_interrupt", None)
    if switch.settings is None or delivery is None or not delivery.belongs_to(session) or not delivery.enabled:
        return None
    return delivery if delivery.generation == switch.generation else None


def configure_session(session: Any, options: SessionOptions) -> None:
    """Change the options of one session; they have been checked."""
    if (settings := switch.settings) is not None:
        follow(session, settings).choose(options)


def report_played(session: Any, seconds: float) -> None:
    """Hand the app's word to the session's handler, if there is one."""
    try:
        if (delivery := followed(session)) is not None:
            delivery.report_played(float(seconds))
    except Exception as error:  # noqa: BLE001 - a call in mid-session: said in the log, and the conversation goes on
        switch.log_once("report_played(session, seconds) was ignored", error=error)


def session_state(session: Any) -> dict[str, Any]:
    """Return what the session's handler knows, if there is one that has missed nothing."""
    delivery = followed(session)
    return dict(EMPTY) if delivery is None else delivery.snapshot().to_dict()


def restore_session_state(session: Any, state: State, *, audio_lost: bool) -> None:
    """Hand the state to the session's handler, and send what the model has to know.

    A session that has gone on by itself, by its handle, knows all that already.
    """
    settings = switch.settings
    if settings is None:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("restore_session_state must be called on the session's event loop") from None
    delivery = follow(session, settings)
    if not delivery.enabled or delivery.has_gone_on:
        return
    if delivery.handler.has_begun:
        raise RuntimeError(
            "the session has heard the model already, or has taken over a state: call restore_session_state once, "
            "right after connecting"
        )
    delivery.restore(state, audio_lost=audio_lost)
