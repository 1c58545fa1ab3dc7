"""Where the text of a reply stands in its audio, by all signs that there are of it.

Each sign is weighed by its error, and none is thrown away because it disagrees with a weaker one: the spoken length of
the text, the pace of the voice, when pieces of the transcript came, pauses in the audio, and where the audio ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from math import inf, sqrt

from ._course import Course, Moment
from ._deltas import Deltas
from ._envelope import Pauses
from ._pace import DRIFT, Due, Pace
from ._pauses import Match, ends_of, longest
from ._speech_length import cut_at, end_of_speech, spoken_lengths, voiced_lengths
from ._voiced_time import VoicedTime

BEGIN = 0.1**2
"""The variance of the second at which speech begins, and ends where the audio has pauses,"""
TAIL = 0.15**2
"""and ends where it has none, because some sound may follow;"""
PIN = 0.05**2
"""of the second at which a pause begins,"""
LEAD_BLUR = 0.1**2
"""and of the lead of the deltas, before pauses have shown it."""
OUTLIER = 3.0
"""Deviations at which what is expected was wrong."""
UNKNOWN_TAIL = 1.0
"""Seconds of other sound that may be in the audio where neither pauses nor deltas tell."""
FASTEST = 5.0
"""Times the usual pace, at most: faster is no speech."""
LONG = 6.0
"""Seconds of voice without a pause after which the voice has none that could be heard."""
BRIEF = 0.05
"""Seconds of voice that are none, before a pause at the beginning or after one at the end."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What came of a reply."""

    text: str
    offsets: Sequence[int]
    """Where the text was when a delta came,"""
    arrivals: Sequence[float]
    """and how many seconds of audio were before it."""
    pauses: Pauses
    received: float
    """Seconds of audio."""
    is_whole: bool
    """Whether nothing more is coming."""


class Placement:
    """The place of each second of one reply, as far as it has come."""

    __slots__ = ("_course", "_lengths", "_text", "_time", "_voice_ends")

    def __init__(self, signs: Signs, pace: Pace) -> None:
        weighed = _Weighing(signs, pace)
        self._course = weighed.course()
        self._text, self._lengths = signs.text, weighed.lengths
        self._time = weighed.time
        self._voice_ends = weighed.time.last_voice(signs.received) if signs.is_whole else inf

    def heard(self, played: float) -> str:
        """Return what has been heard when so many seconds have been played: a prefix, never shorter at a later one."""
        if played >= self._voice_ends:
            return self._text
        length = self._course.heard(self._time.seconds(played))
        return self._text[: cut_at(self._text, self._lengths, length)]

    def is_past(self, heard: str, played: float) -> bool:
        """Whether what was heard ended earlier than that by more than the error of the estimate."""
        due, error = self._course.due(self._lengths[end_of_speech(heard)])
        return self._time.seconds(max(played - sqrt(error), 0.0)) + sqrt(PIN) > due


def learn(signs: Signs, pace: Pace) -> None:
    """Let a pace learn from a whole reply."""
    weighed = _Weighing(signs, pace)
    if weighed.whole:
        weighed.teach(pace)


class _Weighing:
    """What the signs say, one after the other."""

    def __init__(self, signs: Signs, pace: Pace) -> None:
        self._signs = signs
        self._known = pace
        time = self.time = VoicedTime(signs.pauses)
        spoken = time.seconds(signs.received)
        self._spoken = spoken
        self._pauses = any(BRIEF < at < spoken - BRIEF for at in time.at)
        pauses = self._pauses or pace.has_pauses  # if not, they are a part of the length of the text
        lengths = self.lengths = voiced_lengths(signs.text) if pauses else spoken_lengths(signs.text)
        self.whole = lengths[end_of_speech(signs.text)]
        self._end: list[Moment] = []
        if signs.is_whole and self.whole:
            self._end = [(self.whole, spoken, BEGIN if time.at else TAIL)]
        self.deltas = Deltas([lengths[offset] for offset in signs.offsets], signs.arrivals, time)
        if self.deltas.run_ahead(spoken / self.whole if self._end else pace.factor):
            self.deltas = Deltas((), (), time)
        self._pace: Due = pace.factor, pace.error
        self._weigh_end()

    def course(self) -> Course:
        """Return the likeliest course of the text along the voice."""
        known: list[Moment] = [(0.0, 0.0, BEGIN)]
        course = self._through(known)
        if self.time.at and (pins := self._pins(course)):
            course = self._through([*known, *pins])
        return course

    def teach(self, pace: Pace) -> None:
        """Let a pace learn from a whole reply."""
        deltas, usual = self.deltas, self._known.lead
        seconds = self._end[0][1] if self._end else deltas.end(self.whole, self._pace, usual)[0]
        pace.learn(seconds, self.whole, sqrt(TAIL) if self.time.at or deltas.length else UNKNOWN_TAIL)
        if deltas:
            lead = deltas.lead(Course([(0.0, 0.0, BEGIN), *self._end], self._pace), usual)
            pace.learn_lead(lead, len(deltas))
        if self._pauses or self._spoken > LONG:
            pace.learn_pauses(heard=self._pauses)

    def _through(self, known: list[Moment]) -> Course:
        """Return the course through these moments, those of the deltas and the end."""
        if not self.deltas:
            return Course([*known, *self._end], self._pace)
        lead = self.deltas.lead(Course([*known, *self._end], self._pace), self._known.lead)
        return Course([*merge(known, self.deltas.moments(lead), self._end)], self._pace)

    def _weigh_end(self) -> None:
        """Take the pace of the whole, if it has come. Where the deltas tell of an earlier end, its is none."""
        usual, deltas, spoken = self._pace, self.deltas, self._spoken
        if deltas.length:
            self._pace = _both(usual, deltas.pace())
            if self._end:
                due, error = deltas.end(self.whole, self._pace, self._known.lead)
                if spoken - due > OUTLIER * sqrt(error + self._end[0][2]):
                    self._end = []
        if self._end:
            error = (DRIFT * spoken + self._end[0][2]) / self.whole**2
            self._pace = _both(usual, (spoken / self.whole, error))

    def _pins(self, course: Course) -> list[Moment]:
        """Return the ends of sentences and phrases that pauses show, and take the pace that they show."""
        lengths, time, end = self.lengths, self.time, self._end
        ends = [(lengths[offset], kind) for offset, kind in ends_of(self._signs.text)]
        pauses = [(at, time.lasts(number)) for number, at in enumerate(time.at) if at > BRIEF]
        if end:
            ends = [each for each in ends if each[0] < self.whole]
            pauses = [each for each in pauses if each[0] < end[0][1] - BRIEF]
        due = None
        if self.deltas:
            due = [(at, error + LEAD_BLUR + PIN) for at, error in (course.due(length) for length, _ in ends)]
        match = Match(ends, self._pace, due=due, whole=end[0][:2] if end else None, blur=PIN)
        for seconds, lasts in longest(pauses):
            match.add(seconds, lasts)
        pairs, self._pace = match.best()
        return [(length, seconds, PIN) for length, seconds in pairs]


def _both(usual: Due, shown: Due) -> Due:
    """Return what is usual and what this reply shows, weighed. A voice that is far from usual makes that an error."""
    error = max(usual[1], ((shown[0] - usual[0]) / OUTLIER) ** 2)
    weight = shown[1] / (error + shown[1])
    return max(usual[0] * weight + shown[0] * (1.0 - weight), usual[0] / FASTEST), error * weight
