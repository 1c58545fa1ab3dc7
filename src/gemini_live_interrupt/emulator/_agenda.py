"""What is to happen later: timed actions that can be called off by their tag."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[float], None]


class Agenda:
    """Actions by time. Equal times keep the order in which they were added."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, str, Action]] = []
        self._count = itertools.count()

    @property
    def due(self) -> float | None:
        """The time of the earliest action, or `None`."""
        return self._entries[0][0] if self._entries else None

    def add(self, at: float, action: Action, tag: str = "") -> None:
        """Have `action(at)` called once the time `at` has come."""
        heapq.heappush(self._entries, (at, next(self._count), tag, action))

    def drop(self, tag: str) -> list[Action]:
        """Call off every action of that tag, and return them in their order."""
        dropped = sorted(entry for entry in self._entries if entry[2] == tag)
        self._entries = [entry for entry in self._entries if entry[2] != tag]
        heapq.heapify(self._entries)
        return [action for _, _, _, action in dropped]

    def has(self, tag: str) -> bool:
        """Say whether an action of that tag is still to come."""
        return any(entry[2] == tag for entry in self._entries)

    def run(self, now: float) -> None:
        """Do what has become due, in order, each with the time that it was meant for: a late call does not drift."""
        while self._entries and self._entries[0][0] <= now:
            at, _, _, action = heapq.heappop(self._entries)
            action(at)
