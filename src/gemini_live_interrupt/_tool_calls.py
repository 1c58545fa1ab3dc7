"""The tool calls that are open: notes wait for their end."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 64
"""Calls that are followed; a server that opens more has lost count itself."""


class ToolCalls:
    """A call is open until its response or cancellation; if neither comes, until the turn after its own is complete."""

    __slots__ = ("_turns", "app_is_seen")

    def __init__(self) -> None:
        self._turns: dict[str, int] = {}  # id -> turns that have ended since
        self.app_is_seen = False
        """Whether what the app sends is seen, so that a response would have been."""

    @property
    def is_open(self) -> bool:
        """Whether a call waits for its response."""
        return bool(self._turns)

    def open(self, ids: Sequence[str]) -> None:
        """The model calls functions."""
        for each in ids[:MOST]:
            self._turns[each[:100]] = 0
        while len(self._turns) > MOST:
            del self._turns[next(iter(self._turns))]

    def close(self, ids: Sequence[str]) -> None:
        """Calls were answered or cancelled; no ids means all of them."""
        if not ids:
            self._turns.clear()
        for each in ids[: 10 * MOST]:
            self._turns.pop(each[:100], None)

    def end_turn(self) -> None:
        """A turn is complete."""
        for each, turns in list(self._turns.items()):
            if turns:
                del self._turns[each]
            else:
                self._turns[each] = 1

    def model_goes_on(self) -> None:
        """The model speaks on: what waited for a response has got it, where none could be seen."""
        if not self.app_is_seen:
            self._turns.clear()
