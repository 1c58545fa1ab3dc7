"""What the model has been told, in order, as the server keeps it: of its own turns, only what was sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["instruction", "speech", "noise", "text", "content", "call", "tool", "reply"]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the model's context.

    `role` is "user", "model" or "system". `kind` says how it came: the system "instruction", the user's "speech", a
    "noise" (voice activity without words), realtime "text", client "content", the model's own "call" of a tool, the
    "tool" response to one, or the model's own "reply". `silent` is client content with `turn_complete` false;
    `interrupted` is a reply that was cut, by the user or by the end of the connection on which the session was before:
    `text` is then what had been sent of it, which is more than what was heard.
    """

    role: str
    text: str
    kind: Kind
    silent: bool = False
    interrupted: bool = False


class Memory:
    """The entries of one session; a reply in progress grows in its place."""

    def __init__(self, entries: Iterable[Told] = ()) -> None:
        self._entries = list(entries)
        self._reply: int | None = None

    @property
    def entries(self) -> tuple[Told, ...]:
        """The entries so far."""
        return tuple(self._entries)

    @property
    def left(self) -> tuple[Told, ...]:
        """The entries as another connection finds them: a reply in progress was broken off."""
        entries = list(self._entries)
        if self._reply is not None:
            entries[self._reply] = replace(entries[self._reply], interrupted=True)
        return tuple(entries)

    def add(self, entry: Told) -> None:
        """Append what the model is told."""
        self._entries.append(entry)

    def sent(self, text: str) -> None:
        """Record that more of the current reply has gone out."""
        if self._reply is None:
            if not text:
                return
            self._reply = len(self._entries)
            self.add(Told("model", "", "reply"))
        entry = self._entries[self._reply]
        self._entries[self._reply] = replace(entry, text=entry.text + text)

    def end_reply(self, *, interrupted: bool = False, kept: str | None = None) -> None:
        """Close the current reply, if any of it has gone out; `kept` replaces what is remembered of it."""
        if self._reply is not None:
            entry = self._entries[self._reply]
            text = entry.text if kept is None else kept
            self._entries[self._reply] = replace(entry, text=text, interrupted=interrupted)
        self._reply = None
