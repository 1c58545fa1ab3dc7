"""The story, the three ways to break in on it, and the scripted model that tells it.

The model follows what stands in its context, and nothing else: with an interruption note it goes on where the note
says; without one it goes on from what had been *sent*, which is all that a server remembers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..emulator import Told

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
_NEW_QUESTIONS = {"How tall is a lighthouse?": "Often about thirty metres."}
_FOLLOW_UPS = {"Was she all alone up there?": "All alone, but for her cat."}

_NOTE = "<interruption_note>"
_GO_ON_WITH = re.compile(r"exact text to continue with: “(.*)”")


def tell(context: Sequence[Told]) -> str:
    """Answer as the model: tell the story, and go on with it as the note in `context` says, if there is one."""
    if not any(told.kind == "reply" for told in context):
        return STORY
    said = next((told.text for told in reversed(context) if told.kind in ("speech", "noise")), "")
    rest = _rest(context)
    if said in _NEW_QUESTIONS:
        return f"{_NEW_QUESTIONS[said]} {'Shall I go on?' if rest else 'Anything else?'}"
    if said in _FOLLOW_UPS:
        return f"{_FOLLOW_UPS[said]} {rest}".rstrip()
    return rest or ALL_TOLD


def _rest(context: Sequence[Told]) -> str:
    """Return what is still to be told, "" for nothing: from where the newest note says, else from what was sent."""
    note = next((told.text for told in reversed(context) if told.text.startswith(_NOTE)), None)
    if note is not None:
        quoted = _GO_ON_WITH.search(note)
        begin = STORY.find(quoted[1]) if quoted else 0
        return STORY[begin:] if begin >= 0 else "Where was I?"
    sent = next((told.text for told in context if told.kind == "reply" and told.interrupted), STORY)
    return STORY[len(sent) :].lstrip()
