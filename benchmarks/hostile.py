"""What one message costs at most, whatever is in it: milliseconds of this thread's processor time, the best of several.

For each text of `tests/test_hostile_text.py`, repeated to so many characters, a reply is made of it, cut off and
followed by another one of the same; the table has the message that cost most. `words` is what people say.

    python benchmarks/hostile.py [--characters 10000000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from test_handler import Scene
from test_hostile_text import PATTERNS, STORY
from wire import INTERRUPTED, TURN_COMPLETE, audio, parsed, said, spoken

from gemini_live_interrupt._sdk import received


def costs(messages: list[Any]) -> list[float]:
    """Return the milliseconds that each message of a conversation takes to be followed."""
    scene = Scene().play(said("Tell me."))
    found = []
    for message in messages:
        began = time.thread_time()
        scene.happens(*received(message))
        found.append(1000 * (time.thread_time() - began))
        scene.wait(0.3)
    return found


def conversation(pattern: str, characters: int, *, story: str | None = None) -> list[Any]:
    text = (pattern * (characters // len(pattern) + 1))[:characters]
    cut = [spoken(story or text), audio(2.0), INTERRUPTED, TURN_COMPLETE, said(text)]
    return [parsed(message) for message in [*cut, spoken(text), audio(3.0), TURN_COMPLETE, said(text), INTERRUPTED]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--characters", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    worst = 0.0
    for name, pattern in PATTERNS.items():
        most = 0.0
        for story in (None, STORY):
            messages = conversation(pattern, options.characters, story=story)
            rounds = [costs(messages) for _ in range(options.rounds)]
            most = max(most, *(min(column) for column in zip(*rounds, strict=True)))
        worst = max(worst, most)
        print(f"{name:36}{most:8.2f} ms")
    print(f"{'the most':36}{worst:8.2f} ms")


if __name__ == "__main__":
    main()
