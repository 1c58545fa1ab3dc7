"""How the scripted model takes a note about a reply that was cut: what it believes of it, and where it then goes on.

It looks at what the note quotes of the reply, and not at the words around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ._memory import Told

Disposition = Literal["obeys", "facts", "record", "second-answer", "system-rules"]

DISPOSITIONS: dict[Disposition, str] = {
    "obeys": "goes on at the sentence that the note says was cut off",
    "facts": "knows from the note what was heard, and goes on right after it: what the note tells it to do it ignores",
    "record": "believes its own record: it goes on after what was sent, whatever a note says",
    "second-answer": "uses silent content from its second answer on; content that orders a reply at once",
    "system-rules": "obeys where its system instruction names the note's marker; else it uses the facts",
}
"""The dispositions of a scripted model by name. What 3.8 does is nearest to "facts" (reported: facts used in 3 of 3,
standing instructions in silent content obeyed in 0 of 3); "second-answer" is the doubt about 2.5."""

_QUOTATION = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_ELISION = " … "
_SENTENCE_BEGINS = re.compile(r"(?:\A|[.!?…。！？।؟][\"'”’)\]›]*\s*)$")
_NEAR = 10  # characters before a sentence in which the end of the one before it must be
_ALIKE = str.maketrans("“”‘’‹›", "\"\"''<>")
_NOTHING_HEARD = re.compile(r"\bheard\W+nothing\b", re.IGNORECASE)
_MARKER = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Places:
    """What a note says of a reply, as places in its text: the end of what was heard, and where to take it up."""

    heard: int
    sentence: int


def goes_on_at(context: Sequence[Told], cut: int, whole: str, disposition: Disposition = "obeys") -> int:
    """Return where in `whole` the model goes on, whose reply `context[cut]` was cut; `whole` is what it meant to say.

    Without a note that it believes, that is the end of what was sent.
    """
    at = len(context[cut].text)
    answered = False
    for told in reversed(context[cut + 1 :]):
        answered = answered or told.kind == "reply"
        if disposition == "record" or told.kind != "content":
            continue
        if disposition == "second-answer" and told.silent and not answered:
            continue
        if (places := find_places(whole, told.text)) is not None:
            facts_only = disposition == "facts" or (
                disposition == "system-rules" and not _has_rules(context, told.text)
            )
            return places.heard if facts_only else places.sentence
    return at


def find_places(whole: str, note: str) -> Places | None:
    """Return what the note says of the reply, or `None` if it quotes no beginning of a sentence of it.

    The longest quotation that begins with the reply is what was heard, and the last place up to there at which a
    quotation begins a sentence is where to go on. If none begins with the reply, the last quotation is both.
    """
    text = whole.translate(_ALIKE)
    quoted = [places for words in _quotations(note) if (places := list(_places(text, words)))]
    if not quoted:
        return None
    if _NOTHING_HEARD.search(note):
        return Places(0, 0)
    heard = max((place.heard for places in quoted for place in places if place.sentence == 0), default=None)
    if heard is None:
        last = quoted[-1][-1].sentence
        return Places(last, last)
    after = len(text) - len(text[heard:].lstrip())
    return Places(heard, max(place.sentence for places in quoted for place in places if place.sentence <= after))


def _quotations(note: str) -> Iterator[str]:
    for found in _QUOTATION.finditer(note):
        if quoted := (found[1] or found[2]).strip():
            yield quoted.translate(_ALIKE)


def _places(text: str, quoted: str) -> Iterator[Places]:
    """Yield where the quotation begins a sentence, and where it then ends; its middle may be left out."""
    first, _, last = quoted.partition(_ELISION)
    at = text.find(first)
    while at >= 0:
        if _SENTENCE_BEGINS.search(text, max(0, at - _NEAR), at):
            end = at + len(first)
            if last and (found := text.find(last, end)) >= 0:
                end = found + len(last)
            yield Places(end, at)
        at = text.find(first, at + 1)


def _has_rules(context: Sequence[Told], note: str) -> bool:
    """Say whether a system instruction names the note's marker, or interruptions if the note has no marker."""
    marker = _MARKER.search(note)
    name = marker[1] if marker else "interrupt"
    return any(told.kind == "instruction" and name in told.text for told in context)
