"""How loud a reply's audio is, in frames of some thirty milliseconds, and where it is quiet. No audio is kept."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

RATE = 24_000
"""Samples a second of audio whose type does not state a rate: what every Live model sends."""
LISTENED_TO = range(8_000, 96_001)
"""Rates of audio that is listened to."""
STRIDE, FRAME = 47, 16
"""At 24 kHz every 47th sample is looked at, and 16 of them make a frame of 31 ms: enough to tell voice from quiet.
The stride is odd, so that no usual tone is met at the same place of each of its waves."""
TOGETHER = 256
"""Samples that are made into frames at once, half a second: one by one they would cost ten times as much."""
PAUSE = 4
"""Frames of quiet that are a pause: 0.13 s. Within a phrase, 97 % of the gaps between words are shorter (in the
development data)."""
DEEP = 3
"""Levels of 6 dB below the voice at which it is quiet for certain: weak syllables are above, most breaths below."""
LOUDEST = 7
"""The highest level."""
DEPTHS = range(LOUDEST, 1, -1)
"""Levels below the voice at which the quietest pause is sought, in turn. If there is none, the audio does not tell."""
LONGEST = 4_096
"""Frames that are kept: two minutes. Of earlier ones only the pauses are."""

Pauses = tuple["array[float]", "array[float]"]
"""The seconds of audio at which each pause begins and ends, in order."""


class AudioFormat(NamedTuple):
    """What a mime type says of audio."""

    bytes_a_second: float
    rate: int
    channels: int
    is_heard: bool
    """Whether it can be listened to: 16-bit PCM, little-endian, at a usual rate."""

    @property
    def stride(self) -> int:
        """Samples from one that is looked at to the next."""
        return self.rate * STRIDE // RATE | 1


@lru_cache(maxsize=16)  # a session has one type, and it comes with every chunk
def audio_format(mime_type: str | None) -> AudioFormat:
    """Read a mime type. One that cannot be read counts as 24 kHz mono; what is not audio lasts nothing."""
    kind, *parameters = (mime_type or "audio/pcm").lower().split(";")
    kind = kind.strip()
    if "/" in kind and not kind.startswith("audio/"):
        return AudioFormat(math.inf, RATE, 1, is_heard=False)
    stated = {"rate": RATE, "channels": 1, "bits": 16}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        name, value = name.strip(), value.strip(' "')
        if name in stated and value.isascii() and value.isdigit() and 0 < len(value.lstrip("0")) < 8:
            stated[name] = int(value)
    rate, channels = stated["rate"], stated["channels"]
    is_heard = kind == "audio/pcm" and stated["bits"] == 16 and rate in LISTENED_TO and channels <= 2
    return AudioFormat(2.0 * rate * channels, rate, channels, is_heard)


class Envelope:
    """The loudness of one reply, whose audio is all of one format.

    The level of a frame is how many bits the upper byte of its loudest sample has: steps of 6 dB, the lowest of which
    holds all that is quieter. A voice that is recorded as usual is at 5 to 7.
    """

    __slots__ = ("_begun", "_format", "_frames", "_is_deaf", "_levels", "_settled", "_skip", "_stride", "_voice")

    def __init__(self) -> None:
        self._format: AudioFormat | None = None
        self._is_deaf = False
        self._levels = bytearray()
        self._begun = bytearray()  # upper bytes of samples that are not in a frame yet
        self._skip = 1  # bytes of the next chunk before the first to be looked at,
        self._stride = 2  # and from that to the next
        self._frames = 0  # before those of `_levels`,
        self._settled: Pauses | None = None  # and the pauses in them,
        self._voice = 0  # and how loud the voice was

    def add(self, pcm: bytes, form: AudioFormat) -> None:
        """Add audio. Half a sample at its end counts for nothing; after another format nothing more is heard."""
        if form is not self._format:
            self._is_deaf = self._format is not None or not form.is_heard
            self._format = form
            self._stride = 2 * form.channels * form.stride
        if self._is_deaf:
            return
        begun = self._begun
        begun += pcm[self._skip :: self._stride]
        self._skip = (self._skip - (len(pcm) & ~1)) % self._stride
        if len(begun) >= TOGETHER:
            self._make_frames()

    @property
    def seconds(self) -> float:
        """Return how much audio has been listened to; 0.0 if some of it could not be."""
        return 0.0 if self._is_deaf else (self._frames + len(self._levels) + len(self._begun) / FRAME) * self._frame

    def pauses(self) -> Pauses:
        """Return the pauses; none where the audio does not tell them from the voice."""
        if self._is_deaf:
            return array("d"), array("d")
        self._make_frames()
        return self._with_settled(self._quiet())

    @property
    def _frame(self) -> float:
        """Seconds of a frame."""
        return 0.0 if self._format is None else self._format.stride * FRAME / self._format.rate

    def _make_frames(self) -> None:
        """Take the highest bit of each frame: the bits of its samples are joined, all frames at once, in one number."""
        size = len(self._begun) - len(self._begun) % FRAME
        bits = int.from_bytes(self._begun[:size].translate(_MAGNITUDE), "little")
        for shift in (8, 16, 32, 64):
            bits |= bits >> shift
        self._levels += bits.to_bytes(size, "little")[::FRAME].translate(_LEVEL)
        del self._begun[:size]
        if len(self._levels) > LONGEST:
            self._settle()

    def _quiet(self) -> list[tuple[int, int]]:
        """Return the frames at which each pause begins and ends."""
        levels, voice = self._levels, self._loud()
        depth = next((depth for depth in DEPTHS if depth <= voice and _QUIET[voice - depth].search(levels)), 0)
        return [found.span() for found in _QUIET[voice - min(depth, DEEP)].finditer(levels)] if depth else []

    def _loud(self) -> int:
        """Return the level of the voice: a quarter of the frames reach it, those in pauses aside."""
        counts = [self._levels.count(level) for level in range(LOUDEST + 1)]
        peak = max((level for level in range(LOUDEST + 1) if sum(counts[level:]) >= PAUSE), default=0)
        sounding = sum(counts[max(peak - DEEP, 0) :])
        reached = [level for level in range(peak + 1) if sum(counts[level:]) * 4 >= sounding]
        return max(self._voice, *reached)

    def _with_settled(self, found: Sequence[tuple[int, int]]) -> Pauses:
        """Return the settled pauses and these; two that touch are one."""
        starts, ends = (array("d", each) for each in self._settled or ((), ()))
        for start, end in found:
            begins = (self._frames + start) * self._frame
            if ends and ends[-1] == begins:
                ends.pop()
            else:
                starts.append(begins)
            ends.append((self._frames + end) * self._frame)
        return starts, ends

    def _settle(self) -> None:
        """Keep the pauses of the older half, and forget its frames."""
        half, found = LONGEST // 2, self._quiet()
        self._settled = self._with_settled([(start, min(end, half)) for start, end in found if start < half])
        self._voice = self._loud()
        del self._levels[:half]
        self._frames += half


_MAGNITUDE = bytes(byte if byte < 128 else 255 - byte for byte in range(256))
"""Of the upper byte of a sample."""
_LEVEL = bytes(byte.bit_length() for byte in range(256))
_QUIET = [re.compile(b"[%b]{%d,}" % (bytes(range(level + 1)), PAUSE)) for level in range(LOUDEST + 1)]
"""Frames that are no louder than a level."""
