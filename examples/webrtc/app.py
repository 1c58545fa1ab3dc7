"""A voice app for browsers over WebRTC: the microphone up and the model's voice down, as Opus over UDP.

    python -m pip install fastapi uvicorn aiortc
    python -m uvicorn --app-dir examples/webrtc app:app

Needs GEMINI_API_KEY; then open http://127.0.0.1:8000. README.md beside this file says what the player knows.
"""

import asyncio
import contextlib
import fractions
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from fastapi import FastAPI
from fastapi.responses import FileResponse
from google import genai
from google.genai.live import AsyncSession

from gemini_live_interrupt import enable_interrupt_resume, report_played

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}
UP, DOWN = 16_000, 24_000  # samples a second, to the model and from it; Opus has 48,000, to which aiortc resamples
FRAME = 480  # samples: 20 ms
calls: set[asyncio.Task[None]] = set()


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    enable_interrupt_resume()  # <- for gemini-live-interrupt
    yield
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def page() -> FileResponse:
    return FileResponse(Path(__file__).with_name("index.html"))


@app.post("/offer")
async def offer(offered: dict[str, str]) -> dict[str, str]:
    """Answer a page's offer, and serve its call until either goes."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # a server that is found by its own address
    voice = Voice()
    peer.addTrack(voice)
    microphone: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
    peer.on("track", lambda track: microphone.done() or microphone.set_result(track))
    peer.on("datachannel", voice.listen_to)
    await peer.setRemoteDescription(RTCSessionDescription(**offered))
    await peer.setLocalDescription(await peer.createAnswer())
    call = asyncio.create_task(serve(peer, voice, microphone))
    calls.add(call)
    call.add_done_callback(calls.discard)
    return {"sdp": peer.localDescription.sdp, "type": peer.localDescription.type}


async def serve(peer: RTCPeerConnection, voice: "Voice", microphone: asyncio.Future[MediaStreamTrack]) -> None:
    """Serve one call."""
    try:
        async with genai.Client().aio as client, client.live.connect(model=MODEL, config=CONFIG) as session:
            voice.session = session
            halves = (hear(session, await asyncio.wait_for(microphone, 10)), speak(session, voice))
            tasks = [asyncio.create_task(half) for half in halves]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await peer.close()


async def hear(session: AsyncSession, microphone: MediaStreamTrack) -> None:
    """Hand on the caller's voice, until they go."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=UP)
    with contextlib.suppress(MediaStreamError):
        while True:
            for frame in resampler.resample(await microphone.recv()):
                pcm = frame.to_ndarray().tobytes()
                await session.send_realtime_input(audio={"data": pcm, "mime_type": f"audio/pcm;rate={UP}"})


async def speak(session: AsyncSession, voice: "Voice") -> None:
    """Hand on what the model says; fall silent when it is interrupted."""
    while True:
        async for message in session.receive():
            if message.data:
                voice.say(message.data)
            content = message.server_content
            if content and content.interrupted:
                voice.hush()
            elif content and content.turn_complete:
                voice.end_reply()


class Voice(MediaStreamTrack):
    """The model's voice as a track: aiortc takes a frame every 20 ms, and sends it to the page."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.session: AsyncSession | None = None
        self._replies = [bytearray()]  # what has not been taken: of the current reply, and of those after it
        self._taken = 0.0  # seconds of the current reply
        self._behind = 0.1  # seconds by which the page plays later than that, until it says so
        self._frames = 0
        self._began = 0.0

    def listen_to(self, channel: RTCDataChannel) -> None:
        """The page says every second how far it is behind."""

        def said(seconds: object) -> None:
            with contextlib.suppress(ValueError, TypeError):
                self._behind = min(max(float(str(seconds)), 0.0), 5.0)

        channel.on("message", said)

    def say(self, pcm: bytes) -> None:
        self._replies[-1] += pcm

    def hush(self) -> None:
        """Drop what has not been taken."""
        self._replies, self._taken = [bytearray()], 0.0

    def end_reply(self) -> None:
        """What comes now belongs to the next reply."""
        self._replies.append(bytearray())

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms, when they are due: the voice, or silence."""
        self._began = self._began or time.monotonic()
        await asyncio.sleep(self._began + self._frames * FRAME / DOWN - time.monotonic())
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.sample_rate, frame.time_base, frame.pts = DOWN, fractions.Fraction(1, DOWN), self._frames * FRAME
        self._frames += 1
        frame.planes[0].update(self._take(2 * FRAME).ljust(2 * FRAME, b"\0"))
        return frame

    def _take(self, size: int) -> bytes:
        while len(self._replies) > 1 and not self._replies[0]:
            del self._replies[0]
            self._taken = 0.0
        pcm = bytes(self._replies[0][:size])
        del self._replies[0][:size]
        if pcm and self.session:
            self._taken += len(pcm) / 2 / DOWN
            report_played(self.session, max(self._taken - self._behind, 0.0))  # <- for gemini-live-interrupt
        return pcm
