"""Connections end, and stories go on: on the emulator, in one process and from one to another."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import UTTERANCE, Person, connected, hasty, in_virtual_time, notes, output
from redis.asyncio import Redis

from gemini_live_interrupt import Interruption, enable_interrupt_resume, restore_session_state, session_state
from gemini_live_interrupt.emulator import FAULTS, LiveEmulator
from gemini_live_interrupt.emulator._scripted import Rule, ScriptedModel

EXAMPLES = Path(__file__).parents[1] / "examples"
SENTENCES = [
    "Mira kept the light on a rock at the end of the world.",
    "Each evening she climbed ninety-nine steps to light the lamp.",
    "One night the lamp would not burn, and a ship was coming.",
    "She woke the whole village, and they came with lanterns.",
    "The ship came in along that line as on a string.",
]
STORY = " ".join(SENTENCES)


def model() -> ScriptedModel:
    """Tells the story, answers a question, and goes on where the note says."""
    return ScriptedModel(
        [Rule(contains="tell me", say=STORY), Rule(contains="how tall", say="Tall."), Rule(resume=True)]
    )


def handle(person: Person) -> str:
    updates = [m.session_resumption_update for m in person.messages if m.session_resumption_update]
    return str(updates[-1].new_handle)


@contextlib.asynccontextmanager
async def again(live: LiveEmulator, before: Person, **more: Any) -> AsyncIterator[Person]:
    """The next connection, with the server's memory and ours, once the first one has ended."""
    await live.until(lambda: before.error, within=60.0)
    async with connected(live, session_resumption={"handle": handle(before)}) as person:
        restore_session_state(person.session, json.loads(json.dumps(session_state(before.session))), **more)
        yield person


@pytest.mark.parametrize("audio_lost", [False, True])
@pytest.mark.parametrize("profile", ["2.5-native", "2.5-vertex", "3.8-live"])
@in_virtual_time
async def test_a_story_that_the_connection_broke_off_is_heard_to_its_end(profile: str, audio_lost: bool) -> None:
    gone = dataclasses.replace(FAULTS["abrupt-close"], seconds=2.0)
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    async with (
        LiveEmulator(hasty(profile), model(), hear=["Tell me a story."], faults=[gone]) as live,
        connected(live, session_resumption={}) as first,
    ):
        await first.say(UTTERANCE)
        async with again(live, first, audio_lost=audio_lost) as second:
            heard = live.sessions[0].replies[0].speech.heard_by(2.0)
            await live.until(lambda: second.transcript.strip(), within=60.0)
            rest = live.replies[0].said
            assert rest in [" ".join(SENTENCES[number:]) for number in range(len(SENTENCES))]
            told = STORY.removesuffix(rest)
            assert [note.silent for note in notes(live)] == [True, False]
            if audio_lost:
                assert heard.startswith(told.rstrip()), "nothing is missing"
                assert heard.removeprefix(told).count(".") <= 1
            else:
                assert len(told) > len(heard), "what had been sent was played, and is not said again"
    assert [(one.cause, one.phase) for one in seen] == [
        ("connection", "cut"),
        ("connection", "silence"),
        ("connection", "settled"),
    ]


@pytest.mark.parametrize("profile", ["2.5-native", "3.8-live"])
@in_virtual_time
async def test_an_interruption_that_was_open_is_answered_on_the_next_connection(profile: str) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    gone = dataclasses.replace(FAULTS["abrupt-close"], on="cut", seconds=0.3)
    hear = ["Tell me a story.", "", "How tall is it?"]
    async with (
        LiveEmulator(hasty(profile), model(), hear=hear, faults=[gone]) as live,
        connected(live, session_resumption={}) as first,
    ):
        await first.say(UTTERANCE)
        await live.until(lambda: live.replies and live.replies[0].sent_seconds > 8.0, within=60.0)
        await asyncio.sleep(1.0)
        await first.say(UTTERANCE)
        async with again(live, first) as second:
            await asyncio.sleep(0.5)
            await second.say(UTTERANCE)
            await live.until(lambda: second.turns_complete, within=60.0)
            assert live.replies[0].said == "Tall."
            before, after = notes(live)
            assert (before.silent, after.silent) == (True, True)
            assert seen[0].cut_sentence in after.text
            assert len(live.log.client("clientContent")) == 1
    assert [(one.phase, one.outcome) for one in seen] == [
        ("cut", None),
        ("settled", "closed"),
        ("cut", None),
        ("settled", "noted"),
    ]
    assert {(one.session_id, one.number) for one in seen} == {(seen[0].session_id, 1)}
    assert seen[-1].user_text == "How tall is it?"


