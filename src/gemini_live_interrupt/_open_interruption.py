"""An interruption until it is settled: what was heard, what the model was told, and when it is asked to go on."""

from __future__ import annotations

from collections.abc import Sequence

from ._actions import Action, DropNote, Note, ReportInterruption, SendNote, WakeAt
from ._alignment import Heard
from ._events import MOST_TEXT
from ._interruption import Cause, Interruption, Outcome, Phase
from ._playback import Playback
from ._snapshot import OLDEST, CarriedCut, CarriedReply, seconds_to_carry, shorten
from ._taking_up import sentence_to_take_up


class OpenInterruption:
    """Open until the next reply begins. Only its own methods write it."""

    __slots__ = (
        "_has_audio",
        "_history",
        "_note",
        "_noted_at",
        "_orders_reply",
        "_rules_known",
        "_session_id",
        "ask_at",
        "at",
        "cause",
        "heard",
        "is_held",
        "number",
        "outcome",
        "pending",
        "playback",
        "told",
        "wait",
    )

    def __init__(
        self,
        playback: Playback,
        at: float,
        *,
        cause: Cause,
        has_audio: bool,
        history: list[tuple[str, str]],
        session_id: str,
        rules_known: bool = False,
    ) -> None:
        self.playback = playback
        self.at = at
        self.cause: Cause = cause
        self.number = 0
        """0 until something is known of what was cut off, and the interruption is announced."""
        self.outcome: Outcome = "late"
        """What became of the note. If nothing else happens before the next reply, the note missed it."""
        self.pending: Note | None = None
        """The note that is under way."""
        self.told = ""
        """What the note said was heard; the player may say later that it was more."""
        self.is_held = False
        """Whether the note waits for the end of a tool call."""
        self.wait: float | None = None
        """Seconds of silence after which the model is asked to go on; `None`: it is not."""
        self.ask_at: float | None = None
        """When that is; `None` once it has been asked."""
        self._has_audio = has_audio  # text that has none was not heard
        self._history = history
        self._session_id = session_id
        self._rules_known = rules_known
        self._note: str | None = None
        self._noted_at = 0.0
        self._orders_reply = False  # of the first note
        self.listen()

    @property
    def unheard(self) -> str:
        """What had been received and never played."""
        return self.playback.text[len(self.heard.text) :]

    @property
    def has_words(self) -> bool:
        """Whether anything is known of what the model said."""
        return bool(self.playback.text.strip())

    def listen(self) -> None:
        """Find out what was heard, again when more is known of the reply."""
        unplayed = self._has_audio and not self.playback.received
        self.heard = Heard("", 0.0, "clock") if unplayed else self.playback.heard(self.at)

    def add_late_text(self, text: str) -> None:
        """Add to the transcript of what had been sent before the cut, as long as there is room."""
        if (room := MOST_TEXT - len(self.playback.text)) > 0:
            self.playback.add_text(text[:room])
            self.listen()

    def report_played(self, seconds: float) -> None:
        """The app says how much had been played."""
        self.playback.report_played(seconds, self.at)
        self.listen()

    # What the model is told

    def announce(self, number: int, *, orders_reply: bool, wait: float | None, ask_at: float | None) -> None:
        """Something is known of it: it has a number from now on, and its silence runs out at `ask_at`."""
        self.number, self._orders_reply, self.wait, self.ask_at = number, orders_reply, wait, ask_at

    def tell(self, user_text: str, *, hold: bool) -> Sequence[Action]:
        """Tell the app and the model; the model later if the note has to wait."""
        if hold:
            self.is_held = True
            return [ReportInterruption(self.interruption(user_text, "cut")), *self.wake()]
        note = self._note_of(user_text, "cut", orders_reply=self._orders_reply)
        return [ReportInterruption(note.interruption), SendNote(note), *self.wake()]

    def release(self, user_text: str) -> Sequence[Action]:
        """No tool call is open any more: send the note that waited for that."""
        return [SendNote(self._note_of(user_text, "cut", orders_reply=self._orders_reply))] if self.is_held else ()

    def hold(self) -> Sequence[Action]:
        """The model called a tool, and acts by itself: a note that is not out yet waits for the end of the call."""
        self.ask_at = None
        if self.pending is None:
            return ()
        self.is_held, self.pending = self.pending.interruption.phase == "cut", None
        return [DropNote()]

    def ask(self, user_text: str) -> Sequence[Action]:
        """Ask the model to go on; once."""
        self.ask_at = None
        note = self._note_of(user_text, "silence", orders_reply=True)
        return [ReportInterruption(note.interruption), SendNote(note)]

    def wake(self) -> Sequence[Action]:
        """Look again when the silence runs out."""
        return () if self.ask_at is None else [WakeAt(self.ask_at)]

    def see_life(self, now: float) -> Sequence[Action]:
        """The user or the model gave a sign: the silence starts anew, and nobody is asked in the midst of it."""
        if self.pending is not None and self.pending.interruption.phase == "silence":
            self.pending = None
            self.ask_at = None if self.wait is None else now + self.wait
            return [DropNote(), *self.wake()]
        if self.ask_at is not None and self.wait is not None:
            self.ask_at = now + self.wait
        return ()

    def see_voice(self, at: float) -> None:
        """The microphone had voice last at this time: the silence begins then, at the earliest."""
        if self.ask_at is not None and self.wait is not None and at + self.wait > self.ask_at:
            self.ask_at = at + self.wait

    def _note_of(self, user_text: str, phase: Phase, *, orders_reply: bool) -> Note:
        self.is_held = False
        self.pending = Note(self.interruption(user_text, phase), orders_reply)
        return self.pending

    # What became of it

    def sending(self, note: Note, text: str, now: float) -> None:
        """The note is about to be written."""
        self._note, self._noted_at, self.told = text, now, note.interruption.heard
        self.outcome = "asked" if note.orders_reply else "noted"
        self.pending = None

    def not_sent(self, note: Note, why: Outcome) -> None:
        """The note could not be had or sent."""
        if self.outcome not in ("noted", "asked") or why == "failed":
            self.outcome = why
        if why == "failed":
            self._note = None
        if self.pending is note:
            self.pending = None

    def interruption(self, user_text: str, phase: Phase, outcome: Outcome | None = None) -> Interruption:
        """Return what is known of it now."""
        heard = self.heard
        return Interruption(
            heard=heard.text,
            unheard=self.unheard,
            cut_sentence=sentence_to_take_up(heard.text, self.unheard, heard_out=heard.is_to_the_end),
            user_text=user_text,
            history=list(self._history),
            played=heard.played,
            received=self.playback.received,
            evidence=heard.evidence,
            phase=phase,
            outcome=outcome,
            session_id=self._session_id,
            number=self.number,
            note=self._note,
            note_after=None if self._note is None else self._noted_at - self.at,
            cause=self.cause,
            rules_known=self._rules_known,
        )

    # The next connection

    def snapshot(self, now: float) -> CarriedReply:
        """Return what the next connection has to know of it."""
        heard, playback = self.heard, self.playback
        return CarriedReply(
            heard=shorten(heard.text),
            coming="",
            unheard=shorten(self.unheard),
            played=seconds_to_carry(heard.played),
            received=seconds_to_carry(playback.received),
            evidence=heard.evidence,
            generated=playback.generated,
            cut=CarriedCut(
                cause=self.cause,
                age=seconds_to_carry(now - self.at, OLDEST),
                ask_in=None if self.ask_at is None else seconds_to_carry(self.ask_at - now),
            ),
        )

    def restore_heard(self, heard: Heard) -> None:
        """What was heard is known from the connection before."""
        self.heard = heard
