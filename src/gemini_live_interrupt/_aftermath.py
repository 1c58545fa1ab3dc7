"""A settled interruption, until it is known where the model went on with what had been cut off."""

from __future__ import annotations

from dataclasses import replace

from ._interruption import Interruption
from ._resumption import Resumption, compare, is_question

REPLIES = 3
"""Replies after which nothing more is expected: the model answers, offers, and goes on when asked to."""


class Aftermath:
    """Compares the replies that follow. Only its own methods write it."""

    __slots__ = ("_compared", "_found", "_interruption", "_replies", "_told")

    def __init__(self, settled: Interruption, told: str = "") -> None:
        """`told` is what the model was told was heard, which may be less than it was."""
        self._interruption = settled
        self._told = told or settled.heard
        self._replies = 0
        self._compared = -1  # characters of the reply under way that were compared
        self._found: Resumption = "none"

    def look_at(self, reply: str, question: str | None) -> None:
        """Compare the words of the reply under way, as far as they have come; the user's before it may be unknown."""
        if len(reply) == self._compared:
            return
        self._compared = len(reply)
        cut = self._interruption
        answers = self._replies > 0 or question is None or is_question(question)
        self._found = compare(cut.heard, cut.unheard, reply, answers=answers)
        if self._found == "earlier" and len(self._told) < len(cut.heard):  # it may have done as it was told
            unheard = (cut.heard + cut.unheard)[len(self._told) :]
            self._found = compare(self._told, unheard, reply, answers=answers)

    def end_reply(self) -> None:
        """That reply is over; what is compared next is another one."""
        self._replies += 1
        self._compared = -1

    @property
    def is_known(self) -> bool:
        """Whether the model went on, or nothing more is expected."""
        return self._found != "none" or self._replies >= REPLIES

    @property
    def is_certain(self) -> bool:
        """Whether no word that is still to come of the reply can change that."""
        return self._found in ("sentence", "earlier")

    def interruption(self) -> Interruption:
        """Return the interruption with what is known of it now."""
        return replace(self._interruption, phase="resumed", resumption=self._found)
