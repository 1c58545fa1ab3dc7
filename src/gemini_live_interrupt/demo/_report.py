"""What the listener got of the story: where the model went on, what was missed or heard twice; and the verdict."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from .. import resumption
from ._messages import Line, Record

_SHORTEST = 3
"""So many words in a row must be the story's for a reply to count as telling it, unless they are its last ones."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class StoryReport:
    """Runs of the story's words; places are counted in words from its beginning."""

    words: int
    """How many words the story has."""
    cut: int
    """Where the sentence begins that was being spoken when the model was cut off."""
    went_on: int | None
    """Where the model went on, if it did."""
    resumed: str
    """What the listener heard of the story from there."""
    missed: list[str]
    heard_twice: list[str]


def report(record: Record) -> StoryReport:
    """Compare what was heard with the story."""
    words = record.story.split()
    before = len(record.heard.split())
    times = [1] * before + [0] * (len(words) - before)
    told = [at for answer in record.answers for at in _told(words, answer)]
    for at in told:
        times[at] += 1
    went_on = told[0] if told else None
    return StoryReport(
        words=len(words),
        cut=_sentence_begin(record.story, len(record.heard)),
        went_on=went_on,
        resumed=" ".join(words[at] for at in told),
        missed=_runs(words, [count == 0 for count in times]),
        heard_twice=_runs(words, [count > 1 for count in times]),
    )


def so_far(lines: Sequence[Line]) -> Record:
    """Return the record of a conversation that is not over; its story is what has been sent of it."""
    first, *later = [line for line in lines if line.who == "model"] or [Line(who="model", words="")]
    sent = first.words + first.unheard
    return Record(
        story=sent,
        sent=sent,
        heard=first.words,
        told=[line.words for line in lines if line.who == "note"],
        answers=[line.words for line in later],
        interrupted=first.cut,
        lines=list(lines),
    )


def fault(record: Record) -> str:
    """Say what was wrong with how the model went on; "" if it was right."""
    found = report(record)
    words = record.story.split()
    if not record.interrupted:
        return "the model was not interrupted"
    if found.went_on is None:
        return "the model did not go on with the story"
    if where(record) != "sentence":
        place, right = " ".join(words[found.went_on :][:4]), " ".join(words[found.cut :][:4])
        return f"the model went on at “{place} …”, not at the beginning of the sentence that was cut off, “{right} …”"
    if found.missed:
        return f"the listener missed “{found.missed[0]}”"
    return ""


def where(record: Record) -> str:
    """Return where the model went on, as the library finds it of any conversation."""
    rest = record.story[len(record.heard) :]
    results = [resumption(record.heard, rest, answer) for answer in record.answers]
    return next((result for result in results if result != "none"), "none")


def taken_up(story: str, answer: str) -> int | None:
    """Return how many characters of the answer come before the story is told again; `None` if it is not."""
    runs = _common_runs(story.split(), answer)
    return [word.start() for word in re.finditer(r"\S+", answer)][runs[0].b] if runs else None


def _told(words: list[str], answer: str) -> list[int]:
    """Return which of the story's words are told in the answer, in its order."""
    return [at for run in _common_runs(words, answer) for at in range(run.a, run.a + run.size)]


def _common_runs(words: list[str], answer: str) -> list[difflib.Match]:
    """Return the places in the story and in the answer where both go on with the same words."""
    matcher = difflib.SequenceMatcher(None, list(map(_plain, words)), list(map(_plain, answer.split())), autojunk=False)
    runs = matcher.get_matching_blocks()
    return [run for run in runs if run.size >= _SHORTEST or 0 < run.size == len(words) - run.a]


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word)).lower()


def _sentence_begin(story: str, heard: int) -> int:
    """Return how many words come before the sentence that is being spoken once `heard` characters have been."""
    while heard < len(story) and story[heard].isspace():
        heard += 1
    begin = max((found.end() for found in _SENTENCE.finditer(story) if found.end() <= heard), default=0)
    return len(story[:begin].split())


def _runs(words: list[str], wanted: list[bool]) -> list[str]:
    """Return the wanted words, those in a row as one text."""
    groups = groupby(zip(words, wanted, strict=True), key=lambda pair: pair[1])
    return [" ".join(word for word, _ in group) for is_wanted, group in groups if is_wanted]
