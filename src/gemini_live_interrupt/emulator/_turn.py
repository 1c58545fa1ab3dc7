"""One reply on its way out: what of it is unsent, and how far its playback must be."""

import math
from collections import deque

from ._reply import Reply
from ._shapes import Piece


class Turn:
    """The pieces of a reply in the order in which they go out, from the time `begin` on."""

    def __init__(self, reply: Reply, pieces: list[Piece], begin: float) -> None:
        self.reply = reply
        self._unsent = deque(pieces)
        self._sounds_from = math.inf
        self._sounds_until = begin

    @property
    def sounding(self) -> bool:
        """Whether any audio has gone out."""
        return self._sounds_from < math.inf

    @property
    def sounds_until(self) -> float:
        """When playback ends, if no more comes: each chunk starts as it arrives or as the one before has ended."""
        return self._sounds_until

    def next(self, at: float) -> Piece | None:
        """Take the next piece: it goes out now; `None` if all have gone."""
        if not self._unsent:
            return None
        piece = self._unsent.popleft()
        self._record(piece)
        if piece.seconds:
            self._sounds_from = min(self._sounds_from, at)
            self._sounds_until = max(self._sounds_until, at) + piece.seconds
        return piece

    def late(self, count: int) -> list[Piece]:
        """Take the next messages with words or audio: they go out although the reply has been cut."""
        return self._take([piece for piece in self._unsent if piece.text or piece.seconds][:count])

    def owed(self) -> list[Piece]:
        """Take the transcript of the audio that has gone out, where it is late."""
        begun = [word.text for word in self.reply.speech.words if word.start < self.reply.sent_seconds]
        missing = len("".join(begun)) - len(self.reply.sent_text)
        wanted = []
        for piece in self._unsent:
            if piece.text and not piece.seconds and missing > 0:
                missing -= len(piece.text)
                wanted.append(piece)
        return self._take(wanted)

    def _take(self, pieces: list[Piece]) -> list[Piece]:
        for piece in pieces:
            self._unsent.remove(piece)
            self._record(piece)
        return pieces

    def drop(self) -> None:
        """Send no more."""
        self._unsent.clear()

    def heard_by(self, at: float) -> str:
        """Return the words that have been played by then, as the server reckons."""
        played = min(at - self._sounds_from, self.reply.sent_seconds) if self.sounding else 0.0
        return self.reply.speech.heard_by(played)

    def _record(self, piece: Piece) -> None:
        self.reply.sent_text += piece.text
        self.reply.sent_seconds += piece.seconds
