"""A conversation with one cut, in which the app has to see every message once."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from emulator.talking import STORY, UTTERANCE, Person, connected, hasty
from google.genai import live

from gemini_live_interrupt.emulator import LiveEmulator, Told

FIRST_GOES_FIRST = ("they on", "we on", "they off", "we off")
ORDERS = (
    ("we on", "they on", "they off", "we off"),
    ("we on", "they on", "we off", "they off"),
    ("they on", "we on", "we off", "they off"),
    FIRST_GOES_FIRST,
    ("we on", "we off", "they on", "they off"),
    ("they on", "they off", "we on", "we off"),
)
"""All in which two can be switched on and off."""


def model(context: tuple[Told, ...]) -> str:
    return {"A story!": STORY, "Really?": "Really."}.get(context[-1].text, "Who ordered this?")


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[tuple[LiveEmulator, Person]]:
    hear = ["A story!", "Really?"] * 9
    async with LiveEmulator(hasty("2.5-native"), model, hear=hear) as emulator, connected(emulator) as person:
        yield emulator, person


async def cut(emulator: LiveEmulator, person: Person) -> list[Told]:
    """Have a story told, interrupt it, and listen to the answer; return the notes that the model got."""
    told, ended = len(emulator.context), person.turns_complete
    generated = len(emulator.log.server("generationComplete"))
    await person.say(UTTERANCE)
    await emulator.until(lambda: len(emulator.log.server("generationComplete")) > generated)
    await person.say(UTTERANCE)
    await emulator.until(lambda: person.turns_complete == ended + 2)
    assert [entry.role for entry in emulator.context[-2:]] == ["user", "model"]
    assert emulator.context[-1].text == "Really."
    return [entry for entry in emulator.context[told:] if entry.kind == "content"]


def sees_each_once(emulator: LiveEmulator, person: Person) -> bool:
    """Whether the app has got each message that was sent, once, in order."""
    sent = [frame for frame in emulator.log.server() if "setupComplete" not in frame.kinds]
    return [kinds(message) for message in person.messages] == [frame.kinds for frame in sent]


def kinds(message: Any) -> tuple[str, ...]:
    """The kinds of a message, named as the emulator's log names them."""
    fields = message.model_dump(exclude_unset=True, by_alias=True)
    content = fields.pop("serverContent", {})
    turn = content.pop("modelTurn", {"parts": []})
    parts = (
        "audio" if "inlineData" in part else "thought" if part.get("thought") else "text" for part in turn["parts"]
    )
    return (*parts, *content, *fields) or ("empty",)


def live_api() -> dict[str, Any]:
    """What could be patched of the SDK's Live API."""
    owners = (live, live.AsyncLive, live.AsyncSession)
    return {f"{owner.__name__}.{name}": value for owner in owners for name, value in vars(owner).items()}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before | after if before.get(name) is not after.get(name)}
