"""Real sockets: TLS, the real SDK, and a server that stalls, refuses, aborts and goes away."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import logging
import os
import random
import socket
import ssl
import subprocess
import sys
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Self

import pytest
import trustme
import wire
from google import genai
from google.genai import errors, live, types
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Message, bundled, said, speech

from gemini_live_interrupt import Interruption, enable_interrupt_resume
from gemini_live_interrupt._sessions import switch

CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
}
REPLY = [said("Tell me about the tides."), *speech("The tide turns twice a day, pulled by the moon."), GENERATED]
CUT = [*REPLY, INTERRUPTED, TURN_COMPLETE]
NEXT = [said("Why?"), *speech("Because."), GENERATED]
MICROPHONE = bytes(3200)  # 100 ms
SMALL = 4096  # bytes of a socket's buffer, so that a stall is felt at once
SOON = 2.0  # seconds: what is not delayed has come by then, on a machine that does much else


class Peer:
    """The server's end of one session."""

    def __init__(self, websocket: ServerConnection) -> None:
        self.websocket = websocket
        self.read: list[Message] = []

    async def play(self, messages: Iterable[Message]) -> None:
        for message in messages:
            await self.websocket.send(json.dumps(message).encode())

    async def listen(self, until: Callable[[Message], bool] = lambda _: False) -> None:
        """Read until a frame is as wanted, or the client has gone."""
        with contextlib.suppress(ConnectionClosed):
            async for frame in self.websocket:
                self.read.append(json.loads(frame))
                if until(self.read[-1]):
                    return

    async def note(self) -> None:
        await self.listen(is_content)

    @property
    def notes(self) -> list[Message]:
        return [frame["client_content"] for frame in self.read if is_content(frame)]


def is_content(frame: Message) -> bool:
    return "client_content" in frame


class Service:
    """A TLS websocket server for whose sessions `scene` is played, once each is set up."""

    def __init__(self, scene: Callable[[Peer], Awaitable[None]]) -> None:
        self._scene = scene
        self.peers: list[Peer] = []
        authority = trustme.CA()
        self._server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._server_context)
        self._client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(self._client_context)

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self._url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        self._server = await serve(
            self._handle,
            sock=listening,
            ssl=self._server_context,
            compression=None,
            close_timeout=1,
            ping_interval=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _handle(self, websocket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await websocket.recv()
            await websocket.send(b'{"setupComplete": {}}')
            peer = Peer(websocket)
            self.peers.append(peer)
            await self._scene(peer)

    def client(self) -> genai.Client:
        options: Any = {
            "base_url": self._url,
            "async_client_args": {"ssl": self._client_context, "close_timeout": 1, "ping_interval": None},
        }
        return genai.Client(api_key="no-key", http_options=options)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[live.AsyncSession]:
        async with self.client().aio as client, connected(client) as session:
            yield session


def connected(client: Any) -> contextlib.AbstractAsyncContextManager[live.AsyncSession]:
    opened: contextlib.AbstractAsyncContextManager[live.AsyncSession] = client.live.connect(
        model="a-live-model", config=CONFIG
    )
    return opened


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0.001)


async def read(session: live.AsyncSession, count: int) -> list[types.LiveServerMessage]:
    return [await session._receive() for _ in range(count)]


def same(got: list[types.LiveServerMessage], sent: Iterable[Message]) -> bool:
    return got == [wire.parsed(message) for message in sent]


def tasks_of_the_library() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if "Delivery" in getattr(task.get_coro(), "__qualname__", "")]


def timers_of_the_library() -> list[asyncio.TimerHandle]:
    here: list[Any] = [one for one in list(switch._deliveries) if one._loop is asyncio.get_running_loop()]  # type: ignore[attr-defined]
    return [delivery._timer for delivery in here if delivery._timer is not None]


def under(transport: Any) -> Any:
    """The transport under the TLS layer, where the loop shows it: asyncio's own does, uvloop does not."""
    return getattr(getattr(transport, "_ssl_protocol", None), "_transport", transport)


