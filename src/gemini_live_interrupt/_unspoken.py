"""What stands in a transcript and is no part of a sentence: emoji, noise tags, marks of headings, code."""

from __future__ import annotations

import re

EMOJI = "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d\u20e3\u2600-\u27bf\U0001f000-\U0001faff]*"
EDGE = r"```[^`]*```\s*|(?m:^)#{1,6}\s[^\n]*\n"
"""Blocks that are no sentence, though they have stops: a fenced piece of code, a heading."""
_UNSPOKEN = re.compile(rf"(?:\s|{EMOJI}|<[a-z_ ]{{1,20}}>|#{{1,6}}(?=\s)(?![^\n]*\n))+")


def skip(text: str, at: int) -> int:
    """Return the place of the next thing that is spoken; `at` if nothing is."""
    found = _UNSPOKEN.match(text, at)
    return at if found is None or found.end() == len(text) else found.end()


def ends_with_emoji(text: str, at: int) -> bool:
    """Whether a sentence ends with the emoji at `at`, for want of a stop: `We ❤ Oslo` does not."""
    following = text[skip(text, at)]
    great = following.isupper() and text[at] not in "❤♥"
    return great or (following.isalpha() and following.lower() == following.upper())
