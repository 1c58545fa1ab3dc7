"""The smallest voice app for browsers: a websocket with PCM both ways. Needs GEMINI_API_KEY, FastAPI and uvicorn.

    python -m uvicorn --app-dir examples fastapi_minimal:app

Binary frames are PCM, 16 kHz to here and 24 kHz back. The text frame "interrupted" tells the page to throw away what it
has not played; the page answers each second or so with the seconds of the current reply that it *has* played, as text.
A page that says nothing of the kind is taken to play what it gets at once: then `heard` is ahead of the ear by the way
to the browser and its buffer.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, WebSocket
from google import genai
from google.genai.live import AsyncSession

from gemini_live_interrupt import enable_interrupt_resume, report_played

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    enable_interrupt_resume()  # <- the one line
    yield


app = FastAPI(lifespan=lifespan)


@app.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Serve one caller."""
    await websocket.accept()
    async with genai.Client().aio as client, client.live.connect(model=MODEL, config=CONFIG) as session:
        tasks = [asyncio.create_task(half) for half in (hear(session, websocket), speak(session, websocket))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def hear(session: AsyncSession, websocket: WebSocket) -> None:
    """Hand on the caller's voice, until they go."""
    while True:
        frame = await websocket.receive()
        if frame["type"] == "websocket.disconnect":
            return
        if frame.get("bytes"):
            await session.send_realtime_input(audio={"data": frame["bytes"], "mime_type": "audio/pcm;rate=16000"})
        elif frame.get("text"):
            with contextlib.suppress(ValueError):
                report_played(session, float(frame["text"]))


async def speak(session: AsyncSession, websocket: WebSocket) -> None:
    """Hand on the model's voice, and say when it was cut off."""
    while True:
        async for message in session.receive():
            if message.data:
                await websocket.send_bytes(message.data)
            if message.server_content and message.server_content.interrupted:
                await websocket.send_text("interrupted")
