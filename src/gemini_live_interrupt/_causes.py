"""What cut a reply off, as far as what the app sent tells."""

from __future__ import annotations

import math

from ._interruption import Cause

CAUSED_WITHIN = 2.0
"""Seconds after the app sent something for which `interrupted` is taken for its effect."""


class Causes:
    """When the app last sent what can cut a reply off."""

    __slots__ = ("_content_at", "_tool_at")

    def __init__(self) -> None:
        self._content_at = self._tool_at = -math.inf

    def content_sent(self, now: float) -> None:
        """The app sent content, or began a manual activity."""
        self._content_at = now

    def tool_interrupts(self, now: float) -> None:
        """The app sent a tool response that is scheduled to interrupt."""
        self._tool_at = now

    def cause(self, now: float, *, user_spoke_at: float) -> Cause:
        """What the app sent last explains a cut, unless the user has spoken since."""
        latest = max(self._content_at, self._tool_at)
        if now - latest > CAUSED_WITHIN or user_spoke_at >= latest:
            return "user"
        return "tool" if latest == self._tool_at else "app"
