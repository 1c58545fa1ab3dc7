"""Is anybody talked over, and is the model asked to go on after a real silence? In virtual time, on the emulator.

In each cell somebody breaks into a story and speaks for as long as the cell says, and the model has nothing to say to
it. It must not be asked to go on before they have finished, and once after that: `resume_after` seconds after the last
that is known of them, and the silence that the session's configuration sets, and at most 1.5 s more.

A cell is a family of models, when the user's words come, an open microphone or push-to-talk, how long and how
haltingly they speak (a pause after each second and a half, of 0.5 to 2.5 s, with a server that waits for three), and
how much louder they are than the room. Two kinds more have no goal: typed text, and a microphone that the library does
not see.

    python benchmarks/silence.py [--cells 120] [--all] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import collections
import dataclasses
import itertools
import json
import random
import sys
import time
from typing import Any

from google import genai

from gemini_live_interrupt import Interruption, disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Microphone, VirtualTimeLoop

STORY = " ".join(f"In the year {1800 + year} the keeper lit the lamp and wrote down what he saw." for year in range(9))
RESUME_AFTER = 4.0
LATE = 1.5
"""Seconds beyond what is promised."""
PATIENCE = 3.0
"""Seconds of silence that the server is told to wait for, where people speak haltingly."""
BEFORE_WORDS = 1.0
"""Seconds after speech, at the most, until its words come: they are the last that is known of the user."""
ROOM = 250.0
"""Loudness of the room: what the emulator takes for voice is louder than 300."""
LENGTHS = (1.0, 3.0, 6.0, 12.0, 20.0)
OVER = (5.0, 10.0, 20.0, 30.0)
WORDS = ("during", "after", "never")
MICROPHONES = ("open", "push-to-talk", "typed", "unseen")


@dataclasses.dataclass(frozen=True)
class Cell:
    """One way to break in."""

    profile: str
    words: str
    microphone: str
    seconds: float
    halting: bool
    over: float


@dataclasses.dataclass
class Outcome:
    """What came of it."""

    asks: list[float] = dataclasses.field(default_factory=list)
    """Seconds from the end of speech: negative while it goes on."""
    interrupted: bool = False

    def verdict(self, cell: Cell) -> str:
        """Say in a word how it went."""
        if not self.interrupted:
            return "not interrupted"
        if any(ask < 0 for ask in self.asks):
            return "talked over"
        silence = PATIENCE if cell.halting else 0.0
        least, most = RESUME_AFTER - 0.1, silence + BEFORE_WORDS + silence + RESUME_AFTER + LATE
        if len(self.asks) == 1 and least <= self.asks[0] <= most:
            return "asked once, in time"
        return "not asked" if not self.asks else "asked too soon, too late or twice"


def cells(microphones: tuple[str, ...] = MICROPHONES) -> list[Cell]:
    """Return all of them."""
    every = itertools.product(PROFILES, WORDS, microphones, LENGTHS, (False, True), OVER)
    return [Cell(*values) for values in every if values[2] in ("open", "push-to-talk") or values[5] == OVER[-1]]


def utterance(cell: Cell, chance: random.Random) -> tuple[float, ...]:
    """Return seconds of speech and of pauses, by turns, from the first word to the last."""
    if not cell.halting or cell.seconds < 3.0:
        return (cell.seconds,)
    stretches: list[float] = []
    while sum(stretches) + 1.5 < cell.seconds:
        stretches += [1.5, chance.uniform(0.5, 2.5)]
    return (*stretches, 1.0)


class Unseen:
    """A microphone's way to the service past google-genai's methods, as some frameworks have."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def send_realtime_input(self, *, audio: dict[str, Any]) -> None:
        data = base64.b64encode(audio["data"]).decode()
        blob = {"data": data, "mimeType": audio["mime_type"]}
        await self._session._ws.send(json.dumps({"realtimeInput": {"audio": blob}}))


