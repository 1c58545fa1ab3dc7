"""What the demo and the two processes that hold its conversations tell each other, each on one line of JSON."""

import json
from dataclasses import asdict, dataclass

Line = tuple[str, str]
"""Who speaks ("model" or "user"), and what was heard of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which conversation to hold. `profile` is the emulator's, `model` the real service's."""

    case: str
    profile: str
    model: str
    live: bool
    library: bool

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
    """The whole conversation, as it was heard."""

    def to_json(self) -> str:
        """Write it."""
        return json.dumps(asdict(self))


def read(line: bytes) -> list[Line] | Record:
    """Read what a process wrote: the conversation as heard so far, or its record."""
    fields = json.loads(line)
    lines = [(who, words) for who, words in fields.pop("lines")]
    return Record(**fields, lines=lines) if fields else lines
