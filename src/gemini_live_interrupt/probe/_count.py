"""A count that is cut: how far it was heard, what the library says of it, and where the next numbers stand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from .._interruption import Interruption
from .._prompt import default_prompt
from ._code_word import MUTE, REFUSED
from ._experiment import Value
from ._recordings import recording
from ._reply import SpokenReply
from ._talk import Talk
from ._understanding import divide, goes_on_with, last_heard, numbers

Note = Literal["none", "facts", "rules", "system"]
"""What the model is told: nothing, what was heard, that and what to do, or the latter in its system instruction."""

CUT_AT = 5
"""The number at which the user breaks in."""
HEARD, EARLIER, LATER, NOT_AT_ALL = "heard", "earlier", "later", "not at all"
_NEAR = 2
"""Numbers by which the place may be wrong: it rests on a clock, and a repeated number is no mistake."""
_APART = 4
"""Numbers that must have been sent and not heard, or one place cannot be told from the other."""
CUT_WITHIN = 4.0
"""Seconds from a sound to `interrupted` (reported: 0.05 to 2.97)."""


@dataclass(frozen=True, slots=True)
class CutCount:
    """A count that was cut: the last number that was heard, the last that was sent, and the message that said so."""

    heard: int
    sent: int
    message: int
    reply: SpokenReply
    note: str


async def count(talk: Talk, since: int = 0) -> bool:
    """Have the model count, and listen until about `CUT_AT`; say whether it came to that, uncut.

    `since` is the number of messages that came before.
    """
    await talk.wait(0.5)
    await talk.say(recording("count"))
    if not await talk.starts(since):
        talk.check()
        return False
    came = await talk.until(lambda: (last_heard(talk.reply(since), talk.now()) or 0) >= CUT_AT, 45.0)
    return came and talk.reply(since).first("interrupted") is None


async def cut_by(talk: Talk, sound: bytes) -> int | None:
    """Make a sound; return the number of the message that then says `interrupted`, or `None` if none does."""
    since = len(talk.came)
    if sound:
        await talk.say(sound)
    return await talk.cut(since, CUT_WITHIN)


async def cut(talk: Talk, sound: bytes, *, note: Note) -> CutCount | None:
    """Break into the count with a sound, and send the note as soon as it is cut; `None` if it is not."""
    saying = asyncio.create_task(talk.say(sound))
    try:
        message = await talk.cut(0, CUT_WITHIN)
        if message is None:
            return None
        found = _look_at(talk, message, rules_known=note == "system")
        if found and note != "none":
            await talk.tell(found.note)
        return found
    finally:
        await asyncio.gather(saying, return_exceptions=True)
        talk.check()


def _look_at(talk: Talk, message: int, *, rules_known: bool) -> CutCount | None:
    """Tell what was heard when the message with `interrupted` came, and write the library's note on it."""
    reply = SpokenReply(tuple(talk.came[: message + 1]))
    at = talk.came[message].at
    heard = last_heard(reply, at)
    if not heard:
        return None
    before, after = divide(reply.text, heard)
    interruption = Interruption(
        heard=before,
        unheard=after,
        cut_sentence=after,
        user_text="",
        history=[],
        played=reply.played(at),
        received=reply.seconds,
        evidence="clock",
        rules_known=rules_known,
    )
    return CutCount(heard, numbers(reply.text)[-1], message, reply, default_prompt(before, "", [], interruption))


def place(cut: CutCount, reply: SpokenReply) -> Value | None:
    """Say where the reply goes on; `None` if too little had been sent beyond what was heard."""
    if reply.empty:
        return MUTE
    number = goes_on_with(reply.text)
    if number is None:
        return NOT_AT_ALL
    if cut.sent - cut.heard < _APART:
        return None
    if abs(number - cut.heard - 1) <= _NEAR:
        return HEARD
    return LATER if number > cut.heard else EARLIER


def said_back(cut: CutCount, reply: SpokenReply) -> Value | None:
    """Say which number an answer takes for the last that was heard."""
    if reply.empty:
        return MUTE
    said = numbers(reply.text)
    if not said:
        return NOT_AT_ALL
    if cut.sent - cut.heard < _APART:
        return None
    nearest = min(said, key=lambda number: abs(number - cut.heard))
    if abs(nearest - cut.heard) <= _NEAR:
        return HEARD
    return LATER if nearest > cut.heard else EARLIER


PLACES: dict[Value, str] = {
    HEARD: "right after what was heard",
    EARLIER: "earlier: it repeats",
    LATER: "later: it skips what was sent and not heard",
    NOT_AT_ALL: "it answers, and does not go on",
    MUTE: "it says nothing",
    REFUSED: "it closes the session",
}
BELIEVES: dict[Value, str] = PLACES | {
    HEARD: "the one that was heard",
    EARLIER: "an earlier one",
    LATER: "a later one, which was sent and not heard",
    NOT_AT_ALL: "it names none",
}
