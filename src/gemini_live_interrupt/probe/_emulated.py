"""Where no key is set: an emulator, with a model that does what it is told, as a stand-in for the service."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from google import genai
from google.genai.live import AsyncSession

from ..emulator import LiveEmulator, Profile, Told, ToolCall
from ..emulator._profiles import find_profile
from ._recordings import UTTERANCES, recording
from ._service import opened
from ._understanding import numbers

_COUNTED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five "
    "twenty-six twenty-seven twenty-eight twenty-nine thirty"
)
COUNT = _COUNTED.split()
_LIGHTHOUSE = "About thirty metres, mostly. Some are more than a hundred. They are tall so that ships see them."
_MIDDLE = 4_000  # bytes of a recording, which are enough to know it by


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """What the model makes of silent content: of facts in it, and of rules in it. Emulated minds obey or do not."""

    uses_facts: bool = True
    obeys_rules: bool = True
    heeds_model_role: bool = True

    def answer(self, told: tuple[Told, ...]) -> str | ToolCall:
        """Reply to what was last said to it."""
        known = [entry for entry in told if self._heeds(entry)]
        asked = next((entry for entry in reversed(told) if entry.kind in ("speech", "noise", "text", "tool")), None)
        last = told[-1]
        if last.kind == "content" and not last.silent:
            return "As you wish."
        if asked is None:
            return ""
        return self._obeying(known, self._reply(known, asked))

    def _heeds(self, entry: Told) -> bool:
        if entry.kind != "content" or not entry.silent:
            return True
        return self.heeds_model_role if entry.role == "model" else self.uses_facts

    def _reply(self, known: list[Told], asked: Told) -> str | ToolCall:
        if asked.kind == "tool":
            return "It is sunny in Lisbon."
        if asked.kind == "noise":
            return _go_on(known)
        if asked.text == UTTERANCES["count"]:
            return ", ".join(COUNT).capitalize() + "."
        if asked.text == UTTERANCES["code-word"] or asked.kind == "text":
            found = [word for entry in known for word in re.findall(r"code word is (\w+)", entry.text)]
            return f"The code word is {found[-1]}." if found else "I do not know any code word."
        if asked.text == UTTERANCES["weather"]:
            return ToolCall("get_weather", {"city": "Lisbon"})
        if asked.text == UTTERANCES["last-number"]:
            number = _last_number(known)
            return f"It was {COUNT[number - 1]}." if number else "I have not counted."
        if asked.text == UTTERANCES["go-on"]:
            return _go_on(known)
        return _LIGHTHOUSE

    def _obeying(self, known: list[Told], reply: str | ToolCall) -> str | ToolCall:
        rules = [
            rule
            for entry in known
            if entry.kind == "instruction" or self.obeys_rules
            for rule in re.findall(r"End each of your answers with the word (\w+)", entry.text)
        ]
        return f"{reply} {rules[-1].capitalize()}." if rules and isinstance(reply, str) else reply


def _last_number(known: list[Told]) -> int:
    """Return the last number that the user heard, as far as the model knows; 0 if it has not counted."""
    for entry in reversed(known):
        if heard := re.findall(r"The user HEARD: “([^”]*)”", entry.text):
            return max(numbers(heard[-1]), default=0)
        if entry.kind == "reply" and (counted := numbers(entry.text)):
            return counted[-1]
    return 0


def _go_on(known: list[Told]) -> str:
    number = _last_number(known)
    return ", ".join(COUNT[number:]).capitalize() + "." if 0 < number < len(COUNT) else "Thirty." * (number > 0)


def hear(pcm: bytes) -> str:
    """Return the words of the recording that is in the PCM; "" for a noise."""
    for name, words in UTTERANCES.items():
        sound = recording(name)
        middle = len(sound) // 4 * 2
        if sound[middle : middle + _MIDDLE] in pcm:
            return words
    return ""


class Emulated:
    """An emulator as the service."""

    def __init__(self, live: LiveEmulator, profile: Profile) -> None:
        self.name = f"emulator, {profile.name}"
        self.model = "emulator"
        self.live = live

    @contextlib.asynccontextmanager
    async def connect(self, config: Mapping[str, Any]) -> AsyncIterator[AsyncSession]:
        """Open a session with it."""
        client = genai.Client(vertexai=False, **self.live.client_options())
        async with client.aio, opened(client, self.model, config) as session:
            yield session


@contextlib.asynccontextmanager
async def emulated(profile: str | Profile, mind: Mind | None = None, **options: Any) -> AsyncIterator[Emulated]:
    """Run an emulator of the profile; ValueError for one that is unknown."""
    async with LiveEmulator(profile, (mind or Mind()).answer, hear=hear, **options) as live:
        yield Emulated(live, find_profile(profile))
