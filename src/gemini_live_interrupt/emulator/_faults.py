"""What can go wrong, as data: a fault names the occasion that it strikes at and how hard."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Occasion = Literal["connect", "content", "text", "tool", "words", "answer", "reply", "cut"]
"""The setup is complete; client content, realtime text or a tool response arrives; the user's words are about to be
reported; the model has answered; a reply begins to sound; a reply is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. Change a known one with `dataclasses.replace(FAULTS[name], ...)`.

    `nth` is the occasion of its kind that it strikes at in each session, counted from 1; `None` is every one. `chance`
    is how likely it then strikes, by the emulator's seed. `seconds` and `lasts` are times, `count` is a number: what
    they mean stands with each known fault. Faults of the connection may strike at any occasion.
    """

    name: str
    on: Occasion
    nth: int | None = 1
    chance: float = 1.0
    seconds: float = 0.0
    lasts: float = 0.0
    count: int = 1


_OF_THE_SESSION = (
    # Closes with 1007 instead of taking the content (recorded on 3.1 early; pipecat #4403 on 2.5).
    Fault(name="refuse-content", on="content"),
    # Realtime text is not answered (reported: about 5 % of the time).
    Fault(name="ignore-text", on="text", nth=None, chance=0.05),
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
    # `count` more messages of the cut reply, the first one `seconds` after `interrupted` (sources disagree).
    Fault(name="residue", on="cut", count=2, seconds=0.01),
    # What was to be said of audio that had gone out comes `seconds` after `interrupted`: for a transcript that is late.
    Fault(name="transcript-after-cut", on="cut", seconds=0.3),
    # The user's words come `seconds` later; the reply does not wait for them (documented: no order is promised).
    Fault(name="late-words", on="words", seconds=2.5),
    # The user's words do not come (reported on 3.1 for short words).
    Fault(name="missing-words", on="words"),
    # Only the last word comes (reported on 3.1).
    Fault(name="tail-words", on="words"),
    # The user's words come again `seconds` later (reported: 55 seconds).
    Fault(name="repeated-words", on="words", seconds=55.0),
    # The model's transcript does not come (assumed).
    Fault(name="missing-transcript", on="answer"),
    # Each piece of the model's transcript comes `seconds` later than it should (documented: no order is promised).
    Fault(name="late-transcript", on="answer", seconds=1.0),
    # Each piece of the model's transcript comes up to `seconds` early or late; its own order holds (the same).
    Fault(name="shuffled-transcript", on="answer", seconds=0.3),
    # Each piece of the model's transcript comes twice (assumed).
    Fault(name="repeated-transcript", on="answer"),
    # Neither generationComplete nor turnComplete (reported of live translation: sokuji #399).
    Fault(name="missing-end", on="answer"),
    # `seconds` without a message before the end, or the tool call in its place (gemini-live-api-examples #46).
    Fault(name="late-end", on="answer", seconds=7.0),
    # `seconds` of silence after the last word (the kind of python-genai #2715).
    Fault(name="silent-tail", on="answer", seconds=4.0),
    # `seconds` of a tone after the last word (the same).
    Fault(name="tone-tail", on="answer", seconds=4.0),
    # The reply is `count` bytes of audio without words (langwatch scenario #446).
    Fault(name="tiny-reply", on="answer", count=60),
    # A text part that is not marked as a thought, `seconds` before all else (livekit agents #7390).
    Fault(name="text-part", on="answer", seconds=1.0),
)

_OF_THE_CONNECTION = (
    # Every message from then on comes up to `lasts` seconds late; their order holds.
    Fault(name="jitter", on="connect", lasts=0.1),
    # After `seconds` nothing comes for `lasts` seconds, then all of it at once.
    Fault(name="pause", on="reply", seconds=0.5, lasts=2.0),
    # After `seconds` nothing that the client sends is read for `lasts` seconds.
    Fault(name="stall", on="reply", seconds=0.5, lasts=3.0),
    # After `seconds` nothing goes either way, for good, and no close says so.
    Fault(name="half-open", on="reply", seconds=0.5),
    # After `seconds` the connection is gone without a close: the SDK reports 1006 (reported).
    Fault(name="abrupt-close", on="reply", seconds=0.5),
    # After `seconds` the server fails: close 1011 (reported).
    Fault(name="failure", on="reply", seconds=0.5),
    # After `seconds` the server aborts: close 1008 "The operation was aborted." (livekit agents-js #2366).
    Fault(name="abort", on="reply", seconds=0.5),
    # goAway after `seconds`, and the close with 1008 when its time is over, `lasts` seconds later (documented).
    Fault(name="go-away", on="reply", seconds=0.5, lasts=5.0),
    # After `seconds` a frame of `count` bytes; a client of websockets takes 2**20 (assumed).
    Fault(name="oversized-frame", on="reply", seconds=0.1, count=2**21),
    # After `seconds` a frame that is no JSON (assumed).
    Fault(name="malformed-frame", on="reply", seconds=0.1),
)

FAULTS = {fault.name: fault for fault in (*_OF_THE_SESSION, *_OF_THE_CONNECTION)}
"""The known faults by name, each with where it comes from."""
OF_THE_CONNECTION = frozenset(fault.name for fault in _OF_THE_CONNECTION)
"""The names of those that may strike at any occasion."""


def find_faults(faults: Iterable[str | Fault]) -> tuple[Fault, ...]:
    """Return the faults, names looked up.

    Raises ValueError for an unknown name, naming those that are known, and for an occasion at which it cannot strike.
    """
    found = []
    for wanted in faults:
        name = wanted if isinstance(wanted, str) else wanted.name
        if name not in FAULTS:
            raise ValueError(f"unknown fault {name!r}; known are {', '.join(map(repr, FAULTS))}")
        known = FAULTS[name]
        fault = known if isinstance(wanted, str) else wanted
        possible = get_args(Occasion) if name in OF_THE_CONNECTION else (known.on,)
        if fault.on not in possible:
            raise ValueError(f"fault {name!r} strikes on {' or '.join(map(repr, possible))}; got {fault.on!r}")
        found.append(fault)
    return tuple(found)


class Misfortune:
    """The faults of one session, and how often each occasion has come. `carry_out` gets those of the connection."""

    def __init__(
        self, faults: tuple[Fault, ...], chance: random.Random, carry_out: Callable[[Fault, float], None]
    ) -> None:
        self._faults = faults
        self._chance = chance
        self._carry_out = carry_out
        self._occasions: Counter[Occasion] = Counter()

    def strikes(self, on: Occasion, at: float) -> dict[str, Fault]:
        """Count the occasion, and return the faults of the session that strike at it by name."""
        self._occasions[on] += 1
        time = self._occasions[on]
        struck = {}
        for fault in self._faults:
            if fault.on != on or fault.nth not in (None, time):
                continue
            if fault.chance < 1 and self._chance.random() >= fault.chance:
                continue
            if fault.name in OF_THE_CONNECTION:
                self._carry_out(fault, at)
            else:
                struck[fault.name] = fault
        return struck
