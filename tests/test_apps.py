"""The examples that are servers: a browser's websocket and a telephone's, each with a player in real time."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import hasty
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gemini_live_interrupt.emulator import LiveEmulator, Told

EXAMPLES = Path(__file__).parents[1] / "examples"
STORY = "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose."
LATE = 1.0
"""Seconds by which a player is behind the clock that plays everything at once."""
SILENCE = b"\xff" * 160  # twenty milliseconds of mu-law
LOUD = (b"\x10" * 20 + b"\x90" * 20) * 4


def model(told: tuple[Told, ...]) -> str:
    return {"A story!": STORY, "Really?": "Really."}.get(told[-1].text, "")


@contextlib.asynccontextmanager
async def served(live: LiveEmulator, folder: Path, app: str) -> AsyncIterator[str]:
    """Run an example as its first lines say; yield its host and port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--app-dir", str(folder), "--port", "0", app),
        env=os.environ | live.environ() | {"PYTHONPATH": str(EXAMPLES.parent / "src")},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = ""
    try:
        while (found := re.search(r"running on http://(\S+)", said)) is None:
            line = await asyncio.wait_for(process.stderr.readline(), 60)
            assert line, said
            said += line.decode()
        yield found[1]
    finally:
        process.terminate()
        _, rest = await process.communicate()
    assert "Traceback" not in said + rest.decode()


async def test_the_smallest_app_for_browsers() -> None:
    async with (
        LiveEmulator(hasty("3.8-live"), model, hear=["A story!", "Really?"]) as live,
        served(live, EXAMPLES, "fastapi_minimal:app") as where,
        connect(f"ws://{where}/live") as page,
    ):
        await page.send(live.utterance())
        received = 0.0
        while received < 4.0:
            frame = await asyncio.wait_for(page.recv(), 30)
            assert isinstance(frame, bytes)
            received += len(frame) / 48_000
        await page.send("nonsense")
        await page.send("0.7")
        await live.until(lambda: live.replies)
        await page.send(live.utterance())
        while isinstance(frame := await asyncio.wait_for(page.recv(), 30), bytes):
            """More of the story."""
        assert frame == "interrupted"
        await live.until(lambda: len(live.replies) == 2, within=30.0)
        (note,) = live.notes()
        assert "Once there" in note
        assert live.replies[1].said == "Really."


class Twilio:
    """Plays what it is sent in real time, `LATE`; sends the caller's voice, and each mark when it has been reached."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket
        self._kept: list[bytes | str] = []
        self._saying = 0
        self.played = 0
        self.cleared = 0

    async def call(self) -> None:
        """Send and play a frame every twenty milliseconds."""
        await self._send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        format_ = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        await self._send({"event": "start", "start": {"mediaFormat": format_, "tracks": ["inbound"]}})
        due, begins = time.monotonic(), 0.0
        while True:
            sound = LOUD if self._saying > 0 else SILENCE
            self._saying -= 1
            await self._send({"event": "media", "media": {"payload": base64.b64encode(sound).decode()}})
            begins = begins or (due + LATE if self._kept else 0.0)
            if begins and due >= begins:
                await self._play(160)
            due += 0.02
            await asyncio.sleep(due - time.monotonic())

    def say(self, seconds: float) -> None:
        self._saying = round(seconds / 0.02)

    async def listen(self) -> None:
        async for frame in self._websocket:
            order = json.loads(frame)
            assert order["streamSid"] == "MZ1"
            match order["event"]:
                case "media":
                    self._kept.append(base64.b64decode(order["media"]["payload"]))
                case "mark":
                    self._kept.append(order["mark"]["name"])
                case "clear":
                    self.cleared += 1
                    kept, self._kept = self._kept, []
                    for name in kept:
                        if isinstance(name, str):
                            await self._mark(name)

    async def _play(self, left: int) -> None:
        while self._kept and (left or isinstance(self._kept[0], str)):
            first = self._kept.pop(0)
            if isinstance(first, str):
                await self._mark(first)
                continue
            self.played += len(first[:left])
            if first[left:]:
                self._kept.insert(0, first[left:])
            left -= len(first[:left])

    async def _mark(self, name: str) -> None:
        await self._send({"event": "mark", "mark": {"name": name}})

    async def _send(self, event: dict[str, Any]) -> None:
        await self._websocket.send(json.dumps(event | {"streamSid": "MZ1"}))

    async def hang_up(self) -> None:
        await self._send({"event": "stop"})


@pytest.mark.filterwarnings("ignore:'audioop':DeprecationWarning")
async def test_a_telephone_call_by_twilio() -> None:
    pytest.importorskip("audioop", reason="Python 3.13 needs audioop-lts")
    async with (
        LiveEmulator(hasty("3.8-live"), model, hear=["A story!", "Really?"]) as live,
        served(live, EXAMPLES / "twilio", "app:app") as where,
    ):
        request = urllib.request.Request(f"http://{where}/voice", method="POST")
        answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request).read().decode())
        assert answer == f'<Response><Connect><Stream url="wss://{where}/stream" /></Connect></Response>'
        async with connect(f"ws://{where}/stream") as websocket:
            twilio = Twilio(websocket)
            tasks = [asyncio.create_task(twilio.call()), asyncio.create_task(twilio.listen())]
            await asyncio.sleep(0.3)
            twilio.say(0.8)
            await live.until(lambda: twilio.played > 2.0 * 8_000, within=30.0)
            twilio.say(0.8)
            await live.until(lambda: twilio.cleared, within=30.0)
            heard = twilio.played / 8_000
            await live.until(lambda: len(live.replies) == 2, within=30.0)
            await live.until(lambda: twilio.played / 8_000 > heard + 0.3, within=30.0)
            (cut,) = live.cuts
            (note,) = live.notes()
            told = re.search("HEARD: “(.*?)”", note)
            assert told is not None
            truth = live.session.replies[0].speech.heard_by(heard)
            assert abs(len(told[1].split()) - len(truth.split())) <= 2
            assert len(told[1]) < len(cut.heard)  # that of a player that is not late
            await twilio.hang_up()
            with contextlib.suppress(ConnectionClosed):
                await asyncio.wait_for(tasks[1], 30)
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
