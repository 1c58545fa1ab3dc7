"""What answers the app: the emulator with the scripted model, or the real Live API. Each tells what it knows."""

import contextlib
import functools
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .. import Interruption, default_prompt
from .._extras import KEYS
from ..emulator import LiveEmulator
from ..emulator._dispositions import Disposition
from ._client import Captions
from ._sound import Loudspeaker
from ._story import Case, tell


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word or a punctuation mark of a reply, raw, and its place in the loudspeaker's stream in seconds."""

    text: str
    start: float
    end: float


TimedReply = Sequence[TimedWord]
"""What was meant to be said, as far as it is known."""


class Service(Protocol):
    """What differs between the two."""

    def client_options(self) -> dict[str, Any]:
        """Return keyword arguments for `google.genai.Client`."""
        ...

    def replies(self) -> list[TimedReply]:
        """Return the words of the replies so far with their times."""
        ...

    def sent(self) -> list[str]:
        """Return what was sent of each reply."""
        ...

    def notes(self) -> list[str]:
        """Return the notes that the model was told."""
        ...


class LocalService:
    """The emulator: it knows when each word sounds, and what the model has been told."""

    def __init__(self, emulator: LiveEmulator) -> None:
        self._emulator = emulator

    def client_options(self) -> dict[str, Any]:
        return self._emulator.client_options()

    def replies(self) -> list[TimedReply]:
        found: list[TimedReply] = []
        begin = 0.0
        for reply in self._emulator.session.replies if self._emulator.sessions else ():
            found.append([TimedWord(word.text, begin + word.start, begin + word.end) for word in reply.speech.words])
            begin += reply.sent_seconds
        return found

    def sent(self) -> list[str]:
        return [reply.sent for reply in self._emulator.replies] if self._emulator.sessions else []

    def notes(self) -> list[str]:
        context = self._emulator.context if self._emulator.sessions else ()
        told = [entry.text for entry in context if entry.kind == "content"]
        return told[1:]  # the first is what the person asked for


class RealService:
    """Google's: when a word sounds is estimated from the audio that had come when its transcript came."""

    def __init__(self, captions: Captions, loudspeaker: Loudspeaker, interruptions: Sequence[Interruption]) -> None:
        self._captions = captions
        self._loudspeaker = loudspeaker
        self._interruptions = interruptions

    def client_options(self) -> dict[str, Any]:
        return {"api_key": next(filter(None, map(os.environ.get, KEYS)), None)}

    def replies(self) -> list[TimedReply]:
        pieces = [(number, *piece) for number, captions in enumerate(self._captions) for piece in captions]
        found: list[list[TimedWord]] = [[] for _ in self._captions]
        ends = [*(start for _, _, start in pieces[1:]), self._loudspeaker.received]
        for (number, text, start), end in zip(pieces, ends, strict=False):  # no pieces have an end all the same
            found[number].append(TimedWord(text, start, end))
        return list(found)

    def sent(self) -> list[str]:
        return ["".join(text for text, _ in captions) for captions in self._captions]

    def notes(self) -> list[str]:
        return [
            default_prompt(told.heard, told.user_text, told.history, told)
            for told in self._interruptions
            if told.phase in ("cut", "silence")
        ]


@contextlib.asynccontextmanager
async def emulated(profile: str, case: Case, disposition: Disposition = "obeys") -> AsyncIterator[Service]:
    """Provide the emulator with the scripted model. It cannot make out words: it is told those of the case."""
    words = [utterance.words for utterance in (case.breaks_in, case.then) if utterance]
    model = tell if disposition == "obeys" else functools.partial(tell, disposition=disposition)
    async with LiveEmulator(profile, model, hear=words) as emulator:
        yield LocalService(emulator)
