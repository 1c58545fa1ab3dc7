"""Sending: by a task of its own, only while it is of use, and whatever builders, callbacks and sockets do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from emulator.talking import in_virtual_time
from google.genai import live
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Message, Socket, audio, said, session, speech

from gemini_live_interrupt import Interruption, disable_interrupt_resume, enable_interrupt_resume

REPLY = [said("Tell me about the tides."), *speech("The tide turns twice a day, pulled by the moon."), GENERATED]
CUT = [*REPLY, INTERRUPTED]
NEXT = [TURN_COMPLETE, said("Why?"), *speech("Because.")]
History = list[tuple[str, str]]


async def read(opened: live.AsyncSession, messages: list[Message]) -> None:
    for _ in messages:
        await opened._receive()


async def play(*scenes: list[Message]) -> Socket:
    messages = [message for scene in scenes for message in scene]
    socket = Socket(messages)
    opened = session(socket)
    await read(opened, messages)
    await asyncio.sleep(0)  # nothing but the app holds a session while a note is being built
    await asyncio.sleep(0)
    del opened
    return socket


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0)


# Builders


async def test_a_builder_gets_what_the_contract_says() -> None:
    got: list[Any] = []

    def builder(heard: str, user_text: str, history: History, interruption: Interruption) -> str:
        got.append((heard, user_text, history, interruption))
        history.clear()
        return "a note"

    enable_interrupt_resume(builder)
    socket = await play(CUT)
    assert socket.notes == ["a note"]
    ((heard, user_text, history, interruption),) = got
    assert (heard, user_text) == (interruption.heard, interruption.user_text)
    assert history == [], "the list is the builder's own"
    assert interruption.history == [("user", "Tell me about the tides.")]


@pytest.mark.parametrize("told", ["a note", None])
async def test_a_task_that_has_sent_is_let_go(told: str | None) -> None:
    asked: list[str] = []

    def builder(heard: str, user_text: str, history: History) -> str | None:
        asked.append(heard)
        return told

    enable_interrupt_resume(builder)
    opened = session(socket := Socket(CUT))
    await read(opened, CUT)
    delivery: Any = opened._interrupt  # type: ignore[attr-defined]
    await until(lambda: asked and delivery._task is None)
    assert socket.notes == [told] * (told is not None)


async def test_a_coroutine_builder_is_awaited() -> None:
    async def builder(heard: str, user_text: str, history: History) -> str:
        await asyncio.sleep(0)
        return "a note"

    enable_interrupt_resume(builder)
    socket = await play(CUT)
    await until(lambda: socket.notes)
    assert socket.notes == ["a note"]


async def test_a_builder_that_hangs_holds_nothing_up_and_its_note_is_dropped_when_the_next_reply_begins() -> None:
    cancelled = asyncio.Event()
    seen: list[Interruption] = []

    async def builder(heard: str, user_text: str, history: History) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return "too late"

    enable_interrupt_resume(builder, on_interruption=seen.append)
    socket = await play(CUT, NEXT)
    await asyncio.wait_for(cancelled.wait(), 10)
    await until(lambda: len(seen) == 2)
    assert socket.notes == []
    assert [(one.phase, one.outcome) for one in seen] == [("cut", None), ("settled", "late")]


async def test_a_slow_builder_whose_note_is_no_longer_wanted_sends_nothing() -> None:
    release = asyncio.Event()
    done = asyncio.Event()

    async def builder(heard: str, user_text: str, history: History) -> str:
        try:
            await release.wait()
        except asyncio.CancelledError:
            await release.wait()  # it will not be told
        done.set()
        return "too late"

    enable_interrupt_resume(builder)
    socket = await play(CUT, NEXT)
    release.set()
    await done.wait()
    await asyncio.sleep(0)
    assert socket.notes == []


async def test_switching_off_while_a_builder_works_sends_nothing() -> None:
    release = asyncio.Event()

    async def builder(heard: str, user_text: str, history: History) -> str:
        await release.wait()
        return "too late"

    enable_interrupt_resume(builder)
    socket = await play(CUT)
    disable_interrupt_resume()
    release.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert socket.notes == []


@pytest.mark.parametrize("nothing", ["", None])
async def test_a_builder_may_send_nothing(nothing: str | None) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(lambda heard, user_text, history: nothing, on_interruption=seen.append)
    socket = await play(CUT, NEXT)
    await until(lambda: len(seen) == 2)
    assert socket.sent == []
    assert seen[1].outcome == "skipped"


def raises(heard: str, user_text: str, history: History) -> str:
    raise LookupError("broken")


async def raises_later(heard: str, user_text: str, history: History) -> str:
    await asyncio.sleep(0)
    raise LookupError("broken")


async def is_cancelled(heard: str, user_text: str, history: History) -> str:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    return str(await future)


def returns_bytes(heard: str, user_text: str, history: History) -> Any:
    return b"a note"


@pytest.mark.parametrize("builder", [raises, raises_later, is_cancelled, returns_bytes])
async def test_a_builder_that_fails_is_logged_once_and_the_session_goes_on(
    builder: Any, complaints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(builder, on_interruption=seen.append)
    again = [said("And why is that so?"), *speech("Ask the moon about it, not me."), INTERRUPTED]
    messages = [*CUT, TURN_COMPLETE, *again, *NEXT]
    socket = Socket(messages)
    opened = session(socket)
    for _ in messages:
        await opened._receive()
        for _ in range(4):
            await asyncio.sleep(0)
    assert socket.sent == []
    assert complaints == ["prompt_builder raised; no note is sent, the session goes on"]
    (record,) = [record for record in caplog.records if record.getMessage().startswith(complaints[0])]
    assert record.exc_info is None, "the text of the error may quote what people said"
    assert [one.outcome for one in seen if one.phase != "resumed"] == [None, "failed", None, "failed"]
    complaints.clear()


# Callbacks


async def test_the_callback_is_called_when_the_cut_is_seen_and_when_it_is_settled() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    await play(CUT)
    assert [one.phase for one in seen] == ["cut"], "before the app has the message"
    await play(CUT, NEXT)
    await until(lambda: len(seen) == 3)
    settled = seen[2]
    assert (settled.phase, settled.outcome, settled.user_text) == ("settled", "noted", "Why?")


async def test_the_callback_can_tell_sessions_and_cuts_apart_and_sees_the_note() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(lambda heard, user_text, history: "a note", on_interruption=seen.append)
    await play(CUT, NEXT, [GENERATED, INTERRUPTED], NEXT)
    await play(CUT)
    assert [(one.number, one.phase) for one in seen] == [
        (1, "cut"), (1, "settled"), (1, "resumed"), (2, "cut"), (2, "settled"), (1, "cut")
    ]  # fmt: skip
    first, settled, resumed, *_, other = seen
    assert (settled.resumption, resumed.resumption) == (None, "none")
    assert len(first.session_id) == 16
    assert {one.session_id for one in seen} == {first.session_id, other.session_id}
    assert other.session_id != first.session_id
    assert (first.note, first.note_after) == (None, None), "nothing was sent when the cut was seen"
    assert settled.note == "a note"
    assert settled.note_after is not None
    assert 0.0 <= settled.note_after < 10.0


async def test_a_callback_that_raises_is_logged_once_and_hurts_nobody(complaints: list[str]) -> None:
    def callback(interruption: Interruption) -> None:
        raise LookupError("broken")

    enable_interrupt_resume(on_interruption=callback)
    socket = await play(CUT, NEXT)
    await asyncio.sleep(0)
    assert len(socket.notes) == 1
    assert complaints == ["on_interruption raised; the session goes on"]
    complaints.clear()


async def test_nothing_that_people_said_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    enable_interrupt_resume()
    await play(CUT, NEXT)
    lines = [record.getMessage() for record in caplog.records if record.name == "gemini_live_interrupt"]
    assert len(lines) >= 3
    assert not any(word in line for line in lines for word in ("tide", "moon", "Why", "Because"))


async def test_without_transcription_the_app_is_told_once(complaints: list[str]) -> None:
    enable_interrupt_resume()
    asked = said("When is high tide?")
    await play([asked, audio(2.0), INTERRUPTED, TURN_COMPLETE, asked, audio(2.0), INTERRUPTED])
    await play([asked, audio(2.0), INTERRUPTED, TURN_COMPLETE])
    (line,) = complaints
    assert "output_audio_transcription" in line
    complaints.clear()


# Silence


@in_virtual_time
async def test_after_silence_the_model_is_asked_to_go_on() -> None:
    enable_interrupt_resume(resume_after=2.0)
    messages = [*CUT, TURN_COMPLETE]
    socket = Socket(messages)
    opened = session(socket)
    await read(opened, messages)
    await asyncio.sleep(2.5)
    first, second = socket.sent
    assert not first["client_content"].get("turnComplete")
    assert second["client_content"]["turnComplete"] is True
    assert "The user said nothing more" in socket.notes[1]
    await asyncio.sleep(60.0)
    assert len(socket.sent) == 2


@in_virtual_time
async def test_a_sign_of_life_puts_the_request_off() -> None:
    enable_interrupt_resume(resume_after=4.0)
    socket = Socket([*CUT, TURN_COMPLETE])
    opened = session(socket)
    await read(opened, [*CUT, TURN_COMPLETE])
    for _ in range(5):
        await asyncio.sleep(3.9)
        socket.play(said(" well"))
        await read(opened, [{}])
    await asyncio.sleep(3.9)
    assert len(socket.sent) == 1
    await asyncio.sleep(0.2)
    _, asked = socket.notes
    assert "“well well well well well”" in asked


@in_virtual_time
async def test_nobody_is_asked_after_the_library_was_switched_off_or_the_session_is_gone() -> None:
    enable_interrupt_resume(resume_after=2.0)
    socket = await play(CUT)
    await asyncio.sleep(60.0)
    assert len(socket.sent) == 1, "the session is gone"
    messages = [*CUT]
    socket = Socket(messages)
    opened = session(socket)
    await read(opened, messages)
    disable_interrupt_resume()
    await asyncio.sleep(60.0)
    assert len(socket.sent) == 1


# Sockets


class Transport(asyncio.WriteTransport):
    """A transport whose peer stops reading now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.queued = 0
        self.closing = False

    def get_write_buffer_size(self) -> int:
        return self.queued

    def is_closing(self) -> bool:
        return self.closing


