"""What a session wants done: it has no socket and calls nobody itself."""

from dataclasses import dataclass

from ._memory import Told
from ._schema import Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message."""

    message: Message


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the model for its reply to what it has been told; bring the answer back under this number."""

    number: int
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Hear:
    """Find the words in the user's PCM (16 bit, mono); bring them back under this number."""

    number: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class SendRaw:
    """Send these bytes, whatever they are."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Stall:
    """Read nothing from the client for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Abort:
    """Drop the connection without a close."""


Action = Send | SendRaw | Close | Abort | Stall | Ask | Hear
