"""The emulator speaks as unevenly as recorded readings do: its pauses are of the same number and length."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from gemini_live_interrupt._envelope import Envelope, audio_format
from gemini_live_interrupt.emulator._uneven import speak

READINGS = Path(__file__).parents[2] / "benchmarks" / "data" / "voices.jsonl"
pytestmark = pytest.mark.skipif(not READINGS.exists(), reason="the readings are not in the installed package")
END, PHRASE = ".!?…", ",;:—–"
PAUSE = 0.13


def readings() -> list[dict[str, Any]]:
    return [json.loads(line) for line in READINGS.read_text(encoding="utf-8").splitlines()][::4]


def gaps(words: list[tuple[str, float, float]]) -> dict[str, list[float]]:
    """Return the seconds between words, by the mark before them."""
    found: dict[str, list[float]] = {"end": [], "phrase": [], "word": []}
    for (text, _, end), (_, start, _) in pairwise(words):
        last = text.rstrip("\"'”’»)]")[-1:] or " "
        found["end" if last in END else "phrase" if last in PHRASE else "word"].append(start - end)
    return found


@pytest.fixture(scope="module")
def pauses() -> list[dict[str, list[float]]]:
    """Of the readings, and of the same texts as the emulator speaks them."""
    both: list[dict[str, list[float]]] = [{}, {}]
    for reading in readings():
        recorded = [(word["text"], word["start_ms"] / 1000, word["end_ms"] / 1000) for word in reading["words"]]
        spoken: list[tuple[str, float, float]] = []
        for word in speak(reading["text"]).words:
            if spoken and not any(map(str.isalnum, word.text)):  # a mark takes no time
                spoken[-1] = (spoken[-1][0] + word.text.strip(), *spoken[-1][1:])
            else:
                spoken.append((word.text, word.start, word.end))
        for into, words in zip(both, (recorded, spoken), strict=True):
            for kind, seconds in gaps(words).items():
                into.setdefault(kind, []).extend(seconds)
    return both


@pytest.mark.parametrize(("kind", "within"), [("end", 0.25), ("phrase", 0.15), ("word", 0.02)])
def test_as_many_gaps_are_pauses(pauses: list[dict[str, list[float]]], kind: str, within: float) -> None:
    recorded, spoken = (sum(gap >= PAUSE for gap in each[kind]) / len(each[kind]) for each in pauses)
    assert spoken == pytest.approx(recorded, abs=within)


@pytest.mark.parametrize("kind", ["end", "phrase"])
def test_pauses_are_as_long(pauses: list[dict[str, list[float]]], kind: str) -> None:
    recorded, spoken = (median(gap for gap in each[kind] if gap >= PAUSE) for each in pauses)
    assert spoken == pytest.approx(recorded, rel=0.3)


def test_the_library_hears_the_pauses() -> None:
    for reading in readings()[:8]:
        speech, heard = speak(reading["text"]), Envelope()
        for at in range(0, len(speech.pcm), 7680):
            heard.add(speech.pcm[at : at + 7680], audio_format(None))
        words = [word for word in speech.words if any(map(str.isalnum, word.text))]
        silent = sum(later.start - word.end >= PAUSE for word, later in pairwise(words))
        assert len(heard.pauses()[0]) == pytest.approx(silent, abs=1)
