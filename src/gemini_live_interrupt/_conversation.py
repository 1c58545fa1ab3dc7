"""What was said so far, by whom; the words of the user are kept apart by what they can belong to.

Input transcripts come in no promised order: late, twice, in pieces, or not at all. What the user is saying *now* is
what came since they can have begun to; all else belongs to an earlier turn, and is never presented as the interruption.
"""

from __future__ import annotations

import re
from collections import deque

_REPEATED = 10
"""An input transcript of so many characters, the same as an earlier one, is that one sent again (seen after 55 s)."""

_MARKER = re.compile(r"<[^<>]{1,24}>")  # "<noise>" and the like stand in input transcripts, and are not words


class Conversation:
    """The history of both sides, and the utterance that the user is in."""

    def __init__(self) -> None:
        self.history: list[tuple[str, str]] = []
        self.live = False
        """Whether the words since the last answer are what the user is saying now."""
        self._words = ""
        self._interim = ""
        self._said: deque[str] = deque(maxlen=8)

    @property
    def user_text(self) -> str:
        """The words that the user is saying now, as far as they are known."""
        return (self._words + self._interim).strip() if self.live else ""

    def speech_begins(self) -> None:
        """From here on, words are what the user is saying now; those before were an utterance of their own."""
        if not self.live:
            self.flush()
            self.live = True

    def flush(self) -> None:
        """Close what the user said."""
        self.add("user", self._words)
        self._words = self._interim = ""
        self.live = False

    def hear(self, text: str) -> None:
        """Add to the utterance that the user is in."""
        self._words += text
        self._interim = ""

    def hear_interim(self, text: str) -> None:
        """Take a guess at the words that the user is saying now; each replaces the last."""
        self._interim = _MARKER.sub("", text)

    def hear_late(self, text: str) -> None:
        """Add to what the user had said before the present reply."""
        if self.last_is_user:
            self.history[-1] = ("user", self.history[-1][1] + text.rstrip())
        else:
            self.add("user", text)

    @property
    def last_is_user(self) -> bool:
        """Whether the words that the present reply answers are known."""
        return bool(self.history) and self.history[-1][0] == "user"

    def new_words(self, text: str) -> str:
        """What of an input transcript is words, and has not been sent before: perhaps nothing."""
        text = _MARKER.sub("", text)
        bare = text.strip()
        if not bare or (len(bare) >= _REPEATED and (bare in self._said or bare == self._words.strip())):
            return ""
        return text

    def add(self, role: str, text: str) -> None:
        """Close a turn; one without words leaves no trace."""
        text = text.strip()
        if not text:
            return
        if role == "user" and len(text) >= _REPEATED:
            self._said.append(text)
        self.history.append((role, text))

    def recent(self, turns: int) -> list[tuple[str, str]]:
        """Return the last so many turns, oldest first, and forget those before them."""
        del self.history[: -max(turns, 1)]  # the last one is needed to know whether the question has come
        return self.history[-turns:] if turns else []
