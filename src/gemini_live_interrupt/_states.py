"""The states of a session, and which event leads from one to another.

| state | what is so |
|---|---|
| `IDLE` | nothing is open: the model has said nothing yet, or all that it said was heard |
| `REPLYING` | a reply is being generated or played |
| `CUT_WITHOUT_WORDS` | a reply was cut off, and its transcript has not come: it may be late |
| `CUT` | a reply was cut off; the interruption is open until the next reply begins |
"""

from __future__ import annotations

from enum import Enum

from ._events import Closed, Interrupted, ModelSpeech, TurnCompleted


class SessionState(Enum):
    """What is open."""

    IDLE = "idle"
    REPLYING = "replying"
    CUT_WITHOUT_WORDS = "cut without words"
    CUT = "cut"


_S = SessionState
TRANSITIONS: dict[SessionState, dict[type, frozenset[SessionState]]] = {
    _S.IDLE: {ModelSpeech: frozenset({_S.REPLYING})},
    _S.REPLYING: {Interrupted: frozenset({_S.IDLE, _S.CUT_WITHOUT_WORDS, _S.CUT}), Closed: frozenset({_S.IDLE})},
    _S.CUT_WITHOUT_WORDS: {
        ModelSpeech: frozenset({_S.REPLYING}),
        TurnCompleted: frozenset({_S.IDLE, _S.CUT}),
        Closed: frozenset({_S.IDLE}),
    },
    _S.CUT: {ModelSpeech: frozenset({_S.REPLYING}), Closed: frozenset({_S.IDLE})},
}
"""For each state, the events that lead out of it, and where to. Every other event leaves the session in its state."""
