"""A reply of the model, from its first output until it has been played: what is part of it, and what another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._heard import Pace
from ._turn import Turn


class Reply:
    """One turn of the model, and how far it has come."""

    __slots__ = ("_written", "began", "flows", "ordered", "over", "turn")

    def __init__(self, pace: Pace, now: float, *, ordered: bool) -> None:
        self.turn = Turn(pace)
        self.began = now
        self.ordered = ordered
        """Whether a note of ours ordered it."""
        self.flows = True
        """Whether it is in mid-generation: all output is more of it."""
        self.over = False
        """Whether its `turnComplete` has come; it may still be played."""
        self._written: list[str] = []

    def add(self, text: str, words: Sequence[Any], seconds: float, written: str, now: float) -> None:
        """Add speech: a piece of its transcript, timestamps of words, audio; or text, in a session without audio."""
        if text:
            self.turn.add_text(text)
            if words:
                self.turn.add_words(words)
        if seconds:
            self.turn.add_audio(seconds, now)
        if written:
            self._written.append(written)

    def generated(self) -> None:
        """No more of it is coming, but perhaps the end of its transcript."""
        self.turn.complete()
        self.flows = False

    def completed(self) -> None:
        """Its `turnComplete` has come."""
        self.generated()
        self.over = True

    def is_played(self, now: float) -> bool:
        """Whether all of it was generated, and has been played."""
        return self.turn.generated and now >= self.turn.ends_at()

    def is_followed(self, *, by_audio: bool, user_spoke: bool, now: float) -> bool:
        """Whether output that comes now is another reply, and not more of this one."""
        if self.flows:
            return False
        if self.over:  # it is one reply if nobody spoke, and its first part is still being played
            return user_spoke or self.is_played(now)
        return by_audio or user_spoke  # the turnComplete never came

    @property
    def text(self) -> str:
        """All its words: what was written counts where nothing was spoken."""
        return self.turn.text or ("" if self.turn.received else "".join(self._written))

    def whole(self) -> Turn:
        """Return the turn with all its words."""
        if not self.turn.text:
            self.turn.add_text(self.text)
        return self.turn

    @classmethod
    def whole_of(cls, turn: Turn, now: float) -> Reply:
        """Return a reply that is over, but perhaps still being played."""
        reply = cls(Pace(), now, ordered=False)
        reply.turn = turn
        reply.completed()
        return reply