async def test_a_note_waits_for_a_stalled_socket_and_is_dropped_when_it_is_too_late() -> None:
    enable_interrupt_resume()
    socket = Socket([*CUT, *NEXT])
    transport = socket.transport = Transport()  # type: ignore[attr-defined]
    transport.queued = 70_000
    opened = session(socket)
    await read(opened, CUT)
    assert socket.sent == []
    await read(opened, NEXT)
    transport.queued = 0
    await asyncio.sleep(0.05)
    assert socket.sent == []


@pytest.mark.parametrize("closing", [True, False])
async def test_a_note_goes_out_when_the_stall_ends_or_the_socket_closes(closing: bool) -> None:
    enable_interrupt_resume()
    socket = Socket(CUT)
    transport = socket.transport = Transport()  # type: ignore[attr-defined]
    transport.queued = 70_000
    opened = session(socket)
    await read(opened, CUT)
    assert socket.sent == []
    transport.closing, transport.queued = closing, 70_000 if closing else 0
    await until(lambda: socket.sent)


async def test_a_socket_that_fails_hurts_nobody() -> None:
    class Broken(Socket):
        async def send(self, frame: str) -> None:
            raise ConnectionResetError

    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    messages = [*CUT, *NEXT]
    await read(session(Broken(messages)), messages)
    await until(lambda: len(seen) == 2)
    assert (seen[1].outcome, seen[1].note) == ("failed", None)
