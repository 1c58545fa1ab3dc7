"""A voice app in the browser: microphone up, the model's voice down, over one websocket. FastAPI and google-genai.

    python -m uvicorn --app-dir examples/web app:app --ws websockets-sansio

Two lines are there for gemini-live-interrupt, and marked: one switches it on, one tells it what the browser has played.
Binary frames are PCM: 16 kHz from the page, 24 kHz to it. Text frames to the page are the lines of a trace, as they
happen, so that it can show what is going on; those from the page are `start`, `played` and `voice`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from google.genai import types
from google.genai.live import AsyncSession
from service import OPENING, Service, find_service

from gemini_live_interrupt import (
    Interruption,
    default_prompt,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
)

CONFIG = types.LiveConnectConfig(
    response_modalities=[types.Modality.AUDIO],
    input_audio_transcription=types.AudioTranscriptionConfig(),
    output_audio_transcription=types.AudioTranscriptionConfig(),
)
INPUT = "audio/pcm;rate=16000"
LONGEST_REPLY = 3600.0  # seconds that a page may claim to have played
MICROPHONE = 250  # frames that wait for the service: ten seconds
OUTBOX = 2_000  # frames that wait for the page

logger = logging.getLogger("web")


class Tab:
    """The page in one browser tab: what it is to be told and played, in order."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._outbox: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX)

    def send(self, frame: str | bytes) -> None:
        """Put a frame into the outbox; one that finds it full is lost: the page stopped reading long ago."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait(frame)

    async def write(self) -> None:
        """Send what is put into the outbox, for ever."""
        while True:
            frame = await self._outbox.get()
            if isinstance(frame, bytes):
                await self._websocket.send_bytes(frame)
            else:
                await self._websocket.send_text(frame)
            await asyncio.sleep(0)  # sending need not wait, but the loss of a connection is to be noticed in between


class Conversation:
    """One Live session, and the tab that it is for."""

    def __init__(self, tab: Tab, service: Service, *, library: bool) -> None:
        self.library = library
        self._tab = tab
        self._service = service
        self._id = secrets.token_hex(8)
        self._began = asyncio.get_running_loop().time()
        self._microphone: asyncio.Queue[bytes] = asyncio.Queue(MICROPHONE)
        self._session: AsyncSession | None = None
        self._reply = 0
        self._replying = False
        self._received = 0.0

    async def hold(self) -> None:
        """Hold the conversation until it is cancelled or the service ends it; what went wrong is told to the page."""
        CURRENT.set(self)
        started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        header = {"version": 1, "library": metadata.version("gemini-live-interrupt"), "started": started}
        self._tab.send(json.dumps({"type": "trace", **header, "content": True}))
        self._tell("conversation", library=self.library, service=self._service.name)
        try:
            async with self._service.client.aio.live.connect(model=self._service.model, config=CONFIG) as session:
                self._session = session
                opening = types.Content(role="user", parts=[types.Part(text=OPENING)])
                await session.send_client_content(turns=opening, turn_complete=True)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._speak(session))
                    tasks.create_task(self._listen(session))
        except Exception as error:  # whatever ends a conversation, the tab lives on
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            logger.warning("a conversation ended", exc_info=error)
            self._tell("ended", text=f"{type(error).__name__}: {error}")

    def hear(self, pcm: bytes) -> None:
        """Take PCM from the page's microphone; what comes faster than the service takes it is lost."""
        with contextlib.suppress(asyncio.QueueFull):
            self._microphone.put_nowait(pcm[: len(pcm) // 2 * 2])

    def played(self, reply: int, seconds: float) -> None:
        """Take the page's word for how much of a reply has been played."""
        if reply == self._reply and self._session is not None:
            report_played(self._session, seconds)  # <- for gemini-live-interrupt
        self._tell("played", reply=reply, seconds=round(seconds, 3))

    def voice(self, *, speaking: bool) -> None:
        """Take the page's word for whether the user makes a sound."""
        self._tell("voice", speaking=speaking)

    def show(self, interruption: Interruption) -> None:
        """Tell the page what gemini-live-interrupt says of an interruption."""
        if self.library:
            told = {**asdict(interruption), "session": self._id}
            del told["session_id"]
            for name in ("heard", "unheard", "user", "note"):
                words = told.get("user_text" if name == "user" else name)
                told[f"{name}_characters"] = None if words is None else len(words)
            self._tell("interruption", **told)

    async def _speak(self, session: AsyncSession) -> None:
        while True:
            pcm = await self._microphone.get()
            await session.send_realtime_input(audio=types.Blob(data=pcm, mime_type=INPUT))

    async def _listen(self, session: AsyncSession) -> None:
        while True:
            async for message in session.receive():
                if message.server_content:
                    self._hand_on(message.server_content)

    def _hand_on(self, content: types.LiveServerContent) -> None:
        if content.input_transcription and content.input_transcription.text:
            self._tell("user", text=content.input_transcription.text)
        if content.interrupted:  # whatever else is in this message belongs to the reply that was cut
            self._replying = False
            self._tell("interrupted", reply=self._reply)  # the page falls silent
        else:
            self._hand_on_speech(content)
        if content.turn_complete:
            self._replying = False
            self._tell("turn_complete", reply=self._reply)

    def _hand_on_speech(self, content: types.LiveServerContent) -> None:
        if content.output_transcription and content.output_transcription.text:
            self._begin_reply()
            received = round(self._received, 3)
            self._tell("text", reply=self._reply, received=received, text=content.output_transcription.text)
        for part in (content.model_turn and content.model_turn.parts) or []:
            if part.inline_data and part.inline_data.data:
                self._begin_reply()
                self._received += len(part.inline_data.data) / 2 / 24_000
                self._tell("audio", reply=self._reply, seconds=round(self._received, 3))
                self._tab.send(part.inline_data.data)

    def _begin_reply(self) -> None:
        if not self._replying:
            self._replying, self._received = True, 0.0
            self._reply += 1

    def _tell(self, kind: str, **fields: Any) -> None:
        t = round(asyncio.get_running_loop().time() - self._began, 3)
        self._tab.send(json.dumps({"type": kind, "t": t, "session": self._id, **fields}))


CURRENT: ContextVar[Conversation] = ContextVar("conversation")
"""Whose messages are being read: the library calls back in the context of the task that reads them."""


def note(heard: str, user_text: str, history: list[tuple[str, str]], interruption: Interruption) -> str | None:
    """Write the library's usual note, or none for a page on which it is switched off."""
    return default_prompt(heard, user_text, history, interruption) if CURRENT.get().library else None


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Find the service, and switch the library on, for as long as the server runs."""
    enable_interrupt_resume(note, on_interruption=lambda cut: CURRENT.get().show(cut))  # <- gemini-live-interrupt
    async with find_service() as app.state.service:
        yield
    disable_interrupt_resume()


app = FastAPI(lifespan=lifespan, openapi_url=None)
HERE = Path(__file__).parent
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@app.get("/")
async def index() -> FileResponse:
    """Send the page."""
    return FileResponse(HERE / "static" / "index.html", headers={"Content-Security-Policy": POLICY})


app.mount("/static", StaticFiles(directory=HERE / "static"))
app.mount("/timeline", StaticFiles(packages=[("gemini_live_interrupt.trace", "timeline")]))
app.mount("/sounds", StaticFiles(packages=[("gemini_live_interrupt.demo", "assets")]))


@app.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Serve one tab: conversations one after the other, each begun by the page."""
    if not is_of_this_page(websocket):
        await websocket.close(1008)
        return
    await websocket.accept()
    tab, holding = Tab(websocket), None
    conversation: Conversation | None = None
    service: Service = websocket.app.state.service
    tab.send(json.dumps({"type": "hello", "service": service.name, "voice": service.voice}))
    writing = asyncio.create_task(tab.write())
    try:
        while True:
            frame = await websocket.receive()
            if frame["type"] == "websocket.disconnect":
                break
            order = read(frame.get("text"))
            match order:
                case {"type": "start", "library": bool(library)}:
                    await end(holding)
                    conversation = Conversation(tab, service, library=library)
                    holding = asyncio.create_task(conversation.hold())
                case {"type": "played", "reply": int(reply), "seconds": int(seconds) | float(seconds)} if conversation:
                    if 0 <= seconds <= LONGEST_REPLY:
                        conversation.played(reply, float(seconds))
                case {"type": "voice", "speaking": bool(speaking)} if conversation:
                    conversation.voice(speaking=speaking)
                case _ if conversation and frame.get("bytes"):
                    conversation.hear(frame["bytes"])
    except WebSocketDisconnect:
        pass
    finally:
        await end(writing)  # the first: nobody reads any more
        await end(holding)


def is_of_this_page(websocket: WebSocket) -> bool:
    """Whether the page that connects came from this server: another site's could use the service on your key."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


def read(text: str | None) -> Any:
    """Return what a text frame says, or `None` for a binary frame and for what is not JSON."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text or "")
    return None


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it has ended, however it does."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
