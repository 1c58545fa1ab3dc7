"""What was said so far, by whom; the words of the user are kept apart by what they can belong to.

Input transcripts come in no promised order: late, twice, in pieces, or not at all. What the user is saying *now* is
what came since they can have begun to; all else belongs to an earlier turn, and is never presented as the interruption.
"""

from __future__ import annotations

import re
from typing import Any

LONGEST_SPEECH = 60.0
"""Seconds for which an open voice activity is believed: its end is not always sent."""
REPEATED = 10
"""An input transcript of so many characters, the same as an earlier one, is that one sent again (seen after 55 s)."""
REMEMBERED = 8
"""Utterances among which such a one is looked for."""

_MARKER = re.compile(r"<[^<>]{1,24}>")  # "<noise>" and the like stand in input transcripts, and are not words


class Conversation:
    """The history of both sides, and the utterance that the user is in."""

    __slots__ = ("_interim", "_said", "_speaking_since", "_words", "history", "live")

    def __init__(self) -> None:
        self.history: list[tuple[str, str]] = []
        self.live = False
        """Whether the words since the last answer are what the user is saying now."""
        self._words = ""
        self._interim = ""
        self._said: list[int] = []  # hashes: what people said is kept no longer than it is needed
        self._speaking_since: float | None = None

    @property
    def user_text(self) -> str:
        """The words that the user is saying now, as far as they are known."""
        return (self._words + self._interim).strip() if self.live else ""

    @property
    def words(self) -> str:
        """What the user said since the last turn was closed."""
        return (self._words + self._interim).strip()

    def take_over(self, history: list[tuple[str, str]], words: str, *, live: bool) -> None:
        """Put what was said on an earlier connection before what has been said on this one."""
        for role, text in history:
            self.add(role, text)
        if words:
            self._words = f"{words} {self._words}"
        self.live = self.live or live

    def voice_activity(self, kind: Any, now: float) -> None:
        """Take note of a signal that the user begins or ends to speak."""
        name = getattr(kind, "value", kind)
        if name in ("ACTIVITY_START", "VAD_SIGNAL_TYPE_SOS"):
            self._speaking_since = now
            self.speech_begins()
        elif name in ("ACTIVITY_END", "VAD_SIGNAL_TYPE_EOS"):
            self._speaking_since = None

    def is_speaking(self, now: float) -> bool:
        """Whether a voice activity of the user is open."""
        return self._speaking_since is not None and now - self._speaking_since < LONGEST_SPEECH

    def take_in(self, content: dict[str, Any], *, between: bool, late: bool) -> bool:
        """Take in the input transcripts of a message; return whether there were words.

        `between`: no reply is under way, so that they are what the user is saying now. `late`: one is, but has begun so
        lately that they may be its question.
        """
        spoke = False
        interim = content.get("interim_input_transcription")
        if interim is not None and interim.text:
            self.speech_begins()
            self._interim = _MARKER.sub("", interim.text)  # each replaces the last
            spoke = True
        transcription = content.get("input_transcription")
        if transcription is not None and (text := _MARKER.sub("", transcription.text or "")).strip():
            spoke = True  # also if it is an earlier utterance sent again: people do repeat themselves
            if not self._is_repeated(text.strip()):
                if between:
                    self.speech_begins()
                self._hear(text, late=late)
        return spoke

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

    def add(self, role: str, text: str) -> None:
        """Close a turn; one without words leaves no trace."""
        text = text.strip()
        if not text:
            return
        if role == "user" and len(text) >= REPEATED:
            self._said = [*self._said[1 - REMEMBERED :], hash(text)]
        self.history.append((role, text))

    def recent(self, turns: int) -> list[tuple[str, str]]:
        """Return the last so many turns, oldest first."""
        return self.history[-turns:] if turns else []

    def forget_before(self, turns: int) -> None:
        """Forget all but the last so many turns."""
        del self.history[: -max(turns, 1)]  # the last one is needed to know whether the question has come

    def _hear(self, text: str, *, late: bool) -> None:
        """Add words: to the utterance that the user is in; else to the question of the reply, if it may be theirs.

        Otherwise they were said into the reply without cutting it, and the next one answers them.
        """
        question_is_known = bool(self.history) and self.history[-1][0] == "user"
        if self.live or (question_is_known and not late):
            self._words += text
            self._interim = ""
        elif question_is_known:
            self.history[-1] = ("user", self.history[-1][1] + text.rstrip())
        else:
            self.add("user", text)

    def _is_repeated(self, words: str) -> bool:
        return len(words) >= REPEATED and (hash(words) in self._said or words == self._words.strip())
