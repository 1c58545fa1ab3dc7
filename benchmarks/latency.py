"""How long an interruption takes: from its arrival in the socket to the note written, and to the app's code.

A server in a process of its own speaks to the real SDK over TLS websockets. Sessions take turns to talk: a reply of 20
seconds of audio and 60 words, of which the app says that half was played, then `interrupted`. Of three sessions, one is
without the library; one, the floor, is without it too, and sends a ready note by the SDK's `send_client_content` before
its app goes on; one has the library. Their cuts alternate, so that all kinds meet the same load and the same noise of
the machine. At least one session of each kind is opened.

What the floor adds is the least that any way to have the note on the wire before the app's code runs can cost.

Arrival is when the websocket's protocol is given the bytes; the note is written when the connection's `send` returns.

    python benchmarks/latency.py [--sessions 1 100 1000] [--cuts 200] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import gc
import json
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import trustme
from google import genai
from google.genai import live, types
from websockets.asyncio.server import ServerConnection, serve

from gemini_live_interrupt import default_prompt, disable_interrupt_resume, enable_interrupt_resume, report_played

KINDS = ("off", "floor", "on")
TEXT = (
    "The tide turns twice a day because the moon pulls at the sea, and the earth turns under the water that it draws. "
    "The sun pulls too, though less, and when both stand in a line the flood is high and the ebb is low. Halfway, they "
    "work against each other, and the sea hardly seems to move at all for several days."
)
SECONDS = 20.0
CHUNK = 0.24
PLAYED = 10.0
NOTE = default_prompt(TEXT[:150], "", [("user", "Why are there tides?")])
PAUSE = 0.05  # seconds from a reply to its cut, in which nothing happens in that session
CONFIG: Any = {"response_modalities": ["AUDIO"], "input_audio_transcription": {}, "output_audio_transcription": {}}


# The server


def reply() -> list[bytes]:
    """The frames of a question and its answer, as 2.5 sends them."""
    words = TEXT.split(" ")
    chunks = round(SECONDS / CHUNK)
    data = base64.b64encode(bytes(round(48_000 * CHUNK))).decode()
    sound = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}]}}
    contents: list[dict[str, Any]] = [{"inputTranscription": {"text": "Why are there tides?"}}]
    for number in range(chunks):
        some = words[number * len(words) // chunks : (number + 1) * len(words) // chunks]
        contents += [{"outputTranscription": {"text": " " * (word is not words[0]) + word}} for word in some]
        contents.append(sound)
    return [json.dumps({"serverContent": content}).encode() for content in contents]


async def serve_until_told() -> None:
    """Print where to connect; play the cut of a session when its number comes on standard input."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    sessions: dict[str, ServerConnection] = {}
    frames, interrupted = reply(), b'{"serverContent": {"interrupted": true}}'
    turn_complete = b'{"serverContent": {"turnComplete": true}}'

    async def handle(websocket: ServerConnection) -> None:
        setup = json.loads(await websocket.recv())
        sessions[setup["setup"]["systemInstruction"]["parts"][0]["text"]] = websocket
        await websocket.send(b'{"setupComplete": {}}')
        async for _ in websocket:
            pass

    async def cut(websocket: ServerConnection) -> None:
        for frame in frames:
            await websocket.send(frame)
        await asyncio.sleep(PAUSE)
        await websocket.send(interrupted)
        await asyncio.sleep(PAUSE)
        await websocket.send(turn_complete)

    async with serve(handle, "127.0.0.1", 0, ssl=context, compression=None, backlog=1024, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"port": port, "authority": authority.cert_pem.bytes().decode()}), flush=True)
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        cuts: set[asyncio.Task[None]] = set()
        while number := (await reader.readline()).decode().strip():
            task = asyncio.create_task(cut(sessions[number]))
            cuts.add(task)
            task.add_done_callback(cuts.discard)


# The app


@dataclass(eq=False)
class Cut:
    """When what happened, in seconds of the monotonic clock."""

    arrived: float = 0.0
    read: float = 0.0
    """The SDK was given the frame."""
    received: float = 0.0
    written: float = 0.0


@dataclass(eq=False)
class App:
    """One session and its app, with the probes in its connection."""

    session: live.AsyncSession
    kind: str
    cut: Cut = field(default_factory=Cut)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        connection: Any = self.session._ws
        self._probe(connection)
        if self.kind == "on":
            return
        original = live.AsyncSession._receive.__wrapped__.__get__(self.session)  # type: ignore[attr-defined]

        async def receive() -> Any:
            message = await original()
            if message.server_content is not None and message.server_content.interrupted:
                content = types.Content(role="user", parts=[types.Part(text=NOTE)])
                await self.session.send_client_content(turns=content, turn_complete=False)
            return message

        self.session._receive = original if self.kind == "off" else receive  # type: ignore[method-assign]

    def _probe(self, connection: Any) -> None:
        data_received, recv, send = connection.data_received, connection.recv, connection.send

        def arrive(data: bytes) -> None:
            if b'"interrupted"' in data:
                self.cut.arrived = time.monotonic()
            data_received(data)

        async def read(decode: bool | None = None) -> Any:
            frame = await recv(decode=decode)
            if b'"interrupted"' in frame[:40]:
                self.cut.read = time.monotonic()
            return frame

        async def write(frame: Any) -> None:
            await send(frame)
            if "client_content" in frame[:40]:
                self.cut.written = time.monotonic()

        connection.data_received, connection.recv, connection.send = arrive, read, write

    async def run(self) -> None:
        seconds = 0.0
        while True:
            async for message in self.session.receive():
                content = message.server_content
                if content is None:
                    continue
                if content.interrupted:
                    self.cut.received = time.monotonic()
                elif content.model_turn is not None:
                    seconds += CHUNK
                    if seconds + CHUNK > SECONDS:
                        report_played(self.session, PLAYED)
                        seconds = 0.0
                elif content.turn_complete:
                    self.over.set()


