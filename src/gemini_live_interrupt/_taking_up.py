"""Which sentence is to be taken up after an interruption: the one in progress, or the next one."""

from __future__ import annotations

import re

from ._sentences import cut_sentence

FAR = 640
"""Characters before and after the cut that are looked at: two of the longest sentences."""
_FIRST_WORD = re.compile(r"\W*\w+.?")
_STOPS = re.compile(r"[^\w\s,;:]+(?=\s|$)|[。！？।॥]+|\n")


def sentence_to_take_up(heard: str, unheard: str, *, heard_out: bool) -> str:
    """Return the sentence to go on with, without the white space before it.

    That is the one in progress at the end of `heard`, from its beginning. Where that ended there, and was `heard_out`
    beyond the doubt of the estimate, it is the next one, as far as it is known; within the doubt it is the earlier one,
    because to repeat is better than to skip.
    """
    if heard_out and _begins_sentence(heard, unheard):
        return _first_sentence(heard, unheard).strip()
    return cut_sentence(heard)


def _begins_sentence(before: str, after: str) -> bool:
    """Whether a sentence ends between the two."""
    first = _FIRST_WORD.match(after)
    if first is None or not before.strip():
        return False
    return len(cut_sentence(before[-FAR:] + first[0]).strip()) <= len(first[0].strip())


def _first_sentence(before: str, text: str) -> str:
    """Return the first sentence of a text, or the beginning of it if that is long."""
    text = text[:FAR]
    for stop in _STOPS.finditer(text):
        if _begins_sentence(before + text[: stop.end()], text[stop.end() :]):
            return text[: stop.end()]
    return text
