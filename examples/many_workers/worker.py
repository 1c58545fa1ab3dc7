"""A worker that connects callers with Gemini Live, one of many behind one address. Needs GEMINI_API_KEY.

    python examples/many_workers/worker.py --port 8080 --redis redis://localhost

Start as many as you like with the same port: the system shares the callers out (SO_REUSEPORT). SIGTERM moves the calls
of one to the others; so does its death. A caller is a websocket, ws://localhost:8080/CALL: what it sends is audio (16
kHz, 16 bit) or text; what it gets is audio (24 kHz), and events as JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import uuid
from dataclasses import dataclass, field
from typing import Any

from google import genai
from google.genai import errors
from google.genai.live import AsyncSession
from store import Store
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from gemini_live_interrupt import enable_interrupt_resume, restore_session_state, session_state

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}
KEEP_EVERY = 1.0
"""Seconds: so much of a call can be lost with a worker that dies. It is then said again."""
MOVED = 1012
"""The close code that tells a caller to come again."""
HUNG_UP = (1000, 1001)


class LostError(Exception):
    """Another worker has the call."""


@dataclass(eq=False)
class Call:
    """One call, over as many connections to Gemini as it takes."""

    name: str
    caller: ServerConnection
    store: Store
    worker: str = field(default_factory=lambda: uuid.uuid4().hex)
    handle: str | None = None
    state: dict[str, Any] | None = None
    session: AsyncSession | None = None

    async def run(self, client: genai.Client) -> None:
        """Talk until the caller hangs up."""
        kept = await self.store.take(self.name, self.worker)
        moved = kept is not None
        if kept is not None:
            self.handle, self.state = kept["handle"], kept["state"]
        while True:
            config = CONFIG | {"session_resumption": {"handle": self.handle}}
            async with client.aio.live.connect(model=MODEL, config=config) as session:
                if self.state is not None:
                    restore_session_state(session, self.state, audio_lost=moved)  # a caller who moves starts afresh
                self.session = session
                with contextlib.suppress(errors.APIError):  # its ten minutes are over
                    await together(self.up(session), self.down(session), self.keep_on())
                self.state, self.session, moved = session_state(session), None, False

    async def up(self, session: AsyncSession) -> None:
        """From the caller to Gemini. ConnectionClosed when the caller hangs up."""
        while True:
            said = await self.caller.recv()
            try:
                if isinstance(said, bytes):
                    await session.send_realtime_input(audio={"data": said, "mime_type": "audio/pcm;rate=16000"})
                else:
                    await session.send_realtime_input(text=said)
            except ConnectionClosed:  # Gemini's: `down` hears why
                return

    async def down(self, session: AsyncSession) -> None:
        """From Gemini to the caller, as fast as it comes: it waits in the caller's player."""
        while True:
            async for message in session.receive():
                update, content = message.session_resumption_update, message.server_content
                if update and update.resumable:
                    self.handle = update.new_handle
                if message.data:
                    await self.caller.send(message.data)
                if content and content.output_transcription and content.output_transcription.text:
                    await self.tell(words=content.output_transcription.text)
                if content and content.interrupted:
                    await self.tell(interrupted=True)
                if content and content.generation_complete:
                    await self.tell(complete=True)

    async def tell(self, **event: Any) -> None:
        await self.caller.send(json.dumps(event))

    async def keep_on(self) -> None:
        while True:
            await self.keep()
            await asyncio.sleep(KEEP_EVERY)

    async def keep(self) -> None:
        """Put the call where another worker finds it."""
        state = session_state(self.session) if self.session else self.state
        if not await self.store.keep(self.name, self.worker, {"handle": self.handle, "state": state}):
            raise LostError(self.name)


async def together(*work: Any) -> None:
    """Do all this until one of it fails, and raise that."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Worker:
    """All the calls of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client = genai.Client()
        self._calls: set[Call] = set()

    async def answer(self, caller: ServerConnection) -> None:
        """Take a call, or take it over."""
        call = Call(caller.request.path.strip("/") if caller.request else "", caller, self._store)
        await call.tell(worker=os.getpid())
        self._calls.add(call)
        try:
            await call.run(self._client)
        except ConnectionClosed:
            if caller.close_code in HUNG_UP:
                await self._store.forget(call.name)
            elif caller.close_code != MOVED:
                await call.keep()  # a caller whose network is gone may come again
        except LostError:
            await caller.close(MOVED)
        finally:
            self._calls.discard(call)

    async def move_all(self) -> None:
        """Leave the calls to the other workers."""
        for call in [*self._calls]:
            with contextlib.suppress(LostError):
                await call.keep()
            await call.caller.close(MOVED)


async def main(port: int, url: str) -> None:
    enable_interrupt_resume()
    store, stop = Store(url), asyncio.Event()
    worker = Worker(store)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(worker.answer, "localhost", port, reuse_port=True) as server:
        print(f"worker {os.getpid()} takes calls", flush=True)
        await stop.wait()
        server.close(close_connections=False)  # who calls now gets another worker
        await worker.move_all()
    await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--redis", default="redis://localhost", metavar="URL")
    options = parser.parse_args()
    asyncio.run(main(options.port, options.redis))
