"""An interruption while it is open, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._heard import Heard
from ._interruption import Cause, Interruption, Outcome, Phase
from ._sentences import cut_sentence
from ._turn import Turn


@dataclass(slots=True, eq=False)
class Cut:
    """An interruption of the model, open until the next reply begins."""

    turn: Turn
    at: float
    aloud: bool
    """Whether the session has audio: text that has none was not heard."""
    history: list[tuple[str, str]]
    alive_at: float
    """When the last sign of the user or of the model came."""
    session_id: str = ""
    number: int = 0
    cause: Cause = "user"
    may_ask: bool = False
    """Whether the model may still be asked to go on, if nobody speaks."""
    fate: Outcome = "late"
    """What became of the note, as far as that is known: nothing yet means that it will have been too late."""
    heard: Heard = field(init=False)
    note: str | None = field(init=False, default=None)
    """What the model was last told."""
    noted_at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.listen()

    @property
    def has_words(self) -> bool:
        """Whether anything is known of what the model said."""
        return bool(self.turn.text.strip())

    def listen(self) -> None:
        """Find out what was heard, again when more is known of the turn."""
        unplayed = self.aloud and not self.turn.received
        self.heard = Heard("", 0.0, "clock") if unplayed else self.turn.heard(self.at)

    def interruption(self, user_text: str, phase: Phase, outcome: Outcome | None = None) -> Interruption:
        """Return what is known of the cut now."""
        heard = self.heard
        return Interruption(
            heard=heard.text,
            unheard=self.turn.text[len(heard.text) :],
            cut_sentence=cut_sentence(heard.text),
            user_text=user_text,
            history=list(self.history),
            played=heard.played,
            received=self.turn.received,
            evidence=heard.evidence,
            phase=phase,
            outcome=outcome,
            session_id=self.session_id,
            number=self.number,
            note=self.note,
            note_after=None if self.note is None else self.noted_at - self.at,
            cause=self.cause,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """To do: build a note about this interruption and send it, while `_InterruptHandler.wants` it."""

    cut: Cut
    interruption: Interruption
    turn_complete: bool
    """Whether the note orders a reply."""
    alive_at: float

    def is_going_out(self, text: str, now: float) -> None:
        """It is about to be written."""
        cut = self.cut
        cut.note, cut.noted_at = text, now
        cut.fate = "asked" if self.turn_complete else "noted"

    def is_not_sent(self, why: Outcome) -> None:
        """It could not be had, or not be sent, or is no longer wanted."""
        cut = self.cut
        if cut.fate not in ("noted", "asked") or why == "failed":
            cut.fate = why
        if why == "failed":
            cut.note = None
        if why == "late":
            cut.may_ask = self.interruption.phase == "silence"  # somebody spoke: the silence starts anew


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """To do: report that an interruption is over; a note that is not out by now is dropped."""

    interruption: Interruption


class NothingToWorkWith:
    """To do: warn that the session has no transcription, so that an interruption cannot be described."""


Deed = Note | Settled | NothingToWorkWith
NOTHING: tuple[Deed, ...] = ()
