"""What happens in a session, as small values. `_sdk.py` makes them of messages; `_handler.py` takes them in.

An event is never changed once made. Times are not part of it: whoever hands an event on says when it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._actions import Note
    from ._interruption import Outcome

Chunk = tuple[bytes, str | None]
"""PCM as received, and its mime type."""
MOST_TEXT = 8_000
"""Characters of a reply that are looked at: more than is spoken in 8,192 tokens, 25 a second (documented)."""
MOST_WORDS, LONGEST_WORD = 1_000, 100
"""Words of a reply that have times, likewise, and the characters of one."""

# From the server


@dataclass(slots=True, eq=False)
class UserVoice:
    """The server, or the app in a manual activity, says that the user begins or ends to speak."""

    started: bool
    by_app: bool = False


@dataclass(slots=True, eq=False)
class UserWords:
    """Words of the user: a piece of a transcript, raw. An interim one replaces the last interim one."""

    text: str
    interim: bool = False
    cut_in: bool = False
    """Whether they came with `interrupted`."""


@dataclass(slots=True, eq=False)
class ModelSpeech:
    """The model's output: a piece of the transcript, its word timings, audio; or text where nothing is spoken."""

    text: str = ""
    timings: Sequence[Any] = ()
    audio: Sequence[Chunk] = ()
    written: str = ""


def with_times(words: Sequence[Any]) -> list[Any]:
    """Return those of the words that may have been spoken."""
    return [word for word in words[:MOST_WORDS] if len(getattr(word, "word", None) or "") <= LONGEST_WORD]


@dataclass(slots=True, eq=False)
class GenerationCompleted:
    """No more of the reply is coming, but perhaps the end of its transcript."""


@dataclass(slots=True, eq=False)
class Interrupted:
    """The server cut the reply off."""


@dataclass(slots=True, eq=False)
class TurnCompleted:
    """The turn is over."""


@dataclass(slots=True, eq=False)
class ModelIsThere:
    """The model does something that is no speech: it thinks, waits, or starts a transcript without words."""


@dataclass(slots=True, eq=False)
class ToolCalled:
    """The model calls functions."""

    ids: Sequence[str]


@dataclass(slots=True, eq=False)
class ToolCallsCancelled:
    """The server takes calls back."""

    ids: Sequence[str]


@dataclass(slots=True, eq=False)
class HandleGiven:
    """The server gave a handle with which another connection can go on with the session."""

    handle: str


# From the app


@dataclass(slots=True, eq=False)
class MicrophoneAudio:
    """What the app sent of the microphone: 16-bit PCM, `rate` samples a second."""

    pcm: bytes
    rate: int


@dataclass(slots=True, eq=False)
class UserTyped:
    """The app sent what the user typed."""

    text: str


@dataclass(slots=True, eq=False)
class AppContent:
    """The app sent content of its own: context, or what is to silence the model."""


@dataclass(slots=True, eq=False)
class ToolAnswered:
    """The app answered calls; no ids: all. A response may be scheduled to interrupt the model."""

    ids: Sequence[str]
    interrupts: bool = False


# From the delivery


@dataclass(slots=True, eq=False)
class NoteSending:
    """A note is about to be written to the socket."""

    note: Note
    text: str


@dataclass(slots=True, eq=False)
class NoteNotSent:
    """A note could not be built or sent, the builder gave none, or the session's model refused an earlier one."""

    note: Note
    why: Outcome


@dataclass(slots=True, eq=False)
class Woken:
    """The time that a `WakeAt` named has come."""


@dataclass(slots=True, eq=False)
class PlaybackReported:
    """The app said how many seconds of the current reply had been played."""

    seconds: float


@dataclass(slots=True, eq=False)
class Closed:
    """The connection ended, with this close code if one is known."""

    code: object


Event = (
    UserVoice
    | UserWords
    | ModelSpeech
    | GenerationCompleted
    | Interrupted
    | TurnCompleted
    | ModelIsThere
    | ToolCalled
    | ToolCallsCancelled
    | HandleGiven
    | MicrophoneAudio
    | UserTyped
    | AppContent
    | ToolAnswered
    | NoteSending
    | NoteNotSent
    | Woken
    | PlaybackReported
    | Closed
)
