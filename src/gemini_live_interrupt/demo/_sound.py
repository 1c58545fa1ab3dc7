"""A microphone and a loudspeaker without a sound card: only their clocks run, as the event loop's does."""

import asyncio
import math
import wave
from collections.abc import AsyncIterator
from importlib import resources

INPUT_RATE = 16_000
OUTPUT_RATE = 24_000
_SAMPLE = 2  # bytes
_FRAME = 0.04  # seconds


def recording(name: str) -> bytes:
    """Return the PCM of one of the package's recordings: 16 kHz, 16 bit, mono."""
    with (resources.files(__package__) / "assets" / f"{name}.wav").open("rb") as file, wave.open(file) as sound:
        pcm: bytes = sound.readframes(sound.getnframes())
        return pcm


def _now() -> float:
    return asyncio.get_running_loop().time()


class RecordedMicrophone:
    """Gives frames as time passes: silence, and whatever is said into it."""

    def __init__(self) -> None:
        self._said = bytearray()

    @property
    def silent(self) -> bool:
        """Whether all that was said has been given out."""
        return not self._said

    def say(self, pcm: bytes) -> None:
        """Say a recording, after what is being said."""
        self._said += pcm

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield PCM of 40 ms every 40 ms, for ever; a late reader gets the frames that it missed at once."""
        size = round(INPUT_RATE * _FRAME) * _SAMPLE
        due = _now()
        while True:
            due += _FRAME
            await asyncio.sleep(due - _now())
            frame = bytes(self._said[:size])
            del self._said[:size]
            yield frame.ljust(size, b"\0")


class Loudspeaker:
    """Plays what it is given as time passes, and drops on demand what it has not played yet.

    All that it was ever given is one stream. `received` and `position`, the place of the listener's ear, are seconds
    of it; `dropped` are the stretches that were never played.
    """

    def __init__(self) -> None:
        self.received = 0.0
        self.dropped: list[tuple[float, float]] = []
        self._ends_at = -math.inf

    @property
    def position(self) -> float:
        """Where in the stream the ear is now."""
        return self.received - max(0.0, self._ends_at - _now())

    @property
    def silent(self) -> bool:
        """Whether nothing is left to be played."""
        return _now() >= self._ends_at

    def play(self, pcm: bytes) -> None:
        """Play this after all that is still to be played."""
        seconds = len(pcm) / _SAMPLE / OUTPUT_RATE
        self.received += seconds
        self._ends_at = max(self._ends_at, _now()) + seconds

    def flush(self) -> None:
        """Fall silent at once."""
        position = self.position
        if position < self.received:
            self.dropped.append((position, self.received))
        self._ends_at = -math.inf

    def has_played(self, start: float, end: float) -> bool:
        """Say whether this part of the stream has been played, whole."""
        return end <= self.position + 1e-6 and all(end <= first + 1e-6 or start >= last for first, last in self.dropped)