# The uplink stalls


class Uplink:
    """An app's microphone, and how far what it sends has come on this side of a peer that does not read."""

    def __init__(self, session: live.AsyncSession) -> None:
        self._session = session
        self._transport: Any = session._ws.transport
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)

    async def send(self) -> None:
        await self._session.send_realtime_input(audio=types.Blob(data=MICROPHONE, mime_type="audio/pcm;rate=16000"))

    async def talk(self) -> None:
        while True:
            await self.send()

    @property
    def queued(self) -> int:
        """Bytes that the transport admits to hold."""
        size: int = self._transport.get_write_buffer_size()
        return size

    @property
    def queued_below(self) -> int:
        """Bytes that wait under the TLS layer, which it keeps to itself until they are many."""
        size: int = under(self._transport).get_write_buffer_size()
        return size


@contextlib.asynccontextmanager
async def talking(session: live.AsyncSession) -> AsyncIterator[Uplink]:
    """An app that sends microphone audio until its socket is full, and goes on when it can."""
    uplink = Uplink(session)
    microphone = asyncio.create_task(uplink.talk())
    try:
        await until(lambda: uplink.queued)
        yield uplink
    finally:
        microphone.cancel()
        await asyncio.gather(microphone, return_exceptions=True)


class Stall:
    """A server that does not read, and plays what it is told to."""

    def __init__(self) -> None:
        self.scenes: asyncio.Queue[list[Message] | None] = asyncio.Queue()

    async def __call__(self, peer: Peer) -> None:
        transport: Any = peer.websocket.transport
        below = under(transport)  # asyncio's TLS layer would go on reading for 256 KiB
        below.pause_reading()
        while scene := await self.scenes.get():
            await peer.play(scene)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        below.resume_reading()
        await peer.listen()


async def test_a_stalled_uplink_delays_nothing_and_the_note_is_dropped_when_the_next_reply_begins() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    stall = Stall()
    async with Service(stall) as service, service.session() as session, talking(session) as uplink:
        for scene in ([*REPLY, INTERRUPTED], [TURN_COMPLETE, *NEXT]):
            began = time.monotonic()
            stall.scenes.put_nowait(scene)
            assert same(await read(session, len(scene)), scene)
            assert time.monotonic() - began < SOON
        assert uplink.queued, "the stall lasted all the while"
        stall.scenes.put_nowait(None)
        (peer,) = service.peers
        await until(lambda: len(peer.read) > 40)
        assert peer.notes == []
        await until(lambda: len(seen) == 2)
        assert [one.outcome for one in seen] == [None, "late"]


async def test_the_note_goes_out_when_the_stall_ends_in_time() -> None:
    enable_interrupt_resume(resume_after=None)
    stall = Stall()
    async with Service(stall) as service, service.session() as session:
        async with talking(session):
            stall.scenes.put_nowait(CUT)
            assert same(await read(session, len(CUT)), CUT)
            (peer,) = service.peers
            assert len(tasks_of_the_library()) == 1
        stall.scenes.put_nowait(None)
        await until(lambda: peer.notes)
        assert len(peer.notes) == 1
        await until(lambda: not tasks_of_the_library())


async def test_one_note_waits_at_most_however_many_cuts_a_stall_sees() -> None:
    enable_interrupt_resume(resume_after=None)
    stall = Stall()
    async with Service(stall) as service, service.session() as session:
        async with talking(session) as uplink:
            for _ in range(10):
                stall.scenes.put_nowait(CUT)
                assert same(await read(session, len(CUT)), CUT)
                assert len(tasks_of_the_library()) <= 1
            assert uplink.queued
        stall.scenes.put_nowait(None)
        (peer,) = service.peers
        await until(lambda: peer.notes)
        await until(lambda: not tasks_of_the_library())
        assert len(peer.notes) == 1, "that of the last cut"


