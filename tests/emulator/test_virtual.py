"""A clock that jumps: the same conversation in a fraction of the time, to the last frame."""

import asyncio
import dataclasses
import math
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Told, VirtualTimeLoop
from gemini_live_interrupt.emulator._background import BackgroundEmulator

from .talking import UTTERANCE, Person, connected, hasty, in_virtual_time, quiet, voice

T = TypeVar("T")
STORY = "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose."


def run(main: Callable[[], Awaitable[T]], *, debug: bool = False, speed: float = math.inf) -> T:
    async def wrapped() -> T:
        return await main()

    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(speed), debug=debug) as runner:
        return runner.run(wrapped())


async def stream(person: Person, pcm: bytes) -> None:
    """Send it as a microphone does."""
    for begin in range(0, len(pcm), 3_200):
        await asyncio.sleep(0.1)
        await person.say(pcm[begin : begin + 3_200])


async def barge_in(profile: str = "2.5-native", seconds: float = 30.0, **more: Any) -> list[Any]:
    """Interrupt a story again and again; return every frame and when it came."""
    emulator = LiveEmulator(profile, lambda _: STORY, hear=["And then?"] * 999, **more)
    async with emulator as live, connected(live) as person:
        while asyncio.get_running_loop().time() < seconds:
            await stream(person, quiet(2.0) + UTTERANCE)
        return [(frame.at, frame.sender, frame.kinds) for frame in live.log]


def test_a_ten_minute_conversation_does_not_take_ten_minutes() -> None:
    began = time.perf_counter()
    lasting = dataclasses.replace(PROFILES["2.5-native"], connection_seconds=None)

    async def main() -> tuple[float, int]:
        emulator = LiveEmulator(lasting, lambda _: STORY, hear=["And then?"] * 999)
        async with emulator as live, connected(live) as person:
            loop = asyncio.get_running_loop()
            while loop.time() < 600:
                await person.say(UTTERANCE)
                await asyncio.sleep(5.0)
            return loop.time(), len(live.log.server("interrupted"))

    seconds, cuts = run(main)
    assert seconds >= 600
    assert cuts > 100
    assert time.perf_counter() - began < 60  # a second or so on a machine of its own


@pytest.mark.parametrize("profile", PROFILES)
def test_every_run_is_the_same_to_the_last_frame(profile: str) -> None:
    assert run(lambda: barge_in(profile, 10.0)) == run(lambda: barge_in(profile, 10.0))


def test_a_clock_with_a_speed_shows_the_same_to_somebody_who_looks_on() -> None:
    began = time.perf_counter()
    frames = run(lambda: barge_in(seconds=4.0), speed=40.0)
    assert time.perf_counter() - began >= frames[-1][0] / 40.0
    assert frames == run(lambda: barge_in(seconds=4.0))


def test_a_clock_with_a_speed_stops_for_what_comes_from_outside() -> None:
    near, far = socket.socketpair()
    near.setblocking(False)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        sending = threading.Timer(0.1, far.send, [b"!"])
        sending.start()
        async with asyncio.timeout(1000.0):
            assert await loop.sock_recv(near, 1) == b"!"
        sending.join()
        return loop.time()

    with near, far:
        assert 0.0 < run(main, speed=10.0) < 1000.0


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_has_to_be_positive(speed: float) -> None:
    with pytest.raises(ValueError, match=f"speed must be positive; got {speed}"):
        VirtualTimeLoop(speed)


def test_faults_of_chance_are_the_same_for_the_same_seed() -> None:
    runs = [run(lambda seed=seed: barge_in(faults=["jitter"], seconds=6.0, seed=seed)) for seed in (1, 1, 2)]  # type: ignore[misc]
    assert runs[0] == runs[1] != runs[2]


async def one_turn() -> list[str]:
    emulator = LiveEmulator(hasty("2.5-native"), lambda _: "Yes, it does.", hear=["Does it?"])
    async with emulator as live, connected(live) as person:
        await stream(person, UTTERANCE)
        await live.until(lambda: person.turns_complete)
        return ["+".join(frame.kinds) for frame in live.log.server()]