# The examples


@pytest.mark.parametrize("arguments", [[], ["--leave-after", "1.5"]])
async def test_the_example_tells_its_story_over_two_connections(arguments: list[str]) -> None:
    soon = dataclasses.replace(FAULTS["go-away"], seconds=0.8, lasts=1.6)
    async with LiveEmulator(hasty("2.5-native"), model(), faults=[] if arguments else [soon]) as live:
        out = await output(str(EXAMPLES / "reconnect.py"), *arguments, live=live)
        assert out.count("the connection ended") == len(live.sessions) - 1 > 0
        assert ("the server will end the connection in" in out) is not bool(arguments)
        out = re.sub(r"\n\[the server.*\]\n", "", out).removesuffix("\n[the end]\n")
        told = ""
        for part in re.split(r"\n\[the connection ended.*\]\n", out):
            place = STORY.index(part)
            assert place == 0 or STORY[place - 2 : place] == ". ", "it begins with a sentence"
            assert place <= len(told), "nothing is missing"
            told = STORY[: place + len(part)]
        assert told == STORY


WORKERS = EXAMPLES / "many_workers"


@contextlib.asynccontextmanager
async def running(*command: str, environ: dict[str, str] | None = None, ready: str) -> AsyncIterator[Any]:
    """A program that has said that it is ready; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | (environ or {}), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        assert process.stdout is not None
        said = b""
        while ready.encode() not in said:
            line = await process.stdout.readline()
            assert line, said.decode()
            said += line
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        out, _ = await process.communicate()
        assert b"Traceback" not in out, out.decode()


@contextlib.asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """A real one, of its own; the tests that need it are skipped where there is none, but not in CI."""
    program = shutil.which("redis-server")
    if program is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("redis-server is not installed: apt-get install redis-server")
    with free_port() as port:
        pass
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    async with running(*command, ready="Ready to accept connections"):
        yield f"redis://127.0.0.1:{port}"


@contextlib.contextmanager
def free_port() -> Any:
    """A port that nobody else gets meanwhile, but who may share it."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def load_caller() -> Any:
    spec = importlib.util.spec_from_file_location("caller", WORKERS / "caller.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["caller"] = module
    spec.loader.exec_module(module)
    return module


async def test_a_caller_with_a_wrong_address_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    caller = load_caller()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"ws://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3 * caller.COME_AGAIN):
                await caller.Caller(address).ask("Hello?")
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"[nobody answers at {address}: ")
    for wrong in ("localhost:8080", "http://localhost:8080"):
        with pytest.raises(caller.InvalidURI):
            await caller.Caller(wrong).ask("Hello?")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_caller_who_is_moved_to_another_worker_hears_the_end(end: signal.Signals, tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server(tmp_path))
        live = await stack.enter_async_context(LiveEmulator(hasty("2.5-native"), model(), speed=1.5))
        port = stack.enter_context(free_port())
        command = [sys.executable, "-W", "error", str(WORKERS / "worker.py"), "--port", str(port), "--redis", redis]
        workers = [
            await stack.enter_async_context(running(*command, environ=live.environ(), ready="takes calls"))
            for _ in range(2)
        ]
        caller = load_caller().Caller(f"ws://localhost:{port}")
        story = asyncio.create_task(caller.ask("Tell me a story."))
        await live.until(lambda: caller.visits and caller.visits[0].player.played > 4.5, within=30.0)
        os.kill(caller.visits[0].worker, end)
        async with asyncio.timeout(30):
            await story
        first, second = caller.visits
        assert {first.worker, second.worker} == {worker.pid for worker in workers}
        (gone,) = [worker for worker in workers if worker.pid == first.worker]
        assert await gone.wait() == (0 if end is signal.SIGTERM else -end)
        (told,), (rest,) = live.sessions[0].replies, live.sessions[1].replies
        heard = told.speech.heard_by(first.played)
        assert len(heard) < len(told.sent_text) < len(STORY), "it was moved in the middle"
        assert STORY.endswith(rest.speech.text)
        assert second.words.strip() == rest.speech.text
        before = STORY.removesuffix(rest.speech.text)
        assert heard.startswith(before.rstrip()), "nothing is missing"
        assert len(re.findall(r"[.]", heard.removeprefix(before))) <= (1 if end is signal.SIGTERM else 2)
        async with Redis.from_url(redis) as client:
            async with asyncio.timeout(10):
                while await client.keys():  # noqa: ASYNC110 - the worker forgets the call once its caller has gone
                    await asyncio.sleep(0.05)
