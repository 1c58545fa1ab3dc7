"""The page's server: what comes from a browser may be anything, and goes when it likes."""

import asyncio
import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gemini_live_interrupt.demo._sound import recording
from gemini_live_interrupt.demo._story import STORY

from .serving import COMMAND, SOURCE, Server

EXAMPLE = Path(__file__).parents[2] / "examples" / "web"
GARBAGE: list[str | bytes] = [
    "",
    "no json",
    "null",
    "[" * 50_000,
    "{}",
    '{"type": "sing"}',
    '{"type": ["start"], "library": {}}',
    '{"type": "start", "library": "on"}',
    '{"type": "start"}',
    '{"type": "played", "reply": 1, "seconds": NaN}',
    '{"type": "played", "reply": 1, "seconds": -1}',
    '{"type": "played", "reply": 1, "seconds": 1e999}',
    '{"type": "played", "reply": 7, "seconds": 1}',
    '{"type": "played", "reply": "1", "seconds": "1"}',
    '{"type": "voice", "speaking": 1}',
    b"",
    b"x",
    b"\xff" * 65_535,
    json.dumps({"type": "start", "library": True, "\ud800": "\ud800"}),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server("--port", "0")
    yield server
    assert server.stop() == (0, "")


def live(server: Server, **options: Any) -> connect:
    return connect(server.address.replace("http", "ws") + "/live", **options)


async def lines(tab: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    async for frame in tab:
        if isinstance(frame, str):
            yield json.loads(frame)


async def until(tab: ClientConnection, kind: str, **wanted: Any) -> dict[str, Any]:
    """Wait for a line of this type."""
    async with asyncio.timeout(60):
        async for line in lines(tab):
            if line["type"] == kind and wanted.items() <= line.items():
                return line
    raise AssertionError(f"the server closed without a line of type {kind}")


async def start(tab: ClientConnection, *, library: bool = True) -> str:
    """Begin a conversation, and return its session once the model speaks."""
    await tab.send(json.dumps({"type": "start", "library": library}))
    session: str = (await until(tab, "text"))["session"]
    return session


@pytest.mark.parametrize("under_way", [False, True])
async def test_garbage_does_no_harm(server: Server, under_way: bool) -> None:
    async with live(server) as tab:
        if under_way:
            await start(tab)
        for frame in GARBAGE:
            await tab.send(frame)
        await start(tab)


async def test_a_frame_that_is_too_long_closes_its_own_tab_only(server: Server) -> None:
    async with live(server) as tab, live(server) as other:
        await tab.send(bytes(2**16 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await until(tab, "never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        await start(other)


async def test_a_page_of_another_site_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with live(server, origin="https://elsewhere.example"):
            pass
    assert refused.value.response.status_code == 403
    async with live(server, origin=server.address) as tab:
        assert (await until(tab, "hello"))["service"] == "emulator, 2.5-native"


async def all_told(tab: ClientConnection, reply: int) -> tuple[str, list[dict[str, Any]]]:
    """Wait until the story has been sent to its end in this reply; return the reply, and all lines until then."""
    seen, said = [], ""
    async with asyncio.timeout(60):
        async for line in lines(tab):
            seen.append(line)
            if line["type"] == "text" and line["reply"] == reply:
                said += line["text"]
            if said.endswith(STORY[-5:]):
                return said, seen
    raise AssertionError(f"the server closed after {said!r}")


async def test_tabs_that_close_in_the_midst_leave_the_others_alone(server: Server) -> None:
    async with live(server) as kept:
        session = await start(kept)
        for _ in range(3):
            tab = await live(server)
            await start(tab)
            tab.transport.abort()
        _, seen = await all_told(kept, 1)
        assert {line["session"] for line in seen} == {session}


async def test_a_second_start_begins_a_conversation_of_its_own(server: Server) -> None:
    async with live(server) as tab:
        first = await start(tab)
        await tab.send('{"type": "start", "library": false}')
        found = await until(tab, "conversation")
        assert found["session"] != first
        assert found["library"] is False


async def interrupted(tab: ClientConnection, *, library: bool) -> tuple[str, set[str]]:
    """Cough into the story, and return how it is taken up again, and which lines came."""
    await start(tab, library=library)
    await tab.send(json.dumps({"type": "played", "reply": 1, "seconds": 0.4}))
    pcm = recording("noise") + bytes(32_000)
    for at in range(0, len(pcm), 1280):
        await tab.send(pcm[at : at + 1280])
    answer, seen = await all_told(tab, 2)
    return answer, {line["type"] for line in seen}


async def test_the_library_is_on_for_one_tab_and_off_for_another(server: Server) -> None:
    async with live(server) as one, live(server) as other:
        (on, seen_on), (off, seen_off) = await asyncio.gather(
            interrupted(one, library=True), interrupted(other, library=False)
        )
    assert on == STORY  # from the beginning of the sentence that was cut off, the first
    assert off != STORY  # from where sending had got to
    assert "interruption" in seen_on
    assert "interruption" not in seen_off


async def test_it_ends_cleanly_in_the_midst_of_a_conversation() -> None:
    server = Server("--port", "0")
    async with live(server) as tab:
        await start(tab)
        assert await asyncio.to_thread(server.stop) == (0, "")


@pytest.fixture(scope="module")
def service() -> ModuleType:
    spec = importlib.util.spec_from_file_location("web_service", EXAMPLE / "service.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_every_recording_is_made_out_and_nothing_else(service: ModuleType) -> None:
    quiet = bytes(16_000)
    for utterance in service.UTTERANCES:
        assert service.make_out(quiet + recording(utterance.recording) + quiet) == utterance.words
    assert service.make_out(quiet + bytes([0, 16] * 16_000) + quiet) == "[speech]"
    assert service.make_out(bytes([0, 16] * 4_000) + quiet) == ""


def test_every_button_says_what_the_model_knows(service: ModuleType) -> None:
    page = (EXAMPLE / "static" / "index.html").read_text("utf-8")
    for utterance in service.UTTERANCES:
        assert f'data-say="{utterance.recording}"' in page
        assert f"<span>{utterance.words or 'no words at all'}</span>" in page
    assert page.count("data-say=") == len(service.UTTERANCES)


def run(*arguments: str, **variables: str) -> tuple[int, str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEMINI_", "GOOGLE_"))}
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=kept | {"PYTHONPATH": SOURCE} | variables,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said, complaints = run("--port", str(port))
    assert (status, said) == (1, "")
    why = "Address already in use. --host and --port take another"
    assert complaints == f"127.0.0.1:{port} cannot be listened on: {why}.\n"


def test_live_without_a_key_says_what_is_missing() -> None:
    status, said, complaints = run("--live")
    assert (status, said) == (2, "")
    assert complaints == (
        "--live needs an API key for the Gemini API in GEMINI_API_KEY; without --live, none is needed.\n"
    )


async def test_a_service_that_cannot_be_reached_is_told_to_the_page() -> None:
    server = Server("--live", "--port", "0", GEMINI_API_KEY="none", GOOGLE_GEMINI_BASE_URL="https://127.0.0.1:1")
    async with live(server) as tab:
        await tab.send('{"type": "start", "library": true}')
        assert "Connect" in (await until(tab, "ended"))["text"]
    status, complaints = await asyncio.to_thread(server.stop)
    assert status == 0
    assert "a conversation ended" in complaints