@pytest.mark.skipif(os.environ.get("EVENT_LOOP") == "uvloop", reason="uvloop shows nothing under its TLS layer")
async def test_a_note_does_not_queue_under_the_tls_layer() -> None:
    enable_interrupt_resume(resume_after=None)
    stall = Stall()
    async with Service(stall) as service, service.session() as session:
        uplink, sent = Uplink(session), 0
        while uplink.queued_below < 16_000:
            await uplink.send()
            sent += 1
        assert not uplink.queued
        scene = [*CUT, *NEXT]
        stall.scenes.put_nowait(scene)
        assert same(await read(session, len(scene)), scene)
        stall.scenes.put_nowait(None)
        (peer,) = service.peers
        await uplink.send()
        await until(lambda: len(peer.read) > sent)
        assert peer.notes == []


# A refusal among others


@pytest.mark.load
async def test_one_refusal_is_one_error_line_and_the_other_sessions_go_on(complaints: list[str]) -> None:
    enable_interrupt_resume(resume_after=None)
    refused, others = asyncio.Event(), 50
    again = [*NEXT, INTERRUPTED, TURN_COMPLETE, *NEXT]

    async def scene(peer: Peer) -> None:
        if peer is service.peers[0]:
            await until(lambda: sum(bool(one.notes) for one in service.peers) == others, within=60)
            await peer.play(CUT)
            await peer.note()
            await peer.websocket.close(1007, "Request contains an invalid argument.")
            return
        await peer.play(CUT)
        await peer.note()
        listening = asyncio.create_task(peer.listen())
        await refused.wait()
        await peer.play(again)
        await listening

    async def app(client: Any) -> tuple[bool, int]:
        async with connected(client) as session:
            whole = same(await read(session, len(CUT)), CUT)
            try:
                return whole and same(await read(session, len(again)), again), 0
            except errors.APIError as error:
                refused.set()
                return whole, error.code

    async with Service(scene) as service, service.client().aio as client:
        apps = [asyncio.create_task(app(client)) for _ in range(1 + others)]
        results = await asyncio.gather(*apps)
    assert sorted(results) == [(True, 0)] * others + [(True, 1007)]
    (line,) = complaints
    assert "1007" in line
    complaints.clear()
    assert [len(peer.notes) for peer in service.peers] == [1] * (1 + others), "none after the refusal"
    assert tasks_of_the_library() == timers_of_the_library() == []


# Apps that cancel

Reader = Callable[[live.AsyncSession, list[types.LiveServerMessage]], Awaitable[None]]


async def by_cancelling(session: live.AsyncSession, got: list[types.LiveServerMessage]) -> None:
    task = asyncio.create_task(listen(session, got))
    await asyncio.sleep(random.uniform(0, 0.004))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def by_timeout(session: live.AsyncSession, got: list[types.LiveServerMessage]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0, 0.004)):
            await listen(session, got)


async def by_task_group(session: live.AsyncSession, got: list[types.LiveServerMessage]) -> None:
    async def fail() -> None:
        await asyncio.sleep(random.uniform(0, 0.004))
        raise LookupError

    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(session, got))
            group.create_task(fail())


async def listen(session: live.AsyncSession, got: list[types.LiveServerMessage]) -> None:
    while True:
        async for message in session.receive():
            got.append(message)  # noqa: PERF401 - what was got before it is cancelled counts


@pytest.mark.parametrize("stop", [by_cancelling, by_timeout, by_task_group])
async def test_an_app_that_stops_reading_again_and_again_loses_nothing(stop: Reader) -> None:
    enable_interrupt_resume(resume_after=None)
    scene = [message for _ in range(12) for message in [*CUT, *NEXT]]

    async def slowly(peer: Peer) -> None:
        listening = asyncio.create_task(peer.listen())
        for message in scene:
            await peer.play([message])
            await asyncio.sleep(0)
        await listening

    got: list[types.LiveServerMessage] = []
    async with Service(slowly) as service, service.session() as session, asyncio.timeout(20):
        while len(got) < len(scene):
            await stop(session, got)
        assert same(got, scene)
        (peer,) = service.peers
        await until(lambda: len(peer.notes) == 12)
        assert tasks_of_the_library() == []


