"""The model that follows a script: rules for what it is told, and a reply that was cut off taken up again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ._dispositions import DISPOSITIONS, Disposition, find_places, goes_on_at
from ._memory import Told
from ._tools import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the model says to what it was told; a rule without a condition is for everything.

    `contains` (any case) and `matches` (a regular expression, any case) look at the words since the model's last reply;
    `noise` is for none. `resume` goes on with the reply that was cut off, after `say`; `call` then calls a tool, whose
    response is the next that is said.
    """

    contains: str = ""
    matches: re.Pattern[str] | None = None
    noise: bool = False
    say: str = ""
    resume: bool = False
    call: ToolCall | None = None

    def is_for(self, words: str) -> bool:
        """Say whether the rule is for these words."""
        if self.noise:
            return not words
        if self.matches is not None:
            return self.matches.search(words) is not None
        return self.contains.casefold() in words.casefold()

    @property
    def for_everything(self) -> bool:
        """Whether no rule after this one is ever asked."""
        return bool(self.say or self.call) and not (self.contains or self.matches or self.noise)


@dataclass(frozen=True, slots=True)
class _CutOff:
    """A reply that was cut: its place in the context, and the whole of what it was to say."""

    entry: int
    whole: str


class ScriptedModel:
    """Follows the first rule that is for what was said and has something to say; without one, it is silent.

    It knows nothing but the context, as the real one does. Without a note it goes on after what had been *sent*, which
    is all that a server remembers; with one, as its `disposition` has it (one of `DISPOSITIONS`; ValueError for
    another).
    """

    def __init__(self, rules: Sequence[Rule], *, disposition: Disposition = "obeys") -> None:
        if disposition not in DISPOSITIONS:
            raise ValueError(f"unknown disposition {disposition!r}; known are {', '.join(map(repr, DISPOSITIONS))}")
        self._rules = tuple(rules)
        self._disposition = disposition

    def __call__(self, context: tuple[Told, ...]) -> Sequence[str | ToolCall]:
        """Return the reply to this context."""
        words: list[str] = []
        said = ""
        cut_off: _CutOff | None = None
        for number, told in enumerate(context):
            if told.kind == "reply":
                rest = self._rest(context[:number], cut_off)
                if words or told.text not in said:  # else it is a later part of the same answer
                    said, _ = self._reply(words, rest)
                said = said[max(0, said.find(told.text)) :]
                words = []
                if told.interrupted:
                    cut_off = _CutOff(number, said if said.startswith(told.text) else told.text)
                elif rest and said.endswith(rest):
                    cut_off = None
            elif told.kind == "call":
                words = []
            elif cut_off and told.kind == "content" and find_places(cut_off.whole, told.text):
                continue  # a note, and nothing that was said
            elif told.text and told.role == "user" and not told.silent:
                words.append(told.text)
        text, call = self._reply(words, self._rest(context, cut_off))
        return [text, call] if call else [text]

    def _rest(self, context: tuple[Told, ...], cut_off: _CutOff | None) -> str:
        if cut_off is None:
            return ""
        return cut_off.whole[goes_on_at(context, cut_off.entry, cut_off.whole, self._disposition) :].strip()

    def _reply(self, words: list[str], rest: str) -> tuple[str, ToolCall | None]:
        said = " ".join(" ".join(words).split())
        for rule in self._rules:
            text = f"{rule.say} {rest if rule.resume else ''}".strip()
            if rule.is_for(said) and (text or rule.call):
                return text, rule.call
        return "", None
