"""What a listener had heard of each reply who plays the audio as soon as it comes: the emulator's own truth.

It is measured where the emulator stands, by the times of its frames: what a real client plays is later by its way and
its buffer.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ._log import Frame
from ._session import Session
from ._voice import OUTPUT_RATE

Chunk = tuple[int, float, float]
"""An audio frame: its place in the log, when it was sent, and its length in seconds."""


@dataclass(frozen=True, slots=True)
class PlayedReply:
    """One reply as it was `said`, `sent` and `heard`; each of the three begins with the next.

    `heard` holds whole words: those that had sounded to their end when the reply was cut (`interrupted`), or by
    now; of a written reply, all that was sent. Seconds are of its audio.
    """

    said: str
    sent: str
    heard: str
    sent_seconds: float
    heard_seconds: float
    interrupted: bool

    @property
    def unheard(self) -> str:
        """What had been sent and not heard."""
        return self.sent[len(self.heard) :]


def playbacks(session: Session, now: float) -> tuple[PlayedReply, ...]:
    """Return the replies of the session so far, oldest first; `now` is in seconds since it was connected."""
    frames = list(session.log)
    chunks = _chunks(frames)
    written = session.setup is not None and session.setup.modality == "TEXT"
    found = []
    for reply in session.replies:
        own = list(_take(chunks, reply.sent_seconds))
        interrupted = reply.outcome == "interrupted"
        seconds = _played(own, _cut(frames, own) if interrupted else now)
        if reply.outcome == "complete":
            seconds = reply.sent_seconds
        heard = reply.sent_text if written else reply.speech.heard_by(seconds)
        found.append(PlayedReply(reply.speech.text, reply.sent_text, heard, reply.sent_seconds, seconds, interrupted))
    return tuple(found)


def _chunks(frames: list[Frame]) -> Iterator[Chunk]:
    for number, frame in enumerate(frames):
        if frame.sender != "server":
            continue
        turn = (frame.message.get("serverContent") or {}).get("modelTurn") or {}
        size = sum(part.get("inlineData", {}).get("bytes", 0) for part in turn.get("parts", []))
        if size:
            yield number, frame.at, size / 2 / OUTPUT_RATE


def _take(chunks: Iterator[Chunk], seconds: float) -> Iterator[Chunk]:
    """Take the frames of the next reply: those that its audio fills."""
    taken = 0.0
    while taken + 1e-6 < seconds and (chunk := next(chunks, None)):
        taken += chunk[2]
        yield chunk


def _cut(frames: list[Frame], chunks: list[Chunk]) -> float:
    """When the client was told of the cut: the first `interrupted` after the reply began."""
    later = itertools.islice(frames, chunks[0][0] if chunks else 0, None)
    return next((frame.at for frame in later if "interrupted" in frame.kinds), 0.0)


def _played(chunks: list[Chunk], at: float) -> float:
    """How many seconds have sounded by then, if each frame is played when it comes or when the one before it ends."""
    end, played = 0.0, 0.0
    for _, came, seconds in chunks:
        begin = max(end, came)
        end = begin + seconds
        played += min(max(0.0, at - begin), seconds)
    return played
