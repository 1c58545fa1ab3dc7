"""What the lines of a trace hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

VERSION = 1
MOST = 1e9
"""No number of a trace is greater: thirty years, or a gigabyte of text."""

FOUND = ("truncated", "unreadable")
"""Types of what stands in a reader's answer for a line that it passed over; no file has them."""

Line = dict[str, Any]
Rule = tuple[Callable[[Any], bool], str]


def check(line: object) -> Line:
    """Return the line; raise `ValueError` if a field of a known type is missing, or not what it should be."""
    if not isinstance(line, dict) or not isinstance(line.get("type"), str):
        raise ValueError("not an object with a type")  # noqa: TRY004 - it is the file that is wrong
    kind = line["type"]
    if kind in FOUND:
        raise ValueError(f"lines of type {kind} are what a reader says of other lines")
    for name, (holds, what) in _NEEDED.get(kind, {}).items():
        if name not in line:
            raise ValueError(f"{kind} without {name}")
        if not holds(line[name]):
            raise ValueError(f"{name} of {kind} should be {what}, and is {_shown(line[name])}")
    for name, (holds, what) in _MAY.get(kind, {}).items():
        if name in line and not holds(line[name]):
            raise ValueError(f"{name} of {kind} should be {what}, and is {_shown(line[name])}")
    if kind == "trace" and line["version"] != VERSION:
        raise ValueError(f"a trace of version {line['version']}; this library reads version {VERSION}")
    return line


def bounded(value: float) -> float:
    """Return the nearest number that a trace may hold: what is less than nothing is nothing."""
    return min(max(0.0, value), MOST)


def _shown(value: object) -> str:
    shown = json.dumps(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_history(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(map(_is_text, turn)) for turn in value
    )


def _is_moment(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        return moment.tzinfo is not None and 1970 <= moment.year < 9000
    except (TypeError, ValueError):
        return False


def _or_null(rule: Rule) -> Rule:
    holds, what = rule
    return lambda value: value is None or holds(value), f"{what} or null"


_NUMBER: Rule = (_is_number, "a number, 0 or more")
_COUNT: Rule = (_is_count, "a whole number, 0 or more")
_TEXT: Rule = (_is_text, "a string")
_PLACED = {"t": _NUMBER, "session": _TEXT}
_SPOKEN = _PLACED | {"text": _TEXT, "characters": _COUNT}
_SOUND = _PLACED | {"reply": _COUNT, "seconds": _NUMBER}

_NEEDED: dict[str, dict[str, Rule]] = {
    "trace": {"version": _COUNT, "library": _TEXT, "started": (_is_moment, "a date and time with a time zone")},
    "interruption": _PLACED
    | {
        "number": _COUNT,
        "phase": _TEXT,
        "outcome": _or_null(_TEXT),
        "evidence": _TEXT,
        "played": _NUMBER,
        "received": _NUMBER,
        "heard_characters": _COUNT,
        "unheard_characters": _COUNT,
        "user_characters": _COUNT,
        "note_characters": _or_null(_COUNT),
        "note_after": _or_null(_NUMBER),
    },
}
_MAY: dict[str, dict[str, Rule]] = {
    "trace": {"content": (_is_switch, "true or false")},
    "interruption": {
        "cause": _TEXT,
        "resumption": _or_null(_TEXT),
        "heard": _TEXT,
        "unheard": _TEXT,
        "cut_sentence": _TEXT,
        "user_text": _TEXT,
        "history": (_is_history, "a list of pairs of strings"),
        "note": _or_null(_TEXT),
    },
    "text": _SPOKEN | {"reply": _COUNT, "received": _NUMBER},
    "user": _SPOKEN,
    "audio": _SOUND,
    "played": _SOUND,
    "turn_complete": _PLACED | {"reply": _COUNT},
}
