"""One reply of the model: its transcript against the audio received, and the playback clock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gemini_live_interrupt._heard import Heard, Pace, cut_at, spoken_length

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE = 24_000
"""Samples a second of audio whose type does not state a rate: what every Live model sends."""


def audio_seconds(size: int, mime_type: str | None) -> float:
    """Return the seconds of 16-bit PCM that `size` bytes are, by the rate and channels that the type states.

    A type that cannot be read counts as 24 kHz mono; what is not audio lasts 0.0.
    """
    kind, *parameters = (mime_type or "audio/pcm").lower().split(";")
    if not kind.strip().startswith("audio/"):
        return 0.0
    rate, channels = RATE, 1
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        value = value.strip().strip('"')
        if value.isascii() and value.isdigit() and 0 < len(value) < 8 and int(value):
            if name.strip() == "rate":
                rate = int(value)
            elif name.strip() == "channels":
                channels = int(value)
    return max(size, 0) / (2 * rate * channels)


class Turn:
    """One reply of the model: raw transcript deltas against the audio received, and the playback clock.

    The clock is a queue: a chunk starts when it arrives or when the one before has ended, whichever is later.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._deltas: list[str] = []
        self._received = 0.0
        self._ends_at = -math.inf
        self._reported: tuple[float, float] | None = None
        self._generated = False

    @property
    def text(self) -> str:
        """All deltas, joined as they came."""
        return "".join(self._deltas)

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
        self._deltas.append(delta)

    def add_words(self, words: Sequence[Any]) -> None:
        """Add word timestamps of this reply's audio."""

    def add_audio(self, seconds: float, now: float) -> None:
        """Put `seconds` of audio, received at `now`, into the playback queue."""
        if 0.0 < seconds < math.inf:
            self._received += seconds
            self._ends_at = max(self._ends_at, now) + seconds

    def complete(self) -> None:
        """Note that nothing more is coming; the pace of the session learns from a whole reply, once."""
        if not self._generated:
            self._generated = True
            self._pace.learn(spoken_length(self.text)[-1], self._received)

    def report_played(self, seconds: float, now: float) -> None:
        """Take the app's word for how much of this reply has been played at `now`; the clock goes on from there."""
        last, then = self._reported or (0.0, -math.inf)
        if not (last <= seconds and then <= now < math.inf) or not self._received:
            return
        self._reported = seconds, now
        self._ends_at = now + self._received - min(seconds, self._received)

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
        lengths = spoken_length(text)
        factor = self._received / lengths[-1] if self._generated and lengths[-1] else self._pace.factor
        position = played / factor
        return Heard(text[: cut_at(text, lengths, position)], played, "reported" if self._reported else "clock")
