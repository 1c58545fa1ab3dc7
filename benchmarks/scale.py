"""What many sessions need: bytes of a carried state, and memory and processor time of a session on a real connection.

States are those of real sessions of the SDK, in mid-reply and with an open cut, after as many turns as a state holds.
For connections, a server and the app are processes of their own: the app's sessions, over TLS websockets, stream a
microphone in chunks of a tenth of a second, and read a reply of ten seconds every fifteen; every fourth is interrupted.
Measured are the app's processor time and what its resident memory grows by, with the library and without, in turn.

    python benchmarks/scale.py [--sessions 100] [--seconds 30] [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import random
import resource
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import trustme
from google import genai
from google.genai import live
from websockets.asyncio.server import ServerConnection, serve

from gemini_live_interrupt import enable_interrupt_resume, restore_session_state, session_state

sys.path.insert(0, str(Path(__file__).parent))
from memory import CUT, GENERATED, OVER, QUESTIONS, REPLIES, ApiClient, Loop, Socket, encoded, read, turn, words_of

CONFIG: Any = {"response_modalities": ["AUDIO"], "input_audio_transcription": {}, "output_audio_transcription": {}}
TURNS = 6  # more than a state holds
REPEAT = 200
CHUNK = 0.1
REPLY = 10.0
EVERY = 15.0
SPEED = 3.5
CUT_OFF = 4  # one reply in so many


# States


async def states(script: str) -> dict[str, Any]:
    """What the states of one conversation take."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    session = live.AsyncSession(ApiClient(), Socket())  # type: ignore[arg-type]
    frames = turn(script)
    for _ in range(TURNS):
        await read(session, frames + encoded(GENERATED, OVER))
        loop.ahead += 60.0
    await read(session, frames)
    loop.ahead += 5.0
    found = {"in a reply": weigh(session)}
    await read(session, encoded(CUT, OVER))
    return found | {"cut": weigh(session)}


def weigh(session: live.AsyncSession) -> dict[str, float]:
    state = session_state(session)
    begun = time.perf_counter()
    for _ in range(REPEAT):
        session_state(session)
    made = time.perf_counter()
    for _ in range(REPEAT):
        restore_session_state(live.AsyncSession(ApiClient(), Socket()), state)  # type: ignore[arg-type]
    restored = time.perf_counter()
    return {
        "bytes": len(json.dumps(state, ensure_ascii=False).encode()),
        "make_us": (made - begun) / REPEAT * 1e6,
        "restore_us": (restored - made) / REPEAT * 1e6,
    }


# The server


