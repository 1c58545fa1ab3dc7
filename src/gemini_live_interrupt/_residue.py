"""Output that comes after a cut and still belongs to the reply that was cut off."""

from __future__ import annotations

import math

from ._events import ModelSpeech

UNTIL_COMPLETE = 1.0
"""Seconds after `interrupted` for which output counts as residue if its `turnComplete` never comes (36 ms recorded)."""
LATE_PIECES = 0.25
"""Seconds after that `turnComplete` for which output that goes on in mid-sentence still does (seen 0.1 s after it)."""


class Residue:
    """Between `interrupted` and a moment after its `turnComplete`, output is residue of the cut reply."""

    __slots__ = ("_turn_is_over", "_until")

    def __init__(self) -> None:
        self._until = -math.inf
        self._turn_is_over = False

    def begin(self, now: float) -> None:
        """A reply was cut off."""
        self._until, self._turn_is_over = now + UNTIL_COMPLETE, False

    def end_turn(self, now: float) -> None:
        """A turn is complete."""
        self._turn_is_over = True
        if self._until >= now:
            self._until = now + LATE_PIECES

    def end(self) -> None:
        """Another reply has begun."""
        self._until = -math.inf

    def holds(self, speech: ModelSpeech, now: float) -> bool:
        """Whether the output belongs to the cut reply: all until its turn is complete, then what goes on with it.

        A reply begins without a space, in every recording.
        """
        return now <= self._until and not (self._turn_is_over and (speech.written or speech.text[:1].strip()))
