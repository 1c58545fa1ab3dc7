"""Played seconds to a place in the transcript, by what is known of the times at which its parts are spoken.

A place is measured in seconds at a usual rate ("length", from `_speech_length`), so that it can be compared with audio.
What is known of the real times (word timestamps, when a delta arrived) pins offsets of the text to seconds; between two
pins, lengths divide the time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ._speech_length import is_spoken, may_cut

NEAR = 40
"""Characters within which a word with a timestamp is sought; more after a miss."""


Pins = tuple[Sequence[float], Sequence[float]]
"""Lengths, and the seconds of audio at which (or `lead` before which) they have been spoken; both ascending."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the user's ear got of one reply, and what that rests on."""

    text: str
    """An exact prefix of the transcript."""
    played: float
    evidence: Literal["reported", "words", "clock", "text"]
    is_to_the_end: bool = False
    """Whether its last word was heard to its end, beyond the doubt of the estimate."""


def length_at(
    seconds: float, pins: Pins, *, lead: float, factor: float, end: tuple[float, float] | None = None
) -> float:
    """Return the length that has been spoken at `seconds`; never less at a later time.

    `end` is a last pin, without `lead`, if it is known; after it, or without pins, a second of length takes `factor`
    seconds.
    """
    lengths, times = pins
    index = bisect_right(times, seconds - lead)
    left = since = 0.0
    if index:
        left, since = lengths[index - 1], max(times[index - 1] + lead, 0.0)
    if index < len(times):
        right, until = lengths[index], times[index] + lead
    elif end is not None:
        right, until = end
    else:
        right, until = left, since
    if until > since:
        return left + max(right - left, 0.0) * (seconds - since) / (until - since)
    return left + max(seconds - since, 0.0) / factor


def align(text: str, words: Sequence[tuple[str, float | None, float | None]]) -> tuple[list[int], list[float]]:
    """Return offsets and seconds from `(word, start, end)`: of words found in the text, in its order, at times that do
    not go back.

    Words are compared by what is spoken of them, without case. What is not found near the word before it, has no
    time, or stands out of line with the times of most others is left out.
    """
    if not words:
        return [], []
    lowered = text.lower()
    if len(lowered) != len(text):  # some letter has no lower case of its own size
        lowered = text
    pins: list[tuple[int, float]] = []
    cursor, reach = 0, NEAR
    for word, start, end in words:
        at = _find(_spoken_part(word.lower()), lowered, cursor, reach)
        if at is None:
            reach = min(reach + NEAR, 10 * NEAR)
            continue
        pins += [(offset, time) for offset, time in zip(at, (start, end), strict=True) if time is not None]
        cursor, reach = at[1], NEAR
    kept = _longest_ascent([time for _, time in pins])
    return [pins[index][0] for index in kept], [pins[index][1] for index in kept]


def _find(word: str, text: str, cursor: int, reach: int) -> tuple[int, int] | None:
    """Return where `word` stands as a word of its own in the next `reach` characters."""
    limit = cursor + len(word) + reach
    at = text.find(word, cursor, limit) if word else -1
    while at > 0 and text[at - 1].isalnum() and not may_cut(text, at):
        at = text.find(word, at + 1, limit)
    return None if at < 0 else (at, at + len(word))


def _spoken_part(word: str) -> str:
    spoken = [at for at, character in enumerate(word) if is_spoken(character)]
    return word[spoken[0] : spoken[-1] + 1] if spoken else ""


def _longest_ascent(times: Sequence[float]) -> list[int]:
    """Return the indices of a longest subsequence that never goes back (patience sorting)."""
    tails: list[float] = []
    ends: list[int] = []  # the index that each length of subsequence ends with, at the lowest time
    before: list[int] = []
    for index, time in enumerate(times):
        place = bisect_right(tails, time)
        before.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [time]
        ends[place : place + 1] = [index]
    kept: list[int] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        kept.append(index)
        index = before[index]
    return kept[::-1]
