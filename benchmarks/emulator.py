"""What the emulator can bear: sessions at real-time pace on one core, and how much faster virtual time is.

A session is a microphone that streams all the time in chunks of 100 ms, and an utterance every ten seconds that is
answered in speech. The clients are bare websockets in a process of their own, so that the core is the emulator's alone:
sessions are added until 1 frame in 100 is late by more than a tenth of a second, or the core is busy for more than nine
tenths of the time. Virtual time is measured with the real SDK in the same loop: ten minutes of talk.

    python benchmarks/emulator.py [--seconds 12] [--most 1024] [--json]
"""

from __future__ import annotations

import argparse
import array
import asyncio
import base64
import dataclasses
import json
import math
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from google import genai
from websockets.asyncio.client import connect

from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, VirtualTimeLoop

RATE = 16_000
CHUNK = RATE // 10
STORY = "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose."
SETUP = {"setup": {"model": "models/m", "inputAudioTranscription": {}, "outputAudioTranscription": {}}}
PROFILE = dataclasses.replace(PROFILES["2.5-native"], connection_seconds=None)
EVERY = 10.0
LATE = 0.1  # seconds
BUSY = 0.9  # of one core


def tone(seconds: float) -> bytes:
    step = 2 * math.pi * 200 / RATE
    return array.array("h", (round(6_000 * math.sin(step * n)) for n in range(round(RATE * seconds)))).tobytes()


UTTERANCE = tone(1.0)


def microphone(offset: float) -> Iterator[bytes]:
    """Chunks without end: an utterance every `EVERY` seconds, the first after `offset`, and silence between."""
    period = bytes(2 * round(RATE * EVERY))
    period = UTTERANCE + period[len(UTTERANCE) :]
    at = -2 * round(offset * RATE)
    while True:
        yield period[at : at + 2 * CHUNK] if at >= 0 else bytes(2 * CHUNK)
        at += 2 * CHUNK
        if at >= len(period):
            at = 0


def frame(chunk: bytes) -> str:
    data = base64.b64encode(chunk).decode()
    return json.dumps({"realtime_input": {"audio": {"data": data, "mime_type": f"audio/pcm;rate={RATE}"}}})


async def visit(url: str, offset: float, until: float) -> None:
    """Stream until that time, and read what comes."""
    loop = asyncio.get_running_loop()
    async with connect(url, ping_interval=None, max_size=None, compression=None) as websocket:
        await websocket.send(json.dumps(SETUP))
        reading = asyncio.create_task(drain(websocket))
        began = loop.time()
        frames = {chunk: frame(chunk) for chunk in {c for c, _ in zip(microphone(offset), range(250), strict=False)}}
        for number, chunk in enumerate(microphone(offset)):
            await asyncio.sleep(began + number * CHUNK / RATE - loop.time())
            if loop.time() > until:
                break
            await websocket.send(frames[chunk])
        reading.cancel()


async def drain(websocket: Any) -> None:
    async for _ in websocket:
        """Counted by the emulator."""


def clients(urls: Connection) -> None:
    """A process of clients: for each URL, count and seconds that come, be so many of them for so long."""

    async def crowd(url: str, count: int, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        await asyncio.gather(*(visit(url, EVERY * number / count, until) for number in range(count)))

    while (wanted := urls.recv()) is not None:
        asyncio.run(crowd(*wanted))
        urls.send("done")


async def measure(count: int, seconds: float, urls: Connection) -> dict[str, float]:
    """Serve so many clients; return how busy the core was, and by how much the loop was late 1 time in 100."""
    lateness = []
    async with LiveEmulator(PROFILE, lambda _: STORY) as live:
        urls.send((live.plain_url, count, seconds))
        await live.until(lambda: len(live.sessions) == count, within=60.0)
        loop = asyncio.get_running_loop()
        began, busy = time.perf_counter(), time.process_time()
        while not urls.poll():
            due = loop.time() + 0.02
            await asyncio.sleep(0.02)
            lateness.append(loop.time() - due)
        spent = time.process_time() - busy
        replies = sum(reply.outcome == "complete" for session in live.sessions for reply in session.replies)
        urls.recv()
        return {
            "busy": spent / (time.perf_counter() - began),
            "late": statistics.quantiles(lateness, n=100)[-1],
            "replies": float(replies),
        }


def sustained(seconds: float, most: int) -> list[dict[str, Any]]:
    """Double the sessions until they are too many; then try the middle between the last two."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=clients, args=(far,), daemon=True)
    process.start()
    results: list[dict[str, Any]] = []

    def holds(count: int) -> bool:
        found = asyncio.run(measure(count, seconds, near))
        held = found["late"] <= LATE and found["busy"] <= BUSY
        results.append({"name": "real time", "sessions": count, "sustained": held} | found)
        return held

    count = 16
    while count <= most and holds(count):
        count *= 2
    if 16 < count <= most:
        holds(3 * count // 4)
    near.send(None)
    process.join(10.0)
    return results


async def talk(streaming: bool) -> float:
    """Hold a conversation of ten minutes with the real SDK; return how long it lasted by the loop's clock."""
    loop = asyncio.get_running_loop()
    async with LiveEmulator(PROFILE, lambda _: STORY) as live, genai.Client(**live.client_options()).aio as client:
        config: Any = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}
        async with client.live.connect(model="m", config=config) as session:
            reading = asyncio.create_task(read(session))
            for chunk in microphone(0.0):
                if loop.time() >= 600.0:
                    break
                if streaming or any(chunk):
                    await session.send_realtime_input(audio={"data": chunk, "mime_type": f"audio/pcm;rate={RATE}"})
                await asyncio.sleep(CHUNK / RATE)
            reading.cancel()
    return loop.time()


async def read(session: Any) -> None:
    while True:
        async for _ in session.receive():
            """What is said does not matter here."""


def virtual(streaming: bool) -> dict[str, Any]:
    began = time.perf_counter()
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        seconds = runner.run(talk(streaming))
    spent = time.perf_counter() - began
    name = "virtual time, microphone always on" if streaming else "virtual time, microphone on while the user speaks"
    return {"name": name, "seconds": seconds, "took": spent, "speed_up": seconds / spent}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each number of sessions is held")
    parser.add_argument("--most", type=int, default=1024, help="the most sessions to try")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args()
    results = [virtual(False), virtual(True), *sustained(options.seconds, options.most)]
    if options.json:
        sys.stdout.write(json.dumps({"results": results}) + "\n")
        return
    print(f"{os.cpu_count()} cores, Python {sys.version.partition(' ')[0]}")
    for result in results:
        if "took" in result:
            print(
                f"{result['name']}: {result['seconds']:.0f} s in {result['took']:.1f} s, {result['speed_up']:.0f} times"
            )
        else:
            verdict = "sustained" if result["sustained"] else "too many"
            print(
                f"{result['sessions']:5} sessions in real time: {verdict}; core busy {result['busy']:.0%}, "
                f"late by {result['late'] * 1000:.0f} ms 1 time in 100, {result['replies']:.0f} replies"
            )
    best = max((result["sessions"] for result in results if result.get("sustained")), default=0)
    print(f"one core sustains {best} sessions")


if __name__ == "__main__":
    main()
