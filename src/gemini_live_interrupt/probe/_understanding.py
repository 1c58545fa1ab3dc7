"""What an answer says, by its transcript: whether it has a word, and which numbers it counts."""

from __future__ import annotations

import array
import itertools
import math
import re
import sys

from .._speech_length import spoken_lengths
from ._reply import SpokenReply

_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_UNITS = _UNIT_WORDS.split()
_TENS = {"twenty": 20, "thirty": 30}
_VALUES = {word: value for value, word in enumerate(_UNITS)} | _TENS
_TOKEN = re.compile(r"\d+|[a-z]+")
_STEP = 0.02
_GAP = 0.1
"""Seconds of quiet that part two numbers that are counted slowly (assumed)."""
_QUIET = 0.08
"""Of the loudest, what counts as quiet (assumed)."""


def says(text: str, word: str) -> bool:
    """Say whether a word is in a transcript, however that divides and spells its words in capitals."""
    return word.casefold() in "".join(letter for letter in text.casefold() if letter.isalpha())


def numbers(text: str) -> list[int]:
    """Return the numbers up to 39 in a transcript, in figures or in English words, in their order."""
    return [number for number, _ in _numbers(text)]


def divide(text: str, last: int) -> tuple[str, str]:
    """Divide the transcript of a count after so many of its numbers."""
    places = [end for _, end in _numbers(text)][:last]
    end = places[-1] if places else 0
    return text[:end], text[end:].lstrip(" ,.")


def goes_on_with(text: str) -> int | None:
    """Return the number with which a transcript counts on: the first that another follows, or else its first."""
    found = numbers(text)
    runs = (number for number, after in itertools.pairwise(found) if after == number + 1)
    return next(runs, found[0] if found else None)


def _numbers(text: str) -> list[tuple[int, int]]:
    """Return the numbers, and where in the text each ends."""
    found: list[tuple[int, int]] = []
    tens = 0
    for token in _TOKEN.finditer(text.casefold()):
        value = int(token[0]) if token[0].isdecimal() else _VALUES.get(token[0])
        if value is None:
            tens = 0
            continue
        if tens and 0 < value < 10 and not token[0].isdecimal():
            found[-1] = (tens + value, token.end())
            tens = 0
            continue
        found.append((value, token.end()))
        tens = value if token[0] in _TENS else 0
    return found


def last_heard(reply: SpokenReply, now: float) -> int | None:
    """Return the number up to which a listener has heard the model count; `None` if it does not count from one.

    Where their words come long before their audio, numbers are told from the pauses between them; elsewhere by how long
    they are spoken, for "twenty-one" is longer than "one".
    """
    counted = _numbers(reply.text)
    if [number for number, _ in counted[:2]] != [1, 2] or not reply.seconds:
        return None
    if text_leads(reply):
        return min(len(counted), _bursts(reply, reply.played(now)))
    lengths = spoken_lengths(reply.text)
    played = lengths[-1] * reply.played(now) / reply.seconds
    return sum(lengths[end] <= played for _, end in counted)


def text_leads(reply: SpokenReply) -> bool:
    """Say whether all the words came before nearly all of the audio."""
    words = [came.at for came in reply.messages if came.words]
    if not words or not reply.sounds:
        return False
    before = sum(seconds for at, seconds in reply.sounds if at <= words[-1])
    return before < 0.1 * reply.seconds


def _bursts(reply: SpokenReply, seconds: float) -> int:
    """Count what sounds between pauses in the first so many seconds of the audio."""
    pcm = b"".join(came.audio for came in reply.messages)[: 2 * round(seconds * 24_000)]
    size = 2 * round(_STEP * 24_000)
    levels = [_loudness(pcm[at : at + size]) for at in range(0, len(pcm), size)]
    floor = _QUIET * max(levels, default=0.0)
    count, quiet = 0, _GAP
    for level in levels:
        if level > floor:
            count += quiet >= _GAP
            quiet = 0.0
        else:
            quiet += _STEP
    return count


def _loudness(pcm: bytes) -> float:
    samples = array.array("h", pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return math.hypot(*samples) / math.sqrt(len(samples)) if samples else 0.0
