"""What memory the library adds to a session: against the same sessions without it, byte for byte.

Real sessions of the SDK read real frames from a socket that is none, on an event loop whose clock is wound forward, so
that replies are played to their end in no time. What is alive afterwards is counted by tracemalloc, with the library
and without it; the difference is the library's, wherever it was allocated.

    python benchmarks/memory.py [--sessions 10000] [--turns 90 360] [--top 8] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.genai import live

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

GOAL = 6 * 1024
REPLIES = {
    "Latin": "The tide turns twice a day because the moon pulls at the sea, and the earth turns under the water that "
    "it draws. The sun pulls too, though less.",
    "Devanagari": "ज्वार दिन में दो बार आता है क्योंकि चंद्रमा समुद्र को खींचता है, और पृथ्वी उस पानी के नीचे घूमती है। सूर्य भी खींचता है, "
    "पर कम।",
    "Han": "潮水每天涨落两次，因为月亮吸引着大海，而地球在被吸引的海水下面转动。太阳也在吸引，只是弱一些。",
}
QUESTIONS = {"Latin": " And why is that?", "Devanagari": " और ऐसा क्यों होता है?", "Han": "那是为什么呢？"}
WORD_SECONDS = 0.36
EVERY = 4  # one reply in so many is cut off
REST = 10.0  # seconds from one reply to the next question: it has been played
CUT = {"serverContent": {"interrupted": True}}
OVER = {"serverContent": {"turnComplete": True}}
GENERATED = {"serverContent": {"generationComplete": True}}


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be wound forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


class Socket:
    """Plays frames to a session, and forgets what is sent."""

    def __init__(self) -> None:
        self.frames: Iterator[bytes] = iter(())

    async def recv(self, decode: bool | None = None) -> bytes:
        return next(self.frames)

    async def send(self, frame: str) -> None:
        pass


class ApiClient:
    vertexai = False


def words_of(text: str) -> list[str]:
    words = text.split(" ")
    if len(words) > 1:
        return [words[0], *(" " + word for word in words[1:])]
    return [text[at : at + 2] for at in range(0, len(text), 2)]


def encoded(*messages: dict[str, Any]) -> list[bytes]:
    return [json.dumps(message).encode() for message in messages]


def turn(script: str) -> list[bytes]:
    """A question, and its answer up to the end of its generation, as 2.5 sends them."""
    data = base64.b64encode(bytes(round(48_000 * WORD_SECONDS))).decode()
    sound = {"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}]}}
    frames = encoded({"serverContent": {"inputTranscription": {"text": QUESTIONS[script]}}})
    for word in words_of(REPLIES[script]):
        frames += encoded({"serverContent": {"outputTranscription": {"text": word}}}, {"serverContent": sound})
    return frames


def bundled() -> list[bytes]:
    """A short reply, as 3.8 sends it, and its cut: 10,000 sessions have to read it."""
    data = base64.b64encode(bytes(7680)).decode()
    sound = {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}]}
    texts = ["The tide turns twice", " a day because the", " moon pulls at the sea."]
    contents = [{"modelTurn": sound, "outputTranscription": {"text": text}} for text in texts]
    return encoded(*({"serverContent": content} for content in contents), CUT)


async def read(session: live.AsyncSession, frames: list[bytes]) -> None:
    socket: Any = session._ws
    socket.frames = iter(frames)
    for _ in frames:
        await session._receive()
    socket.frames = iter(())


async def converse(session: live.AsyncSession, loop: Loop, script: str, turns: int) -> None:
    """Have so many turns, and half of one more."""
    frames, cut, over = turn(script), encoded(CUT, OVER), encoded(GENERATED, OVER)
    for number in range(turns):
        await read(session, frames[: 1 + len(frames) // 2] + cut if number % EVERY == 0 else frames + over)
        loop.ahead += REST if number % EVERY == 0 else REST + WORD_SECONDS * len(frames) / 2
    await read(session, frames[: len(frames) // 2])


async def live_bytes(scene: str, script: str, turns: int, sessions: int) -> tuple[int, tracemalloc.Snapshot]:
    """Open the sessions, play the scene in each, and return the bytes that are alive then."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    frames = {"idle": encoded({"sessionResumptionUpdate": {}}), "cut": bundled()}
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    opened = []
    for _ in range(sessions):
        session = live.AsyncSession(ApiClient(), Socket())  # type: ignore[arg-type]
        opened.append(session)
        if scene == "hour":
            await converse(session, loop, script, turns)
        else:
            await read(session, frames[scene])
    await asyncio.sleep(0)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    return grown, tracemalloc.take_snapshot()


def run(scene: str, script: str, turns: int, sessions: int, library: bool) -> tuple[int, tracemalloc.Snapshot]:
    if library:
        enable_interrupt_resume(resume_after=3600.0)  # the loop's clock is wound forward
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(live_bytes(scene, script, turns, sessions))
    finally:
        disable_interrupt_resume()


def measure(scene: str, script: str, turns: int, sessions: int, top: int) -> dict[str, Any]:
    for library in (False, True):
        run(scene, script, min(turns, EVERY), 2, library)  # what is made once is made now
    tracemalloc.start(1)
    try:
        without, plain = run(scene, script, turns, sessions, library=False)
        with_it, ours = run(scene, script, turns, sessions, library=True)
    finally:
        tracemalloc.stop()
    ignored = (tracemalloc.Filter(False, tracemalloc.__file__), tracemalloc.Filter(False, __file__))
    lines = ours.filter_traces(ignored).compare_to(plain.filter_traces(ignored), "lineno")
    return {
        "scene": scene,
        "script": script,
        "turns": turns,
        "sessions": sessions,
        "without": without / sessions,
        "with": with_it / sessions,
        "added": (with_it - without) / sessions,
        "goal": GOAL,
        "top": [
            {"where": f"{Path(line.traceback[0].filename).name}:{line.traceback[0].lineno}", "bytes": size}
            for line in lines[:top]
            if (size := line.size_diff / sessions) >= 1
        ],
    }


def show(results: list[dict[str, Any]]) -> None:
    print(f"{'scene':<6}{'script':<12}{'turns':>6}{'sessions':>10}{'without':>10}{'added':>8}   bytes a session")
    for row in results:
        print(
            f"{row['scene']:<6}{row['script']:<12}{row['turns']:>6}{row['sessions']:>10,}"
            f"{row['without']:>10,.0f}{row['added']:>8,.0f}   {'' if row['added'] <= GOAL else 'over the goal'}"
        )
        for line in row["top"]:
            print(f"      {line['bytes']:>8,.0f}  {line['where']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000, help="that are open at once")
    parser.add_argument("--turns", type=int, nargs="+", default=[90, 360], help="of a conversation; 360 are an hour")
    parser.add_argument("--top", type=int, default=0, help="also show so many lines of code that hold the most")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = [measure("idle", "-", 0, 1000, options.top)]
    for script in REPLIES:
        results += [measure("hour", script, turns, 4, options.top) for turns in options.turns]
    results += [measure(scene, "-", 0, options.sessions, options.top) for scene in ("idle", "cut")]
    print(json.dumps({"results": results})) if options.json else show(results)


if __name__ == "__main__":
    main()
