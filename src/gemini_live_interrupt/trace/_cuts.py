"""The cuts of a trace: the phases of each, put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._shape import Line
from ._told import Message, SentMessages


@dataclass(slots=True, eq=False)
class Cut:
    """One interruption, as far as the trace follows it."""

    t: float
    """When it began, in seconds since its trace did."""
    last: Line
    """The last line about it, which knows most."""
    told: SentMessages = field(default_factory=SentMessages)

    def follow(self, line: Line) -> None:
        """Take in the next phase."""
        self.last = line
        characters, after = line["note_characters"], line["note_after"]
        sent = None if characters is None or after is None else Message(characters, after)
        self.told.follow(line["phase"], sent)


@dataclass(slots=True, eq=False)
class Part:
    """What one program has written of the trace."""

    header: Line
    cuts: list[Cut] = field(default_factory=list)


def parts(lines: list[Line]) -> list[Part]:
    """Divide a trace by the programs that wrote it; within each, the cuts stand in the order in which they began."""
    found: list[Part] = []
    cuts: dict[tuple[str, int], Cut] = {}
    for line in lines:
        if line["type"] == "trace":
            found.append(Part(line))
            cuts = {}
        elif line["type"] == "interruption":
            key = line["session"], line["number"]
            if key not in cuts:
                cuts[key] = Cut(line["t"], line)
                found[-1].cuts.append(cuts[key])
            cuts[key].follow(line)
    return found
