"""A caller of the workers: asks for a story, and stays on the line whichever worker it gets.

python examples/many_workers/caller.py ws://localhost:8080
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidURI, WebSocketException

BYTES_A_SECOND = 48_000
COME_AGAIN = 0.2
"""Seconds after which a caller whose connection is gone connects again."""


@dataclass
class Player:
    """Plays what comes, without a sound: a clock that knows how much has been played."""

    received: float = 0.0
    ends_at: float = 0.0

    def play(self, audio: bytes) -> None:
        self.received += len(audio) / BYTES_A_SECOND
        self.ends_at = max(self.ends_at, time.monotonic()) + len(audio) / BYTES_A_SECOND

    @property
    def played(self) -> float:
        """Seconds."""
        return self.received - max(self.ends_at - time.monotonic(), 0.0)


@dataclass
class Visit:
    """The time with one worker."""

    worker: int
    player: Player = field(default_factory=Player)
    words: str = ""
    played: float = 0.0
    """Seconds that had been played when it ended."""


class Caller:
    """One call, with as many workers as it takes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._url = f"{address}/{uuid.uuid4().hex}"
        self._complaint = ""
        self.visits: list[Visit] = []

    async def ask(self, question: str) -> None:
        """Ask, and listen to the end of the answer. Raises InvalidURI for an address that is none."""
        while True:
            with self._saying_who_is_not_there():  # the worker is gone, or going
                async with connect(self._url) as worker:
                    self._complaint = ""
                    visit = Visit(json.loads(await worker.recv())["worker"])
                    print(f"\n[worker {visit.worker}]", flush=True)
                    if not any(before.words for before in self.visits):
                        await worker.send(question)
                    self.visits.append(visit)
                    try:
                        async for message in worker:
                            if self._take_in(visit, message):
                                return
                    finally:
                        visit.played = visit.player.played  # what is left is thrown away
            await asyncio.sleep(COME_AGAIN)

    @contextlib.contextmanager
    def _saying_who_is_not_there(self) -> Iterator[None]:
        try:
            yield
        except InvalidURI:
            raise
        except (OSError, WebSocketException) as error:
            complaint = f"[nobody answers at {self._address}: {error}; trying again]"
            if not self._complaint:
                print(complaint, file=sys.stderr, flush=True)
            self._complaint = complaint

    def _take_in(self, visit: Visit, message: str | bytes) -> bool:
        """Play or print it; return whether the answer is complete."""
        if isinstance(message, bytes):
            visit.player.play(message)
            return False
        event = json.loads(message)
        if event.get("interrupted"):
            visit.player = Player()
        visit.words += event.get("words", "")
        sys.stdout.write(event.get("words", ""))
        sys.stdout.flush()
        return bool(event.get("complete"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", default="ws://localhost:8080")
    parser.add_argument("--ask", default="Tell me a long story about a lighthouse.")
    options = parser.parse_args()
    try:
        asyncio.run(Caller(options.address).ask(options.ask))
    except InvalidURI as error:
        sys.exit(f"{error}; an address is one like ws://localhost:8080")
    print()
