"""Played seconds to a prefix of the transcript: how long text is when it is spoken, and where it may be cut."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

PAUSE = 0.35
"""Seconds of silence after a sentence."""
BREATH = 0.2
"""Seconds of silence after a comma, a colon or a semicolon."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the user's ear got of one reply, and what that rests on."""

    text: str
    played: float
    evidence: Literal["reported", "words", "clock", "text"]


class Pace:
    """What earlier turns of this session taught about the speaking rate."""

    __slots__ = ("_factor",)

    def __init__(self) -> None:
        self._factor = 1.0

    @property
    def factor(self) -> float:
        """Seconds that the model takes for one second of `spoken_length`."""
        return self._factor

    def learn(self, length: float, seconds: float) -> None:
        """Take a whole turn into account: its text would last `length`, its audio lasted `seconds`."""
        if length >= 1.0 and 0.3 < seconds / length < 3.0:
            self._factor = seconds / length


def spoken_length(text: str) -> list[float]:
    """Return, for each character, the seconds up to its beginning at a usual rate; one more item for the end."""
    return list(accumulate(map(_SECONDS.__getitem__, text), initial=0.0))


def cut_at(text: str, ends: list[float], position: float) -> int:
    """Return how many characters of `text` have been spoken at `position`, on the scale of `spoken_length`.

    Whole words only, except in scripts that are written without spaces, and never a part of a grapheme.
    """
    if position >= ends[-1]:
        return len(text)
    index = max(bisect_right(ends, position) - 1, 0)
    start = index
    while start and not _is_edge(text, start):
        start -= 1
    end = index + 1
    while end < len(text) and not _is_edge(text, end):
        end += 1
    return end if position >= (ends[start] + ends[end]) / 2 else start


def _is_edge(text: str, index: int) -> bool:
    before, after = text[index - 1], text[index]
    if after.isspace():
        return not before.isspace()
    return _is_unspaced(before) and _is_unspaced(after)


def _is_unspaced(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\u0e00" <= character <= "\u0eff"


class _Seconds(dict[str, float]):
    """Seconds that a character takes when spoken, looked up once for each character that ever occurs."""

    def __missing__(self, character: str) -> float:
        category = unicodedata.category(character)
        if "\u3040" <= character <= "\u9fff":
            seconds = 0.3
        elif category[0] == "L":
            seconds = 0.06
        elif category == "Nd":
            seconds = 0.3
        else:
            seconds = 0.0
        self[character] = seconds
        return seconds


_SECONDS = _Seconds(dict.fromkeys(".!?…。！？।؟", PAUSE) | dict.fromkeys(",;:，、；：،؛", BREATH))
