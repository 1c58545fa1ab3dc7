"""What of a session is carried over to the next connection, as a dictionary for JSON, and what is refused of one.

Times are relative, because no two processes have the same monotonic clock; only `saved_at` is wall-clock time. The
bounds of each field are those of its type: pydantic holds a state to them when it is read.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Interval, MaxLen

from ._interruption import Cause, Evidence

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

VERSION = 1
EDGE = 1_000
"""Of a longer text, so many characters at its beginning and at its end are kept: more than the default note quotes."""
ELISION = " … "
LONGEST = 2 * EDGE + len(ELISION)
MOST_SECONDS = 3_599.0
"""Of a reply's audio, or until the model is asked."""
OLDEST = 86_400.0
"""Seconds after which a state is refused: no session lasts a day."""
AHEAD = 300.0
"""Seconds by which the clocks of two machines may differ: a state from further ahead is refused."""
EMPTY: dict[str, Any] = {"version": VERSION}
"""The state of a session of which nothing is known."""

_Text = Annotated[str, MaxLen(LONGEST)]
_Seconds = Annotated[float, Interval(ge=0.0, le=MOST_SECONDS)]
_Positive = Annotated[float, Interval(ge=1e-3, le=1e6)]


class _Carried:
    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedPace(_Carried):
    """What `Pace` has learned."""

    seconds: _Positive
    length: _Positive
    lead: Annotated[float, Interval(ge=-MOST_SECONDS, le=MOST_SECONDS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedCut(_Carried):
    """How a reply was cut off, and since when."""

    cause: Cause
    age: Annotated[float, Interval(ge=0.0, le=OLDEST)]
    """Seconds since."""
    ask_in: _Seconds | None
    """Seconds until the model is asked to go on; `None` if the silence is to be measured anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedReply(_Carried):
    """The reply that was being played, or that was cut off and not yet followed by another."""

    heard: _Text
    coming: _Text
    """Beyond `heard`: what is heard too once all the audio that was received has been played."""
    unheard: _Text
    """Beyond both."""
    played: _Seconds
    received: _Seconds
    evidence: Evidence
    generated: bool
    """Whether all of it had been received."""
    cut: CarriedCut | None

    @property
    def text(self) -> str:
        """All of it that was received."""
        return self.heard + self.coming + self.unheard


@dataclass(frozen=True, slots=True, kw_only=True)
class State(_Carried):
    """All that is carried over."""

    session_id: Annotated[str, MaxLen(16)]
    """16 hexadecimal digits."""
    cuts: Annotated[int, Interval(ge=0, le=10**9)]
    saved_at: Annotated[float, Interval(ge=0.0, le=1e12)]
    """Seconds since 1970."""
    pace: CarriedPace
    aloud: bool
    """Whether the session has audio."""
    history: list[tuple[Literal["user", "model"], _Text]]
    """Role and text of each turn."""
    words: _Text
    """What the user said and nobody has answered yet."""
    live: bool
    """Whether they may still be speaking."""
    reply: CarriedReply | None

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON: a dictionary that JSON gives back equal."""
        return EMPTY | asdict(self) | {"history": [list(turn) for turn in self.history]}


def seconds_to_carry(seconds: float, most: float = MOST_SECONDS) -> float:
    """Round to the millisecond, within what a state may say."""
    return round(min(max(seconds, 0.0), most), 3)


def shorten(text: str) -> str:
    """Return a text that can be carried: without its middle if it is too long."""
    short = text if len(text) <= LONGEST else text[:EDGE] + ELISION + text[-EDGE:]
    return short.encode("utf-8", "replace").decode()  # no half of a surrogate pair is JSON


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
        raise TypeError(f"state must be a dictionary that session_state() has made; got {type(state).__name__}")
    if "version" not in state:
        raise ValueError("state has no version, so session_state() has not made it")
    if type(state["version"]) is not int or state["version"] != VERSION:
        raise ValueError(f"state is not of version {VERSION}, which this library reads")
    if state.keys() == EMPTY.keys():
        return None
    read = _validated({key: value for key, value in state.items() if key != "version"})
    _check_together(read, now)
    return read


def _validated(fields: dict[str, Any]) -> State:
    from pydantic import ValidationError  # with google-genai; not needed before

    try:
        return _adapter().validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        raise _in_words(error) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"state is no JSON: {error}") from None


@cache
def _adapter() -> TypeAdapter[State]:
    from pydantic import TypeAdapter

    return TypeAdapter(State)


def _in_words(error: ValidationError) -> TypeError | ValueError:
    """Name the first thing that is wrong with its place, but never with what people said."""
    first = error.errors(include_url=False, include_context=False)[0]
    kind, found = (TypeError if first["type"].endswith("_type") else ValueError), first["input"]
    got = type(found).__name__
    if kind is ValueError and isinstance(found, int | float):
        got = reprlib.repr(found)
    elif kind is ValueError and isinstance(found, str):
        got = f"{len(found)} characters"
    return kind(f"state{_place(first['loc'])}: {first['msg'].lower()}; got {got}")


def _place(keys: Sequence[int | str]) -> str:
    return "".join(f"[{key!r:.40}]" for key in keys)


def _check_together(state: State, now: float) -> None:
    """Check what the type of one field cannot say."""
    age, pace, reply = now - state.saved_at, state.pace, state.reply
    if age > OLDEST:
        raise ValueError(f"state is {age / 3600:.0f} hours old, and no session lasts a day: start a new one")
    if age < -AHEAD:
        raise ValueError(f"state is from {-age:.0f} seconds ahead: the clock of this machine or its own is wrong")
    if len(state.session_id) != 16 or set(state.session_id) - set("0123456789abcdef"):
        raise ValueError("state['session_id'] must be 16 hexadecimal digits")
    if not 1 / 4 < pace.seconds / pace.length < 4:
        raise ValueError(
            f"state['pace'] must be that of speech; got {pace.seconds:g} s for a length of {pace.length:g} s"
        )
    if reply is not None and reply.played > reply.received:
        raise ValueError("state['reply']['played'] must be at most what was received")
    if reply is not None and reply.cut is not None and not state.cuts:
        raise ValueError("state['cuts'] must count the cut in state['reply']; got 0")
