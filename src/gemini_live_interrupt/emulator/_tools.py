"""Tool calls: what the scripted model may return beside words, and which calls are still without a response."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ._schema import Message


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model calls a function of the client's.

    Whether it waits for the response is what the setup declares for that name (`behavior: NON_BLOCKING`), or `blocking`
    if that is not `None`. A call that it waits for goes out after the words of the same answer; the model is then asked
    again, told of the response, and goes on in the same turn.
    """

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    blocking: bool | None = None


Answer = str | ToolCall | Iterable[str | ToolCall]
"""What the model does: says the words ("" is silence), calls a tool, or several of both, in their order."""


@dataclass(frozen=True, slots=True)
class Steps:
    """An answer, read: the calls before the words, the words, and the calls after them."""

    before: tuple[ToolCall, ...] = ()
    text: str = ""
    after: tuple[ToolCall, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to send."""
        return not (self.text.strip() or self.before or self.after)

    def apart(self) -> "list[Steps]":
        """Return the first sentence by itself and the rest, or all in one if there is no rest."""
        first, rest = re.fullmatch(r"(.*?(?:[.!?]+(?=\s)|[。！？]+|$))(.*)", self.text, re.DOTALL).groups()  # type: ignore[union-attr]
        if not rest.strip() or not first.strip():
            return [self]
        return [Steps(self.before, first), Steps((), rest, self.after)]


def read_answer(answer: Answer) -> Steps:
    """Return the answer's parts; raise TypeError, naming what was found, if one is neither words nor a call."""
    parts = [answer] if isinstance(answer, str | ToolCall) or not isinstance(answer, Iterable) else list(answer)
    for part in parts:
        if not isinstance(part, str | ToolCall):
            raise TypeError(f"the model must return words, a ToolCall, or several of them; got {part!r}")
    first = next((at for at, part in enumerate(parts) if isinstance(part, str)), len(parts))
    return Steps(
        tuple(part for part in parts[:first] if isinstance(part, ToolCall)),
        "".join(part for part in parts if isinstance(part, str)),
        tuple(part for part in parts[first:] if isinstance(part, ToolCall)),
    )


class Toolbox:
    """The tools of one session, and its calls. A call is made by its id, and open from when it is sent."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._non_blocking: frozenset[str] = frozenset()
        self._made: dict[str, ToolCall] = {}
        self._open: dict[str, ToolCall] = {}
        self._cancelled: set[str] = set()

    def declare(self, tools: Iterable[Any]) -> None:
        """Replace the tools by those of a setup or a context update."""
        self._non_blocking = frozenset(_non_blocking(tools))

    @property
    def waiting(self) -> bool:
        """Whether the model waits for a response."""
        return any(call.blocking for call in self._open.values())

    @property
    def open(self) -> bool:
        """Whether any call is without its response."""
        return bool(self._open)

    def blocks(self, call: ToolCall) -> bool:
        """Whether the model will wait for the response to the call."""
        return call.name not in self._non_blocking if call.blocking is None else call.blocking

    def make(self, calls: Iterable[ToolCall]) -> list[Message]:
        """Return the message that makes the calls, if there are any."""
        made = []
        for call in calls:
            number = f"function-call-{next(self._numbers)}"
            self._made[number] = replace(call, blocking=self.blocks(call))
            made.append({"id": number, "name": call.name, "args": dict(call.args)})
        return [{"toolCall": {"functionCalls": made}}] if made else []

    def sent(self, message: Message) -> None:
        """Take note of the calls in a message that has gone out."""
        for call in message.get("toolCall", {}).get("functionCalls", ()):
            self._open[call["id"]] = self._made.pop(call["id"])

    def respond(self, number: str) -> Literal["blocking", "non-blocking", "cancelled"]:
        """Close the call, and return what it was; one that nobody made was not blocking."""
        if number in self._cancelled:
            return "cancelled"
        call = self._open.pop(number, None)
        return "blocking" if call and call.blocking else "non-blocking"

    def cancel(self) -> dict[str, ToolCall]:
        """Call off what the model waits for, and return it by id. The others survive (documented)."""
        cancelled = {number: call for number, call in self._open.items() if call.blocking}
        self._open = {number: call for number, call in self._open.items() if not call.blocking}
        self._cancelled.update(cancelled)
        return cancelled


def _non_blocking(tools: Iterable[Any]) -> Iterator[str]:
    for tool in tools:
        if not isinstance(tool, dict):
            continue
        declared = tool.get("functionDeclarations") or tool.get("function_declarations")
        for function in declared if isinstance(declared, list) else ():
            if isinstance(function, dict) and function.get("behavior") == "NON_BLOCKING":
                yield str(function.get("name"))
