"""What can go wrong, as data: a fault names the occasion that it strikes at and how hard."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Occasion = Literal["content", "reply", "cut", "words"]
"""Client content arrives; a reply begins to sound; a reply is cut; the user's words are about to be reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. Change a known one with `dataclasses.replace(FAULTS[name], ...)`.

    `nth` is the occasion of its kind that it strikes at in each session, counted from 1; `None` is every one.
    What `seconds` and `count` mean stands with each known fault.
    """

    name: str
    on: Occasion
    nth: int | None = 1
    seconds: float = 0.0
    count: int = 1


FAULTS = {
    fault.name: fault
    for fault in (
        # Closes with 1007 instead of taking the content (recorded on 3.1 early; pipecat #4403 on 2.5).
        Fault(name="refuse-content", on="content"),
        # `interrupted` with nothing said, `seconds` of playback after the reply began to sound (python-genai #2333).
        Fault(name="phantom", on="reply", seconds=0.5),
        # `count` messages `interrupted` for one cut, `seconds` apart (pipecat #4131).
        Fault(name="burst", on="cut", count=10, seconds=0.05),
        # No reply to the speech that cut (cookbook #1228, python-genai #1987, livekit #4484).
        Fault(name="silence", on="cut"),
        # `interrupted` and `turnComplete` in one message (reported).
        Fault(name="combined-cut", on="cut"),
        # The message that says `interrupted` still brings words or audio of the cut reply (reported on 3.x).
        Fault(name="bundled-cut", on="cut"),
        # `turnComplete` right after `generationComplete`: a cut in playback then comes after it (reported).
        Fault(name="early-complete", on="reply"),
        # `count` more messages of the cut reply, the first one `seconds` after `interrupted` (reported).
        Fault(name="residue", on="cut", count=2, seconds=0.01),
        # The user's words come `seconds` later; the reply does not wait for them (documented: no order is promised).
        Fault(name="late-words", on="words", seconds=2.5),
        # The user's words never come (reported on 3.1 for short ones).
        Fault(name="missing-words", on="words"),
        # Only the last word comes (reported on 3.1).
        Fault(name="tail-words", on="words"),
        # The user's words come again `seconds` later (reported: 55 seconds).
        Fault(name="repeated-words", on="words", seconds=55.0),
    )
}
"""The known faults by name, each with where it comes from."""


def find_faults(faults: Iterable[str | Fault]) -> tuple[Fault, ...]:
    """Return the faults, names looked up; raise ValueError, naming the known ones, for an unknown name."""
    found = []
    for fault in faults:
        if isinstance(fault, str) and fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}; known are {', '.join(map(repr, FAULTS))}")
        found.append(FAULTS[fault] if isinstance(fault, str) else fault)
    return tuple(found)


class Misfortune:
    """The faults of one session, and how often each occasion has come."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self._occasions: Counter[Occasion] = Counter()

    def strikes(self, on: Occasion) -> dict[str, Fault]:
        """Count the occasion, and return the faults that strike at it by name."""
        self._occasions[on] += 1
        time = self._occasions[on]
        return {fault.name: fault for fault in self._faults if fault.on == on and fault.nth in (None, time)}
