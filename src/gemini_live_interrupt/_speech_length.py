"""How long text is when it is spoken, and where it may be cut."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Lengths, in seconds. From the development data (eight languages, synthetic speech at 140-180 words a minute); when
# each language is left out in turn, constants fitted to the others do no better than these round ones, and a change of
# 10 % in any of them changes little: only their ratios count once a turn, or the session's pace, is known.
LETTER = 0.055
"""A letter of an alphabet: Latin, Cyrillic, Greek and whatever is not named below."""
VOWEL = 0.07
"""A vowel of these three."""
SPACE = 0.025
"""Between words: short words take longer than their letters."""
MARK = 0.05
"""A vowel sign. (A combining accent of an alphabet takes no time.)"""
DIGIT = 0.3
"""A digit is a word."""
SYMBOL = 0.4
"""A symbol that is read aloud, such as %, +, € or &."""
SENTENCE = 0.45
"""The pause after a sentence."""
PHRASE = 0.28
"""The pause after a comma, a colon, a semicolon or a dash."""
SCRIPTS = {
    "CJK": 0.4,  # a syllable and its share of the pauses; on the slow side, because too fast would skip words
    "HIRAGANA": 0.15,
    "KATAKANA": 0.15,
    "HALFWIDTH": 0.15,
    "HANGUL": 0.17,
    "ARABIC": 0.11,  # most vowels are not written
    "HEBREW": 0.085,
    "ETHIOPIC": 0.13,
    **dict.fromkeys(("THAI", "LAO", "KHMER", "MYANMAR"), 0.085),
    **dict.fromkeys(("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA"), 0.11),
    **dict.fromkeys(("TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA"), 0.11),
}
"""A letter of other scripts, by the first word of its Unicode name. Han, Devanagari and Arabic are from the data; the
others follow from how much of a syllable such a letter is."""

ENOUGH = 0.5
"""The part of a word that must have been played for it to count as heard where its time is an estimate: the nearer end
is the better cut. The first word of a sentence counts as soon as it has begun, so that the sentence taken up again is
the one in progress."""

REACH = 200
"""Characters in which a place to cut, or the last sound, is looked for: no word is longer, whatever a text holds."""

REMEMBERED = 8_192
"""Characters of which the length is remembered: more than a language writes with."""

ROUNDING = 1e-6
"""A microsecond: sums of seconds are not exact."""

_VOWELS = frozenset("aeiouyæœøıаеиоуыэюяєіαεηιουω")
_SENTENCE_ENDS = frozenset(".!?…。！？．।॥؟۔։።")
_PHRASE_ENDS = frozenset(",;:，、；：،؛—–")
_PAUSES = _SENTENCE_ENDS | _PHRASE_ENDS
_READ_ALOUD = frozenset("%&@°％＆＠")
_PREPEND = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd")
"""Signs that make one grapheme with what follows, be it a space."""
_HOLD_NEXT = _PREPEND | frozenset("เแโใไເແໂໃໄ")
"""Those, and vowels that are written first."""
VIRAMA = 9
"""The combining class of signs that bind a consonant to the next one (but the Myanmar asat ends a syllable)."""
_HOLD_LAST = frozenset("ำຳぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ")
"""Letters that belong to the one before."""
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Myanmar; Khmer
    "\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"  # Kana, Bopomofo, Han, Yi
).match
"""Scripts that are written without spaces."""


def spoken_lengths(text: str) -> list[float]:
    """Return the length of the text before each character, and of all of it: one item more than characters."""
    return list(accumulate(map(_LENGTHS.__getitem__, text.replace("...", "\0\0.")), initial=0.0))


def voiced_lengths(text: str) -> list[float]:
    """Return the same without pauses, for audio in which they have been found."""
    return list(accumulate(map(_VOICED.__getitem__, text), initial=0.0))


def end_of_speech(text: str) -> int:
    """Return the offset after the last character that is spoken: audio ends there, without a pause.

    Where nothing is spoken within `REACH` characters of the end, that is where.
    """
    end = len(text)
    first = max(end - REACH, 0)
    while end > first and not is_spoken(text[end - 1]):
        end -= 1
    return end


def cut_at(text: str, lengths: Sequence[float], length: float, *, exact: bool = False) -> int:
    """Return how many characters have been heard when `length` has been spoken; if that is `exact`, to the last sound.

    Whole words with the punctuation after them; a part of a word only in scripts that are written without spaces, and
    never a part of a grapheme.
    """
    if not length > 0.0:
        return 0
    start = bisect_right(lengths, length) - 1
    end = start + 1
    first, last = max(start - REACH, 0), min(end + REACH, len(text))
    while first < start < len(text) and not may_cut(text, start):
        start -= 1
    while end < last and not may_cut(text, end):
        end += 1
    spoken = [at for at in range(start, min(end, len(text))) if is_spoken(text[at])]
    if not spoken:
        return min(end, len(text))
    begin, finish = lengths[spoken[0]], lengths[spoken[-1] + 1]
    enough = 1.0 if exact else 0.0 if _ends_sentence(text, start) else ENOUGH
    return end if length + ROUNDING >= begin + (finish - begin) * enough else start


def may_cut(text: str, index: int) -> bool:
    """Whether what comes before `index` can stand alone: `0 < index < len(text)`."""
    last, following = text[index - 1], text[index]
    if following.isspace():
        return not last.isspace() and last not in _PREPEND and _is_word(text, index)
    if not (_UNSPACED(last) or _UNSPACED(following)):
        return False
    if last in _HOLD_NEXT or (unicodedata.combining(last) == VIRAMA and last != "\u103a"):
        return False
    if unicodedata.category(last) in ("Ps", "Pi", "Cf") or following in _HOLD_LAST:
        return False
    return unicodedata.category(following) in ("Lo", "Lu", "Ll", "Nd", "Ps", "Pi", "So")


def _is_word(text: str, index: int) -> bool:
    """Whether the next word from `index` is spoken; a dash or a lone question mark goes with the word before."""
    while index < len(text) and text[index].isspace():
        index += 1
    while index < len(text) and not text[index].isspace():
        if is_spoken(text[index]):
            return True
        index += 1
    return False


def _ends_sentence(text: str, index: int) -> bool:
    """Whether the last word before `index` ends a sentence."""
    while index and not is_spoken(text[index - 1]):
        index -= 1
        if text[index] in _SENTENCE_ENDS:
            return True
    return False


def is_spoken(character: str) -> bool:
    """Whether the character takes time, and is not a pause."""
    return _LENGTHS[character] > 0.0 and character not in _PAUSES and not character.isspace()


class _Lengths(dict[str, float]):
    """The length of each character that occurred: a memo of `_length`, at the price of a dict look-up.

    Whoever sends every character that there is makes it begin anew, and takes no memory.
    """

    def __missing__(self, character: str) -> float:
        if len(self) >= REMEMBERED:
            self.clear()
        length = self[character] = _length(character)
        return length


class _Voiced(dict[str, float]):
    def __missing__(self, character: str) -> float:
        if len(self) >= REMEMBERED:
            self.clear()
        length = self[character] = 0.0 if character in _PAUSES else _LENGTHS[character]
        return length


def _length(character: str) -> float:
    if character in _PAUSES:
        return SENTENCE if character in _SENTENCE_ENDS else PHRASE
    category = unicodedata.category(character)
    script = unicodedata.name(character, "").partition(" ")[0]
    if category[0] == "L":
        plain = unicodedata.normalize("NFD", character.lower())[0]
        return SCRIPTS.get(script, VOWEL if plain in _VOWELS else LETTER)
    if category[0] == "M":
        return MARK if script in SCRIPTS and script not in ("ARABIC", "HEBREW") else 0.0
    if category[0] == "N":
        return DIGIT
    if category in ("Sm", "Sc") or character in _READ_ALOUD:
        return SYMBOL
    return SPACE if character.isspace() else 0.0


_LENGTHS = _Lengths()
_VOICED = _Voiced()
