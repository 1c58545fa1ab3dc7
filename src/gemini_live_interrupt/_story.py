"""The story that was cut off, sentence by sentence, and what a reply shares with it: runs of equal words.

Words are compared without case, marks and punctuation; in scripts without spaces, letter by letter. What is looked at
is bounded, and read once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from ._sentences import cut_sentence

_HEARD = 500
"""Characters of what was heard before the cut sentence that are looked at: at its beginning, and as many at its end."""
_UNHEARD = 1000
_LETTERS = 1600
"""Letters into which a text may be taken apart: one character can be eighteen."""
_PLACES = 8
"""Places in the story that are kept of one pair of words: what is said more often tells nothing."""
_WORDS = 400
"""Words, or letters of a script without spaces, of one text: two minutes of speech."""
_SENTENCES = 100
"""Sentences of one text: nobody speaks more in as many characters as are looked at."""
_LOOKS = 300
"""Places at which a run is looked for: more than in any story that is not made of the same few words."""
_RUN = 6.0
"""Letters that a run of words must have to count as shared: `of the` does not."""
TOLD = 0.5
"""The part of a sentence that a reply must share with it to tell it: a correction changes words."""
_AHEAD = 8
"""Words by which it is told which of several places goes on like the reply."""
_STEPS = ((0, 0), (1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2))
"""Words of the reply and of the story that may lie between two of a run."""
_AFTER_REPLY, _AFTER_STORY = [" "] * 3, ["  "] * 3
"""What stands after the words of either, as far as the steps reach."""
_GAP = 3
"""Words between two sentences that still follow each other."""
_DENSE = 2.5
"""Letters of an alphabet that one of a script without spaces counts for."""
_VOWEL_SIGNS = "\u0900"
"""From here on, in Unicode's order, the marks are vowels: Devanagari is the first."""

