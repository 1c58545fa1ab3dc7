"""Whose session goes on by which resumption handle: a bounded store that forgets."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KEPT_FOR = 7_200.0
"""Seconds for which a handle is known: the service takes it for two hours after the connection's end (documented)."""
MOST = 1_000
"""Handles that are known at a time."""
PER_OWNER = 3
"""Handles of one session that are known: an app may hold one that is a little older than the last."""

Owner = TypeVar("Owner", bound=Hashable)


class Handles(Generic[Owner]):
    """Handles and their owners, the oldest first. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[Owner, float]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, handle: str, owner: Owner) -> None:
        """Remember whose the handle is, in place of the oldest of the same owner if it has several."""
        now = self._clock()
        self._kept.pop(handle, None)
        self._kept[handle] = owner, now
        own = [each for each, (of, _) in reversed(self._kept.items()) if of is owner]
        for each in own[PER_OWNER:]:
            del self._kept[each]
        while len(self._kept) > MOST or now - self._first_kept_at() > KEPT_FOR:
            del self._kept[next(iter(self._kept))]

    def take(self, handle: str) -> Owner | None:
        """Return whose the handle is, and forget all handles of that owner: the session goes on once."""
        owner, at = self._kept.get(handle, (None, 0.0))
        if owner is None:
            return None
        for each in [each for each, (of, _) in self._kept.items() if of is owner]:
            del self._kept[each]
        return owner if self._clock() - at <= KEPT_FOR else None

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def _first_kept_at(self) -> float:
        return next(iter(self._kept.values()))[1]
