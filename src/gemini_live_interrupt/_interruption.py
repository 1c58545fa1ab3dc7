"""The value that tells what an interruption was: handed to builders and to `on_interruption`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ._resumption import Resumption

Evidence = Literal["reported", "words", "clock", "text"]
Phase = Literal["cut", "silence", "settled", "resumed"]
Cause = Literal["user", "app", "tool", "connection"]
Outcome = Literal["noted", "asked", "late", "skipped", "failed", "refused", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One interruption of the model: what was heard of its reply, what was not, and how that is known."""

    heard: str
    """The model's words up to where the user's ear was: a raw, exact prefix of the transcript."""
    unheard: str
    """What had been received beyond that and was never played. `heard + unheard` is all that was received."""
    cut_sentence: str
    """The sentence to take up: the one in progress at the end of `heard`, from its beginning, a suffix of `heard`. If
    `heard` ends with a sentence, and the cut came later than that by more than the error of the estimate, it is the
    next one: a part of `unheard`."""
    user_text: str
    """The words of this interruption known so far; `""` while none are."""
    history: list[tuple[str, str]]
    """The turns before the interrupted reply, oldest first, as `("user" | "model", text)`."""
    played: float
    """Seconds of the reply's audio that had been played."""
    received: float
    """Seconds of the reply's audio that had been received."""
    evidence: Evidence
    """What `heard` rests on: the app's `report_played`, the server's word timestamps, the playback clock, or,
    in a session without audio, the text as received."""
    phase: Phase = "cut"
    """`"cut"` when the interruption is seen, `"silence"` when the model is asked to go on because nothing followed,
    `"settled"` when the next reply begins, `"resumed"` when it is known where the model went on, or given up."""
    outcome: Outcome | None = None
    """Set when settled. `"noted"`: the model was told, and its reply followed. `"asked"`: the model was told to speak.
    `"late"`: the next reply began before the note was out, so none was sent. `"skipped"`: the builder gave no note.
    `"failed"`: the builder or the socket failed. `"refused"`: the server closed with 1007 after the note.
    `"closed"`: the session ended before anything followed."""
    session_id: str = ""
    """Random, of 16 hexadecimal digits: the same for all interruptions of one Live session."""
    number: int = 0
    """1 for the session's first interruption; the same in all phases of one."""
    note: str | None = None
    """What the model was last told of this interruption; `None` while it was told nothing."""
    note_after: float | None = None
    """Seconds from `interrupted` until that note was handed to the socket."""
    cause: Cause = "user"
    """What cut the reply off. `"user"`: they spoke or typed. `"app"`: the app sent content, or a manual activity
    without speech. `"tool"`: a tool response that was scheduled to interrupt. `"connection"`: it ended in mid-reply,
    and the session's state was restored on another."""
    resumption: Resumption | None = None
    """Where the model went on, in the phase `"resumed"`, as the function `resumption` says. `"none"`: in none of three
    replies, or not before the next interruption or the end of the session."""
    rules_known: bool = False
    """Whether the model has the rules of what to do from its system instruction, so that no note has to say them."""
