"""How a text runs along its audio, through what is known of single moments, each as firmly as it is known.

Speech strays from the length of its text like a walker at random. So what is known of a moment (that speech began, that
a piece of transcript came beside its audio, that a sentence ended in a pause) says less of another one the farther that
is. The likeliest course, and the error of each of its points, are those of a Kalman smoother.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import sqrt

from ._pace import DRIFT, Due

CAUTION = 0.2
"""Deviations by which the ear is taken to be behind: to repeat is better than to skip. On the development data a fifth
costs 0.02 words, and a third of the sentences that would be skipped."""

Moment = tuple[float, float, float]
"""A length of text, the second of voice at which it has been spoken, and the variance of that."""


class Course:
    """Through moments in the order of their lengths, at least one; beyond them at a pace with this variance."""

    __slots__ = ("_error", "_errors", "_lengths", "_pace", "_seconds")

    def __init__(self, moments: Sequence[Moment], pace: Due) -> None:
        self._pace, self._error = pace
        strays, errors = self._smooth(moments)
        self._lengths = array("d", [length for length, *_ in moments])
        self._errors = array("d", errors)
        self._seconds = array("d")
        latest = 0.0
        for stray, length in zip(strays, self._lengths, strict=True):
            latest = max(latest, stray + self._pace * length)
            self._seconds.append(latest)

    def _smooth(self, moments: Sequence[Moment]) -> tuple[list[float], list[float]]:
        """Return by how much speech has strayed at each moment, and the variance of that (Rauch, Tung and Striebel)."""
        pace, drift = self._pace, DRIFT * self._pace
        strays: list[float] = []
        errors: list[float] = []
        before: list[float] = []
        last, stray, error = 0.0, 0.0, 1e6
        for length, seconds, blur in moments:
            error += drift * (length - last)
            before.append(error)
            gain = error / (error + blur)
            stray += gain * (seconds - pace * length - stray)
            error *= 1.0 - gain
            last = length
            strays.append(stray)
            errors.append(error)
        for at in range(len(errors) - 2, -1, -1):
            gain = errors[at] / before[at + 1]
            strays[at] += gain * (strays[at + 1] - strays[at])
            errors[at] = max(errors[at] + gain * gain * (errors[at + 1] - before[at + 1]), 0.0)  # but for rounding
        return strays, errors

    def due(self, length: float) -> Due:
        """Return when so much of the text has been spoken."""
        lengths, seconds, errors = self._lengths, self._seconds, self._errors
        right = bisect_left(lengths, length)
        if right == len(lengths):
            more = length - lengths[-1]
            return seconds[-1] + self._pace * more, self._beyond(more)
        if not right or lengths[right] == length:
            return seconds[right], errors[right]
        part = (length - lengths[right - 1]) / (lengths[right] - lengths[right - 1])
        return seconds[right - 1] + (seconds[right] - seconds[right - 1]) * part, self._between(right, part)

    def heard(self, second: float) -> float:
        """Return the length that has been heard at this second of voice; never less at a later one."""
        seconds, errors = self._seconds, self._errors
        right = bisect_right(seconds, second)
        if not right:
            return 0.0
        more = second - seconds[right - 1]
        if right == len(seconds):
            error = self._beyond(more / self._pace)
        else:
            error = self._between(right, more / (seconds[right] - seconds[right - 1]))
        ear = max(second - CAUTION * sqrt(error), seconds[right - 1] - CAUTION * sqrt(errors[right - 1]))
        return self._length(ear)

    def _length(self, second: float) -> float:
        lengths, seconds = self._lengths, self._seconds
        right = bisect_right(seconds, second)
        if not right:
            return 0.0
        more = second - seconds[right - 1]
        if right == len(seconds):
            return lengths[-1] + more / self._pace
        part = more / (seconds[right] - seconds[right - 1])
        return lengths[right - 1] + (lengths[right] - lengths[right - 1]) * part

    def _beyond(self, more: float) -> float:
        return self._errors[-1] + DRIFT * self._pace * more + self._error * more * more

    def _between(self, right: int, part: float) -> float:
        left, errors = right - 1, self._errors
        span = self._seconds[right] - self._seconds[left]
        return errors[left] + (errors[right] - errors[left]) * part + DRIFT * span * part * (1.0 - part)
