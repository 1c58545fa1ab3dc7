"""What the library costs for each message: `_receive` with it, against without, and against a bare wrapper.

The floor is what the chosen machinery costs by itself: a wrapt wrapper that only passes through. Times of this size
drown in the noise of a shared machine, so each round measures the three in turn, and `--instructions` counts them
instead, with valgrind: every count is that of a long run less that of a short one.

    python benchmarks/overhead.py [--sessions 1 1000] [--instructions] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import wrapt
from google.genai import live

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

AUDIO = base64.b64encode(bytes(7680)).decode()  # 160 ms, as 3.8 sends it
PART = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": AUDIO}}
FRAMES: dict[str, dict[str, Any]] = {
    "audio": {"serverContent": {"modelTurn": {"parts": [PART]}}},
    "transcript": {"serverContent": {"outputTranscription": {"text": " tide"}}},
    "bundled": {"serverContent": {"modelTurn": {"parts": [PART]}, "outputTranscription": {"text": " tide"}}},
    "empty": {},
}
TURN_COMPLETE = json.dumps({"serverContent": {"turnComplete": True}}).encode()
MODES = ("off", "floor", "on")
TURN = 200  # messages of a reply, 32 s of audio, and the turnComplete that ends it


class Socket:
    """Gives the same frame again and again, without a network."""

    def __init__(self, frame: bytes) -> None:
        self.frame = frame
        self.read = 0

    async def recv(self, decode: bool | None = None) -> bytes:
        self.read += 1
        return TURN_COMPLETE if self.read % TURN == 0 else self.frame


class ApiClient:
    vertexai = False


class Loop(asyncio.SelectorEventLoop):
    """A message comes every 160 ms, so that each reply has been played before the next one comes."""

    time = itertools.count(0.0, 0.16).__next__


@contextlib.contextmanager
def switched(mode: str) -> Iterator[None]:
    """Put the SDK into one of the three modes."""
    original = vars(live.AsyncSession)["_receive"]
    if mode == "on":
        enable_interrupt_resume()
    elif mode == "floor":
        live.AsyncSession._receive = wrapt.FunctionWrapper(  # type: ignore[method-assign]
            original, lambda wrapped, instance, args, kwargs: wrapped(*args, **kwargs)
        )
    try:
        yield
    finally:
        disable_interrupt_resume()
        live.AsyncSession._receive = original  # type: ignore[method-assign]


def open_sessions(kind: str, count: int) -> list[live.AsyncSession]:
    frame = json.dumps(FRAMES[kind]).encode()
    return [live.AsyncSession(ApiClient(), Socket(frame)) for _ in range(count)]  # type: ignore[arg-type]


async def receive(sessions: list[live.AsyncSession], messages: int) -> None:
    for number in range(messages):
        await sessions[number % len(sessions)]._receive()


async def timed(kind: str, sessions: int, rounds: int, messages: int) -> list[dict[str, Any]]:
    """Measure the modes in turn; the ratios are medians over rounds, each within its round."""
    opened = {mode: open_sessions(kind, sessions) for mode in MODES}
    seconds: dict[str, list[float]] = {mode: [] for mode in MODES}
    for number in range(rounds + 1):
        for mode in MODES:
            with switched(mode):
                began = time.process_time()
                await receive(opened[mode], messages)
                if number:  # the first round warms up
                    seconds[mode].append((time.process_time() - began) / messages)
    return [row(kind, sessions, mode, seconds) for mode in MODES]


def row(kind: str, sessions: int, mode: str, measured: dict[str, list[float]], unit: str = "seconds") -> dict[str, Any]:
    def against(other: str) -> float:
        return statistics.median(a / b for a, b in zip(measured[mode], measured[other], strict=True))

    return {
        "frame": kind,
        "sessions": sessions,
        "mode": mode,
        unit: statistics.median(measured[mode]),
        "to_off": against("off"),
        "to_floor": against("floor"),
    }


# Instructions


def counted(kinds: list[str], sessions: int, messages: int) -> list[dict[str, Any]]:
    """Run this program under valgrind, and count each mode's instructions for a message."""
    if shutil.which("valgrind") is None or shutil.which("callgrind_control") is None:
        sys.exit("overhead.py: --instructions needs valgrind, which is not installed")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out"),
            *(sys.executable, __file__, "--count", *kinds, "--sessions", str(sessions), "--messages", str(messages)),
        ]
        environ = os.environ | {"PYTHONHASHSEED": "0"}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"overhead.py: valgrind failed:\n{done.stderr[-2000:]}")
        totals: dict[str, int] = {}
        for path in Path(folder).glob("out.*"):
            text = path.read_text()
            name = re.search(r"^desc: Trigger: dump (\S+)", text, re.MULTILINE)
            total = re.search(r"^summary: (\d+)", text, re.MULTILINE)
            if name and total:
                totals[name[1]] = int(total[1])
    for kind in kinds:
        counts = {mode: [(totals[f"{kind}-{mode}-2"] - totals[f"{kind}-{mode}-1"]) / messages] for mode in MODES}
        rows += [row(kind, sessions, mode, counts, "instructions") for mode in MODES]
    return rows


def control(*arguments: str) -> None:
    subprocess.run(["callgrind_control", *arguments, str(os.getpid())], check=True, capture_output=True)


async def count(kinds: list[str], sessions: int, messages: int) -> None:
    """Under valgrind: run each mode for once and for twice as many messages, and dump the counts of each run."""
    for kind in kinds:
        for mode in MODES:
            with switched(mode):
                opened = open_sessions(kind, sessions)
                await receive(opened, 2 * messages)
                control("-i", "on")
                for length in (1, 2):
                    control("-z")
                    await receive(opened, length * messages)
                    control(f"--dump={kind}-{mode}-{length}")
                control("-i", "off")


def show(rows: list[dict[str, Any]]) -> None:
    unit = "instructions" if "instructions" in rows[0] else "seconds"
    heading = "µs" if unit == "seconds" else unit
    print(f"{'frame':<12}{'sessions':>9}  {'mode':<6}{heading:>14}{'to off':>9}{'to floor':>10}")
    for one in rows:
        value = f"{one[unit] * 1e6:.2f}" if unit == "seconds" else f"{one[unit]:,.0f}"
        print(
            f"{one['frame']:<12}{one['sessions']:>9}  {one['mode']:<6}{value:>14}"
            f"{one['to_off']:>9.3f}{one['to_floor']:>10.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 1000])
    parser.add_argument("--frames", nargs="+", choices=list(FRAMES), default=list(FRAMES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--messages", type=int, help="in a round (default 2000; 400 with --instructions)")
    parser.add_argument("--instructions", action="store_true", help="count instructions with valgrind")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=Loop) as runner:
        if options.count:
            runner.run(count(options.count, options.sessions[0], options.messages))
            return
        for sessions in options.sessions:
            if options.instructions:
                rows += counted(options.frames, sessions, options.messages or 400)
            else:
                for kind in options.frames:
                    rows += runner.run(timed(kind, sessions, options.rounds, options.messages or 2000))
    print(json.dumps({"results": rows})) if options.json else show(rows)


if __name__ == "__main__":
    main()
