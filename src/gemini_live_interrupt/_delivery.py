"""Runs what a session's handler wants done: one note at a time, sent by a task that the session owns.

The app's messages never wait for it. Nothing here that waits holds the session: only the write of a note does.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from . import _transport
from ._actions import (
    Action,
    DropNote,
    KeepState,
    Note,
    ReportInterruption,
    SendNote,
    StopNotes,
    WakeAt,
    WarnNoTranscription,
)
from ._agreement import Agreement
from ._events import Closed, Event, NoteNotSent, NoteSending, PlaybackReported, Woken
from ._handler import _InterruptHandler
from ._handles import Handles
from ._interruption import Interruption
from ._settings import SessionOptions, Settings, with_options
from ._snapshot import State, elapsed_since
from ._switch import Switch, logger

LOOK_AGAIN = 0.02
"""Seconds between two looks at a socket that cannot take the note."""
BUILD_WITHIN = 10.0
"""Seconds that a builder may take: no answer of a model comes later than that."""
SEND_WITHIN = 10.0
"""Seconds that the write of a note may take."""
READ_FIRST = 0.1
"""Seconds for messages that may lie unread to be read, before somebody is taken for silent."""
NO_TRANSCRIPTION = (
    "an interruption cannot be described: the session has no transcription of the model's speech; put "
    "output_audio_transcription={} and input_audio_transcription={} in its LiveConnectConfig"
)


class Delivery:
    """Belongs to one session and the event loop that it was first read in: the library's one attribute on a session."""

    __slots__ = (
        "__weakref__",
        "_ahead",
        "_clock",
        "_handles",
        "_loop",
        "_session",
        "_switch",
        "_task",
        "_timer",
        "agreement",
        "base",
        "enabled",
        "generation",
        "handler",
        "has_gone_on",
        "options",
    )

    def __init__(
        self,
        session: Any,
        settings: Settings,
        switch: Switch,
        handles: Handles[Delivery] | None = None,
        agreement: Agreement | None = None,
        options: SessionOptions | None = None,
    ) -> None:
        self.agreement = agreement
        """What the session's connect asked for, if it was seen."""
        self.options: SessionOptions = options or {}
        """What the app chose for this session."""
        self.base = settings
        """The settings of the process that the session's are made of."""
        self.enabled = self._wants_us()
        """Whether the library does anything in this session."""
        self._switch = switch
        self.handler = self._fresh_handler()
        self.has_gone_on = False
        """Whether the session has taken over the state of another one by itself."""
        self._ahead: State | None = None  # that it takes over by itself, unless the app does first
        self.generation = switch.generation
        self._handles = handles
        self._loop = loop = asyncio.get_running_loop()
        self._session = weakref.ref(session, _gone(weakref.ref(self)))
        usual = getattr(type(loop), "time", None) is asyncio.BaseEventLoop.time
        self._clock = time.monotonic if usual else loop.time  # the same, but for a call
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        switch.add(self)

    @property
    def model(self) -> str | None:
        """The name of the session's model, if its connect was seen."""
        return None if self.agreement is None else self.agreement.model

    def belongs_to(self, session: Any) -> bool:
        """Whether the session is the one that this was made for, and not a copy of it."""
        return self._session() is session

    def use(self, settings: Settings) -> None:
        """Take over new settings of the process."""
        self.base = settings
        self.handler.settings = with_options(settings, self.options)

    def choose(self, options: SessionOptions) -> None:
        """Change options of the session; what is switched off is off at once, and starts afresh when it is on again."""
        was_enabled = self.enabled
        self.options = {**self.options, **options}
        self.enabled = self._wants_us()
        self.use(self.base)
        if self.enabled and not was_enabled:
            self.handler = self._fresh_handler()
        elif not self.enabled:
            self.stop()

    def _fresh_handler(self) -> _InterruptHandler:
        settings = with_options(self.base, self.options)
        return _InterruptHandler(settings, self.agreement, self._switch.pace(self.agreement))

    def _wants_us(self) -> bool:
        return self.options.get("enabled", self.agreement is None or self.agreement.can_be_interrupted)

    def take(self, events: Sequence[Event]) -> bool:
        """Hand events to the handler, and run what it wants. Return whether a note is about to be written."""
        if not self.enabled:
            return False
        if self._ahead is not None:
            self._go_on()
        handler, now, begun = self.handler, self._clock(), False
        for event in events:
            if actions := handler.receive(event, now):
                begun = self.run(actions) or begun
        return begun

    def run(self, actions: Sequence[Action]) -> bool:
        """Do what is to be done, in order. Return whether a note wants the next turn of the loop."""
        begun = False
        for action in actions:
            if isinstance(action, SendNote):
                begun = self._begin(action.note)
            elif isinstance(action, ReportInterruption):
                self._report(action.interruption)
            elif isinstance(action, WakeAt):
                self._wake_at(action.at)
            elif isinstance(action, DropNote):
                self._drop()
            elif isinstance(action, StopNotes):
                self._switch.refuse(self.model)
            elif isinstance(action, KeepState) and self._handles is not None:
                self._handles.keep(action.handle, self)
            elif isinstance(action, WarnNoTranscription):
                self._switch.log_once(NO_TRANSCRIPTION, level=logging.WARNING)
        return begun

    def report_played(self, seconds: float) -> None:
        """The app knows how much was played."""
        self.take([PlaybackReported(seconds)])

    def close(self, code: object) -> None:
        """The session ended, with this close code if one is known."""
        self.take([Closed(code)])
        self.stop()

    def snapshot(self) -> State:
        """Return what the next connection has to know."""
        self._go_on()
        return self.handler.snapshot(self._clock(), time.time())

    def restore(self, state: State, *, audio_lost: bool) -> None:
        """Go on from a state, and send what the model has to know."""
        self._ahead = None
        elapsed = elapsed_since(state.saved_at, time.time())
        self.run(self.handler.restore(state, self._clock(), elapsed=elapsed, audio_lost=audio_lost))

    def go_on(self, state: State) -> None:
        """Go on from a state in the next turn of the loop or with the next event; the app may say more first."""
        self._ahead = state
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._ahead is None or not self.enabled:
            return
        self.has_gone_on = True
        try:
            self.restore(self._ahead, audio_lost=False)
        except Exception as error:  # noqa: BLE001 - nobody asked for it
            self._switch.log_once("a session could not go on from where the one before it was", error=error)

    def stop(self) -> None:
        """Drop the note that is not out yet, and wait for nothing."""
        self._ahead = None
        self._drop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stop_soon(self) -> None:
        """Stop, from another thread or in the midst of anything."""
        if self._task is not None or self._timer is not None:
            with suppress(RuntimeError):  # the loop is closed, so nothing waits
                self._loop.call_soon_threadsafe(self.stop)

    def _drop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _report(self, interruption: Interruption) -> None:
        logger.debug(
            "interruption %s: heard %d characters, %.1f s of %.1f s (%s), outcome %s",
            interruption.phase,
            len(interruption.heard),
            interruption.played,
            interruption.received,
            interruption.evidence,
            interruption.outcome,
        )
        if interruption.resumption not in (None, "none") and interruption.outcome in ("noted", "asked"):
            self._switch.see_resumption(self.model, interruption.resumption)
        callback = self.handler.settings.on_interruption
        if callback is not None:
            self._loop.call_soon(self._call, callback, interruption)

    def _call(self, callback: Callable[[Interruption], object], interruption: Interruption) -> None:
        try:
            callback(interruption)
        except Exception as error:  # noqa: BLE001 - the app's callback must not hurt the session
            self._switch.log_once("on_interruption raised; the session goes on", error=error)

    # Sending

    def _begin(self, note: Note) -> bool:
        self._drop()
        if not self._switch.may_send(self.model):
            self._tell(NoteNotSent(note, "refused"))
            return False
        self._task = self._loop.create_task(self._deliver(note))
        return True

    def _tell(self, event: Event) -> None:
        self.run(self.handler.receive(event, self._clock()))

    async def _deliver(self, note: Note) -> None:
        try:
            await self._build_and_send(note)
        finally:
            if self._task is asyncio.current_task():
                self._task = None  # a session is idle for longer than it sends, and a finished task weighs 0.6 kB

    async def _build_and_send(self, note: Note) -> None:
        try:
            async with asyncio.timeout(BUILD_WITHIN):
                text = await self._build(note)
        except Exception as error:  # noqa: BLE001 - the app's builder must not hurt the session
            self._tell(NoteNotSent(note, "failed"))
            self._switch.log_once("prompt_builder raised; no note is sent, the session goes on", error=error)
            return
        if not text:
            self._tell(NoteNotSent(note, "skipped"))
            return
        while (session := self._session()) is not None and not _transport.is_writable(session):
            del session
            await asyncio.sleep(LOOK_AGAIN)  # a transport has no event to wait for
        if session is None or not self._switch.may_send(self.model):
            return
        self._tell(NoteSending(note, text))
        try:
            async with asyncio.timeout(SEND_WITHIN):
                channel = self.handler.settings.channel
                await _transport.send(session, text, orders_reply=note.orders_reply, channel=channel)
        except Exception as error:  # noqa: BLE001 - the app meets a broken connection where it always did: in receive()
            self._tell(NoteNotSent(note, "failed"))
            logger.debug("a note of %d characters could not be sent: %s", len(text), type(error).__name__)
        else:
            logger.debug("sent a note of %d characters, orders_reply=%s", len(text), note.orders_reply)

    async def _build(self, note: Note) -> str | None:
        """Call the app's builder; raise what it raises, and `TypeError` for anything but a note."""
        interruption, settings = note.interruption, self.handler.settings
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

    # Waiting

    def _wake_at(self, at: float) -> None:
        if self._timer is not None and self._timer.when() <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, _wake, weakref.ref(self), at)

    def wake(self, at: float) -> None:
        """The timer has run out. While messages lie unread, nobody is taken for silent."""
        self._timer = None
        session = self._session()
        if session is None or not self._switch.may_send(self.model):
            return
        now = self._clock()
        if now - at > READ_FIRST or _transport.has_unread(session):  # the app is busy, or was
            self._wake_at(now + READ_FIRST)
        else:
            self._tell(Woken())


def _wake(delivery: weakref.ref[Delivery], at: float) -> None:
    if (alive := delivery()) is not None:
        alive.wake(at)


def _gone(delivery: weakref.ref[Delivery]) -> Callable[[object], None]:
    """Return what is called when the session is gone, perhaps in the midst of anything: it only takes note."""

    def stop(_: object) -> None:
        if (alive := delivery()) is not None:
            alive.stop_soon()

    return stop
