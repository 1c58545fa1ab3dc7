"""PCM for tests: 16-bit samples of noise and quiet, at 24 kHz."""

from __future__ import annotations

import random
from array import array
from functools import lru_cache

RATE = 24_000


@lru_cache
def noise(loudness: float) -> array[int]:
    """Return a second of noise; `loudness` is the root mean square of its samples."""
    chance = random.Random(0)
    return array("h", (round(max(-32_768, min(chance.gauss(0.0, loudness), 32_767))) for _ in range(RATE)))


def sound(*parts: tuple[float, float], rate: int = RATE) -> bytes:
    """Return PCM of these `(seconds, loudness)`."""
    pcm = array("h")
    for seconds, loudness in parts:
        left = round(seconds * rate)
        while left > 0:
            pcm += noise(loudness)[:left]
            left -= RATE
    return pcm.tobytes()


def chunks(pcm: bytes, size: int = 7680) -> list[bytes]:
    """Return it in pieces of so many bytes."""
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]
