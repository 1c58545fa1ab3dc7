"""The patch of `AsyncSession._receive`, and all module state that changes.

`receive()`, `start_stream()` and every framework read messages through `_receive`, so this one place reaches them all.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Iterator
from typing import Any

import wrapt

from ._delivery import Delivery
from ._handler import UNKNOWN, _InterruptHandler
from ._handover import has_begun, state_of, take_over
from ._settings import Settings
from ._state import EMPTY, State
from ._switch import Switch

switch = Switch()
"""On or off: written by `install()` and `remove()`."""
_live: Any = None
"""The one wrapper of ours that looks at messages, if any: written by `install()`, under `switch.lock`."""
_layers: list[Any] = []
"""Every wrapper of ours that may still be on the class; all but the live one are inert. Written with it."""
_patched: Any = None
"""The class that they are on. Written with them."""
_owed: dict[weakref.ref[Any], Any] = {}
"""session -> the message that a reader did not get because it was cancelled: written by the wrapper. A plain
dictionary, because every message asks whether it is empty."""


def _wrap(found: Any) -> Any:
    async def receive(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        """Read a message, look at it, and hand on the very same object: nothing after the read can raise."""
        if _owed and (message := _take_owed(session)) is not None:
            return message
        try:
            message = await wrapped(*args, **kwargs)
        except Exception as error:
            if switch.settings is not None and layer is _live:
                _closed(session, error)
            raise
        settings = switch.settings
        if settings is None or layer is not _live:
            return message
        try:
            sent = getattr(message, "__pydantic_fields_set__", UNKNOWN)
            if not sent:
                return message  # an empty frame: 3.8 sends one before each that is not
            try:
                handler = session._interrupt_handler
            except AttributeError:
                handler = None
            if handler is None or handler.settings is not settings:
                handler = _attend(session, handler, settings)
            deeds = handler.receive(message, session._interrupt_clock(), sent)
            if not deeds or not session._interrupt_delivery.carry_out(deeds):
                return message
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
            switch.complain("a message could not be followed; the app has got it all the same", error=error)
            return message
        try:
            await asyncio.sleep(0)  # the note is written in this turn of the loop if the socket takes it
        except asyncio.CancelledError:
            _owed[weakref.ref(session, _forget_owed)] = message
            raise
        return message

    layer: Any = wrapt.FunctionWrapper(found, receive)
    layer._self_interrupt_switch = switch  # for another copy of this module, which finds the layer
    return layer


def _attend(session: Any, handler: _InterruptHandler | None, settings: Settings) -> _InterruptHandler:
    """Give the session a handler, or its handler the new settings; one that missed messages starts afresh."""
    if handler is not None and handler.settings.era is settings.era:
        handler.settings = settings
        return handler
    if handler is not None:
        session._interrupt_delivery.stop()
    handler = _InterruptHandler(settings)
    loop = asyncio.get_running_loop()
    usual = getattr(type(loop), "time", None) is asyncio.BaseEventLoop.time
    session._interrupt_clock = time.monotonic if usual else loop.time  # the same, but for a call
    session._interrupt_delivery = Delivery(session, handler, switch, _send)
    session._interrupt_handler = handler
    return handler


async def _send(session: Any, text: str, turn_complete: bool) -> None:
    from google.genai import types

    content = types.Content(role="user", parts=[types.Part(text=text)])  # 3.8 closes with 1007 if the role is missing
    await session.send_client_content(turns=content, turn_complete=turn_complete)


def _closed(session: Any, error: Exception) -> None:
    """The read failed; if that was the connection's end, the SDK's error carries the close code."""
    try:
        code, delivery = getattr(error, "code", None), getattr(session, "_interrupt_delivery", None)
        if code is not None and delivery is not None:
            delivery.close(code)
    except Exception as inner:  # noqa: BLE001 - the app gets the SDK's error, not ours
        switch.complain("the end of a session could not be followed", error=inner)


def _take_owed(session: Any) -> Any:
    message = _owed.pop(weakref.ref(session), None)
    if message is not None:
        _forget_owed()
    return message


def _forget_owed(session: weakref.ref[Any] | None = None) -> None:
    """A message was delivered, or its session is gone; our layer may be staying for it alone."""
    if session is not None:
        _owed.pop(session, None)
    if switch.settings is None:
        with switch.lock:
            _step_out()


def report_played(session: Any, seconds: float) -> None:
    """Hand the app's word to the session's handler, if there is one."""
    settings = switch.settings
    try:
        handler = getattr(session, "_interrupt_handler", None)
        if settings is not None and handler is not None and handler.settings.era is settings.era:
            handler.report_played(float(seconds), session._interrupt_clock())
    except Exception as error:  # noqa: BLE001 - a call in mid-session: said in the log, and the conversation goes on
        switch.complain("report_played(session, seconds) was ignored", error=error)


def session_state(session: Any) -> dict[str, Any]:
    """Return what the session's handler knows, if there is one that has missed nothing."""
    settings = switch.settings
    handler = getattr(session, "_interrupt_handler", None)
    if settings is None or handler is None or handler.settings.era is not settings.era:
        return dict(EMPTY)
    return state_of(handler, session._interrupt_clock(), time.time()).to_dict()


