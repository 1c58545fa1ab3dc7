"""The pieces of a transcript that came beside the audio: when each says that its words are spoken."""

from __future__ import annotations

from collections.abc import Sequence

from ._course import Course, Moment
from ._pace import DRIFT, Due
from ._voiced_time import VoicedTime

SCATTER = 0.1**2
"""The variance of the seconds by which a delta comes sooner or later than the others."""
LEAD_DOUBT = 0.5
"""Deltas that lead their audio by so many seconds more or less than expected are half believed to do so; the rest is
laid to the estimate of spoken length."""
RUNS_AHEAD = 0.65
"""A transcript that comes in less than this part of the time that its speech takes runs ahead of the audio,"""
SPAN = 2.0
"""if that is so many seconds or more."""
SAMPLE = 32
"""Deltas of which the lead is taken, however many there are;"""
MOST = 160
"""and so many moments are made of them, each of the mean of some."""


class Deltas:
    """`lengths` are those of the text before each delta, `arrivals` the seconds of audio before it."""

    def __init__(self, lengths: Sequence[float], arrivals: Sequence[float], time: VoicedTime) -> None:
        self._lengths = lengths
        self._arrivals = arrivals
        self._time = time

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def length(self) -> float:
        """The length of what came from the first to the last."""
        return self._lengths[-1] - self._lengths[0] if self._lengths else 0.0

    @property
    def seconds(self) -> float:
        """The seconds of voice in which it came."""
        time, arrivals = self._time, self._arrivals
        return time.seconds(arrivals[-1]) - time.seconds(arrivals[0]) if arrivals else 0.0

    def run_ahead(self, pace: float) -> bool:
        """Whether they come too fast for a voice of this pace: then they tell nothing of it."""
        takes = pace * self.length
        return self.seconds < RUNS_AHEAD * takes and takes >= SPAN

    def pace(self) -> Due:
        """Return the pace at which they come."""
        length = self.length
        return self.seconds / length, (DRIFT * self.seconds + 2 * SCATTER) / length**2

    def end(self, whole: float, pace: Due, lead: float) -> Due:
        """Return when a text that is so long has been spoken."""
        rest = max(whole - self._lengths[-1], 0.0)  # the last may begin with what is not spoken
        last = self._time.seconds(max(self._arrivals[-1] + lead, 0.0))
        return last + pace[0] * rest, DRIFT * pace[0] * rest + 2 * SCATTER + pace[1] * rest * rest

    def lead(self, course: Course, usual: float) -> float:
        """Return by how many seconds they come before their audio, by what else is known of the course."""
        leads = weights = 0.0
        for at in range(0, len(self), len(self) // SAMPLE + 1):
            seconds, error = course.due(self._lengths[at])
            weight = 1.0 / (SCATTER + error)
            leads += weight * (self._time.audio(seconds) - self._arrivals[at])
            weights += weight
        lead = leads / weights
        doubt = ((lead - usual) / LEAD_DOUBT) ** 2
        return usual + (lead - usual) * doubt / (1.0 + doubt)

    def moments(self, lead: float) -> list[Moment]:
        """Return what they tell if they come so many seconds before their audio."""
        step = len(self) // MOST + 1
        found: list[Moment] = []
        for at in range(0, len(self), step):
            lengths, arrivals = self._lengths[at : at + step], self._arrivals[at : at + step]
            arrival = sum(arrivals) / len(arrivals)
            found.append((sum(lengths) / len(lengths), self._time.seconds(max(arrival + lead, 0.0)), SCATTER))
        return found
