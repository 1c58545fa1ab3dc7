"""Carries out what a session's handler says: one note at a time, sent by a task that the session owns.

The app's messages never wait for it. It holds the session weakly but for the time that a note is being sent.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ._cut import Deed, Note, Settled
from ._handler import _InterruptHandler
from ._interruption import Interruption
from ._settings import Settings
from ._switch import Switch, logger

Send = Callable[[Any, str, bool], Awaitable[None]]
LOOK_AGAIN = 0.02
"""Seconds between two looks at a socket that cannot take the note."""


class Delivery:
    """Belongs to one session and the event loop that it was first read in."""

    def __init__(self, session: Any, handler: _InterruptHandler, switch: Switch, send: Send) -> None:
        self._session = weakref.ref(session)
        self._handler = handler
        self._switch = switch
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def carry_out(self, deeds: Sequence[Deed]) -> bool:
        """Start what is to be done. Return whether a note is about to be written, and wants one turn of the loop."""
        begun = False
        for deed in deeds:
            if isinstance(deed, Note):
                begun = self._begin(deed)
            elif isinstance(deed, Settled):
                self.stop()
                self._tell(deed.interruption)
            else:
                self._switch.complain(
                    "an interruption cannot be described: the session has no transcription of the model's speech; put "
                    "output_audio_transcription={} and input_audio_transcription={} in its LiveConnectConfig",
                    level=logging.WARNING,
                )
        return begun

    def close(self, code: object) -> None:
        """The session ended, with this close code if one is known."""
        refused, settled = self._handler.closed(code, self._loop.time())
        self.stop()
        if refused:
            self._switch.refuse()
        if settled is not None:
            self._tell(settled)

    def _begin(self, note: Note) -> bool:
        self.stop()
        if not self._switch.may_send():
            note.is_not_sent("refused")
            self._tell(note.interruption)
            return False
        self._task = self._loop.create_task(self._deliver(self._session(), note, self._handler.settings))
        self._tell(note.interruption)
        self._watch()
        return True

    def stop(self) -> None:
        """Drop the note that is not out yet, and wait for nothing."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self, interruption: Interruption) -> None:
        logger.debug(
            "interruption %s: heard %d characters, %.1f s of %.1f s (%s), outcome %s",
            interruption.phase,
            len(interruption.heard),
            interruption.played,
            interruption.received,
            interruption.evidence,
            interruption.outcome,
        )
        callback = self._handler.settings.on_interruption
        if callback is not None:
            self._loop.call_soon(self._call, callback, interruption)

    def _call(self, callback: Callable[[Interruption], object], interruption: Interruption) -> None:
        try:
            callback(interruption)
        except Exception as error:  # noqa: BLE001 - the app's callback must not hurt the session
            self._switch.complain("on_interruption raised; the session goes on", error=error)

    # Sending

    async def _deliver(self, session: Any, note: Note, settings: Settings) -> None:
        handler = self._handler
        try:
            text = await self._build(note, settings)
        except Exception as error:  # noqa: BLE001 - the app's builder must not hurt the session
            note.is_not_sent("failed")
            self._switch.complain("prompt_builder raised; no note is sent, the session goes on", error=error)
            return
        if not text:
            note.is_not_sent("skipped")
            return
        while self._wants(note) and not _is_writable(session):  # noqa: ASYNC110 - a transport has no event to wait for
            await asyncio.sleep(LOOK_AGAIN)
        if not self._wants(note):
            note.is_not_sent("late")
            self._watch()
            return
        handler.note_sent(note, text, self._loop.time())
        try:
            await self._send(session, text, note.turn_complete)
        except Exception as error:  # noqa: BLE001 - the app meets a broken connection where it always did: in receive()
            note.is_not_sent("failed")
            logger.debug("a note of %d characters could not be sent: %s", len(text), type(error).__name__)
        else:
            logger.debug("sent a note of %d characters, turn_complete=%s", len(text), note.turn_complete)

    def _wants(self, note: Note) -> bool:
        return self._switch.may_send() and self._handler.wants(note)

    async def _build(self, note: Note, settings: Settings) -> str | None:
        """Call the app's builder; raise what it raises, and `TypeError` for anything but a note."""
        interruption = note.interruption
        extra = {"interruption": interruption} if settings.builder_takes_interruption else {}
        built: Any = settings.prompt_builder(
            interruption.heard, interruption.user_text, list(interruption.history), **extra
        )
        if inspect.isawaitable(built):
            try:
                built = await built
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                raise RuntimeError("prompt_builder was cancelled") from None
        if built is not None and not isinstance(built, str):
            raise TypeError(f"prompt_builder must return a string or None, got {type(built).__name__}")
        return built

    # Silence

    def _watch(self) -> None:
        """See to it that the handler is woken when nobody may have spoken for too long."""
        ask_at = self._handler.ask_at
        if ask_at is not None and self._timer is None:
            self._timer = self._loop.call_later(max(ask_at - self._loop.time(), 0.0), _wake, weakref.ref(self))

    def wake(self) -> None:
        """The timer has run out: ask the model to go on, or wait on."""
        self._timer = None
        if self._session() is None or not self._switch.may_send():
            return
        note = self._handler.wake(self._loop.time())
        if note is None:
            self._watch()
        else:
            self._begin(note)


def _wake(delivery: weakref.ref[Delivery]) -> None:
    if (alive := delivery()) is not None:
        alive.wake()


def _is_writable(session: Any) -> bool:
    """Whether the socket takes what is written, as far as can be seen: what is queued behind a stall comes too late."""
    transport = getattr(getattr(session, "_ws", None), "transport", None)
    while isinstance(transport, asyncio.WriteTransport):
        if transport.is_closing():
            return True  # sending will tell
        if transport.get_write_buffer_size():
            return False
        transport = getattr(
            getattr(transport, "_ssl_protocol", None), "_transport", None
        )  # TLS queues, and TCP under it
    return True
