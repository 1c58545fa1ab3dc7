"""A voice that speaks as unevenly as people do: syllables of any length, pauses that are quiet, and breaths in them.

The figures are those of a hundred recorded readings, half of them human and half neural, in three languages: after
a sentence 0.1 to 1.4 s of quiet, 0.5 in the median; after a comma none in a third and 0.1 to 1 s in the rest; between
other words next to nothing, but for one hesitation in forty; and a pace that wanders by a fifth.
"""

from __future__ import annotations

import array
import functools
import math
import random
from collections.abc import Iterator

from ._voice import OUTPUT_RATE, Speech, SpokenWord, syllables, tokens

_SYLLABLE = 0.19  # seconds, in the median (read off the recordings: 60 ms a letter)
_SPREAD = 0.28  # of the length of words, as a standard deviation of its logarithm
_WANDER = 0.2  # of the pace, up and down, in the course of a text
_LONG_STRETCH = 30.0  # syllables in which the pace wanders once
_SENTENCE_ENDS = frozenset(".!?…。！？।؟")
_CLAUSE_ENDS = frozenset(",;:—，、；：،")
_BREATH_FROM = 0.4  # seconds of a pause, in every second of which somebody breathes
_BREATH = 0.2
_BREATH_LOUDNESS = 80.0  # root mean square of 32768
_ROOM_LOUDNESS = 3.0
_LEVELS = (1_400, 1_900, 2_400)
_PITCHES = (150.0, 160.0, 172.0, 185.0, 200.0)
_FADE = 240  # samples in which a syllable swells and fades


def speak(text: str) -> Speech:
    """Return the text as an uneven voice says it; always the same for the same text.

    A word's place is where it sounds: the pause after it belongs to no word. A mark of punctuation takes no time.
    """
    chance = random.Random(text)
    audio = array.array("h")
    words: list[SpokenWord] = []
    phase, said = chance.uniform(0.0, 2 * math.pi), 0
    spoken = list(tokens(text))
    for number, token in enumerate(spoken):
        start = len(audio) / OUTPUT_RATE
        count = syllables(token)
        pace = 1 + _WANDER * math.sin(phase + 2 * math.pi * said / _LONG_STRETCH)
        length = _SYLLABLE * pace * math.exp(chance.gauss(0.0, _SPREAD))
        for _ in range(count):
            audio += _tone(chance.choice(_PITCHES), chance.choice(_LEVELS), round(OUTPUT_RATE * max(0.06, length)))
        said += count
        words.append(SpokenWord(token, start, len(audio) / OUTPUT_RATE))
        if number + 1 < len(spoken) and said:
            for piece in _pause(_pause_after(token, spoken[number + 1], chance), chance):
                audio += piece
    return Speech(audio.tobytes(), tuple(words))


def _pause_after(token: str, following: str, chance: random.Random) -> float:
    """Return the seconds of quiet after the token, which `following` follows."""
    if not following[:1].isspace():
        return 0.0  # the mark that closes the word, or a part of it
    marks = {letter for letter in token if not letter.isalnum()}
    if marks & _SENTENCE_ENDS:
        return min(1.4, max(0.1, chance.lognormvariate(math.log(0.52), 0.45)))
    if marks & _CLAUSE_ENDS:
        return 0.0 if chance.random() < 0.33 else min(1.1, chance.lognormvariate(math.log(0.3), 0.5))
    kind = chance.random()
    if kind < 0.025:
        return chance.uniform(0.2, 0.6)
    return chance.uniform(0.02, 0.08) if kind < 0.35 else 0.0


def _pause(seconds: float, chance: random.Random) -> Iterator[array.array[int]]:
    """Yield quiet of that length, with a breath at its end, or without."""
    count = round(OUTPUT_RATE * seconds)
    breathes = seconds > _BREATH_FROM and chance.random() < 0.5
    breath = _noise(_BREATH, _BREATH_LOUDNESS) if breathes else array.array("h")
    after = min(count - len(breath), round(0.05 * OUTPUT_RATE)) if breathes else 0
    room = _noise(2.0, _ROOM_LOUDNESS)
    yield room[: count - len(breath) - after]
    yield breath
    yield room[:after]


@functools.cache
def _noise(seconds: float, loudness: float) -> array.array[int]:
    """Return noise that swells and fades, where it is a breath."""
    chance, count = random.Random(0), round(OUTPUT_RATE * seconds)
    swells = loudness > _ROOM_LOUDNESS
    return array.array(
        "h",
        (
            round(chance.gauss(0.0, loudness) * (math.sqrt(2) * math.sin(math.pi * at / count) if swells else 1.0))
            for at in range(count)
        ),
    )


@functools.cache
def _sine(pitch: float, level: int) -> array.array[int]:
    step = 2 * math.pi * pitch / OUTPUT_RATE
    return array.array("h", (round(level * math.sin(step * at)) for at in range(OUTPUT_RATE)))


def _tone(pitch: float, level: int, count: int) -> array.array[int]:
    """Return one syllable of that many samples."""
    tone = _sine(pitch, level)[:count]
    for at in range(min(_FADE, len(tone) // 2)):
        tone[at] = tone[at] * at // _FADE
        tone[-1 - at] = tone[-1 - at] * at // _FADE
    return tone
