"""The person: listens, talks over the third sentence, waits for an answer, and hangs up when all is said."""

import asyncio
import re
from collections.abc import Callable

from ._client import VoiceApp
from ._service import Service
from ._sound import Loudspeaker, RecordedMicrophone, recording
from ._story import Case, Utterance

WORDS_OF_THE_THIRD = 5
"""So many words of the third sentence are heard before the person speaks."""
_LOOK = 0.02  # seconds between two looks
_SENTENCE_END = re.compile(r"[.!?…]['\"”’]?\s+")


class Person:
    """Sits before the app. `spoken` holds what they said, each with the number of replies that had begun before it.

    `patience` is how many seconds they wait for the model to say something.
    """

    def __init__(
        self, app: VoiceApp, service: Service, microphone: RecordedMicrophone, loudspeaker: Loudspeaker, patience: float
    ) -> None:
        self._app = app
        self._service = service
        self._microphone = microphone
        self._loudspeaker = loudspeaker
        self._patience = patience
        self.spoken: list[tuple[int, Utterance]] = []

    def heard(self) -> list[str]:
        """Return what was heard of each reply up to now, whole words."""
        return [
            "".join(word.text for word in reply if self._loudspeaker.has_played(word.start, word.end))
            for reply in self._service.replies()
        ]

    async def converse(self, case: Case) -> bool:
        """Hold the conversation; return whether the model was interrupted."""
        await self._until(lambda: self._app.replying, 30.0)
        await self._until(lambda: _is_in_third_sentence("".join(self.heard()[:1])) or not self._is_telling(), 60.0)
        before = self._app.interruptions
        await self._say(case.breaks_in)
        interrupted = await self._until(lambda: self._app.interruptions > before, 3.0)
        if await self._listen() and case.then is not None:
            await self._say(case.then)
            await self._listen()
        return interrupted

    async def _say(self, utterance: Utterance) -> None:
        self.spoken.append((len(self._app.captions), utterance))
        self._microphone.say(recording(utterance.recording))

    async def _listen(self) -> bool:
        """Listen to the next reply to its end; return whether there was one."""
        await self._until(lambda: self._microphone.silent, 10.0)
        if not await self._until(lambda: self._app.replying, self._patience):
            return False
        await self._until(lambda: not self._is_telling(), 60.0)
        return True

    def _is_telling(self) -> bool:
        return self._app.replying or not self._loudspeaker.silent

    async def _until(self, condition: Callable[[], bool], within: float) -> bool:
        """Wait for what the clock or the app brings about; return whether it came in time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while not condition():
            if loop.time() >= end:
                return False
            await asyncio.sleep(_LOOK)  # an ear's place in a stream has no event to wait for
        return True


def _is_in_third_sentence(heard: str) -> bool:
    sentences = _SENTENCE_END.split(heard)
    return len(sentences) > 3 or (len(sentences) == 3 and len(sentences[2].split()) >= WORDS_OF_THE_THIRD)
