"""An interruption while it is open, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from ._heard import Heard
from ._interruption import Interruption, Outcome, Phase
from ._sentences import cut_sentence
from ._turn import Turn


@dataclass(slots=True, eq=False)
class Cut:
    """An interruption of the model, open until the next reply begins."""

    turn: Turn
    at: float
    heard: Heard
    history: list[tuple[str, str]]
    alive_at: float
    """When the last sign of the user or of the model came."""
    may_ask: bool = False
    """Whether the model may still be asked to go on, if nobody speaks."""
    fate: Outcome = "late"
    """What became of the note, as far as that is known: nothing yet means that it will have been too late."""

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
        )


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """To do: build a note about this interruption and send it, while `_InterruptHandler.wants` it."""

    cut: Cut
    interruption: Interruption
    turn_complete: bool
    """Whether the note orders a reply."""
    alive_at: float


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """To do: report that an interruption is over; a note that is not out by now is dropped."""

    interruption: Interruption


class NothingToWorkWith:
    """To do: warn that the session has no transcription, so that an interruption cannot be described."""


Deed = Note | Settled | NothingToWorkWith
NOTHING: tuple[Deed, ...] = ()
