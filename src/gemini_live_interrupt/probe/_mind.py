"""The emulated model of the probe: it does what it is told, as far as its mind goes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..emulator import Told, ToolCall
from ._recordings import UTTERANCES
from ._understanding import numbers

_COUNTED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five "
    "twenty-six twenty-seven twenty-eight twenty-nine thirty"
)
COUNT = _COUNTED.split()
_LIGHTHOUSE = "About thirty metres, mostly. Some are more than a hundred. They are tall so that ships see them."


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
