"""What people said, as a quotation that stands on one line and can neither close the note's marker nor pose as a part
of the note, whatever is in it."""

from __future__ import annotations

import re

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff"  # what only shows in other characters
    "\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"  # what turns the direction of text, or annotates it
    "\U000e0000-\U000e007f]"  # tags, which nobody sees and models read
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_AS_DATA = str.maketrans(
    dict.fromkeys("<＜﹤≮", "‹")  # also those that normalise to the marker's brackets (NFKC, NFKD)
    | dict.fromkeys(">＞﹥≯", "›")
    | dict.fromkeys("“”＂", '"')
    | {"\u0338": ""}  # with which `‹` would not, but `<` would, become another sign
)


def quote(text: str, edges: tuple[int, int]) -> str:
    """Quote on one line what somebody said; of a text longer than the `edges`, its beginning and its end."""
    first, last = edges
    if len(text) > 4 * (first + last):  # the middle is not looked at: the cost is bounded too
        text = text[: 2 * first] + " … " + text[-2 * last :]
    line = _SPACE.sub(" ", _UNSEEN.sub("", _SURROGATE.sub("\ufffd", text))).strip().translate(_AS_DATA)
    if len(line) > first + last:
        line = f"{_to_word_edge(line[:first])} … {_from_word_edge(line[-last:])}"
    return f"“{line}”"


def _to_word_edge(text: str) -> str:
    edge = text.rfind(" ", len(text) // 2)
    return text[:edge] if edge > 0 else text


def _from_word_edge(text: str) -> str:
    edge = text.find(" ", 0, len(text) // 2)
    return text[edge + 1 :]
