"""Output that comes after a cut and still belongs to the reply that was cut off."""

from __future__ import annotations

import math

from ._events import ModelSpeech

UNTIL_COMPLETE = 1.0
"""Seconds after `interrupted` for which output counts as residue if its `turnComplete` never comes (36 ms recorded)."""
LATE_PIECES = 0.25
"""Seconds after that `turnComplete` for which sound without words still does (seen 0.1 s after it)."""
LATE_WORDS = 1.0
"""Seconds after it for which words that go on in mid-sentence do: no answer to the user comes so soon."""


class Residue:
    """Between `interrupted` and a moment after its `turnComplete`, output is residue of the cut reply."""

    __slots__ = ("_turn_is_over", "_until", "_words_until")

    def __init__(self) -> None:
        self._until = self._words_until = -math.inf
        self._turn_is_over = False

    def begin(self, now: float) -> None:
        """A reply was cut off."""
        self._until, self._turn_is_over = now + UNTIL_COMPLETE, False

    def end_turn(self, now: float) -> None:
        """A turn is complete."""
        self._turn_is_over = True
        if self._until >= now:
            self._until, self._words_until = now + LATE_PIECES, now + LATE_WORDS

    def end(self) -> None:
        """Another reply has begun."""
        self._until = self._words_until = -math.inf

    def holds(self, speech: ModelSpeech, now: float) -> bool:
        """Whether the output belongs to the cut reply: all until its turn is complete, then what goes on with it.

        A reply begins without a space, in every recording; sound that follows late words is theirs.
        """
        if now > self._until and now > self._words_until:  # nearly always
            return False
        if not self._turn_is_over:
            return now <= self._until
        if speech.written or speech.text[:1].strip():
            return False
        if speech.text and now <= self._words_until:
            self._until = max(self._until, now + LATE_PIECES)
        return now <= self._until
