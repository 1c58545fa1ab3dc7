"""The model that follows a script: rules for what it is told, and a reply that was cut off taken up again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._memory import Told
from ._tools import ToolCall

_QUOTATION = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
_ELISION = " … "
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?…。！？।؟][\"'”’)\]›]*\s*)$")
_ALIKE = str.maketrans("“”‘’‹›", "\"\"''<>")


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
    """A reply that was cut: the whole of it, what had been sent, and where to go on."""

    whole: str
    begin: int

    @property
    def rest(self) -> str:
        return self.whole[self.begin :].strip()


class ScriptedModel:
    """Follows the first rule that is for what was said and has something to say; without one, it is silent.

    It knows nothing but the context, as the real one does. Without a note it goes on after what had been *sent*, which
    is all that a server remembers; with one, at the last sentence of the reply that the note quotes from its beginning.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)

    def __call__(self, context: tuple[Told, ...]) -> Sequence[str | ToolCall]:
        """Return the reply to this context."""
        words: list[str] = []
        cut_off: _CutOff | None = None
        for told in context:
            if told.kind == "reply":
                said, _ = self._reply(words, cut_off)
                words = []
                if told.interrupted:
                    cut_off = _CutOff(said if said.startswith(told.text) else told.text, len(told.text))
                elif cut_off and said.endswith(cut_off.rest):
                    cut_off = None
            elif told.kind == "call":
                words = []
            elif cut_off and told.kind == "content" and (place := _place(cut_off.whole, told.text)) is not None:
                cut_off = _CutOff(cut_off.whole, place)
            elif told.text and told.role == "user" and not told.silent:
                words.append(told.text)
        said, call = self._reply(words, cut_off)
        return [said, call] if call else [said]

    def _reply(self, words: list[str], cut_off: _CutOff | None) -> tuple[str, ToolCall | None]:
        rest = cut_off.rest if cut_off else ""
        said = " ".join(" ".join(words).split())
        for rule in self._rules:
            text = f"{rule.say} {rest if rule.resume else ''}".strip()
            if rule.is_for(said) and (text or rule.call):
                return text, rule.call
        return "", None


def _place(whole: str, note: str) -> int | None:
    """Find the last quotation in the note that is the beginning of a sentence of the reply."""
    text = whole.translate(_ALIKE)
    places = [place for quoted in _quotations(note) if (place := _sentence(text, quoted)) is not None]
    return places[-1] if places else None


def _quotations(note: str) -> Iterator[str]:
    for found in _QUOTATION.finditer(note):
        quoted = (found[1] or found[2]).partition(_ELISION)[0].strip()
        if quoted:
            yield quoted.translate(_ALIKE)


def _sentence(text: str, quoted: str) -> int | None:
    at = text.rfind(quoted)
    while at >= 0:
        if _SENTENCE_BEGINS.search(text[:at]):
            return at
        at = text.rfind(quoted, 0, at + len(quoted) - 1)
    return None
