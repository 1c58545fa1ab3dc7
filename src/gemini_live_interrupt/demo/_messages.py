"""What the demo and the two processes that hold its conversations tell each other, each on one line of JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from .._settings import Rules
from ..emulator._dispositions import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one of the two said, or a note that the model was told."""

    who: Literal["model", "user", "note"]
    words: str
    """Of the model's words, those that have been heard."""
    unheard: str = ""
    """What had been sent beyond them."""
    cut: bool = False
    """Whether the model was interrupted there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which conversation to hold. `profile` is the emulator's, `model` the real service's.

    `speed` is how many of its seconds pass in one of the wall's.
    """

    case: str
    profile: str
    model: str
    live: bool
    library: bool
    speed: float = 1.0
    disposition: Disposition = "obeys"
    """How the local service's model takes a note."""
    rules: Rules = "note"
    """Where the library puts what the model is to do."""

    def to_json(self) -> str:
        """Write it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One conversation, after its end."""

    story: str
    """All that the model meant to tell; of a real model, all that it had sent."""
    sent: str
    """What had been sent of it at the interruption."""
    heard: str
    """What had been heard of it then: whole words."""
    told: list[str]
    """The notes that reached the model."""
    answers: list[str]
    """What was heard of each later reply."""
    interrupted: bool
    lines: list[Line]
    """The whole conversation."""

    def to_json(self) -> str:
        """Write it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationProgress:
    """One conversation, so many seconds after its beginning."""

    at: float
    lines: list[Line]

    def to_json(self) -> str:
        """Write it."""
        return json.dumps(asdict(self))


def read(line: bytes) -> ConversationProgress | Record:
    """Read what a process wrote."""
    fields = json.loads(line)
    lines = [Line(**line) for line in fields.pop("lines")]
    return ConversationProgress(**fields, lines=lines) if "at" in fields else Record(**fields, lines=lines)
