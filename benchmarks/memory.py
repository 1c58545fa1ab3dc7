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

GOAL = 8 * 1024
NOT_OURS = (tracemalloc.Filter(False, tracemalloc.__file__),)
REPLIES = {  # about 20 seconds each
    "Latin": "The tide turns twice a day because the moon pulls at the sea, and the earth turns under the water that "
    "it draws. The sun pulls too, though less, and when both stand in a line the flood is high and the ebb is low. "
    "Halfway, they work against each other, and the sea hardly seems to move.",
    "Devanagari": "ज्वार दिन में दो बार आता है क्योंकि चंद्रमा समुद्र को खींचता है, और पृथ्वी उस पानी के नीचे घूमती है। सूर्य भी "
    "खींचता है, पर कम। जब दोनों एक सीध में होते हैं, तब ज्वार ऊँचा होता है और भाटा नीचा। बीच के दिनों में वे एक दूसरे के "
    "विरुद्ध काम करते हैं, और समुद्र लगभग शांत रहता है।",
    "Han": "潮水每天涨落两次，因为月亮吸引着大海，而地球在被吸引的海水下面转动。太阳也在吸引，只是弱一些。"
    "当它们排成一线时，高潮很高，低潮很低。在中间的日子里，它们互相抵消，大海几乎不动。",
}
LONG = 10
"""Sessions that last for an hour: enough for what is there once to weigh little."""
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


async def finish(session: live.AsyncSession, loop: Loop, script: str) -> None:
    """Have the other half, and let it be played."""
    frames = turn(script)
    await read(session, frames[len(frames) // 2 :] + encoded(GENERATED, OVER))
    loop.ahead += REST + WORD_SECONDS * len(frames) / 2


Alive = dict[str, tuple[int, tracemalloc.Snapshot]]


async def play(scene: str, script: str, turns: int, sessions: int) -> Alive:
    """Open the sessions, play the scene in each, and return what is alive then, by the state that they are in."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    before, _ = await alive(0)
    opened = []
    for _ in range(sessions):
        opened.append(live.AsyncSession(ApiClient(), Socket()))  # type: ignore[arg-type]  # noqa: PERF401 - as apps do
    if scene == "hour":
        for session in opened:
            await converse(session, loop, script, turns)
        found = {"in a reply": await alive(before)}
        for session in opened:
            await finish(session, loop, script)
        return found | {"after it": await alive(before)}
    frames = {"idle": encoded({"sessionResumptionUpdate": {}}), "cut": bundled()}[scene]
    for session in opened:
        await read(session, frames)
    return {scene: await alive(before)}


async def alive(before: int) -> tuple[int, tracemalloc.Snapshot]:
    await asyncio.sleep(0)
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces(NOT_OURS)
    return sum(trace.size for trace in snapshot.traces) - before, snapshot


def run(scene: str, script: str, turns: int, sessions: int, library: bool) -> Alive:
    if library:
        enable_interrupt_resume(resume_after=3600.0)  # the loop's clock is wound forward
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(play(scene, script, turns, sessions))
    finally:
        disable_interrupt_resume()


def measure(scene: str, script: str, turns: int, sessions: int, top: int) -> list[dict[str, Any]]:
    tracemalloc.start(1)
    try:
        for library in (False, True):
            run(scene, script, min(turns, EVERY), 2, library)  # what is made once is made now
        without = run(scene, script, turns, sessions, library=False)
        with_it = run(scene, script, turns, sessions, library=True)
    finally:
        tracemalloc.stop()
    rows = []
    for state, (grown, ours) in with_it.items():
        lines = ours.compare_to(without[state][1], "lineno")
        rows.append(
            {
                "state": state,
                "script": script,
                "turns": turns,
                "sessions": sessions,
                "without": without[state][0] / sessions,
                "added": (grown - without[state][0]) / sessions,
                "goal": GOAL,
                "top": [
                    {"where": f"{Path(line.traceback[0].filename).name}:{line.traceback[0].lineno}", "bytes": size}
                    for line in lines[:top]
                    if (size := line.size_diff / sessions) >= 1
                ],
            }
        )
    return rows


def show(results: list[dict[str, Any]]) -> None:
    print(f"{'state':<12}{'script':<12}{'turns':>6}{'sessions':>10}{'without':>10}{'added':>8}   bytes a session")
    for row in results:
        print(
            f"{row['state']:<12}{row['script']:<12}{row['turns']:>6}{row['sessions']:>10,}"
            f"{row['without']:>10,.0f}{row['added']:>8,.0f}   {'' if row['added'] <= GOAL else 'over the goal'}"
        )
        for line in row["top"]:
            print(f"                    {line['bytes']:>8,.0f}  {line['where']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000, help="that are open at once")
    parser.add_argument("--turns", type=int, nargs="+", default=[90, 360], help="of a conversation; 360 are an hour")
    parser.add_argument("--top", type=int, default=0, help="also show so many lines of code that hold the most")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    for script in REPLIES:
        for turns in options.turns:
            results += measure("hour", script, turns, LONG, options.top)
    for scene in ("idle", "cut"):
        results += measure(scene, "-", 0, options.sessions, options.top)
    print(json.dumps({"results": results})) if options.json else show(results)


if __name__ == "__main__":
    main()
