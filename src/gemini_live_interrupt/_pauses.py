"""Pauses in the audio to ends of sentences and phrases in the text: the likeliest match that goes forward in both.

Not every sentence ends in a pause, and not every pause is the end of one. A pause is matched by where it comes and how
long it is, and what does not match is left out. The figures are those of the development data.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log, tau

from ._pace import DRIFT, Due

SENTENCE, PHRASE, ELSEWHERE = 0, 1, 2
PAUSED = (0.85, 0.65)
"""The part of sentences, and of phrases, that ends in a pause: 0.97 and 0.69 in synthetic voices, 0.74 and 0.65 in
human ones."""
STRAY = 0.08
"""Pauses elsewhere in a second of voice: 0.06 and 0.09."""
LASTS = ((0.5, 0.55), (0.32, 0.5), (0.33, 0.6))
"""Of each kind of pause: the median, in seconds, and the deviation of its logarithm."""
WIDE = 4.0
"""Deviations from where it should be at which an end is no candidate for a pause."""
NEAREST = 4
"""Candidates for a pause on either side of where it should be."""
WAYS = 12
"""Ways to match the pauses so far that are followed."""
MOST = 32
"""Pauses that are matched: the longest ones. """

_MARKS = re.compile(r"""([-–—.!?…։؟۔।॥。！？,;:،؛、，；：]+)["'”’»)\]*]*""")
_STOPS = frozenset(".!?…։؟۔।॥。！？")
_UNSPACED = frozenset("।॥。！？、，；：—")
_DASHES = frozenset("-–—")


def ends_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence and phrase ends, after its last sound, and which of them it is.

    A dot in a number or a hyphen in a word ends nothing. What else a stop may be is for the pauses to tell.
    """
    for found in _MARKS.finditer(text):
        marks, at = frozenset(found[1]), found.start()
        if not (text[found.end() : found.end() + 1].isspace() or marks & _UNSPACED):
            continue
        if marks <= _DASHES and "—" not in marks and not text[at - 1 : at].isspace():
            continue
        while at and text[at - 1].isspace():
            at -= 1
        yield at, SENTENCE if marks & _STOPS else PHRASE


@dataclass(slots=True, eq=False)
class Way:
    """One way to match the pauses so far."""

    score: float
    """The logarithm of its likelihood."""
    end: int
    """That was matched last, -1 if none was;"""
    length: float
    """the length of text before it,"""
    seconds: float
    """and the seconds of voice before its pause."""
    pace: float
    """Seconds of voice for a second of length, by what was matched,"""
    error: float
    """and its variance."""
    before: Way | None


class Match:
    """Matches pauses to ends. `ends` are the length of text before each, and its kind; `blur` is that of a pause.

    Where each end should come is told by the transcript (`due`), or by what was matched before: on the way from there
    to the end of the `whole`, a length and its second, or at a pace.
    """

    def __init__(
        self,
        ends: Sequence[tuple[float, int]],
        pace: Due,
        *,
        due: Sequence[Due] | None,
        whole: tuple[float, float] | None,
        blur: float,
    ) -> None:
        self._kinds = [kind for _, kind in ends]
        self._lengths = [length for length, _ in ends]
        self._due = due or ()
        self._places = [seconds for seconds, _ in self._due]
        self._whole = whole or (0.0, 0.0)
        self._is_whole = whole is not None
        self._blur = blur
        self._place: Callable[[Way, int], Due]
        if due is not None:
            self._place = self._by_transcript
        else:
            self._place = self._by_pace if whole is None else self._by_whole
        self._missed = [0.0]  # the likelihood that none of the ends before this one has a pause
        for kind in self._kinds:
            self._missed.append(self._missed[-1] + log(1.0 - PAUSED[kind]))
        self._ways = [Way(0.0, -1, 0.0, 0.0, *pace, None)]

    def add(self, seconds: float, lasts: float) -> None:
        """Take in the next pause: after so many seconds of voice, and so long."""
        likely = [-log(spread) - 0.5 * (log(lasts / median) / spread) ** 2 for median, spread in LASTS]
        gains = [log(part) + gain - 0.5 * log(tau) for part, gain in zip(PAUSED, likely, strict=False)]
        kinds, missed, place = self._kinds, self._missed, self._place
        found: dict[int, tuple[float, Way]] = {}
        for way in self._ways:
            so_far = way.score - missed[way.end + 1]
            for end in self._candidates(way, seconds):
                due, error = place(way, end)
                off = (seconds - due) ** 2 / error
                if off < WIDE * WIDE:
                    score = so_far + missed[end] + gains[kinds[end]] - 0.5 * (off + log(error))
                    if end not in found or score > found[end][0]:
                        found[end] = score, way
        matched = [self._matched(way, end, seconds, score) for end, (score, way) in found.items()]
        for way in self._ways:
            way.score += log(STRAY) + likely[ELSEWHERE]
        self._ways = sorted([*self._ways, *matched], key=lambda way: -way.score)[:WAYS]

    def best(self) -> tuple[list[tuple[float, float]], Due]:
        """Return the likeliest pairs of the length before an end and the seconds before its pause, and their pace."""
        left = self._missed[-1] if self._is_whole else 0.0
        way = best = max(self._ways, key=lambda way: way.score + (left and left - self._missed[way.end + 1]))
        pairs: list[tuple[float, float]] = []
        while way.before is not None:
            pairs.append((way.length, way.seconds))
            way = way.before
        return pairs[::-1], (best.pace, best.error)

    def _candidates(self, way: Way, seconds: float) -> range:
        """Return the ends nearest to where this way has come in so many seconds."""
        if self._due:
            middle = bisect_left(self._places, seconds)
        else:
            pace = way.pace
            if self._is_whole:
                pace = max(self._whole[1] - way.seconds, self._blur) / (self._whole[0] - way.length)
            middle = bisect_left(self._lengths, way.length + (seconds - way.seconds) / pace)
        return range(max(way.end + 1, middle - NEAREST), min(middle + NEAREST, len(self._lengths)))

    def _by_transcript(self, _: Way, end: int) -> Due:
        return self._due[end]

    def _by_whole(self, way: Way, end: int) -> Due:
        length, seconds = self._whole
        more = self._lengths[end] - way.length
        part = more / (length - way.length)
        error = DRIFT * way.pace * more * (1.0 - part) + self._blur
        return way.seconds + (seconds - way.seconds) * part, error

    def _by_pace(self, way: Way, end: int) -> Due:
        more = self._lengths[end] - way.length
        return way.seconds + way.pace * more, DRIFT * way.pace * more + way.error * more * more + self._blur

    def _matched(self, way: Way, end: int, seconds: float, score: float) -> Way:
        """Go on with this end at that second; a way that goes by its pace learns from it."""
        length, pace, error = self._lengths[end], way.pace, way.error
        if not self._due and not self._is_whole:
            due, blur = self._by_pace(way, end)
            more = length - way.length
            gain = error * more / blur
            pace, error = max(pace + gain * (seconds - due), pace / 2), error * (1.0 - gain * more)
        return Way(score, end, length, seconds, pace, error, way)


def longest(pauses: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return those of these `(seconds, how long)` that are matched, in order."""
    if len(pauses) <= MOST:
        return pauses
    shortest = sorted(lasts for _, lasts in pauses)[-MOST]
    return [each for each in pauses if each[1] >= shortest][:MOST]
