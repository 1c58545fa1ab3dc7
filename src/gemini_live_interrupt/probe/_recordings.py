"""What the probe says aloud: recorded questions, and noises. 16 kHz, 16 bit, mono; docs/record_probe.py made them."""

from __future__ import annotations

import array
import functools
import math
import random
import wave
from importlib import resources

RATE = 16_000
"""Samples a second."""
UTTERANCES = {
    "question": "How tall is a lighthouse?",
    "count": "Please count slowly from one to thirty.",
    "go-on": "Please go on.",
    "code-word": "What is the code word?",
    "last-number": "What was the last number that I heard?",
    "weather": "What is the weather in Lisbon?",
}
"""The words of each recording."""
OF_THE_DEMO = ("question", "go-on")
"""Those that the demo says, too."""
_LOUD = 300.0  # root mean square of 20 ms, of 32768: less of a recording is its fading in and out
_LOUDNESS = 6_000


@functools.cache
def recording(name: str) -> bytes:
    """Return the PCM of one of `UTTERANCES`."""
    package = resources.files("gemini_live_interrupt")
    folder = package / "demo" / "assets" if name in OF_THE_DEMO else package / "probe" / "recordings"
    with (folder / f"{name}.wav").open("rb") as file, wave.open(file) as sound:
        pcm: bytes = sound.readframes(sound.getnframes())
        return pcm


@functools.cache
def noise(seconds: float) -> bytes:
    """Return a burst of noise, like a knock or a cough: the same each time."""
    dice = random.Random(1)
    return array.array("h", (round(dice.gauss(0, _LOUDNESS / 2)) for _ in range(round(RATE * seconds)))).tobytes()


@functools.cache
def sounding(pcm: bytes) -> tuple[float, float]:
    """Return where the sound begins and ends, in seconds."""
    samples = array.array("h", pcm)
    step = RATE // 50
    loud = [
        at
        for at in range(0, len(samples), step)
        if math.hypot(*samples[at : at + step]) >= _LOUD * math.sqrt(len(samples[at : at + step]))
    ]
    return (loud[0] / RATE, min(loud[-1] + step, len(samples)) / RATE) if loud else (0.0, 0.0)
