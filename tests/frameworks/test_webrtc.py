"""`examples/webrtc`, called by a browser that is aiortc: real Opus over real UDP on this machine, in real time."""

from __future__ import annotations

import array
import asyncio
import fractions
import json
import re
import time
import urllib.request

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from emulator.talking import hasty
from test_apps import EXAMPLES, model, served

from gemini_live_interrupt.emulator import LiveEmulator

PAGE = EXAMPLES / "webrtc" / "index.html"
RATE, FRAME = 48_000, 960
LOUD = 300
"""A sample of somebody's voice; in the model's pauses there is less."""
BEHIND = 0.6
"""Seconds by which the page plays what it has received later."""


class Voice(MediaStreamTrack):
    """A microphone: silence, and a voice when somebody speaks."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames = 0
        self._saying = 0
        self._began = time.monotonic()

    def say(self, seconds: float) -> None:
        self._saying = round(seconds * RATE / FRAME)

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(self._began + self._frames * FRAME / RATE - time.monotonic())
        self._saying -= 1
        wave = array.array("h", ([8_000] * 80 + [-8_000] * 80) * (FRAME // 160) if self._saying > 0 else [0] * FRAME)
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.sample_rate, frame.time_base, frame.pts = RATE, fractions.Fraction(1, RATE), self._frames * FRAME
        frame.planes[0].update(wave.tobytes())
        self._frames += 1
        return frame


class Page:
    """A browser's page that has called; it receives the model's voice, and counts it from the first sound on."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.voice = Voice()
        self.received = 0.0
        self.last = 0.0
        self.peer.addTrack(self.voice)
        self.peer.on("track", lambda track: self._tasks.append(asyncio.create_task(self._listen(track))))
        self._tasks: list[asyncio.Task[None]] = []
        channel = self.peer.createDataChannel("behind")
        channel.on("open", lambda: [channel.send(text) for text in ("nonsense", str(BEHIND))])

    async def call(self, where: str) -> None:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = {"sdp": self.peer.localDescription.sdp, "type": self.peer.localDescription.type}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{where}/offer", json.dumps(offer).encode(), headers)
        answer = await asyncio.to_thread(lambda: json.load(urllib.request.urlopen(request)))
        await self.peer.setRemoteDescription(RTCSessionDescription(**answer))

    async def hang_up(self) -> None:
        await self.peer.close()
        await asyncio.gather(*self._tasks)

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            loud = bool((abs(frame.to_ndarray().astype("int32")) > LOUD).any())
            self.last = time.monotonic() if loud else self.last
            if self.received or loud:
                self.received += frame.samples / frame.sample_rate


async def test_a_page_over_webrtc() -> None:
    async with (
        LiveEmulator(hasty("3.8-live"), model, hear=["A story!", "Really?"]) as live,
        served(live, EXAMPLES / "webrtc", "app:app") as where,
    ):
        html = await asyncio.to_thread(lambda: urllib.request.urlopen(f"http://{where}/").read().decode())
        assert html == PAGE.read_text("utf-8")
        page = Page()
        await page.call(where)
        await live.until(lambda: live.sessions and live.log.server("setupComplete"), within=30.0)
        await asyncio.sleep(0.5)
        page.voice.say(0.8)
        await live.until(lambda: page.received > 3.0, within=30.0)
        page.voice.say(0.8)
        await live.until(lambda: live.cuts, within=30.0)
        heard = page.received - BEHIND
        await live.until(lambda: len(live.replies) == 2, within=30.0)
        (cut,) = live.cuts
        (note,) = live.notes()
        told = re.search("HEARD: “(.*?)”", note)
        assert told is not None
        truth = live.session.replies[0].speech.heard_by(heard)
        assert abs(len(told[1].split()) - len(truth.split())) <= 2
        assert len(told[1]) < len(cut.heard)  # that of a player that is not late
        assert live.replies[1].said == "Really."
        await live.until(lambda: time.monotonic() - page.last > 1.0, within=30.0)  # the rest of the story was dropped
        assert page.received < heard + 8.0
        await page.hang_up()
        await live.until(lambda: live.session.ended, within=30.0)
