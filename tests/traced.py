"""An interruption as the library would report it, phase by phase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gemini_live_interrupt import Interruption

HEARD = "Once there was a fox by the sea. It waited"
UNHEARD = " for a ship that never came."
NOTE = "The user heard as far as the fox waited."
REQUEST = "Please go on with the fox."


def interruption(**changes: Any) -> Interruption:
    """The first phase of a cut, with these changes."""
    fields: dict[str, Any] = {
        "heard": HEARD,
        "unheard": UNHEARD,
        "cut_sentence": "It waited",
        "user_text": "",
        "history": [("user", "A story, please!")],
        "played": 3.2104,
        "received": 9.8765,
        "evidence": "clock",
        "session_id": "3f2a9c1d00b1e2f4",
        "number": 1,
    }
    return Interruption(**(fields | changes))


def noted(**changes: Any) -> list[Interruption]:
    """A cut of which the model was told, and which it then answered."""
    last = {"phase": "settled", "outcome": "noted", "user_text": "Which fox?", "note": NOTE, "note_after": 0.0004321}
    return [interruption(**changes), interruption(**(last | changes))]


def asked(**changes: Any) -> list[Interruption]:
    """A cut after which nobody spoke, so that the model was asked to go on."""
    return [
        interruption(**changes),
        interruption(phase="silence", note=NOTE, note_after=0.0004321, **changes),
        interruption(phase="settled", outcome="asked", note=REQUEST, note_after=4.0005, **changes),
    ]


def resumed(where: Any, **changes: Any) -> list[Interruption]:
    """A cut after which it is known where the model went on."""
    phases = noted(**changes)
    return [*phases, replace(phases[-1], phase="resumed", resumption=where)]
