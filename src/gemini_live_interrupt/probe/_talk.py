"""One conversation with the service: a microphone that never stops, and when each message came."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from google.genai import errors
from google.genai.live import AsyncSession
from google.genai.types import Blob, Content, LiveServerMessage, Part

from ._recordings import RATE, sounding
from ._reply import Came, SpokenReply, said_by_the_model
from ._service import reason_of

CHUNK = 0.04
"""Seconds of audio that are sent at a time, as a browser's microphone does."""
PATIENCE = 12.0
"""Seconds until a reply that has not begun counts as none."""
LONGEST = 45.0
"""Seconds until a reply that goes on and on is left."""
INVALID = 1007
"""The code with which the service closes on what it does not take (recorded)."""
_LOOK = 0.05
_MIME_TYPE = f"audio/pcm;rate={RATE}"


class LostError(Exception):
    """The connection ended while something was to be found out. `code` and `reason` are those of the close."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection was closed with {code}: {reason}")
        self.code = code
        self.reason = reason


class RefusedError(LostError):
    """The service would not take what was sent, and said so: 1007."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """When something that was said aloud began and ended to sound."""

    began: float
    ended: float


class Talk:
    """A session of google-genai. Times are seconds of the event loop."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.came: list[Came] = []
        self.lost: LostError | None = None
        self.opened = self.now()
        self.listening = True
        self._unsaid = bytearray()
        self._said_until = 0.0

    @staticmethod
    def now() -> float:
        """Return the time."""
        return asyncio.get_running_loop().time()

    @contextlib.asynccontextmanager
    async def going_on(self, *, microphone: bool = True) -> AsyncIterator[Talk]:
        """Read, and send what the microphone hears, for as long as the block lasts."""
        tasks = [asyncio.create_task(self._read())]
        if microphone:
            tasks.append(asyncio.create_task(self._speak()))
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def say(self, pcm: bytes) -> Spoken:
        """Say it aloud, and wait until it has been said; raise LostError if the connection ends before."""
        self._unsaid += pcm
        if len(pcm) % 2 or not self.listening:
            raise ValueError("the microphone is off, or the PCM has half a sample")
        await self.until(lambda: not self._unsaid, len(pcm) / 2 / RATE + PATIENCE)
        self.check()
        begin, end = sounding(pcm)
        start = self._said_until - len(pcm) / 2 / RATE
        return Spoken(start + begin, start + end)

    async def tell(self, text: str, *, role: str | None = "user", turn_complete: bool = False) -> None:
        """Send client content."""
        content = Content(parts=[Part(text=text)], role=role)
        await self._sending(self.session.send_client_content(turns=content, turn_complete=turn_complete))

    async def send(self, **realtime: Any) -> None:
        """Send realtime input."""
        await self._sending(self.session.send_realtime_input(**realtime))

    async def respond(self, response: Any) -> None:
        """Send a tool response."""
        await self._sending(self.session.send_tool_response(function_responses=response))

    async def until(self, condition: Callable[[], object], within: float) -> bool:
        """Wait for what the clock or the service brings about; return whether it came in time."""
        end = self.now() + within
        while not condition():
            if self.lost or self.now() >= end:
                return bool(condition())
            await asyncio.sleep(_LOOK)  # how far playback is has no event to wait for
        return True

    async def wait(self, seconds: float) -> None:
        """Let so much time pass; raise LostError if the connection ends."""
        await self.until(lambda: False, seconds)
        self.check()

    async def starts(self, since: int, within: float = PATIENCE) -> bool:
        """Wait for the model to say something in a message from that number on; return whether it did."""
        await self.until(lambda: any(map(said_by_the_model, self.came[since:])), within)
        return any(map(said_by_the_model, self.came[since:]))

    async def answer(self, since: int, within: float = PATIENCE) -> SpokenReply:
        """Wait for a reply in the messages from that number on, and for its end; it is empty if none begins.

        Raises LostError if the connection ends before it has.
        """
        if not await self.starts(since, within):
            self.check()
            return self.reply(since)
        first = next(at for at in range(since, len(self.came)) if said_by_the_model(self.came[at]))
        await self.until(lambda: any(came.turn_is_over for came in self.came[first:]), LONGEST)
        self.check()
        return self.reply(since)

    async def cut(self, since: int, within: float) -> int | None:
        """Wait for `interrupted` in a message from that number on; return its number, or `None` if it does not come.

        Raises LostError if the connection ends.
        """

        def found() -> int | None:
            return next((at for at in range(since, len(self.came)) if self.came[at].content.interrupted), None)

        await self.until(lambda: found() is not None, within)
        self.check()
        return found()

    async def heard(self, since: int, seconds: float) -> bool:
        """Wait until so much of the reply has been played; return whether it came to that."""
        return await self.until(lambda: self.reply(since).played(self.now()) >= seconds, PATIENCE + seconds)

    def reply(self, since: int = 0) -> SpokenReply:
        """Return what has come from that message on."""
        return SpokenReply(tuple(self.came[since:]))

    def check(self) -> None:
        """Raise LostError if the connection has ended."""
        if self.lost:
            raise self.lost

    async def _sending(self, sending: Any) -> None:
        self.check()
        try:
            await sending
        except Exception as error:  # noqa: BLE001 - what a lost connection raises differs by version
            await self.until(lambda: self.lost, 1.0)  # the reader knows the code and the reason
            raise (self.lost or error) from None

    async def _read(self) -> None:
        try:
            while True:
                async for message in self.session.receive():
                    self._take(message)
        except errors.APIError as error:
            lost = RefusedError if error.code == INVALID else LostError
            self.lost = lost(error.code, reason_of(error))
        except Exception as error:  # noqa: BLE001 - whatever ends a connection is a thing to report
            self.lost = LostError(0, f"{type(error).__name__}: {error}")

    def _take(self, message: LiveServerMessage) -> None:
        self.came.append(Came(self.now(), message))

    async def _speak(self) -> None:
        size = 2 * round(CHUNK * RATE)
        due = self.now()
        while self.lost is None:
            due = max(due + CHUNK, self.now() - 1.0)
            await asyncio.sleep(due - self.now())
            if not self.listening:
                continue
            chunk = bytes(self._unsaid[:size])
            try:
                await self.session.send_realtime_input(
                    audio=Blob(data=chunk + bytes(size - len(chunk)), mime_type=_MIME_TYPE)
                )
            except Exception:  # noqa: BLE001 - the reader says how the connection ended
                return
            if chunk:
                del self._unsaid[:size]
                self._said_until = self.now() - CHUNK + len(chunk) / 2 / RATE