async def play(cell: Cell, seed: int) -> Outcome:
    """Play one cell."""
    outcome, chance, ended = Outcome(), random.Random(seed), float("inf")
    loop = asyncio.get_running_loop()

    def seen(interruption: Interruption) -> None:
        if interruption.phase == "cut":
            outcome.interrupted = True
        elif interruption.phase == "silence":
            outcome.asks.append(loop.time() - ended if ended < loop.time() else -1.0)

    realtime: dict[str, Any] = {}
    if cell.microphone == "push-to-talk":
        realtime["automatic_activity_detection"] = {"disabled": True}
    elif cell.halting:
        realtime["automatic_activity_detection"] = {"silence_duration_ms": round(PATIENCE * 1000)}
    config: Any = {"response_modalities": ["AUDIO"], "realtime_input_config": realtime}
    profile = dataclasses.replace(
        PROFILES[cell.profile],
        input_words_when=cell.words,
        connection_seconds=None,
        answers_noise=False,
        accepts_content=True,
        silent_content_mutes=False,
    )
    told = iter([STORY])
    enable_interrupt_resume(resume_after=RESUME_AFTER, on_interruption=seen)
    try:
        async with (
            LiveEmulator(profile, lambda _: next(told, ""), hear=["A story!", *["Well, you see."] * 20]) as live,
            genai.Client(**live.client_options()).aio as client,
            client.live.connect(model=f"models/{cell.profile}", config=config) as session,
        ):

            async def read() -> None:
                while True:
                    async for _ in session.receive():
                        pass

            reading = asyncio.create_task(read())
            uplink: Any = Unseen(session) if cell.microphone == "unseen" else session
            push = cell.microphone == "push-to-talk"
            async with Microphone(uplink, noise=ROOM, over=cell.over, push_to_talk=push, seed=seed) as microphone:
                await microphone.speak(1.2)
                await live.until(lambda: sum(reply.sent_seconds for reply in live.replies) > 8.0, within=60.0)
                await asyncio.sleep(3.0)
                if cell.microphone == "typed":
                    await session.send_client_content(turns={"role": "user", "parts": [{"text": "Well, you see."}]})  # type: ignore[arg-type]
                else:
                    await microphone.speak(*utterance(cell, chance))
                ended = loop.time()
                await asyncio.sleep(2 * PATIENCE + BEFORE_WORDS + RESUME_AFTER + 2 * LATE)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    finally:
        disable_interrupt_resume()
    return outcome


def main() -> int:
    """Play the cells, print a table, and fail if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=120, help="how many, taken at random (120)")
    parser.add_argument("--all", action="store_true", help="all of them, which takes a quarter of an hour")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    chosen = cells()
    if not arguments.all:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.cells, len(chosen)))
    table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    examples: dict[str, list[Cell]] = collections.defaultdict(list)
    began = time.monotonic()
    for number, cell in enumerate(chosen):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(chosen)}", end="", file=sys.stderr)
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            verdict = runner.run(play(cell, arguments.seed + number)).verdict(cell)
        table[f"{cell.microphone}, words {cell.words}"][verdict] += 1
        if verdict != "asked once, in time":
            examples[verdict].append(cell)
    aimed = {row: counts for row, counts in table.items() if row.startswith(("open", "push"))}
    total = sum(counts.total() for counts in aimed.values())
    over = sum(counts["talked over"] for counts in aimed.values())
    asked = sum(counts["asked once, in time"] for counts in aimed.values())
    if arguments.json:
        print(json.dumps({"cells": total, "talked over": over, "asked once, in time": asked, "table": table}))
    else:
        print(f"\n{len(chosen)} cells in {time.monotonic() - began:.0f} s")
        for row, counts in sorted(table.items()):
            print(f"  {row:32}", ", ".join(f"{verdict} {count}" for verdict, count in counts.most_common()))
        for verdict, found in examples.items():
            print(f"  {verdict}, for example: {found[0]}")
        print(f"microphones that are seen: {over} of {total} talked over (goal: 0); ", end="")
        print(f"{asked} of {total} asked once, in time (goal: 99 %)")
    return int(over > 0 or asked < 0.99 * total)


if __name__ == "__main__":
    raise SystemExit(main())
