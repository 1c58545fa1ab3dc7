"""Make the recordings again: `python docs/make_recordings.py`, with espeak-ng 1.51 on the path.

Each file is 16 kHz, 16 bit, mono, as a microphone gives it. The words are a synthetic voice's:
`espeak-ng -v en-gb -s 170 -a 90 --stdout "TEXT"`, which speaks at 22.05 kHz, brought to 16 kHz and stripped of the
silence around it. The cough is made of noise, below.
"""

from __future__ import annotations

import array
import io
import math
import random
import subprocess
import wave
from pathlib import Path

RATE = 16_000
WORDS = {
    "question": "How tall is a lighthouse?",
    "go-on": "Please go on.",
    "follow-up": "Was she all alone up there?",
    "correction": "No, it was an old man.",
    "acknowledgement": "I see.",
    "stop": "Stop, please.",
}
SOUNDS = Path(__file__).parents[1] / "src" / "gemini_live_interrupt" / "demo" / "assets"
TAPS = 16
QUIET = 200


def say(text: str) -> array.array[int]:
    """Have espeak-ng say the text."""
    command = ["espeak-ng", "-v", "en-gb", "-s", "170", "-a", "90", "--stdout", text]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        return trim(resample(samples, file.getframerate() / RATE))


def resample(samples: array.array[int], step: float) -> array.array[int]:
    """Take a sample every `step` samples, with a windowed sinc that leaves out what the lower rate cannot hold."""
    made = array.array("h")
    for n in range(int(len(samples) / step)):
        middle = n * step
        total = weights = 0.0
        for at in range(max(0, int(middle) - TAPS), min(len(samples), int(middle) + TAPS + 1)):
            x = (at - middle) / step
            window = 0.5 + 0.5 * math.cos(math.pi * (at - middle) / (TAPS + 1))
            weight = window * (math.sin(math.pi * x) / (math.pi * x) if x else 1.0)
            total += weight * samples[at]
            weights += weight
        made.append(round(max(-32_768, min(32_767, total / weights))))
    return made


def trim(samples: array.array[int]) -> array.array[int]:
    """Leave out the silence at both ends, but for a hundredth of a second."""
    loud = [at for at, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[max(0, loud[0] - RATE // 100) : loud[-1] + RATE // 100]


def cough() -> array.array[int]:
    """A burst of breath and a softer one after it: noise, made duller by a running mean, that dies away."""
    dice = random.Random(1)
    made, breath = array.array("h"), 0.0
    for length, loudness in ((0.16, 9_000), (0.04, 0), (0.2, 5_000)):
        count = round(RATE * length)
        for n in range(count):
            breath = 0.7 * breath + 0.6 * dice.uniform(-1.0, 1.0)
            swell = min(1.0, n / (0.01 * RATE)) * math.exp(-4.0 * n / count)
            made.append(round(loudness * swell * breath))
    return made


def write(name: str, samples: array.array[int]) -> None:
    """Write a WAV file to where the demo finds it."""
    with wave.open(str(SOUNDS / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    for name, text in WORDS.items():
        write(name, say(text))
    write("noise", cough())