@pytest.mark.parametrize("times", [1, 3])
async def test_an_app_that_is_cancelled_while_the_note_is_written_gets_interrupted_from_its_next_call(
    times: int,
) -> None:
    reader: asyncio.Task[None]
    cancelled = 0

    def cancel(interruption: Interruption) -> None:
        if interruption.phase == "cut":
            reader.cancel()  # it is in the one turn of the loop that the note is given

    enable_interrupt_resume(resume_after=None, on_interruption=cancel)
    scene = [message for _ in range(times) for message in [*CUT, *NEXT]]

    async def play(peer: Peer) -> None:
        await peer.play(scene)
        await peer.listen()

    got: list[types.LiveServerMessage] = []
    async with Service(play) as service, service.session() as session:
        while len(got) < len(scene):
            reader = asyncio.create_task(listen(session, got))
            await until(lambda: reader.done() or len(got) == len(scene))  # noqa: B023
            cancelled += reader.cancelled()
        reader.cancel()
        assert same(got, scene)
        (peer,) = service.peers
        await until(lambda: len(peer.notes) == times)
    assert cancelled == times


# Sessions that end in the middle


async def client_closes(peer: Peer, session: live.AsyncSession) -> None:
    await session.close()


async def server_aborts(peer: Peer, session: live.AsyncSession) -> None:
    peer.websocket.transport.abort()


async def server_goes_away(peer: Peer, session: live.AsyncSession) -> None:
    await peer.play([{"goAway": {"timeLeft": "0.1s"}}])
    await peer.websocket.close(1001, "going away")


@pytest.mark.parametrize("end", [client_closes, server_aborts, server_goes_away])
@pytest.mark.parametrize("pending", [False, True], ids=["note sent", "note pending"])
async def test_a_session_that_ends_in_the_middle_leaves_nothing_behind(
    end: Callable[[Peer, live.AsyncSession], Awaitable[None]], pending: bool
) -> None:
    seen: list[Interruption] = []

    async def builder(heard: str, user_text: str, history: list[tuple[str, str]]) -> str:
        if pending:
            await asyncio.Event().wait()
        return "a note"

    async def scene(peer: Peer) -> None:
        await peer.play(CUT)
        await peer.listen()

    async def converse(service: Service) -> weakref.ref[live.AsyncSession]:
        async with service.session() as session:
            await read(session, len(CUT))
            (peer,) = service.peers
            assert len(tasks_of_the_library()) == pending
            assert len(timers_of_the_library()) == 1
            if not pending:
                await until(lambda: peer.notes)
            await end(peer, session)
            with pytest.raises(errors.APIError):
                await read(session, 2)
            return weakref.ref(session)

    enable_interrupt_resume(builder, on_interruption=seen.append)
    async with Service(scene) as service:
        before = asyncio.all_tasks()
        gone = await converse(service)
        await until(lambda: len(seen) == 2)
        assert [one.outcome for one in seen] == [None, "closed"]
        assert tasks_of_the_library() == timers_of_the_library() == []
        await until(lambda: asyncio.all_tasks() <= before)
    gc.collect()
    assert gone() is None


async def test_an_app_that_just_leaves_takes_its_session_and_the_request_to_go_on_with_it() -> None:
    enable_interrupt_resume(resume_after=0.2)

    async def scene(peer: Peer) -> None:
        await peer.play(CUT)
        await peer.listen()

    async def leave(service: Service) -> weakref.ref[live.AsyncSession]:
        async with service.session() as session:
            await read(session, len(CUT))
            await until(lambda: service.peers[0].notes)
            return weakref.ref(session)

    async with Service(scene) as service:
        gone = await leave(service)
        gc.collect()
        assert gone() is None
        await until(lambda: not timers_of_the_library())
        assert tasks_of_the_library() == []
        assert len(service.peers[0].notes) == 1


