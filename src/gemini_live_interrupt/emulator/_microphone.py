"""A microphone in a room that is never quite quiet, for apps and tests that have none."""

import array
import asyncio
import itertools
import math
import random
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self

from ._hearing import INPUT_RATE

CHUNK_SECONDS = 0.04
"""What one message carries (assumed; apps send 20 to 100 ms)."""
_NOISE_SECONDS = 2.0  # of noise that are made, and then repeated
_SYLLABLE_SECONDS = 0.2  # of voice; its last quarter is fainter by half
_FAINT = 0.75


class Uplink(Protocol):
    """What a microphone needs of a session of the SDK."""

    @property
    def send_realtime_input(self) -> Callable[..., Awaitable[None]]:
        """Send a blob of audio, or the begin or the end of an activity."""
        ...


class Microphone:
    """Streams to a session of the SDK as a microphone does, in the pace of the event loop's clock.

    An open microphone sends the room's noise for as long as its `async with` block lasts, and over it the voice of
    `speak`. With `push_to_talk` it sends nothing but what is spoken, between `activity_start` and `activity_end`; the
    session must have automatic activity detection disabled.

    `noise` is the loudness of the room, the root mean square of samples of 32768; `over` says by how many decibels the
    voice is louder. The emulator takes for voice what is louder than 300, with low sensitivity 900. What a send raises
    ends the streaming, and is raised by `speak` and at the end of the block.
    """

    def __init__(
        self,
        session: Uplink,
        *,
        noise: float = 200.0,
        over: float = 20.0,
        push_to_talk: bool = False,
        seed: int = 0,
    ) -> None:
        if not 0 <= noise <= 4_000:
            raise ValueError(f"noise must be between 0 and 4000; got {noise!r}")
        self._session = session
        self._open = not push_to_talk
        self._loudness = (noise or 1.0) * 10 ** (over / 20)
        self._noise = itertools.cycle(_room(noise, random.Random(seed)))
        self._voice: list[int] = []
        self._spoken = asyncio.Event()
        self._streaming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to stream, if the microphone is an open one."""
        if self._open:
            self._streaming = asyncio.create_task(self._stream())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. A send that failed raises, unless the block itself did."""
        if self._streaming is None:
            return
        failed = self._streaming.done() and not self._streaming.cancelled()
        self._streaming.cancel()
        await asyncio.gather(self._streaming, return_exceptions=True)
        if failed and error is None:
            self._streaming.result()

    async def speak(self, seconds: float, *then: float) -> None:
        """Speak for so many seconds; then, by turns, be quiet and speak for so many. Return when all is spoken."""
        samples = self._utterance((seconds, *then))
        if not self._open:
            await self._push_to_talk(samples)
            return
        if self._streaming is None:
            raise RuntimeError("the microphone is off: enter its `async with` block first")
        self._voice += samples
        self._spoken.clear()
        spoken = asyncio.ensure_future(self._spoken.wait())
        try:
            await asyncio.wait({spoken, self._streaming}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            spoken.cancel()
        if self._streaming.done():
            self._streaming.result()

    def _utterance(self, stretches: tuple[float, ...]) -> list[int]:
        samples: list[int] = []
        for number, seconds in enumerate(stretches):
            count = round(seconds * INPUT_RATE)
            samples += [0] * count if number % 2 else _syllables(self._loudness, count)
        return samples

    async def _push_to_talk(self, samples: list[int]) -> None:
        await self._session.send_realtime_input(activity_start={})
        self._voice = samples
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._voice:
            await self._send()
            due += CHUNK_SECONDS
            await asyncio.sleep(due - loop.time())
        await self._session.send_realtime_input(activity_end={})

    async def _stream(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self._send()
            if not self._voice:
                self._spoken.set()
            due += CHUNK_SECONDS
            await asyncio.sleep(due - loop.time())

    async def _send(self) -> None:
        count = round(CHUNK_SECONDS * INPUT_RATE)
        voice, self._voice = self._voice[:count], self._voice[count:]
        voice += [0] * (count - len(voice))
        loudest = 32_767
        mixed = (max(-loudest, min(loudest, next(self._noise) + sample)) for sample in voice)
        blob = {"data": array.array("h", mixed).tobytes(), "mime_type": f"audio/pcm;rate={INPUT_RATE}"}
        await self._session.send_realtime_input(audio=blob)


def _room(noise: float, chance: random.Random) -> list[int]:
    return [round(chance.gauss(0.0, noise)) for _ in range(round(_NOISE_SECONDS * INPUT_RATE))]


def _syllables(loudness: float, count: int) -> list[int]:
    """Return a tone that is fainter between its syllables."""
    step = 2 * math.pi * 200 / INPUT_RATE
    syllable = round(_SYLLABLE_SECONDS * INPUT_RATE)
    high = loudness * math.sqrt(2)
    return [
        round(high * (0.5 if at % syllable > _FAINT * syllable else 1.0) * math.sin(step * at)) for at in range(count)
    ]
