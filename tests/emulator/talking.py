"""A person with the real SDK: speaks, listens to what comes, and waits for the thing itself."""

import array
import asyncio
import contextlib
import dataclasses
import functools
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ParamSpec

from google import genai
from google.genai import errors
from google.genai.live import AsyncSession

from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Profile, VirtualTimeLoop

P = ParamSpec("P")

RATE = 16_000
CONFIG: dict[str, Any] = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
}


def voice(seconds: float, loudness: int = 6_000) -> bytes:
    """A tone at 16 kHz, which counts as speech."""
    step = 2 * math.pi * 200 / RATE
    return array.array("h", (round(loudness * math.sin(step * n)) for n in range(round(RATE * seconds)))).tobytes()


def quiet(seconds: float) -> bytes:
    return bytes(2 * round(RATE * seconds))


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run the test in a loop whose clock jumps."""

    @functools.wraps(test)
    def run(*args: P.args, **named: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop, debug=True) as runner:
            runner.run(test(*args, **named))

    return run


UTTERANCE = voice(0.6) + quiet(0.6)
NOISE = voice(0.14) + quiet(0.6)


def hasty(name: str) -> Profile:
    """The profile without its longer pauses: its times are tested elsewhere, without waiting."""
    return dataclasses.replace(PROFILES[name], reply_after=0.1, lead=0.05, playback_margin=0.05, trailing_silence=0.0)


class Person:
    """One session of the SDK, with everything that it received."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.messages: list[Any] = []
        self.error: errors.APIError | None = None
        self.listening: asyncio.Task[None]

    async def say(self, pcm: bytes) -> None:
        """Send it all at once: the emulator hears by the audio's own time."""
        await self.session.send_realtime_input(audio={"data": pcm, "mime_type": f"audio/pcm;rate={RATE}"})

    async def tell(self, text: str, *, turn_complete: bool, role: str | None = "user") -> None:
        turn = {"parts": [{"text": text}]} | ({"role": role} if role else {})
        await self.session.send_client_content(turns=turn, turn_complete=turn_complete)  # type: ignore[arg-type]

    async def listen(self) -> None:
        try:
            while True:
                async for message in self.session.receive():
                    self.messages.append(message)
        except errors.APIError as error:
            self.error = error

    @property
    def turns_complete(self) -> int:
        return sum(bool(m.server_content and m.server_content.turn_complete) for m in self.messages)

    @property
    def audio(self) -> bytes:
        return b"".join(part.data for m in self.messages if (part := _blob(m)))

    @property
    def transcript(self) -> str:
        found = (m.server_content and m.server_content.output_transcription for m in self.messages)
        return "".join(transcription.text or "" for transcription in found if transcription)


@contextlib.asynccontextmanager
async def connected(live: LiveEmulator, **config: Any) -> AsyncIterator[Person]:
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(genai.Client(**live.client_options()).aio)
        setup: Any = CONFIG | config
        session = await stack.enter_async_context(client.live.connect(model="a-live-model", config=setup))
        person = Person(session)
        listening = person.listening = asyncio.create_task(person.listen())
        try:
            yield person
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _blob(message: Any) -> Any:
    turn = message.server_content and message.server_content.model_turn
    return turn.parts[0].inline_data if turn and turn.parts else None