def restore_session_state(session: Any, state: State, *, audio_lost: bool) -> None:
    """Hand the state to the session's handler, and send what the model has to know."""
    settings = switch.settings
    if settings is None:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("restore_session_state must be called on the session's event loop") from None
    handler = getattr(session, "_interrupt_handler", None)
    if handler is None or handler.settings is not settings:
        handler = _attend(session, handler, settings)
    if has_begun(handler):
        raise RuntimeError(
            "the session has heard the model already, or has taken over a state: call restore_session_state once, "
            "right after connecting"
        )
    elapsed = max(time.time() - state.saved_at, 0.0)
    deeds = take_over(handler, state, session._interrupt_clock(), elapsed=elapsed, audio_lost=audio_lost)
    session._interrupt_delivery.carry_out(deeds)


# The switch


def install(settings: Settings) -> None:
    """Turn the library on, for the next message of every session; wrap the class unless a layer of ours is still on it.

    Other libraries' layers may have come above ours. One that does not show what it wraps hides ours: we then wrap once
    more, and the hidden layer, no longer the live one, is inert.

    Raises:
        RuntimeError: the installed google-genai has no `AsyncSession._receive` that could be wrapped.
    """
    global _live, _patched
    session_class, found = _find_receive()
    with switch.lock:
        if _patched is not session_class:
            _step_out()
            _layers.clear()
            _patched = session_class
        for layer in _shown(found):
            other = getattr(layer, "_self_interrupt_switch", switch)
            if other is not switch:
                other.turn(None)  # a copy of this library, imported before it was reloaded: one note is enough
        _live = next((layer for layer in _shown(found) if _is_ours(layer)), None)
        if _live is None:
            _live = session_class._receive = _wrap(found)
            _layers.append(_live)
        switch.turn(settings)


def remove() -> None:
    """Turn the library off, for the very next message, and step off the class where no other layer is above ours."""
    with switch.lock:
        switch.turn(None)
        _step_out()


def _step_out() -> None:
    """Restore what our outermost layers wrap. Under another's, or while a message is owed, they stay, inert."""
    while not _owed and _patched is not None:
        layer = vars(_patched).get("_receive")
        if not _is_ours(layer):
            return
        _patched._receive = layer.__wrapped__
        _layers[:] = [other for other in _layers if other is not layer]


def _is_ours(found: Any) -> bool:
    return any(found is layer for layer in _layers)


def _shown(found: Any) -> Iterator[Any]:
    """The layers from `found` inwards, as far as each shows what it wraps."""
    for _ in range(100):  # nobody has more, and a ring would be endless
        if found is None:
            return
        yield found
        if (parent := getattr(found, "_self_parent", None)) is not None:  # what wrapt hands out on access is bound
            yield parent
        found = getattr(found, "__wrapped__", None)


def _find_receive() -> tuple[Any, Any]:
    from google.genai import live, version

    session_class = getattr(live, "AsyncSession", None)
    found = vars(session_class).get("_receive") if isinstance(session_class, type) else None
    if not callable(found):
        raise RuntimeError(  # noqa: TRY004 - no argument is of the wrong type
            f"google-genai {version.__version__} has no AsyncSession._receive, which gemini-live-interrupt wraps; "
            "install a version that it supports (1.62 or later)"
        )
    return session_class, found
