"""A voice app on the telephone: Twilio's Media Streams, and a Live session for each call.

    python -m pip install fastapi uvicorn "audioop-lts; python_version >= '3.13'"
    python -m uvicorn --app-dir examples/twilio app:app

Needs GEMINI_API_KEY, and a number whose calls Twilio sends to `https://your.host/voice`.

What the player knows: Twilio keeps what it is sent, and plays it in real time. After each piece of audio goes a `mark`,
which Twilio sends back once all before it has been played; so `heard` is exact to the length of a piece (a quarter of a
second at most), and ahead of the caller's ear by the way through the telephone network. On `interrupted`, `clear`
empties what Twilio keeps; the marks in it come back at once, unplayed, so those of a cut reply are not believed.
"""

import asyncio
import audioop  # of the standard library until 3.12, then audioop-lts
import base64
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from google import genai
from google.genai.live import AsyncSession

from gemini_live_interrupt import enable_interrupt_resume, report_played

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}
PHONE, UP, DOWN = 8_000, 16_000, 24_000  # samples a second: of a telephone, to the model, and from it
PCM_UP = f"audio/pcm;rate={UP}"


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    enable_interrupt_resume()  # <- for gemini-live-interrupt
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/voice")
async def voice(request: Request) -> Response:
    """Tell Twilio to connect the call to the websocket below."""
    stream = f'<Stream url="wss://{request.url.netloc}/stream" />'
    return Response(f"<Response><Connect>{stream}</Connect></Response>", media_type="application/xml")


@app.websocket("/stream")
async def stream(websocket: WebSocket) -> None:
    """Serve one call."""
    await websocket.accept()
    async with genai.Client().aio as client, client.live.connect(model=MODEL, config=CONFIG) as session:
        call = Call(websocket, session)
        tasks = [asyncio.create_task(half) for half in (call.hear(), call.speak())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Call:
    """One call: the caller's voice up, the model's down, and what has been played of it."""

    def __init__(self, websocket: WebSocket, session: AsyncSession) -> None:
        self._websocket = websocket
        self._session = session
        self._stream = ""
        self._reply = 0
        self._sent = 0.0  # seconds of the current reply
        self._up: Any = None  # what the resampler remembers of the samples before
        self._down: Any = None

    async def hear(self) -> None:
        """Take what Twilio sends, until the call ends."""
        while (frame := await self._websocket.receive_json())["event"] != "stop":
            match frame:
                case {"event": "start", "streamSid": str(stream)}:
                    self._stream = stream
                case {"event": "media", "media": {"payload": str(payload)}}:
                    await self._session.send_realtime_input(audio={"data": self._pcm(payload), "mime_type": PCM_UP})
                case {"event": "mark", "mark": {"name": str(name)}}:
                    reply, _, seconds = name.partition(":")
                    if reply == str(self._reply):
                        report_played(self._session, float(seconds))  # <- for gemini-live-interrupt

    async def speak(self) -> None:
        """Hand on what the model says; fall silent when it is interrupted."""
        while True:
            async for message in self._session.receive():
                if message.data:
                    await self._play(message.data)
                content = message.server_content
                if content and content.interrupted:
                    await self._websocket.send_json({"event": "clear", "streamSid": self._stream})
                if content and (content.interrupted or content.turn_complete):
                    self._reply, self._sent, self._down = self._reply + 1, 0.0, None

    async def _play(self, pcm: bytes) -> None:
        self._sent += len(pcm) / 2 / DOWN
        at_8000, self._down = audioop.ratecv(pcm, 2, 1, DOWN, PHONE, self._down)
        payload = base64.b64encode(audioop.lin2ulaw(at_8000, 2)).decode()
        await self._websocket.send_json({"event": "media", "streamSid": self._stream, "media": {"payload": payload}})
        name = f"{self._reply}:{self._sent:.3f}"
        await self._websocket.send_json({"event": "mark", "streamSid": self._stream, "mark": {"name": name}})

    def _pcm(self, payload: str) -> bytes:
        at_8000 = audioop.ulaw2lin(base64.b64decode(payload), 2)
        pcm, self._up = audioop.ratecv(at_8000, 2, 1, PHONE, UP, self._up)
        return pcm
