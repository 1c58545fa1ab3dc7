"""Where the model went on after an interruption, from the words alone, in any language.

The sentences of the story that a reply tells, and their order, say it. No list of words is used: a preface, an answer
and a correction are what shares too little with the story to be a sentence of it. Texts and time are bounded.
"""

from __future__ import annotations

import re
from typing import Literal

from ._story import TOLD, Sentence, Word, share, split, tell_apart, weight_of, words_of

Resumption = Literal["sentence", "earlier", "later", "none"]

_REPLY = 1200
"""Characters that are looked at, from the beginning: more than a minute of speech."""
_VERBATIM = 0.8
"""The part that it must share to have said a single heard sentence *again*: an answer may use the words of one."""
_TAIL = 12.0
"""Letters of the cut sentence's end that tell by themselves that the reply went on within it."""
_STATEMENT = 45.0
"""Letters that a reply must have to go on with something new: two short sentences. Less is an answer, or a farewell."""
_ACKNOWLEDGED = 90.0
"""The same where it begins with an acknowledgement: those who end a conversation do."""
_ACKNOWLEDGEMENT = 16.0
"""Letters of a first clause that is no more than an acknowledgement."""

_QUESTION = re.compile(r"[?？؟;\u037e]\W*$|か[。．]?\W*$")
"""How a question ends by the rules of writing. Japanese has a particle for it, and needs no mark."""
_END = 20
"""Characters at the end of a sentence in which that is looked for."""
_CLAUSE = re.compile(r"[,،，、;:؛—–.!?。！？।]")


def resumption(heard: str, unheard: str, reply: str) -> Resumption:
    """Say where a reply after an interruption went on with what had been cut off.

    Any language; case, punctuation and digits may differ. It can be run over logs. Takes a bounded time, and never
    raises, whatever the text is.

    Args:
        heard: what the user had heard of the answer that was cut off.
        unheard: what had been received beyond that.
        reply: what the model said afterwards, as far as it got.

    Returns:
        `"sentence"`: at the sentence that was cut off, or within it. `"earlier"`: sentences that had been heard were
        said again. `"later"`: something that had not been heard was skipped. `"none"`: it did not go on (yet): it
        answered, offered to go on, or stopped.
    """
    return compare(heard, unheard, reply)


def is_question(text: str) -> bool:
    """Whether the user's words may be more than an acknowledgement: a reply with something new may answer them."""
    return weight_of(words_of(text[:_REPLY])) > _ACKNOWLEDGEMENT or bool(_QUESTION.search(text[-_END:]))


def compare(heard: str, unheard: str, reply: str, *, answers: bool = False) -> Resumption:
    """Do as `resumption` does. `answers`: the reply may answer something, so that what is new in it tells nothing."""
    reply = reply[:_REPLY]
    said = words_of(reply)
    before, cut, after, head = tell_apart(heard, unheard)
    share([*before, cut, *after], said)
    statements, asks = _statements(reply)
    if _takes_up(cut, head, after, said) and (len(statements) > 1 or not asks or {0, head} & cut.shared):
        return "earlier" if _is_said_again([*before, cut]) else "sentence"
    if any(_is_said_again(before[max(at - 2, 0) : at + 1]) for at in range(1, len(before)) if before[at].is_told):
        return "earlier"
    if told := [sentence for sentence in after if sentence.is_told]:
        begun = len(told) > 1 or (0 in told[0].shared and (not asks or told[0].part() >= _VERBATIM))
        return "later" if len(statements) > 1 or begun else "none"  # a part of one sentence may be an answer
    if answers:
        return "none"
    if not (after or cut.words[head:]) and reply.lstrip()[:1].islower() and weight_of(said) >= _STATEMENT:
        return "sentence"  # nothing more had been sent, and no sentence begins here
    return "later" if _goes_on(statements, asks, [cut, *after]) else "none"


def _takes_up(cut: Sentence, head: int, after: list[Sentence], said: list[Word]) -> bool:
    """Whether the reply goes on with the cut sentence: from its beginning, or seamlessly within it."""
    tail = cut.words[head:]
    if cut.is_told or (weight_of(tail) >= _TAIL and cut.part(head) >= TOLD):
        return True
    if not tail and after and after[0].is_told:  # the cut was between two sentences
        return True
    if weight_of(cut.words[:head]) >= _TAIL and cut.part(0, head) >= _VERBATIM:
        return True
    places = [0, *(sentence.begins - len(tail) for sentence in after[:1] if sentence.is_told)]
    first = [word.text for word in tail[:3]]  # at the reply's beginning, or where it fits before the next sentence
    return bool(tail) and any([word.text for word in said[max(at, 0) :][: len(first)]] == first for at in places)


def _is_said_again(sentences: list[Sentence]) -> bool:
    """Whether what was heard before the last of these was said again, right before it: all of one, or most of two."""
    *before, last = sentences
    for again, sentence in enumerate(reversed(before), 1):
        if not (sentence.is_told and sentence.is_followed_by(last)):
            return False
        if again > 1 or (sentence.part() >= _VERBATIM and 0 in sentence.shared):
            return True
        last = sentence
    return False


def _statements(reply: str) -> tuple[list[str], bool]:
    """Return the reply's sentences that ask nothing, and whether it ends with a question."""
    sentences = split(reply)
    asks = [bool(_QUESTION.search(sentence[-_END:])) for sentence in sentences]
    return [sentence for sentence, asked in zip(sentences, asks, strict=True) if not asked], bool(asks) and asks[-1]


def _goes_on(statements: list[str], asks: bool, unheard: list[Sentence]) -> bool:
    """Whether a reply that tells no sentence of the story goes on with something new, after what had been sent."""
    knows = any(sentence.shared for sentence in unheard)
    if len(statements) < 2 or (asks and not knows):
        return False
    first = weight_of(words_of(_CLAUSE.split(statements[0], maxsplit=1)[0]))
    enough = _STATEMENT if knows or first > _ACKNOWLEDGEMENT else _ACKNOWLEDGED
    return weight_of(words_of(" ".join(statements))) >= enough
