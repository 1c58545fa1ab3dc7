"""One reply of the model: its transcript against the audio received, and the playback clock."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from ._heard import Heard, Pace, Pins, align, length_at
from ._spoken import cut_at, end_of_speech, spoken_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE = 24_000
"""Samples a second of audio whose type does not state a rate: what every Live model sends."""
HOUR = 3600.0
"""A chunk that lasts longer is no audio."""
LEAN = 0.012
"""Seconds that the cut is moved back for each second between it and the nearer moment at which text and audio are known
to agree: the ends of a turn; only the beginning while it is generated. For turns of which no delta or timestamp tells
more. The error of a spoken length grows with that distance, and to repeat is better than to skip. On the development
data this brings the sentences that are skipped in 50-second turns from 3 % to 2 %, for one in a hundred more that are
repeated; a fixed quarter of a second would cost short turns, whose error is smaller, half a word."""
EARLY = 0.05
"""Seconds that the cut is moved back where deltas do tell: what an audio output holds back at the least."""
WANDER = 0.1
"""Seconds by which spoken length strays from real speech in a second; over more of them, as the square root (it is
0.08 in the development data)."""
LEAD_DOUBT = 0.5
"""Deltas that lead their audio by so many seconds more or less than expected are half believed to do so; the rest is
laid to the estimate of spoken length."""
SPAN = 2.0
"""Seconds over which deltas must have come before they tell the rate of a turn that is still being generated."""
OPENING = 4.0
"""Seconds at the beginning of such a turn from which the lead of its deltas is taken: before rates can differ much."""
RUNS_AHEAD = 0.65
"""A transcript that comes in less than this part of the time that its speech should take runs ahead of the audio."""
SAMPLE = 64
"""Deltas that are looked at, however many there are."""
TOGETHER = 16
"""Deltas after which the text so far is joined."""
FEW = 3
"""Deltas that are taken together, since one of them may come early or late: three halve what is skipped if they do."""


def audio_seconds(size: int, mime_type: str | None) -> float:
    """Return the seconds of 16-bit PCM that `size` bytes are, by the rate and channels that the type states.

    `size` is 0 or more. A type that cannot be read counts as 24 kHz mono; what is not audio lasts 0.0.
    """
    return size / _bytes_a_second(mime_type)


@lru_cache(maxsize=16)  # a session has one type, and it comes with every chunk
def _bytes_a_second(mime_type: str | None) -> float:
    kind, *parameters = (mime_type or "audio/pcm").lower().split(";")
    if "/" in kind and not kind.strip().startswith("audio/"):
        return math.inf
    stated = {"rate": RATE, "channels": 1}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        name, value = name.strip(), value.strip(' "')
        if name in stated and value.isascii() and value.isdigit() and 0 < len(value.lstrip("0")) < 8:
            stated[name] = int(value)
    return 2.0 * stated["rate"] * stated["channels"]


class Turn:
    """One reply of the model: raw transcript deltas against the audio received, and the playback clock.

    The clock is a queue: a chunk starts when it arrives or when the one before has ended, whichever is later. Of a
    message that has both, add the text first: its arrival is told by the audio before it.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._deltas: list[str] = []
        self._size = 0
        self._received = 0.0
        self._ends_at = -math.inf
        self._reported: tuple[float, float] | None = None
        self._generated = False
        self._offsets = array("I")  # where the text was when audio had come since the last delta,
        self._arrivals = array("f")  # and how much audio that was
        self._told_at = 0.0
        self._words: list[tuple[str, float | None, float | None]] = []
        self._told: tuple[int, float, tuple[float | None, float]] | None = None

    @property
    def text(self) -> str:
        """All deltas, joined as they came."""
        if len(self._deltas) != 1:
            self._deltas = ["".join(self._deltas)]
        return self._deltas[0]

    @property
    def received(self) -> float:
        """Seconds of audio received."""
        return self._received

    @property
    def generated(self) -> bool:
        """Whether nothing more is coming."""
        return self._generated

    def add_text(self, delta: str) -> None:
        """Add a piece of the transcript, raw."""
        if self._received != self._told_at and self._size:
            self._told_at = self._received
            self._offsets.append(self._size)
            if not len(self._offsets) % TOGETHER:
                self._deltas = [self.text]  # one long string takes less than many short ones
            self._arrivals.append(self._received)
        self._deltas.append(delta)
        self._size += len(delta)

    def add_words(self, words: Sequence[Any]) -> None:
        """Add timestamps of words (`word`, `start_offset`, `end_offset`), counted from the beginning of the reply."""
        for item in words:
            word = getattr(item, "word", None)
            if isinstance(word, str):
                start, end = getattr(item, "start_offset", None), getattr(item, "end_offset", None)
                self._words.append((word, _offset_seconds(start), _offset_seconds(end)))

    def add_audio(self, seconds: float, now: float) -> None:
        """Put `seconds` of audio, received at `now`, into the playback queue."""
        if 0.0 < seconds < HOUR:
            self._received += seconds
            ends_at = self._ends_at
            self._ends_at = (now if now > ends_at else ends_at) + seconds  # noqa: FURB136 - max() costs four times this

    def complete(self) -> None:
        """Note that nothing more is coming; the session's pace learns from a whole reply, once. Not for one cut off."""
        if self._generated:
            return
        self._generated = True
        if self._received:
            text = self.text
            lengths = spoken_lengths(text)
            whole = end_of_speech(text)
            self._pace.learn(lengths[whole], self._received, self._deltas_tell(lengths, whole)[0])
            told = self._deltas_tell(lengths, whole)  # now, with what was learned: at a cut there is no time to lose
            self._told = self._size, self._received, told

    def report_played(self, seconds: float, now: float) -> None:
        """Take the app's word for how much of this reply has been played at `now`; the clock goes on from there.

        A report that is older than the last one, or says less, is ignored; nothing beyond what was received is played.
        """
        last, then = self._reported or (0.0, -math.inf)
        if self._received and last <= seconds and then <= now < math.inf:
            seconds = min(seconds, self._received)
            self._reported = seconds, now
            self._ends_at = now + self._received - seconds

    def played(self, now: float) -> float:
        """Return the seconds of this reply that have been played at `now`."""
        left = self._ends_at - now
        return max(self._received - left, 0.0) if left > 0.0 else self._received

    def ends_at(self) -> float:
        """Return when the playback of what has been received ends; minus infinity if there is no audio."""
        return self._ends_at

    def heard(self, now: float) -> Heard:
        """Return what of the transcript has been heard at `now`."""
        text = self.text
        if not self._received:
            return Heard(text, 0.0, "text")
        played = self.played(now)
        evidence: Literal["reported", "words", "clock"] = "reported" if self._reported else "clock"
        if self._generated and played >= self._received:
            return Heard(text, played, evidence)
        lengths, whole = spoken_lengths(text), end_of_speech(text)
        size, received, told = self._told or (0, 0.0, None)
        known = told if (size, received) == (self._size, self._received) else None
        lead, factor = known or self._deltas_tell(lengths, whole)
        offsets, times = align(text, self._words)
        if offsets:
            evidence = "reported" if self._reported else "words"
            at, lead = played, 0.0
            pins: Pins = ([lengths[offset] for offset in offsets], times)
        elif lead is not None:
            at = played - EARLY
            pins = self._pins_near(at - lead, lengths)
        else:
            at = played - LEAN * played * (1.0 - played / self._received if self._generated else 1.0)
            pins = ((), ())
        end = (lengths[whole], self._received) if self._generated and whole else None
        length = length_at(at, pins, lead=lead or 0.0, factor=factor, end=end)
        return Heard(text[: cut_at(text, lengths, length, exact=bool(offsets))], played, evidence)

    def _deltas_tell(self, lengths: list[float], whole: int) -> tuple[float | None, float]:
        """Return by how many seconds the deltas come before their audio, and the rate of the turn.

        `None` if they tell nothing: their text runs ahead (Vertex sends all of it before any audio), or strays from
        the spoken lengths by more than real speech does.
        """
        offsets, arrivals, pace = self._offsets, self._arrivals, self._pace
        lead, factor = (pace.lead if arrivals else None), pace.factor
        if self._generated:
            factor = self._received / lengths[whole] if lengths[whole] else factor
            sample = range(0, len(arrivals), len(arrivals) // SAMPLE + 1)
        else:
            span = arrivals[-1] - arrivals[0] if arrivals else 0.0
            length = lengths[offsets[-1]] - lengths[offsets[0]] if arrivals else 0.0
            if span < SPAN or not length:
                return lead, factor
            factor = span / length
            if factor < RUNS_AHEAD * pace.factor:
                return None, pace.factor
            sample = range(min(bisect_left(arrivals, OPENING), SAMPLE))
        leads = [factor * lengths[offsets[index]] - arrivals[index] for index in sample]
        if not leads:
            return lead, factor
        lead = _mean(leads)
        stray = math.sqrt(sum((each - lead) ** 2 for each in leads) / len(leads))
        if self._generated and stray > WANDER * math.sqrt(self._received):
            return None, factor
        doubt = ((lead - pace.lead) / LEAD_DOUBT) ** 2
        return pace.lead + (lead - pace.lead) * doubt / (1.0 + doubt), factor

    def _pins_near(self, seconds: float, lengths: list[float]) -> Pins:
        """Return pins from the deltas that came around `seconds` of audio: each the middle of a few of them."""
        last = bisect_right(self._arrivals, seconds) - 1
        starts = range(max(last // FEW - 1, 0) * FEW, len(self._arrivals), FEW)[:4]
        spoken = [_mean([lengths[offset] for offset in self._offsets[start : start + FEW]]) for start in starts]
        return spoken, [_mean(self._arrivals[start : start + FEW]) for start in starts]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _offset_seconds(offset: object) -> float | None:
    """Read an offset as the wire has it, like "1.280s"; `None` if there is none to be read."""
    try:
        seconds = float(str(offset).removesuffix("s"))
    except ValueError:
        return None
    return seconds if 0.0 <= seconds < math.inf else None
