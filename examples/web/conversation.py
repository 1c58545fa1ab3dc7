"""One conversation between a browser tab and a Live session: microphone up, the model's voice down."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from fastapi import WebSocket
from google.genai import types
from google.genai.live import AsyncSession
from service import OPENING, Service

from gemini_live_interrupt import report_played

CONFIG = types.LiveConnectConfig(
    response_modalities=[types.Modality.AUDIO],
    input_audio_transcription=types.AudioTranscriptionConfig(),
    output_audio_transcription=types.AudioTranscriptionConfig(),
)
INPUT = "audio/pcm;rate=16000"
MICROPHONE = 250  # frames that wait for the service: ten seconds
OUTBOX = 2_000  # frames that wait for the page

logger = logging.getLogger("web")
try:
    RELEASE = metadata.version("gemini-live-interrupt")
except metadata.PackageNotFoundError:
    RELEASE = "unknown"


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
    """One Live session, and the tab that it is for. `library` is the page's switch."""

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

    def begin(self) -> asyncio.Task[None]:
        """Announce the conversation to the page, which waits for that, and return the task that holds it."""
        started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        header = {"type": "trace", "version": 1, "library": RELEASE, "started": started, "content": True}
        self._tab.send(json.dumps(header))
        self.tell("conversation", library=self.library, service=self._service.name)
        return asyncio.create_task(self._hold())

    async def _hold(self) -> None:
        """Hold it until it is cancelled or the service ends it; what went wrong is told to the page."""
        CURRENT.set(self)
        try:
            async with self._service.client.aio.live.connect(model=self._service.model, config=CONFIG) as session:
                self._session = session
                opening = types.Content(role="user", parts=[types.Part(text=OPENING)])
                await session.send_client_content(turns=opening, turn_complete=True)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._speak(session))
                    tasks.create_task(self._listen(session))
        except Exception as error:  # noqa: BLE001 - whatever ends a conversation, the tab lives on
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            why = f"{type(error).__name__}: {error}"
            logger.warning("a conversation ended: %s", why)
            self.tell("ended", text=why)

    def hear(self, pcm: bytes) -> None:
        """Take PCM from the page's microphone; what comes faster than the service takes it is lost."""
        with contextlib.suppress(asyncio.QueueFull):
            self._microphone.put_nowait(pcm[: len(pcm) // 2 * 2])

    def played(self, reply: int, seconds: float) -> None:
        """Take the page's word for how much of a reply has been played."""
        if reply == self._reply and self._session is not None:
            report_played(self._session, seconds)  # <- for gemini-live-interrupt
        self.tell("played", reply=reply, seconds=round(seconds, 3))

    def voice(self, *, speaking: bool) -> None:
        """Take the page's word for whether the user makes a sound."""
        self.tell("voice", speaking=speaking)

    def tell(self, kind: str, **fields: Any) -> None:
        """Tell the page what happened: a line of the trace."""
        t = round(asyncio.get_running_loop().time() - self._began, 3)
        self._tab.send(json.dumps({"type": kind, "t": t, "session": self._id, **fields}))

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
            self.tell("user", text=content.input_transcription.text)
        if content.interrupted:  # whatever else is in this message belongs to the reply that was cut
            self._replying = False
            self.tell("interrupted", reply=self._reply)  # the page falls silent
        else:
            self._hand_on_speech(content)
        if content.turn_complete:
            self._replying = False
            self.tell("turn_complete", reply=self._reply)

    def _hand_on_speech(self, content: types.LiveServerContent) -> None:
        if content.output_transcription and content.output_transcription.text:
            self._begin_reply()
            received = round(self._received, 3)
            self.tell("text", reply=self._reply, received=received, text=content.output_transcription.text)
        for part in (content.model_turn and content.model_turn.parts) or []:
            if part.inline_data and part.inline_data.data:
                self._begin_reply()
                self._received += len(part.inline_data.data) / 2 / 24_000
                self.tell("audio", reply=self._reply, seconds=round(self._received, 3))
                self._tab.send(part.inline_data.data)

    def _begin_reply(self) -> None:
        if not self._replying:
            self._replying, self._received = True, 0.0
            self._reply += 1


CURRENT: ContextVar[Conversation] = ContextVar("conversation")
"""The conversation that this task belongs to."""