@pytest.mark.load
@pytest.mark.timeout(600)
async def test_two_thousand_sessions_leave_the_memory_as_it_was() -> None:
    logging.getLogger("gemini_live_interrupt").setLevel(logging.WARNING)  # what is logged is kept for the report
    enable_interrupt_resume(resume_after=0.05)
    scene = [bundled("The tide turns twice a day.", 2.0), INTERRUPTED]

    async def converse() -> None:
        socket = wire.Socket(scene)
        await read(wire.session(socket), len(scene))
        assert len(socket.notes) == 1

    async def many(count: int) -> int:
        for _ in range(count):
            await converse()
        await asyncio.sleep(0.2)  # the loop keeps what was to happen after `resume_after` until then
        gc.collect()
        return sys.getallocatedblocks()

    asyncio.get_running_loop().set_debug(False)  # it takes a traceback for each task and timer
    before = await many(100)
    after = await many(2_000)
    assert after - before < 100, "blocks of memory: a twentieth of one for each session"
    assert asyncio.all_tasks() == {asyncio.current_task()}


# Threads, and a process of its own


async def test_sessions_in_threads_with_loops_of_their_own_do_not_meet() -> None:
    enable_interrupt_resume(resume_after=None)
    scene = [message for _ in range(5) for message in [*CUT, *NEXT]]

    async def play(peer: Peer) -> None:
        for _ in range(5):
            await peer.play(CUT)
            await peer.note()
            await peer.play(NEXT)
        await peer.listen()

    async def app() -> bool:
        async with service.session() as session:
            return same(await read(session, len(scene)), scene)

    async with Service(play) as service:
        assert await asyncio.gather(*(asyncio.to_thread(asyncio.run, app()) for _ in range(4))) == [True] * 4
        assert [len(peer.notes) for peer in service.peers] == [5] * 4


SCENARIO = r"""
import asyncio, gc

from google import genai

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt.emulator import LiveEmulator, FAULTS

CONFIG = {"response_modalities": ["AUDIO"], "input_audio_transcription": {}, "output_audio_transcription": {}}
VOICE = b"\x00\x20\x00\xe0" * 8000


async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # other programs run here, too
    enable_interrupt_resume(resume_after=1.0)
    told = "Once there was a fox by the sea, and it had never seen a ship before that morning."
    silence = FAULTS["silence"]
    async with LiveEmulator("2.5-native", lambda _: told, hear=["A story!", ""], faults=[silence]) as live:
        async with genai.Client(**live.client_options()).aio as client:
            async with client.live.connect(model="a-live-model", config=CONFIG) as session:
                async def listen():
                    while True:
                        async for message in session.receive():
                            pass

                async def say(seconds):
                    pcm = VOICE[: 2 * round(16000 * seconds)] + bytes(2 * 9600)
                    await session.send_realtime_input(audio={"data": pcm, "mime_type": "audio/pcm;rate=16000"})

                listening = asyncio.create_task(listen())
                await say(0.5)
                await live.until(lambda: len(live.log.server("audio")) > 8)
                await say(0.14)
                await live.until(lambda: len(live.log.client("clientContent")) == 2)
                await live.until(lambda: len(live.replies) == 2)
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    disable_interrupt_resume()
    gc.collect()


asyncio.run(main())
"""


async def test_a_conversation_is_clean_in_development_mode_with_warnings_as_errors() -> None:
    source = str(Path(__file__).parents[1] / "src")
    environ = os.environ | {"PYTHONASYNCIODEBUG": "1"}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, [source, environ.get("PYTHONPATH")]))
    run = functools.partial(subprocess.run, capture_output=True, text=True, check=False, timeout=60)
    done = await asyncio.to_thread(run, [sys.executable, "-X", "dev", "-W", "error", "-c", SCENARIO], env=environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
