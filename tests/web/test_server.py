"""The page's server: what comes from a browser may be anything, and goes when it likes."""

import asyncio
import contextlib
import http.client
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from gemini_live_interrupt.demo._sound import recording
from gemini_live_interrupt.demo._story import STORY
from gemini_live_interrupt.emulator import LiveEmulator

from .serving import BOTH_KEYS, COMMAND, SOURCE, Server

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


@pytest.mark.parametrize("origin", ["http://[", "null", "//", "http://[::1"])
async def test_an_origin_that_is_no_address_is_refused(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with live(server, additional_headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


def status_for(server: Server, host: str, path: str = "/") -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(server.port), timeout=20)) as connection:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        return connection.getresponse().status


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST", "127.0.0.1"])
def test_the_servers_own_names_are_served(server: Server, host: str) -> None:
    assert status_for(server, host.format(server.port)) == 200


@pytest.mark.parametrize(
    "host", ["elsewhere.example:{}", "localhost.elsewhere.example", "", "[", "127.0.0.1@elsewhere"]
)
def test_a_name_that_was_made_to_point_here_is_refused(server: Server, host: str) -> None:
    for path in ("/", "/static/page.js", "/sounds/noise.wav"):
        assert status_for(server, host.format(server.port), path) == 403


async def test_a_page_under_a_name_that_was_made_to_point_here_is_refused(server: Server) -> None:
    there = f"elsewhere.example:{server.port}"  # a browser's Origin is that name, too
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"ws://{there}/live", host="127.0.0.1", port=int(server.port), origin=Origin(f"http://{there}")
        ):
            pass
    assert refused.value.response.status_code == 403


def test_names_that_it_was_started_for_are_served() -> None:
    server = Server("--port", "0", WEB_HOSTS="voice.example, other.example")
    assert [status_for(server, host) for host in ("voice.example", "Other.Example:1", "third.example")] == [
        200,
        200,
        403,
    ]
    assert server.stop() == (0, "")


def test_only_sounds_are_served_as_sounds(server: Server) -> None:
    assert status_for(server, "localhost", "/sounds/noise.wav") == 200
    assert status_for(server, "localhost", "/sounds/make.py") == 404
    kinds = {path.suffix for path in Path(SOURCE, "gemini_live_interrupt", "demo", "assets").iterdir()}
    assert kinds == {".wav"}


async def test_tabs_beyond_the_bound_are_told_so_and_room_is_made_again() -> None:
    server = Server("--port", "0")
    async with contextlib.AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(live(server)) for _ in range(32)]
        for tab in tabs:
            await until(tab, "hello")
        async with live(server) as one_more:
            with pytest.raises(ConnectionClosed) as closed:
                await one_more.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "32 tabs are open already")
        await tabs[0].close()
        async with asyncio.timeout(20):
            while True:  # until the server has seen that it left
                async with live(server) as again:
                    with contextlib.suppress(ConnectionClosed):
                        await again.recv()
                        break
    assert await asyncio.to_thread(server.stop) == (0, "")


async def test_each_start_is_announced_also_of_those_that_come_together(server: Server) -> None:
    async with live(server) as tab:
        for library in (True, False, True, True, False):
            await tab.send(json.dumps({"type": "start", "library": library}))
        began = [(await until(tab, "conversation"))["library"] for _ in range(5)]
        assert began == [True, False, True, True, False]
        await until(tab, "text")


