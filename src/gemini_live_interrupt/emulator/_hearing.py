"""Voice activity by the energy of the user's PCM: when speech starts, when it ends, and its bytes."""

import math
import re
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from operator import mul

from ._schema import INVALID_ARGUMENT, RefusedError

INPUT_RATE = 16_000
"""Samples a second that are assumed where the mime type names none (documented)."""
FRAME_SECONDS = 0.02
"""The grid on which energy is measured (assumed)."""
THRESHOLDS = {"START_SENSITIVITY_HIGH": 300.0, "START_SENSITIVITY_LOW": 900.0}
"""Root mean square, of 32768, from which a frame counts as voice (assumed)."""
SILENCES = {"END_SENSITIVITY_HIGH": 0.5, "END_SENSITIVITY_LOW": 1.0}
"""Seconds of quiet that end speech where the setup names no duration (assumed)."""
PREFIX_SECONDS = 0.06
"""Seconds of voice that start speech where the setup names no padding (assumed)."""
_KEPT_BEFORE = 0.1


@dataclass(frozen=True, slots=True)
class Started:
    """Speech has begun, `offset` seconds into the audio that was sent."""

    offset: float


@dataclass(frozen=True, slots=True)
class Ended:
    """Speech has ended, `offset` seconds into the audio (`None`: the client said so); `pcm` has the quiet around it."""

    offset: float | None
    pcm: bytes


class Ear:
    """Listens to one stream of 16-bit mono PCM. Its time is the audio's own: a burst is heard like a stream."""

    def __init__(self, *, threshold: float, prefix: float, silence: float) -> None:
        self._threshold = threshold
        self._prefix = prefix
        self._silence = silence
        self._rest = b""
        self._before: deque[bytes] = deque(maxlen=round((_KEPT_BEFORE + prefix) / FRAME_SECONDS))
        self._utterance: bytearray | None = None
        self._voiced = 0.0
        self._quiet = 0.0
        self.position: float = 0.0

    @property
    def listening(self) -> bool:
        """Whether speech has started and not ended."""
        return self._utterance is not None

    @property
    def so_far(self) -> bytes:
        """The PCM of the speech in progress."""
        return bytes(self._utterance or b"")

    def feed(self, pcm: bytes, rate: int = INPUT_RATE) -> Iterator[Started | Ended]:
        """Take PCM and yield what happened in it. A broken sample or frame waits for its rest."""
        size = 2 * max(1, round(rate * FRAME_SECONDS))
        data = self._rest + pcm
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        for begin in range(0, whole, size):
            event = self._frame(data[begin : begin + size])
            if event:
                yield event

    def flush(self) -> Ended | None:
        """End the speech in progress at once: the stream has ended."""
        self._rest, self._voiced = b"", 0.0
        self._before.clear()
        return self._end() if self._utterance is not None else None

    def _frame(self, frame: bytes) -> Started | Ended | None:
        self.position += FRAME_SECONDS
        loud = loudness(frame) >= self._threshold
        if self._utterance is None:
            self._before.append(frame)
            self._voiced = self._voiced + FRAME_SECONDS if loud else 0.0
            if self._voiced + 1e-9 < max(self._prefix, FRAME_SECONDS):
                return None
            self._utterance, self._quiet = bytearray().join(self._before), 0.0
            return Started(self.position - self._voiced)
        self._utterance += frame
        self._quiet = 0.0 if loud else self._quiet + FRAME_SECONDS
        return self._end() if self._quiet + 1e-9 >= self._silence else None

    def _end(self) -> Ended:
        pcm = bytes(self._utterance or b"")
        self._utterance, self._voiced = None, 0.0
        self._before.clear()
        return Ended(self.position, pcm)


def loudness(pcm: bytes) -> float:
    """Return the root mean square of 16-bit little-endian PCM, 0 to 32768; an odd last byte does not count."""
    if not any(pcm):
        return 0.0  # most of what a microphone sends while nobody speaks
    samples = struct.unpack_from(f"<{len(pcm) // 2}h", pcm)
    return math.sqrt(sum(map(mul, samples, samples)) / len(samples)) if samples else 0.0


def rate_of(mime_type: str) -> int:
    """Return the samples a second that an audio mime type names; refuse what nobody records at."""
    found = re.search(r"rate=(\d+)", mime_type)
    if found and not (len(found[1]) < 7 and 8_000 <= int(found[1]) <= 192_000):
        raise RefusedError(INVALID_ARGUMENT)
    return int(found[1]) if found else INPUT_RATE
