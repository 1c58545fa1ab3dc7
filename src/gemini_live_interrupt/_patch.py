"""The taps on the SDK's classes: put on and taken off, and what each looks at.

`receive()`, `start_stream()` and every framework read messages through `_receive`, so this one place reaches them all.
What the app sends passes through the sending methods; that tells of the microphone, typed text, tool responses. What it
asks for passes through `AsyncLive.connect`.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

import wrapt

from ._connect import Connecting
from ._sdk import received, sent
from ._sessions import follow, followed, handles, switch
from ._settings import Settings
from ._tap import Tap, method_of
from ._transport import OURS

_undelivered: dict[int, tuple[weakref.ref[Any], Any]] = {}
"""id(session) -> the session, and the message that a reader did not get because it was cancelled: written by the
wrapper. A plain dictionary, because every message asks whether it is empty."""


def _wrap_receive(found: Any) -> Any:
    async def receive(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        """Read a message, look at it, and hand on the very same object: nothing after the read can raise."""
        if _undelivered and (message := _take_undelivered(session)) is not None:
            return message
        try:
            message = await wrapped(*args, **kwargs)
        except Exception as error:
            if switch.settings is not None and layer is _RECEIVE.live:
                _closed(session, error)
            raise
        settings = switch.settings
        if settings is None or layer is not _RECEIVE.live:
            return message
        try:
            delivery = getattr(session, "_interrupt", None)
            if delivery is None or delivery.base is not settings or not delivery.belongs_to(session):
                delivery = follow(session, settings)
            if not delivery.take(received(message)):
                return message
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
            switch.log_once("a message could not be followed; the app has got it all the same", error=error)
            return message
        try:
            await asyncio.sleep(0)  # the note is written in this turn of the loop if the socket takes it
        except asyncio.CancelledError:
            _undelivered[id(session)] = weakref.ref(session), message
            raise
        return message

    layer: Any = wrapt.FunctionWrapper(found, receive)
    return layer


def _send_tap(name: str) -> Tap:
    def wrap(found: Any) -> Any:
        def send(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
            """Look at what the app sends, and hand on the call as it is: its coroutine is the SDK's own."""
            settings = switch.settings
            if settings is not None and layer is tap.live and session is not None and not OURS.get():
                try:
                    if events := sent(name, args, kwargs):
                        follow(session, settings).take(events)
                except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
                    switch.log_once("what the app sent could not be followed; it was sent all the same", error=error)
            return wrapped(*args, **kwargs)

        layer: Any = wrapt.FunctionWrapper(found, send)
        return layer

    tap = Tap(name, wrap)
    return tap


def _wrap_connect(found: Any) -> Any:
    def connect(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
        """Return the SDK's own context manager, or one around it that looks at the session."""
        asked = wrapped(*args, **kwargs)
        settings = switch.settings
        if settings is None or layer is not _CONNECT.live:
            return asked
        try:

            def again(config: Any) -> Any:
                return wrapped(*args, **{**kwargs, "config": config})

            return Connecting(asked, again, settings, kwargs.get("model"), kwargs.get("config"))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
            switch.log_once("a connect could not be followed; it goes on as the app asked", error=error)
            return asked

    layer: Any = wrapt.FunctionWrapper(found, connect)
    return layer


_RECEIVE = Tap("_receive", _wrap_receive)
_CONNECT = Tap("connect", _wrap_connect)
_SENDS = [_send_tap(name) for name in ("send", "send_client_content", "send_realtime_input", "send_tool_response")]
"""What is wrapped. `_receive` alone is enough: what is not seen of the app is not known."""


def _closed(session: Any, error: Exception) -> None:
    """The read failed; if that was the connection's end, the SDK's error carries the close code."""
    try:
        code, delivery = getattr(error, "code", None), followed(session)
        if code is not None and delivery is not None:
            delivery.close(code)
    except Exception as inner:  # noqa: BLE001 - the app gets the SDK's error, not ours
        switch.log_once("the end of a session could not be followed", error=inner)


def _take_undelivered(session: Any) -> Any:
    """Return the message that a reader of this very session did not get."""
    with switch.lock:
        of, message = _undelivered.pop(id(session), (None, None))
        if switch.settings is None:
            _step_out()
        return message if of is not None and of() is session else None


# The switch


def install(settings: Settings) -> None:
    """Turn the library on, for the next message of every session; wrap what is not wrapped yet.

    Raises:
        RuntimeError: the installed google-genai has no `AsyncSession._receive` that could be wrapped.
    """
    switch.survive_forks()
    with switch.lock:
        session_class = _find_class()
        for tap in (_RECEIVE, *_SENDS):
            tap.put_on(session_class, switch)
        _CONNECT.put_on(_live_class(), switch)
        switch.set(settings)


def remove() -> None:
    """Turn the library off, for the very next message, and step off the class where no other layer is above ours."""
    with switch.lock:
        switch.set(None)
        handles.clear()
        _step_out()


def _step_out() -> None:
    """Take our wrappers off. That of `_receive` stays, and does nothing, while a message is undelivered."""
    for key in [key for key, (session, _) in _undelivered.items() if session() is None]:
        del _undelivered[key]
    for tap in (_CONNECT, *_SENDS):
        tap.take_off()
    if not _undelivered:
        _RECEIVE.take_off()


def receive_of(session_class: object) -> Any:
    """Return what the class itself holds as `_receive`; `None` if it is no class, or holds none."""
    return method_of(session_class, "_receive")


def _live_class() -> Any:
    from google.genai import live

    return getattr(live, "AsyncLive", None)


def _find_class() -> Any:
    from google.genai import live, version

    session_class = getattr(live, "AsyncSession", None)
    if not callable(receive_of(session_class)):
        raise RuntimeError(  # noqa: TRY004 - no argument is of the wrong type
            f"google-genai {version.__version__} has no AsyncSession._receive, which gemini-live-interrupt wraps; "
            "install a version that it supports (1.62 or later)"
        )
    return session_class