def test_the_order_of_events_is_that_of_real_time() -> None:
    assert run(one_turn, debug=True) == asyncio.run(one_turn())


def test_the_library_keeps_the_time_of_the_loop() -> None:
    async def main() -> tuple[list[Any], tuple[Told, ...]]:
        seen: list[Any] = []
        enable_interrupt_resume(on_interruption=seen.append)
        emulator = LiveEmulator("2.5-native", lambda _: STORY, hear=["A story!", "Wait."])
        async with emulator as live, connected(live) as person:
            await person.say(UTTERANCE)
            await live.until(lambda: live.log.server("audio"))
            await asyncio.sleep(3.0)
            await person.say(voice(0.5) + quiet(0.6))
            await live.until(lambda: len(live.replies) == 2)
        disable_interrupt_resume()
        return seen, live.context

    began = time.perf_counter()
    seen, context = run(main)
    assert time.perf_counter() - began < 30
    assert 2.8 < seen[0].played < 3.4
    assert STORY.startswith(seen[0].heard)
    (note,) = [told for told in context if told.kind == "content"]
    assert seen[0].heard.split()[-1] in note.text


def test_what_a_thread_does_takes_the_time_that_it_takes() -> None:
    async def main() -> tuple[float, bool]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        late = loop.call_later(60.0, list)
        await asyncio.to_thread(time.sleep, 0.05)
        return loop.time() - began, late.cancelled() or late.when() > loop.time()

    passed, still_to_come = run(main)
    assert 0.0 < passed < 50.0
    assert still_to_come


def test_other_servers_are_reached_as_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:

        async def main() -> bytes:
            reader, writer = await asyncio.open_connection(*elsewhere.getsockname())
            peer, _ = elsewhere.accept()
            with peer:
                peer.sendall(b"hello\n")
                line = await reader.readline()
                writer.close()
                await writer.wait_closed()
                return line

        assert run(main) == b"hello\n"


def test_a_server_that_has_ended_is_not_reached() -> None:
    async def main() -> None:
        async with LiveEmulator() as live:
            port = int(live.url.rpartition(":")[2])
            _, writer = await asyncio.open_connection("localhost", port)
            writer.close()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)

    run(main)


def test_a_client_that_does_not_trust_the_certificate_is_told() -> None:
    async def main() -> None:
        async with LiveEmulator() as live:
            port = int(live.url.rpartition(":")[2])
            with pytest.raises(OSError, match="certificate verify failed"):
                await asyncio.open_connection("127.0.0.1", port, ssl=True)

    run(main)


def test_a_timer_for_now_comes_now() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_at(loop.time(), done.set_result, None)
        await done
        return loop.time()

    assert run(main) < 1e-9


@in_virtual_time
async def test_without_the_fixture_the_same_is_known() -> None:
    def model(told: tuple[Told, ...]) -> str:
        return "One two three four five six seven." if told[-1].text == "Count." else "Yes?"

    async with LiveEmulator(hasty("3.8-live"), model, hear=["Count.", "Wait."]) as live:
        with pytest.raises(RuntimeError, match="no client has connected"):
            _ = live.cuts
        async with connected(live) as person:
            await person.say(live.utterance())
            await live.eventually(lambda: live.replies and "three" in live.heard[0])
            assert (live.cuts, live.notes()) == ([], [])
            await person.say(live.utterance())
            await live.eventually(lambda: live.cuts)
            await person.tell("They heard some of it.", turn_complete=False)
            await live.eventually(lambda: len(live.replies) == 2)
        (cut,) = live.cuts
        assert cut.heard.startswith("One two three")
        assert cut.heard + cut.unheard == cut.sent
        assert live.notes() == live.told("content") == ["They heard some of it."]
        assert live.told("speech") == ["Count.", "Wait."]
    assert live.heard[0] == cut.heard


def test_the_fixture_and_the_class_have_one_definition_of_what_is_asked_of_them() -> None:
    for name in ("told", "notes", "cuts", "heard", "utterance"):
        assert name not in vars(LiveEmulator) | vars(BackgroundEmulator)
        assert hasattr(LiveEmulator, name)
