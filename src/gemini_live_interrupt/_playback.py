"""One reply of the model: its transcript against the audio received, and the playback clock."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any, Literal

from ._alignment import Heard, Pins, align, length_at
from ._envelope import AudioFormat, Envelope, Pauses
from ._pace import Pace
from ._placement import Placement, Signs, learn
from ._speech_length import cut_at, end_of_speech, spoken_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._snapshot import CarriedReply

HOUR = 3600.0
"""A chunk that lasts longer is no audio."""
TOGETHER = 8
"""Deltas after which the text so far is joined."""
IN_STEP = 0.1
"""Seconds that may have been received and not been listened to, or the envelope is that of other audio."""
NO_PAUSES: Pauses = (array("d"), array("d"))


class Playback:
    """One reply of the model: raw transcript deltas against the audio received, and the playback clock.

    The clock is a queue: a chunk starts when it arrives or when the one before has ended, whichever is later. Of a
    message that has both, add the text first: its arrival is told by the audio before it.
    """

    __slots__ = (
        "_arrivals",
        "_deltas",
        "_ends_at",
        "_envelope",
        "_generated",
        "_offsets",
        "_pace",
        "_received",
        "_reported",
        "_size",
        "_teaches",
        "_told_at",
        "_words",
    )

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._deltas: list[str] = []
        self._size = 0
        self._received = 0.0
        self._ends_at = -math.inf
        self._reported: tuple[float, float] | None = None
        self._generated = False
        self._teaches = True
        self._offsets = array("I")  # where the text was when audio had come since the last delta,
        self._arrivals = array("f")  # and how much audio that was
        self._told_at = 0.0
        self._words: list[tuple[str, float | None, float | None]] = []
        self._envelope = Envelope()

    @classmethod
    def restored(cls, pace: Pace, carried: CarriedReply, *, played: float, now: float) -> Playback:
        """Return that of a reply of an earlier connection, of which so many seconds have been played by now."""
        playback = cls(pace)
        playback.add_text(carried.text)
        playback.add_audio(carried.received, now - played)
        playback._teaches = False  # a long text is carried without its middle
        if carried.generated:
            playback.complete()
        if carried.evidence == "reported":
            playback.report_played(played, now)
        return playback

    @property
    def text(self) -> str:
        """All deltas, joined as they came."""
        self._join()
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
                self._join()  # one long string takes less than many short ones
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

    def listen(self, pcm: bytes, form: AudioFormat) -> None:
        """Hear where the audio that was added is quiet."""
        self._envelope.add(pcm, form)

    def complete(self) -> None:
        """Note that nothing more is coming. Not for a reply that was cut off.

        The pace learns from it, once, also if it is reopened: what was said does not count twice.
        """
        self._generated = True
        if self._received and self._teaches:
            self._teaches = False
            learn(self._signs(), self._pace)

    def reopen(self) -> None:
        """More is coming after all: the player queues another reply behind this one."""
        self._generated = False

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
        offsets, times = align(text, self._words)
        if offsets:
            known: Literal["reported", "words"] = "reported" if self._reported else "words"
            return Heard(text[: self._by_words(text, offsets, times, played)], played, known, is_to_the_end=True)
        placement = Placement(self._signs(), self._pace)
        heard = placement.heard(played)
        return Heard(heard, played, evidence, is_to_the_end=placement.is_past(heard, played))

    def _by_words(self, text: str, offsets: list[int], times: list[float], played: float) -> int:
        lengths, whole = spoken_lengths(text), end_of_speech(text)
        end = (lengths[whole], self._received) if self._generated and whole else None
        pins: Pins = ([lengths[offset] for offset in offsets], times)
        length = length_at(played, pins, lead=0.0, factor=self._pace.factor, end=end)
        return cut_at(text, lengths, length, exact=True)

    def _signs(self) -> Signs:
        in_step = abs(self._envelope.seconds - self._received) < IN_STEP
        pauses = self._envelope.pauses() if in_step else NO_PAUSES
        return Signs(self.text, self._offsets, self._arrivals, pauses, self._received, self._generated)

    def _join(self) -> None:
        if len(self._deltas) != 1:
            self._deltas = ["".join(self._deltas)]


def _offset_seconds(offset: object) -> float | None:
    """Read an offset as the wire has it, like "1.280s"; `None` if there is none to be read."""
    try:
        seconds = float(str(offset).removesuffix("s"))
    except ValueError:
        return None
    return seconds if 0.0 <= seconds < math.inf else None
