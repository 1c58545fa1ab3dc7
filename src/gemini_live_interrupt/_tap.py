"""Our wrapper on one method of an SDK class: put on, taken off, and found again among the wrappers of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ._switch import Switch


class Tap:
    """Belongs to one method. Written under the switch's lock.

    Other libraries' layers may come above ours. One that does not show what it wraps hides ours: we then wrap once
    more, and the hidden layer, no longer the live one, does nothing.
    """

    def __init__(self, name: str, wrap: Callable[[Any], Any]) -> None:
        self.name = name
        self.live: Any = None
        """The one wrapper of ours that looks at calls, if any."""
        self._wrap = wrap
        self._layers: list[Any] = []  # every wrapper of ours that may still be on the class
        self._owner: Any = None

    def put_on(self, owner: Any, switch: Switch) -> None:
        """Wrap the method of this class unless a wrapper of ours is still on it; switch off copies of this library."""
        found = method_of(owner, self.name)
        if self._owner is not owner:
            self.take_off()
            self._layers.clear()
            self._owner = owner
        shown = list(_shown(found))
        for layer in shown:
            other = getattr(layer, "_self_interrupt_switch", switch)
            if other is not switch:
                other.set(None)  # a copy of this library, imported before it was reloaded: one note is enough
        self.live = next((layer for layer in shown if self._is_ours(layer)), None)
        if self.live is None and callable(found):
            self.live = self._wrap(found)
            self.live._self_interrupt_switch = switch  # for another copy of this module, which finds the layer
            setattr(owner, self.name, self.live)
            self._layers.append(self.live)

    def take_off(self) -> None:
        """Unwrap while our wrapper is outermost. Under another library's it stays, and does nothing."""
        while self._owner is not None:
            layer = vars(self._owner).get(self.name)
            if not self._is_ours(layer):
                return
            setattr(self._owner, self.name, layer.__wrapped__)
            self._layers[:] = [other for other in self._layers if other is not layer]

    def _is_ours(self, found: Any) -> bool:
        return any(found is layer for layer in self._layers)


def method_of(owner: object, name: str) -> Any:
    """Return what the class itself holds under this name; `None` if it is no class, or holds none."""
    return vars(owner).get(name) if isinstance(owner, type) else None


def _shown(found: Any) -> Iterator[Any]:
    """The layers from `found` inwards, as far as each shows what it wraps."""
    for _ in range(100):  # nobody has more, and a ring would be endless
        if found is None:
            return
        yield found
        if (parent := getattr(found, "_self_parent", None)) is not None:  # what wrapt hands out on access is bound
            yield parent
        found = getattr(found, "__wrapped__", None)
