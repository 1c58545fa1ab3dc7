"""The story, the three ways to break in on it, and the scripted model that tells it.

The model follows what stands in its context, and nothing else: with an interruption note it goes on where the note
says; without one it goes on from what had been *sent*, which is all that a server remembers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..emulator import Told
from ..emulator._dispositions import Disposition, goes_on_at

OPENING = "Please tell me a story about a lighthouse, in five sentences."
STORY = (
    "An old woman kept the lighthouse at the end of the world. "
    "Each evening she climbed ninety-nine steps to light the lamp. "
    "One night the lamp would not burn, and a ship was coming. "
    "She woke the whole village, and everyone lit a candle. "
    "A hundred little flames led the ship safely home."
)
ALL_TOLD = "That was the whole story."


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the person does: the recording, and the words in it ("" is a noise)."""

    recording: str
    words: str


GO_ON = Utterance("go-on", "Please go on.")


@dataclass(frozen=True, slots=True)
class Case:
    """One way to interrupt: what is said into the story, and what once the model has answered."""

    breaks_in: Utterance
    then: Utterance | None = None


CASES = {
    "question": Case(Utterance("question", "How tall is a lighthouse?"), then=GO_ON),
    "noise": Case(Utterance("noise", "")),
    "follow-up": Case(Utterance("follow-up", "Was she all alone up there?")),
}
OTHERS = (
    GO_ON,
    Utterance("correction", "No, it was an old man."),
    Utterance("acknowledgement", "I see."),
    Utterance("stop", "Stop, please."),
)
"""What else there are recordings of, and the model knows what to do with."""
UNKNOWN = "[speech]"
"""Words that cannot be made out."""

_NEW_QUESTIONS = {"How tall is a lighthouse?": "Often about thirty metres."}
_FOLLOW_UPS = {"Was she all alone up there?": "All alone, but for her cat.", UNKNOWN: "I hear you, but not the words."}
_CORRECTIONS = {"No, it was an old man.": "An old man, of course."}
_STOPS = {"Stop, please.": "All right."}
_HIS = {"woman": "man", "she": "he", "She": "He", "her": "his"}

_TAIL = 20
"""Characters by which a place in the story is known."""
_NOTE = "<interruption_note>"
_GO_ON_WITH = re.compile(r"exact text to continue with: “(.*)”")


def tell(context: Sequence[Told], *, disposition: Disposition = "obeys") -> str:
    """Answer as the model: tell the story, and go on with it as the note in `context` says, if there is one.

    A model of another disposition takes the note otherwise.
    """
    if not any(told.kind == "reply" for told in context):
        return STORY
    said = next((told.text for told in reversed(context) if told.kind in ("speech", "noise")), "")
    rest = _rest(context) if disposition == "obeys" else _rest_for(context, disposition)
    if said in _NEW_QUESTIONS:
        return f"{_NEW_QUESTIONS[said]} {'Shall I go on?' if rest else 'Anything else?'}"
    if said in _STOPS:
        return _STOPS[said]
    if said in _CORRECTIONS:
        return f"{_CORRECTIONS[said]} {rest}".rstrip()
    if said in _FOLLOW_UPS:
        return f"{_FOLLOW_UPS[said]} {rest}".rstrip()
    return rest or ALL_TOLD


def _rest(context: Sequence[Told]) -> str:
    """Return what is still to be told, "" for nothing: from where the newest note says, else from what was sent."""
    corrected = any(told.kind == "speech" and told.text in _CORRECTIONS for told in context)
    story = _his(STORY) if corrected else STORY
    replies = [told for told in context if told.kind == "reply"]
    if not replies[-1].interrupted and replies[-1].text.endswith(story[-_TAIL:]):
        return ""
    note = next((told.text for told in reversed(context) if told.text.startswith(_NOTE)), None)
    if note is not None:
        quoted = _GO_ON_WITH.search(note)
        sentence = quoted[1] if quoted else ""
        begin = story.find(_his(sentence) if corrected else sentence)
        return story[begin:] if begin >= 0 else "Where was I?"
    for told in reversed(replies):
        if told.interrupted and (tail := STORY.find(told.text[-_TAIL:])) >= 0:
            rest = STORY[tail:].removeprefix(told.text[-_TAIL:]).lstrip()
            return _his(rest) if corrected else rest
    return ""


def _rest_for(context: Sequence[Told], disposition: Disposition) -> str:
    """Return what is still to be told, as a model of this disposition takes the notes."""
    for at, told in reversed(list(enumerate(context))):
        tail = STORY.find(told.text[-_TAIL:])
        if told.kind != "reply" or tail < 0:
            continue
        if not told.interrupted:
            return ""
        whole = told.text + STORY[tail + len(told.text[-_TAIL:]) :]
        return whole[goes_on_at(context, at, whole, disposition) :].strip()
    return ""


def _his(text: str) -> str:
    """Return the text with a man for the woman."""
    return re.sub(r"\w+", lambda word: _HIS.get(word[0], word[0]), text)