async def serve_talk() -> None:
    """Print where to connect, and talk to whoever does."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    data = base64.b64encode(bytes(round(48_000 * REPLY / len(words_of(REPLIES["Latin"]))))).decode()
    sound = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}]}}
    words = [{"outputTranscription": {"text": word}} for word in words_of(REPLIES["Latin"])]
    pairs = [encoded({"serverContent": word}, {"serverContent": sound}) for word in words]
    question, cut, over = encoded({"serverContent": {"inputTranscription": {"text": QUESTIONS["Latin"]}}}), CUT, OVER

    async def talk(websocket: ServerConnection) -> None:
        await websocket.recv()
        await websocket.send(b'{"setupComplete": {}}')
        listening = asyncio.create_task(ignore(websocket))
        await asyncio.sleep(random.random() * EVERY)
        number = 0
        with contextlib.suppress(Exception):
            while True:
                number += 1
                ends = encoded(cut, over) if number % CUT_OFF == 0 else encoded(GENERATED, over)
                for frame in question:
                    await websocket.send(frame)
                for pair in pairs:
                    for frame in pair:
                        await websocket.send(frame)
                    await asyncio.sleep(REPLY / SPEED / len(pairs))
                for frame in ends:
                    await websocket.send(frame)
                await asyncio.sleep(EVERY - REPLY / SPEED)
        listening.cancel()

    async def ignore(websocket: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            async for _ in websocket:
                pass

    async with serve(talk, "127.0.0.1", 0, ssl=context, compression=None, backlog=1024, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"port": port, "authority": authority.cert_pem.bytes().decode()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


# The app


async def app(port: int, authority: str, sessions: int, seconds: float) -> dict[str, float]:
    """Have so many conversations for so long; return what one took."""
    context = ssl.create_default_context(cadata=authority)
    options: Any = {"base_url": f"https://127.0.0.1:{port}", "async_client_args": {"ssl": context}}
    client = genai.Client(api_key="none", http_options=options)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(client.aio.live.connect(model="m", config=CONFIG))  # what is made once is made
        before = resident()
        opened = [
            await stack.enter_async_context(client.aio.live.connect(model="m", config=CONFIG)) for _ in range(sessions)
        ]
        tasks = [asyncio.create_task(work(session)) for session in opened for work in (listen, speak)]
        await asyncio.sleep(EVERY)  # all of them have talked
        begun, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds)
        used = (time.process_time() - cpu) / (time.monotonic() - begun)
        grown = resident() - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {"cpu_ms": 1000.0 * used / sessions, "memory_kib": grown / 1024 / sessions, "busy": used}


async def listen(session: live.AsyncSession) -> None:
    while True:
        async for _ in session.receive():
            pass


async def speak(session: live.AsyncSession) -> None:
    silence = {"data": bytes(round(32_000 * CHUNK)), "mime_type": "audio/pcm;rate=16000"}
    due = time.monotonic() + random.random() * CHUNK
    while True:
        await asyncio.sleep(max(due - time.monotonic(), 0.0))
        due += CHUNK
        await session.send_realtime_input(audio=silence)


def resident() -> int:
    """Bytes of memory that this process has now."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(kind: str, options: argparse.Namespace) -> dict[str, float]:
    """Run a server and an app, each in a process of its own."""
    own = [sys.executable, __file__]
    with subprocess.Popen([*own, "--role", "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        where = server.stdout.readline()
        numbers = ["--sessions", str(options.sessions), "--seconds", str(options.seconds)]
        out = subprocess.run([*own, "--role", kind, *numbers], input=where, stdout=subprocess.PIPE, check=True).stdout
        server.communicate()
    found: dict[str, float] = json.loads(out)
    return found


def show(results: dict[str, Any]) -> None:
    print(f"{'state':<14}{'script':<14}{'bytes':>8}{'made in':>10}{'restored in':>13}")
    for row in results["states"]:
        times = f"{row['make_us']:>7.0f} µs{row['restore_us']:>10.0f} µs"
        print(f"{row['state']:<14}{row['script']:<14}{row['bytes']:>8,}{times}")
    print(f"\n{'library':<14}{'sessions':>9}{'processor, ms a second':>26}{'memory, KiB':>14}   of each session")
    for row in results["connections"]:
        print(f"{row['library']:<14}{row['sessions']:>9}{row['cpu_ms']:>26.2f}{row['memory_kib']:>14.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=100, help="that are open at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="for which they are measured")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts: other programs only add")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=["server", "off", "on"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "server":
        asyncio.run(serve_talk())
        return
    if options.role is not None:
        where = json.loads(sys.stdin.read())
        if options.role == "on":
            enable_interrupt_resume()
        print(json.dumps(asyncio.run(app(where["port"], where["authority"], options.sessions, options.seconds))))
        return
    enable_interrupt_resume(resume_after=3600.0)  # the loop's clock is wound forward
    weights = []
    for script in REPLIES:
        with asyncio.Runner(loop_factory=Loop) as runner:
            found = runner.run(states(script))
        weights += [{"state": state, "script": script} | weight for state, weight in found.items()]
    rounds = [{kind: measure(kind, options) for kind in ("off", "on")} for _ in range(options.rounds)]
    connections = [
        {"library": kind, "sessions": options.sessions}
        | {name: min(each[kind][name] for each in rounds) for name in rounds[0][kind]}
        for kind in ("off", "on")
    ]
    results = {"states": weights, "connections": connections}
    print(json.dumps(results)) if options.json else show(results)


if __name__ == "__main__":
    main()
