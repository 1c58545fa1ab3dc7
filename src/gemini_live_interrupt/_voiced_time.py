"""Seconds of audio to seconds of voice, which stand still in a pause."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate

from ._envelope import Pauses

FRAGMENT = 0.05
"""Seconds at the end that make no frame of the envelope, or hardly more than one."""


class VoicedTime:
    """Of one reply. Where no pause was found, all of it is voice."""

    __slots__ = ("_ends", "_quiet", "_starts", "at")

    def __init__(self, pauses: Pauses) -> None:
        self._starts, self._ends = pauses
        lasts = [end - start for start, end in zip(*pauses, strict=True)]
        self._quiet = array("d", accumulate(lasts, initial=0.0))
        self.at = array("d", [start - quiet for start, quiet in zip(self._starts, self._quiet, strict=False)])
        """Seconds of voice before each pause."""

    def lasts(self, index: int) -> float:
        """Return how many seconds a pause lasts."""
        return self._ends[index] - self._starts[index]

    def seconds(self, audio: float) -> float:
        """Return the seconds of voice in so many seconds of audio."""
        index = bisect_right(self._starts, audio)
        if not index:
            return audio
        return audio - self._quiet[index] + max(self._ends[index - 1] - audio, 0.0)

    def audio(self, seconds: float) -> float:
        """Return the seconds of audio with so much voice in them, and with the pause after it."""
        return seconds + self._quiet[bisect_right(self.at, seconds)]

    def last_voice(self, received: float) -> float:
        """Return the second of so many of audio at which the last voice ends."""
        ends_quiet = len(self._ends) and received - self._ends[-1] < FRAGMENT
        return self._starts[-1] if ends_quiet else received
