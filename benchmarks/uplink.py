"""What the library adds to a chunk of the microphone that the app sends: microseconds over the SDK's own.

The socket is one that takes everything, so what is left is the SDK's work and ours. Both are measured in turns, in the
thread's own processor time; the least of each counts.

    python benchmarks/uplink.py [--chunk 0.04] [--rounds 15] [--json]
"""

from __future__ import annotations

import argparse
import array
import asyncio
import json
import random
import time

from google.genai import live, types
from memory import ApiClient, Socket

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

RATE = 16_000
CHUNKS = 1_000  # in a round


async def measure(seconds: float, rounds: int) -> tuple[float, float]:
    """Return microseconds a chunk without the library, and with it."""
    chance = random.Random(1)
    pcm = array.array("h", (round(chance.gauss(0.0, 900.0)) for _ in range(round(seconds * RATE)))).tobytes()
    session = live.AsyncSession(api_client=ApiClient(), websocket=Socket())  # type: ignore[arg-type]
    found: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for on, costs in found.items():
            (enable_interrupt_resume if on else disable_interrupt_resume)()
            began = time.thread_time()
            for _ in range(CHUNKS):
                await session.send_realtime_input(audio=types.Blob(data=pcm, mime_type=f"audio/pcm;rate={RATE}"))
            costs.append((time.thread_time() - began) / CHUNKS * 1e6)
    disable_interrupt_resume()
    return min(found[False]), min(found[True])


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunk", type=float, default=0.04, help="seconds of audio in a chunk (0.04)")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    without, on = asyncio.run(measure(arguments.chunk, arguments.rounds))
    if arguments.json:
        print(json.dumps({"without": without, "with": on, "ours": on - without}))
    else:
        print(f"a chunk of {arguments.chunk:g} s: {without:.1f} µs without the library, {on:.1f} with it; ", end="")
        print(f"{on - without:.1f} µs are the library's (goal: 20)")


if __name__ == "__main__":
    main()