@contextlib.contextmanager
def under_uvicorn(app: str) -> Iterator[str]:
    """Start an app as the first lines of the page's say; provide where it is."""
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(EXAMPLE), "--port", "0", app]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEMINI_", "GOOGLE_"))}
    path = os.pathsep.join((SOURCE, str(Path(__file__).parent)))
    with subprocess.Popen(
        command, env=kept | {"PYTHONPATH": path}, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        said, found = "", None
        while found is None:
            line = process.stderr.readline()
            assert line, said
            said += line
            found = re.search(r"running on http://(\S+)", line)
        try:
            yield found[1]
        finally:
            process.terminate()
            process.communicate()


async def test_what_is_kept_of_conversations_whose_tabs_have_left_is_bounded() -> None:
    with under_uvicorn("counted:app") as address:

        def kept() -> dict[str, int]:
            with urllib.request.urlopen(f"http://{address}/kept") as answer:
                return json.load(answer)  # type: ignore[no-any-return]

        for _ in range(3):
            async with contextlib.AsyncExitStack() as stack:
                tabs = [await stack.enter_async_context(connect(f"ws://{address}/live")) for _ in range(6)]
                await asyncio.gather(*map(start, tabs))
                assert min((await asyncio.to_thread(kept)).values()) >= 6  # of each kind
        async with asyncio.timeout(60):
            while (left := await asyncio.to_thread(kept)) != {"Session": 4}:  # until it is seen that the last ones left
                assert left["Session"] >= 4
                await asyncio.sleep(0.5)


async def test_a_frame_that_is_too_long_is_refused_by_the_app_itself() -> None:
    with under_uvicorn("app:app") as address:
        for frame in (bytes(15_000_000), " " * 15_000_000):
            async with connect(f"ws://{address}/live", max_size=None) as tab:
                await until(tab, "hello")
                await tab.send(frame)
                with pytest.raises(ConnectionClosed) as closed:
                    await until(tab, "never")
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1009


async def said(tab: ClientConnection, reply: int, wanted: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Wait until what the model says in this reply is as wanted; return all lines until then."""
    seen, text = [], ""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            async for line in lines(tab):
                seen.append(line)
                if line["type"] == "text" and line["reply"] == reply:
                    text += line["text"]
                    if wanted(text):
                        return seen
    raise AssertionError(f"the model said {text!r}")


async def test_tabs_that_close_in_the_midst_leave_the_others_alone(server: Server) -> None:
    async with live(server) as kept:
        session = await start(kept)
        for _ in range(3):
            tab = await live(server)
            await start(tab)
            tab.transport.abort()
        seen = await said(kept, 1, lambda text: text.endswith(STORY[-5:]))
        assert {line["session"] for line in seen} == {session}


async def test_a_second_start_begins_a_conversation_of_its_own(server: Server) -> None:
    async with live(server) as tab:
        first = await start(tab)
        await tab.send('{"type": "start", "library": false}')
        found = await until(tab, "conversation")
        assert found["session"] != first
        assert found["library"] is False


ANSWERS: dict[str, Callable[[str], str]] = {
    "question": lambda rest: f"Often about thirty metres. {'Shall I go on?' if rest else 'Anything else?'}",
    "follow-up": lambda rest: f"All alone, but for her cat. {rest}".strip(),
    "correction": lambda rest: f"An old man, of course. {his(rest)}".strip(),
    "acknowledgement": lambda rest: rest or "That was the whole story.",
    "noise": lambda rest: rest or "That was the whole story.",
    "go-on": lambda rest: rest or "That was the whole story.",
    "stop": lambda rest: "All right.",
}
"""What the model says to each recording if this much of the story is to be told."""


def his(text: str) -> str:
    return re.sub(r"\b(S?s?)he\b", lambda found: "He" if found[1] == "S" else "he", text).replace("woman", "man")


async def interrupt(server: Server, name: str, *, library: bool) -> None:
    """Break in on the story: with the library it goes on with the cut-off sentence, without it from what was sent."""
    async with live(server) as tab:
        await start(tab, library=library)
        pcm = recording(name) + bytes(32_000)
        for at in range(0, len(pcm), 1280):
            await tab.send(pcm[at : at + 1280])
        sent, cut = STORY.split()[0], None
        async for line in lines(tab):
            sent += line["text"] if line["type"] == "text" else ""
            cut = line if line["type"] == "interruption" else cut
            if line["type"] == "interrupted":
                break
        assert (cut is not None) == library
        rest = STORY[len(sent) :].strip() if cut is None else STORY[STORY.index(cut["cut_sentence"].strip()) :]
        await said(tab, 2, ANSWERS[name](rest).__eq__)


async def test_the_model_does_what_the_note_says_of_each_button(server: Server) -> None:
    names = list(ANSWERS)
    for some in (names[:2], names[2:4], names[4:]):
        await asyncio.gather(*(interrupt(server, name, library=True) for name in some))


async def test_the_library_is_on_for_one_tab_and_off_for_another(server: Server) -> None:
    await asyncio.gather(*(interrupt(server, "noise", library=library) for library in (True, False)))


async def test_the_real_service_is_reached_in_the_same_way() -> None:
    async with LiveEmulator(model=lambda _: "I am the real one.") as real:
        server = await asyncio.to_thread(Server, "--live", "--port", "0", **real.environ())
        async with live(server) as tab:
            assert (await until(tab, "hello"))["service"].startswith("gemini-")
            await tab.send('{"type": "start", "library": true}')
            await said(tab, 1, "I am the real one.".__eq__)
        assert await asyncio.to_thread(server.stop) == (0, BOTH_KEYS)


async def test_it_ends_cleanly_in_the_midst_of_a_conversation() -> None:
    server = Server("--port", "0")
    async with live(server) as tab:
        await start(tab)
        assert await asyncio.to_thread(server.stop) == (0, "")


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.3])
async def test_pressing_ctrl_c_twice_shows_no_traceback(gap: float) -> None:
    server = Server("--port", "0")
    async with live(server) as tab:
        await start(tab)
        server.interrupt()
        await asyncio.sleep(gap)  # wherever it is by then
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
        "demo: --live needs an API key for the Gemini API in GEMINI_API_KEY; without --live, none is needed.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "65536"], "a port is a number from 0 to 65535; got '65536'"),
        (["--speed", "2"], "--web: --case, --plain and --speed are for the terminal; the page has buttons"),
        (["--case", "noise"], "--web: --case, --plain and --speed are for the terminal; the page has buttons"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], complaint: str) -> None:
    status, said, complaints = run(*arguments)
    assert (status, said) == (2, "")
    assert complaint in complaints


async def test_a_service_that_cannot_be_reached_is_told_to_the_page() -> None:
    server = Server("--live", "--port", "0", GEMINI_API_KEY="none", GOOGLE_GEMINI_BASE_URL="https://127.0.0.1:1")
    async with live(server) as tab:
        await tab.send('{"type": "start", "library": true}')
        assert "Connect" in (await until(tab, "ended"))["text"]
    status, complaints = await asyncio.to_thread(server.stop)
    assert status == 0
    assert "a conversation ended" in complaints