_STOPS = ".!?…۔።。！？｡．।؟"
_CLOSERS = " \n\"'”’»)]」』）"
_SPLIT = re.compile(r"(?<=[.!?…۔።।؟])[\"'”’»)\]]*\s+|(?<=[。！？｡．])[”」』）]*\s*(?=.)|\n\s*")
_PLAIN = re.compile("[a-z0-9]+")
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that are written without spaces: each letter counts as a word."""


class Word(NamedTuple):
    text: str
    weight: float  # letters of an alphabet


@dataclass
class Sentence:
    """One sentence of the story, and what the reply shares with it."""

    words: list[Word]
    shared: set[int] = field(default_factory=set)
    """Which of its words the reply shares."""
    longest: int = 0
    """Words of the longest run that it shares."""
    begins: int = 0
    """The word of the reply at which the sentence would begin, by that run."""

    @property
    def ends(self) -> int:
        """The word of the reply at which it would end."""
        return self.begins + len(self.words)

    def part(self, since: int = 0, until: int | None = None) -> float:
        """Return how much of it is shared, from its word `since` to before `until`, by weight: from 0 to 1."""
        words = self.words[since:until]
        found = sum(word.weight for at, word in enumerate(words, since) if at in self.shared)
        return found / (weight_of(words) or 1.0)

    @property
    def is_told(self) -> bool:
        """Whether the reply tells it, be it in other words here and there."""
        return self.part() >= TOLD

    def is_followed_by(self, other: Sentence) -> bool:
        """Whether the reply tells the other one right after it."""
        return abs(other.begins - self.ends) <= _GAP + len(self.words) // 4


_Place = tuple[Word, Sentence, int]
"""A word of the story, its sentence, and which of its words it is."""


def tell_apart(heard: str, unheard: str) -> tuple[list[Sentence], Sentence, list[Sentence], int]:
    """Return the sentences before the cut one, that one, those after it, and how many of its words were heard."""
    heard, spaced = heard.rstrip(), heard[-1:].isspace()
    begun = cut_sentence(heard)
    before = heard[: len(heard) - len(begun)]
    if len(before) > 2 * _HEARD:
        before = before[:_HEARD] + "\n" + before[-_HEARD:]
    rest = split(unheard[:_UNHEARD])
    whole = begun.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)
    if rest and not whole:
        cut, rest = begun + (" " if unheard[:1].isspace() or spaced else "") + rest[0], rest[1:]
    else:
        cut = begun
    return (
        [Sentence(words_of(text)) for text in split(before)],
        Sentence(words_of(cut)),
        [Sentence(words_of(text)) for text in rest],
        len(words_of(begun)),
    )


def split(text: str) -> list[str]:
    return [part for part in _SPLIT.split(text.strip()) if part][:_SENTENCES]


def words_of(text: str) -> list[Word]:
    """Return the words without case, marks and punctuation; in scripts without spaces, the letters."""
    if text.isascii():  # the same, sooner
        return [Word(word, float(len(word))) for word in _PLAIN.findall(text[:_LETTERS].lower())[:_WORDS]]
    found: list[Word] = []
    letters, weight = "", 0.0
    for letter in [*unicodedata.normalize("NFKD", text)[:_LETTERS].casefold(), " "]:
        if letter.isalnum() and (letter < "\u0e00" or not _UNSPACED.match(letter)):
            letters, weight = letters + letter, weight + 1.0
        elif letters and unicodedata.category(letter)[0] == "M":
            weight += letter >= _VOWEL_SIGNS
        else:
            if letters:
                found.append(Word(letters, weight))
                letters, weight = "", 0.0
            if letter.isalnum():
                found.append(Word(letter, _DENSE))
            if len(found) >= _WORDS:
                break
    return found


def weight_of(words: list[Word]) -> float:
    return sum(word.weight for word in words)


def share(story: list[Sentence], said: list[Word]) -> None:
    """Note in each sentence of the story what the reply shares with it: runs of two words or more."""
    words: list[_Place] = [(word, sentence, at) for sentence in story for at, word in enumerate(sentence.words)]
    told = [*(word.text for word, _, _ in words), *_AFTER_STORY]
    texts = [*(word.text for word in said), *_AFTER_REPLY]
    places: dict[tuple[str, str], list[int]] = {}
    for at in range(len(words) - 1):
        known = places.setdefault((told[at], told[at + 1]), [])
        if len(known) < _PLACES:
            known.append(at)
    at, last, looks = 0, -1, 0
    while at < len(said) - 1 and looks < _LOOKS:
        found = places.get((texts[at], texts[at + 1]))
        if found is None:
            at += 1
            continue
        looks += len(found)
        nearest = sorted(found, key=lambda place: (place <= last, place))  # the next one, else the first
        place = max(nearest, key=lambda place: len(_run(texts, at, told, place, _AHEAD)))
        run = _run(texts, at, told, place, len(said))
        if sum(said[at].weight for at, _ in run) < _RUN:
            at += 1
            continue
        _note_run(run, words)
        at, last = run[-1][0] + 1, run[-1][1]


def _run(texts: list[str], at: int, told: list[str], place: int, most: int) -> list[tuple[int, int]]:
    """Return the pairs of equal words of the reply and the story from there on; a word or two may differ between.

    After its words, each list has some that no word is equal to.
    """
    run: list[tuple[int, int]] = []
    while len(run) < most:
        for here, there in _STEPS:
            if texts[at + here] == told[place + there]:
                at, place = at + here, place + there
                run.append((at, place))
                at, place = at + 1, place + 1
                break
        else:
            break
    return run


def _note_run(run: list[tuple[int, int]], words: list[_Place]) -> None:
    lengths: dict[int, int] = {}
    for at, place in run:
        _, sentence, index = words[place]
        sentence.shared.add(index)
        length = lengths[id(sentence)] = lengths.get(id(sentence), 0) + 1
        if length > sentence.longest:
            sentence.longest, sentence.begins = length, at - index
