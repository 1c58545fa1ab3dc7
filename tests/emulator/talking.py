"""A person with the real SDK: speaks, listens to what comes, and waits for the thing itself."""

import array
import asyncio
import contextlib
import dataclasses
import functools
import math
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ParamSpec

from google import genai
from google.genai import errors
from google.genai.live import AsyncSession

from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Profile, Told, VirtualTimeLoop

P = ParamSpec("P")

RATE = 16_000
CONFIG: dict[str, Any] = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
}

BOTH_KEYS = "Both GOOGLE_API_KEY and GEMINI_API_KEY are set. Using GOOGLE_API_KEY.\n"
"""What the SDK says where the emulator's environment is, because programs test for either."""

STORY = "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose."


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
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
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
async def listening(session: AsyncSession) -> AsyncIterator[Person]:
    """Somebody who listens for as long as the block lasts."""
    person = Person(session)
    person.listening = asyncio.create_task(person.listen())
    try:
        yield person
    finally:
        person.listening.cancel()
        await asyncio.gather(person.listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def connected(live: LiveEmulator, **config: Any) -> AsyncIterator[Person]:
    setup: Any = CONFIG | config
    async with (
        genai.Client(**live.client_options()).aio as client,
        client.live.connect(model="a-live-model", config=setup) as session,
        listening(session) as person,
    ):
        yield person


def teller(told: tuple[Told, ...]) -> str:
    """A model that tells the story when it is asked to, and answers one question."""
    last = told[-1]
    if last.kind == "content" and not last.silent:
        return "As I said."
    return {"A story!": STORY, "Really?": "Really."}.get(last.text, "")


def notes(live: LiveEmulator) -> list[Told]:
    """What the model has been told by the app."""
    return [told for told in live.context if told.kind == "content"]


async def output(*command: str, live: LiveEmulator) -> str:
    """Run a program that knows nothing of the emulator, to its good end; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", *command),
        env=os.environ | live.environ(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, err.decode().replace(BOTH_KEYS, "")) == (0, "")
    return out.decode()


def _blob(message: Any) -> Any:
    turn = message.server_content and message.server_content.model_turn
    return turn.parts[0].inline_data if turn and turn.parts else None
