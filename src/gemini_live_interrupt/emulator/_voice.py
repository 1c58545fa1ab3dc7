"""What the model says, as audio with the time of each word, and an even voice: a quiet tone a syllable."""

import functools
import itertools
import math
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OUTPUT_RATE = 24_000
"""Samples a second of model audio, 16-bit little-endian mono: 48 bytes a millisecond (recorded)."""
SYLLABLE_SECONDS = 0.19
"""How long a syllable sounds: unhurried speech, about five a second (assumed)."""

_PAUSES = {",": 0.2, ";": 0.25, ":": 0.25, ".": 0.4, "!": 0.4, "?": 0.4, "…": 0.5}
_PAUSES |= {"，": 0.2, "、": 0.2, "；": 0.25, "：": 0.25, "。": 0.4, "！": 0.4, "？": 0.4, "।": 0.4, "،": 0.2, "؟": 0.4}
_VOWELS = re.compile("[aeiouyаеёиоуыэюяαεηιουω]+")
_PITCHES = (150.0, 180.0, 165.0, 195.0, 170.0)
_AMPLITUDE = 2_000
_LONGEST_UNSPACED = 8


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word or a punctuation mark with the white space before it, and its place in the audio in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Speech:
    """What the model says: PCM (24 kHz, 16 bit, mono) and its words; their texts joined are the whole text."""

    pcm: bytes
    words: tuple[SpokenWord, ...]

    @property
    def text(self) -> str:
        """The whole text, raw."""
        return "".join(word.text for word in self.words)

    @property
    def seconds(self) -> float:
        """The length of the audio."""
        return len(self.pcm) / 2 / OUTPUT_RATE

    def heard_by(self, seconds: float) -> str:
        """Return the words that have been played to their end once `seconds` of the audio have sounded."""
        return "".join(word.text for word in itertools.takewhile(lambda word: word.end <= seconds + 1e-6, self.words))


Voice = Callable[[str], Speech]


def speak_evenly(text: str) -> Speech:
    """Return the text as tones, all as long: one a syllable, and the silence that punctuation asks for."""
    pitches = itertools.cycle(_PITCHES)
    audio = bytearray()
    words = []
    for token in tokens(text):
        start = len(audio) / 2 / OUTPUT_RATE
        for _ in range(syllables(token)):
            audio += _tone(next(pitches))
        audio += bytes(2 * round(OUTPUT_RATE * _pause(token)))
        words.append(SpokenWord(token, start, len(audio) / 2 / OUTPUT_RATE))
    return Speech(bytes(audio), tuple(words))


def with_tail(speech: Speech, seconds: float, *, tone: bool) -> Speech:
    """Return the speech with so much silence, or tone, after its last word."""
    count = 2 * round(OUTPUT_RATE * seconds)
    tail = (_tone(_PITCHES[0]) * math.ceil(seconds / SYLLABLE_SECONDS))[:count] if tone else bytes(count)
    return Speech(speech.pcm + tail, speech.words)


def tokens(text: str) -> Iterator[str]:
    """Yield words with their leading space and closing punctuation by itself; joined they are the text again."""
    for piece in re.findall(r"\s*\S+|\s+", text):
        word = piece.rstrip("".join(_PAUSES))
        if not word.strip():
            yield piece
            continue
        yield from _unspaced(word)
        if word != piece:
            yield piece[len(word) :]


def _unspaced(word: str) -> Iterator[str]:
    """Divide a word of a script that writes no spaces; never before a combining mark."""
    if len(word) <= _LONGEST_UNSPACED or not any(ord(letter) >= 0x0E00 for letter in word):
        yield word
        return
    begin = 0
    for at in range(1, len(word)):
        if at - begin >= 2 and not unicodedata.category(word[at]).startswith("M"):
            yield word[begin:at]
            begin = at
    yield word[begin:]


def syllables(token: str) -> int:
    """Estimate the syllables: vowel groups where they are written, a character each where they are not."""
    plain = "".join(c for c in unicodedata.normalize("NFD", token.lower()) if unicodedata.category(c)[0] in "LN")
    if not plain:
        return 0
    wide = sum(ord(letter) >= 0x2E80 for letter in plain)
    digits = sum(letter.isdigit() for letter in plain)
    groups = len(_VOWELS.findall(plain))
    if groups > 1 and plain.endswith("e") and not plain.endswith("le"):
        groups -= 1
    if not groups and not wide and not digits:
        groups = round(len(plain) / 2.2)
    return max(1, wide + digits + groups)


def _pause(token: str) -> float:
    return max((_PAUSES.get(mark, 0.0) for mark in token), default=0.0)


@functools.cache
def _tone(pitch: float) -> bytes:
    """One syllable: a tone that swells and fades."""
    count = round(OUTPUT_RATE * SYLLABLE_SECONDS)
    step = 2 * math.pi * pitch / OUTPUT_RATE
    samples = (round(_AMPLITUDE * math.sin(math.pi * n / count) * math.sin(step * n)) for n in range(count))
    return struct.pack(f"<{count}h", *samples)
