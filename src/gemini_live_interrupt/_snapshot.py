"""What of a session is carried over to the next connection, as a dictionary for JSON, and what is refused of one.

Times are relative, because no two processes have the same monotonic clock; only `saved_at` is wall-clock time.
"""

from __future__ import annotations

import re
import reprlib
from dataclasses import asdict, dataclass
from typing import Any, get_args

from ._interruption import Cause, Evidence

VERSION = 1
EDGE = 1_000
"""Of a longer text, so many characters at its beginning and at its end are kept: more than the default note quotes."""
ELISION = " … "
LONGEST = 2 * EDGE + len(ELISION)
MOST_SECONDS = 3_599.0
"""Of a reply's audio, or until the model is asked."""
MOST = 1_000_000_000
FAREST = 1e12
"""Seconds since 1970 that are no time."""
OLDEST = 86_400.0
"""Seconds after which a state is refused: no session lasts a day."""
AHEAD = 300.0
"""Seconds by which the clocks of two machines may differ: a state from further ahead is refused."""
EMPTY: dict[str, Any] = {"version": VERSION}
"""The state of a session of which nothing is known."""
_HEX = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedPace:
    """What `Pace` has learned."""

    seconds: float
    length: float
    lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedCut:
    """How a reply was cut off, and since when."""

    cause: Cause
    age: float
    """Seconds since."""
    ask_in: float | None
    """Seconds until the model is asked to go on; `None` if the silence is to be measured anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedReply:
    """The reply that was being played, or that was cut off and not yet followed by another."""

    heard: str
    coming: str
    """Beyond `heard`: what is heard too once all the audio that was received has been played."""
    unheard: str
    """Beyond both."""
    played: float
    received: float
    evidence: Evidence
    generated: bool
    """Whether all of it had been received."""
    cut: CarriedCut | None

    @property
    def text(self) -> str:
        """All of it that was received."""
        return self.heard + self.coming + self.unheard


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is carried over."""

    session_id: str
    cuts: int
    saved_at: float
    """Seconds since 1970."""
    pace: CarriedPace
    aloud: bool
    """Whether the session has audio."""
    history: list[list[str]]
    """`[role, text]` for each turn."""
    words: str
    """What the user said and nobody has answered yet."""
    live: bool
    """Whether they may still be speaking."""
    reply: CarriedReply | None

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON: a dictionary that JSON gives back equal."""
        return EMPTY | asdict(self)


def seconds_to_carry(seconds: float, most: float = MOST_SECONDS) -> float:
    """Round to the millisecond, within what a state may say."""
    return round(min(max(seconds, 0.0), most), 3)


def shorten(text: str) -> str:
    """Leave out the middle of a text that is too long to be carried."""
    return text if len(text) <= LONGEST else text[:EDGE] + ELISION + text[-EDGE:]


def elapsed_since(saved_at: float, now: float) -> float:
    """Return the seconds from one moment to the other, both since 1970, within what a state may be old.

    Clocks jump: one that had not been set when the state was saved says 1970.
    """
    return min(max(now - saved_at, 0.0), OLDEST)


def read_state(state: object, now: float) -> State | None:
    """Return what a dictionary of `State.to_dict` holds; `None` for that of a session of which nothing is known.

    `now` is wall-clock time, in seconds since 1970.

    Raises:
        TypeError: it, or a value in it, is of the wrong type.
        ValueError: it is of another version, more than a day old or from the future, a key is missing or unknown, or
            a value is out of bounds.
    """
    if not isinstance(state, dict):
        raise TypeError(f"state must be a dictionary that session_state() has made; got {_kind(state)}")
    if "version" not in state:
        raise ValueError(f"state has no version, so session_state() has not made it; its keys are {_some(state)}")
    if type(state["version"]) is not int or state["version"] != VERSION:
        raise ValueError(f"state is of version {_shown(state['version'])}; this library reads version {VERSION}")
    if state.keys() == EMPTY.keys():
        return None
    part = _Part(state, "state", {"version", *State.__dataclass_fields__})
    pace, reply = state["pace"], state["reply"]
    read = State(
        session_id=_session_id(part),
        cuts=part.count("cuts"),
        saved_at=_moment(part, now),
        pace=_pace(_Part(pace, part.at("pace"), {*CarriedPace.__dataclass_fields__})),
        aloud=part.flag("aloud"),
        history=_history(part),
        words=part.text("words"),
        live=part.flag("live"),
        reply=None if reply is None else _reply(_Part(reply, part.at("reply"), {*CarriedReply.__dataclass_fields__})),
    )
    if read.reply is not None and read.reply.cut is not None and not read.cuts:
        raise ValueError("state['cuts'] must count the cut in state['reply']; got 0")
    return read


def _reply(part: _Part) -> CarriedReply:
    received = part.number("received", 0.0, MOST_SECONDS)
    cut = part.values["cut"]
    return CarriedReply(
        heard=part.text("heard"),
        coming=part.text("coming"),
        unheard=part.text("unheard"),
        played=part.number("played", 0.0, received),
        received=received,
        evidence=part.choice("evidence", get_args(Evidence)),
        generated=part.flag("generated"),
        cut=None if cut is None else _cut(_Part(cut, part.at("cut"), {*CarriedCut.__dataclass_fields__})),
    )


def _cut(part: _Part) -> CarriedCut:
    return CarriedCut(
        cause=part.choice("cause", get_args(Cause)),
        age=part.number("age", 0.0, OLDEST),
        ask_in=None if part.values["ask_in"] is None else part.number("ask_in", 0.0, MOST_SECONDS),
    )


def _moment(part: _Part, now: float) -> float:
    found = part.number("saved_at", 0.0, FAREST)
    if now - found > OLDEST:
        raise ValueError(f"state is {(now - found) / 3600:.0f} hours old, and no session lasts a day: start a new one")
    if found - now > AHEAD:
        raise ValueError(
            f"state is from {found - now:.0f} seconds ahead: the clock of this machine or its own is wrong"
        )
    return found


def _session_id(part: _Part) -> str:
    found = part.text("session_id")
    if not _HEX.fullmatch(found):
        raise ValueError(f"{part.at('session_id')} must be 16 hexadecimal digits; got another text")
    return found


def _pace(part: _Part) -> CarriedPace:
    seconds, length = part.number("seconds", 1e-3, 1e6), part.number("length", 1e-3, 1e6)
    if not 1 / 4 < seconds / length < 4:
        raise ValueError(f"{part.where} must be that of speech; got {seconds:g} s for a length of {length:g} s")
    return CarriedPace(seconds=seconds, length=length, lead=part.number("lead", -MOST_SECONDS, MOST_SECONDS))


def _history(part: _Part) -> list[list[str]]:
    turns = []
    for place, turn in enumerate(part.items("history")):
        at = f"{part.at('history')}[{place}]"
        if not isinstance(turn, list | tuple) or len(turn) != 2:
            raise TypeError(f"{at} must be a role and a text; got {_kind(turn)}")
        pair = _Part(dict(enumerate(turn)), at, {0, 1})
        turns.append([pair.choice(0, ("user", "model")), pair.text(1)])
    return turns


class _Part:
    """A dictionary in the state; what is wrong in it is named with its place, but never with what people said."""

    def __init__(self, values: object, where: str, keys: set[Any]) -> None:
        if not isinstance(values, dict):
            raise TypeError(f"{where} must be a dictionary; got {_kind(values)}")
        if missing := keys - values.keys():
            raise ValueError(f"{where} lacks {_some(missing)}")
        if unknown := values.keys() - keys:
            raise ValueError(f"{where} has what version {VERSION} does not know: {_some(unknown)}")
        self.values = values
        self.where = where

    def at(self, key: object) -> str:
        return f"{self.where}[{key!r}]"

    def text(self, key: object) -> str:
        found = self.values[key]
        if not isinstance(found, str):
            raise TypeError(f"{self.at(key)} must be a string; got {_kind(found)}")
        if len(found) > LONGEST:
            raise ValueError(f"{self.at(key)} must have at most {LONGEST} characters; got {len(found)}")
        return found

    def number(self, key: object, least: float, most: float) -> float:
        found = self.values[key]
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise TypeError(f"{self.at(key)} must be a number; got {_kind(found)}")
        if not least <= found <= most:  # nor is NaN
            raise ValueError(f"{self.at(key)} must be from {least:g} to {most:g}; got {_shown(found)}")
        return float(found)

    def count(self, key: object) -> int:
        if isinstance(self.values[key], float):
            raise TypeError(f"{self.at(key)} must be a whole number; got {_kind(self.values[key])}")
        return int(self.number(key, 0, MOST))

    def flag(self, key: object) -> bool:
        found = self.values[key]
        if not isinstance(found, bool):
            raise TypeError(f"{self.at(key)} must be true or false; got {_kind(found)}")
        return found

    def choice(self, key: object, known: tuple[str, ...]) -> Any:
        found = self.text(key)
        if found not in known:
            raise ValueError(f"{self.at(key)} must be one of {', '.join(known)}; got another text")
        return found

    def items(self, key: object) -> list[Any]:
        found = self.values[key]
        if not isinstance(found, list | tuple):
            raise TypeError(f"{self.at(key)} must be a list; got {_kind(found)}")
        return list(found)


def _kind(value: object) -> str:
    return type(value).__name__


def _shown(value: object) -> str:
    try:
        return reprlib.repr(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"


def _some(keys: object) -> str:
    return reprlib.repr(sorted(map(repr, keys)))  # type: ignore[call-overload]