def measure(sessions: int, cuts: int, rate: float) -> list[dict[str, Any]]:
    """Open the sessions, have them cut one after the other at that rate, and return a row for each kind."""
    enable_interrupt_resume(resume_after=None)
    command = [sys.executable, __file__, "--serve"]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as server:
            return rows(sessions, asyncio.run(converse(server, sessions, cuts, rate)))
    finally:
        disable_interrupt_resume()


async def converse(server: subprocess.Popen[bytes], sessions: int, cuts: int, rate: float) -> list[tuple[str, Cut]]:
    assert server.stdin is not None
    assert server.stdout is not None
    where = json.loads(server.stdout.readline())
    async with contextlib.AsyncExitStack() as stack:
        apps = await open_apps(stack, where, max(sessions, len(KINDS)))
        readers = [asyncio.create_task(app.run()) for app in apps]
        await cut_them(apps, 2, 1.0, server.stdin.write)  # warms up
        gc.collect()
        done = await cut_them(apps, cuts, rate, server.stdin.write)
        server.stdin.close()  # the server goes first: the apps' good-byes measure nothing
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return done


async def open_apps(stack: contextlib.AsyncExitStack, where: dict[str, Any], count: int) -> list[App]:
    context = ssl.create_default_context(cadata=where["authority"])
    client_arguments = {"ssl": context, "close_timeout": 0.1, "ping_interval": None}
    options: Any = {"base_url": f"https://127.0.0.1:{where['port']}", "async_client_args": client_arguments}
    client = await stack.enter_async_context(genai.Client(api_key="no-key", http_options=options).aio)
    apps = []
    for number in range(count):
        config = CONFIG | {"system_instruction": str(number)}
        session = await stack.enter_async_context(client.live.connect(model="a-live-model", config=config))
        apps.append(App(session, kind=KINDS[number % len(KINDS)]))
    return apps


async def cut_them(
    apps: list[App], cuts: int, rate: float, write: Callable[[bytes], int | None]
) -> list[tuple[str, Cut]]:
    """Have `cuts` sessions of each kind cut, in turn; a session is not cut again before it has been."""
    done: list[tuple[str, Cut]] = []
    waiting: set[asyncio.Task[None]] = set()

    async def one(number: int, app: App) -> None:
        app.over.clear()
        app.cut = cut = Cut()
        write(f"{number}\n".encode())
        await asyncio.wait_for(app.over.wait(), 60)
        done.append((app.kind, cut))

    began = time.monotonic()
    for turn in range(len(KINDS) * cuts):
        number = turn % len(apps)
        if len(waiting) >= len(apps):
            await asyncio.wait(waiting)
            waiting.clear()
        await asyncio.sleep(began + turn / rate - time.monotonic())
        waiting.add(asyncio.create_task(one(number, apps[number])))
    await asyncio.gather(*waiting)
    return done


def rows(sessions: int, done: list[tuple[str, Cut]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        cuts = [cut for its_kind, cut in done if its_kind == kind]
        row: dict[str, Any] = {
            "sessions": sessions,
            "library": kind,
            "cuts": len(cuts),
            "receipt": spread([cut.received - cut.arrived for cut in cuts]),
            "receipt_after_read": spread([cut.received - cut.read for cut in cuts]),
        }
        if kind != "off":
            written = [cut for cut in cuts if cut.written]
            row["note"] = spread([cut.written - cut.arrived for cut in written])
            row["notes"] = len(written)
            row["note_first"] = sum(cut.written <= cut.received for cut in written) / len(cuts)
            row["added_p50"] = row["receipt"]["p50"] - found[0]["receipt"]["p50"]
        found.append(row)
    return found


def spread(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": cuts[49], "p99": cuts[98], "max": max(seconds)}


def show(results: list[dict[str, Any]]) -> None:
    print(
        f"{'sessions':>8}  {'library':<8}{'cuts':>5}  {'receipt, ms (p50 p99 max)':<27}{'note written':<24}note first"
    )
    for row in results:
        receipt = "".join(f"{1e3 * row['receipt'][name]:8.2f}" for name in ("p50", "p99", "max"))
        line = f"{row['sessions']:>8}  {row['library']:<8}{row['cuts']:>5} {receipt}"
        if "note" in row:
            line += "".join(f"{1e3 * row['note'][name]:8.2f}" for name in ("p50", "p99", "max"))
            line += f"{row['note_first']:>9.1%}  added at p50: {1e3 * row['added_p50']:.2f} ms"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--cuts", type=int, default=200, help="of each kind, for each number of sessions")
    parser.add_argument("--rate", type=float, default=8.0, help="cuts a second, of all sessions together")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve_until_told())
        return
    results: list[dict[str, Any]] = []
    for sessions in options.sessions:
        results += measure(sessions, options.cuts, options.rate)
    print(json.dumps({"results": results})) if options.json else show(results)


if __name__ == "__main__":
    main()
