"""Make the questions that the probe asks again: `python docs/record_probe.py`, with espeak-ng 1.51 on the path.

They are a synthetic voice's, made as those of the demo are: `docs/make_recordings.py` says how.
"""

from __future__ import annotations

import runpy
import wave
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "gemini_live_interrupt"


def record() -> None:
    """Write each utterance as a WAV file of 16 kHz, 16 bit, mono."""
    make = runpy.run_path(str(Path(__file__).parent / "make_recordings.py"))
    known = runpy.run_path(str(PACKAGE / "probe" / "_recordings.py"))
    for name, text in known["UTTERANCES"].items():
        if name in known["OF_THE_DEMO"]:
            continue
        said = make["say"](text).tobytes()
        with wave.open(str(PACKAGE / "probe" / "recordings" / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, make["RATE"], 0, "NONE", ""))
            file.writeframes(said)


if __name__ == "__main__":
    record()
