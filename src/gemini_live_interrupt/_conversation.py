"""Who said what so far. The words of the user are kept apart by the turn that they can belong to.

Input transcripts come in no promised order: late, twice, in pieces, or not at all. What the user is saying *now* is
what came since they can have begun to; all else belongs to an earlier turn, and is never presented as the interruption.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence

LONGEST_SPEECH = 60.0
"""Seconds for which an open voice activity is believed: its end is not always sent."""
REPEATED = 10
"""An input transcript of so many characters, the same as an earlier one, is that one sent again (seen after 55 s)."""
REMEMBERED = 8
"""Utterances among which such a one is looked for."""
BARGE_IN = 3.0
"""Seconds before `interrupted` for which words that were said into the reply count as those that cut it: it comes
0.05-3 s after speech begins."""
EDGE = 4_000
"""Characters at either end of an utterance that are kept: five minutes of speech each."""

_MARKER = re.compile(r"<[^<>]{1,24}>")  # "<noise>" and the like stand in input transcripts, and are not words


class Conversation:
    """The history of both sides, and the utterance that the user is in."""

    __slots__ = (
        "_hears_user",
        "_interim",
        "_into_reply_at",
        "_said",
        "_speaking_since",
        "_words",
        "history",
        "is_open",
    )

    def __init__(self) -> None:
        self.history: list[tuple[str, str]] = []
        self.is_open = False
        """Whether the words since the last answer are what the user is saying now."""
        self._hears_user = False  # the session has a transcript of the user
        self._words = ""
        self._interim = ""
        self._into_reply_at = -math.inf  # when words came that no question explains
        self._said = array("q")  # hashes: what people said is kept no longer than it is needed
        self._speaking_since: float | None = None

    @property
    def user_text(self) -> str:
        """The words that the user is saying now, as far as they are known."""
        return self.words if self.is_open else ""

    @property
    def words(self) -> str:
        """What the user said since the last turn was closed."""
        return (self._words + self._interim).strip()

    @property
    def question(self) -> str | None:
        """What the user said before the reply under way; `None` where no words of theirs have ever come."""
        if not self._hears_user:
            return None
        role, text = self.history[-1] if self.history else ("", "")
        return text if role == "user" else ""

    def restore(self, history: Sequence[tuple[str, str]], words: str, *, is_open: bool) -> None:
        """Put what was said on an earlier connection before what has been said on this one."""
        for role, text in history:
            self.add(role, text)
        if words:
            self._words = f"{words} {self._words}"
        self.is_open = self.is_open or is_open

    def voice(self, *, started: bool, now: float) -> None:
        """The user begins or ends to speak, says the server or the app."""
        if started:
            self._speaking_since = now
            self.begin_utterance()
        else:
            self._speaking_since = None

    def is_speaking(self, now: float) -> bool:
        """Whether a voice activity of the user is open."""
        return self._speaking_since is not None and now - self._speaking_since < LONGEST_SPEECH

    def add_interim(self, text: str) -> None:
        """Take in a guess at the user's words, which replaces the last one."""
        self.begin_utterance()
        self._interim = _MARKER.sub("", text[-EDGE:])

    def add_words(self, text: str, now: float, *, no_reply: bool, may_be_question: bool, cut_in: bool) -> bool:
        """Take in a piece of what the user says; return whether there are words in it.

        `no_reply`: no reply is under way, so it is what the user is saying now. `may_be_question`: one is, but began so
        lately that it may answer these words. `cut_in`: they are known to be said into it.
        """
        text = _MARKER.sub("", text if len(text) <= 2 * EDGE else text[:EDGE] + text[-EDGE:])
        if not (words := text.strip()):
            return False
        if self._is_repeated(words):
            return True  # people do repeat themselves
        if no_reply:
            self.begin_utterance()
        asked = bool(self.history) and self.history[-1][0] == "user"
        if self.is_open:
            self._append(text)
        elif cut_in or (asked and not may_be_question):
            if now - self._into_reply_at > BARGE_IN:
                self.flush()
            self._into_reply_at = now
            self._append(text)
        elif asked:
            self.history[-1] = ("user", self.history[-1][1] + text.rstrip())
        else:
            self.add("user", text)
        return True

    def begin_utterance(self) -> None:
        """From here on, words are what the user is saying now; those before were an utterance of their own."""
        if not self.is_open:
            self.flush()
            self.is_open = True

    def barge_in(self, now: float) -> None:
        """The user cut the model off: words that came just before are part of that."""
        if self._words and now - self._into_reply_at <= BARGE_IN:
            self.is_open = True
        self.begin_utterance()

    def flush(self) -> None:
        """Close what the user said."""
        self.add("user", self._words)
        self._words = self._interim = ""
        self._into_reply_at = -math.inf
        self.is_open = False

    def add(self, role: str, text: str) -> None:
        """Close a turn; one without words leaves no trace."""
        text = text.strip()
        if not text:
            return
        self._hears_user = self._hears_user or role == "user"
        if role == "user" and len(text) >= REPEATED:
            self._said.append(hash(text))
            del self._said[:-REMEMBERED]
        self.history.append((role, text))

    def recent(self, turns: int) -> list[tuple[str, str]]:
        """Return the last so many turns, oldest first."""
        return self.history[-turns:] if turns else []

    def forget_before(self, turns: int) -> None:
        """Forget all but the last so many turns."""
        del self.history[: -max(turns, 1)]  # the last one is needed to know whether the question has come

    def _append(self, text: str) -> None:
        self._words += text
        if len(self._words) > 3 * EDGE:  # the middle of an endless utterance
            self._words = f"{self._words[:EDGE]} … {self._words[-EDGE:]}"
        self._interim = ""

    def _is_repeated(self, words: str) -> bool:
        return len(words) >= REPEATED and (hash(words) in self._said or words == self._words.strip())
