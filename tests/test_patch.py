"""The patch: a window on the messages, not a gate, that leaves the SDK and other patches as they are."""

from __future__ import annotations

import asyncio
import functools
import gc
import itertools
import threading
import warnings
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest import mock

import pytest
import wrapt
from google.genai import errors, live, types, version
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Socket, closed, said, session, speech

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume, report_played
from gemini_live_interrupt._sessions import switch
from gemini_live_interrupt._switch import Switch

REPLY = [said("Tell me about the tides."), *speech("The tide turns twice a day, pulled by the moon."), GENERATED]
CUT = [*REPLY, INTERRUPTED]


def layer() -> Any:
    return vars(live.AsyncSession)["_receive"]


async def read(opened: live.AsyncSession, count: int) -> list[types.LiveServerMessage]:
    return [await opened._receive() for _ in range(count)]


async def notes_of_a_cut(of: type[live.AsyncSession] = live.AsyncSession) -> list[str]:
    socket = Socket(CUT)
    await read(session(socket, of), len(CUT))
    return socket.notes


# On and off


async def test_nothing_happens_until_the_library_is_enabled() -> None:
    assert await notes_of_a_cut() == []


async def test_the_note_is_out_when_the_app_gets_the_message() -> None:
    enable_interrupt_resume()
    (note,) = await notes_of_a_cut()
    assert note.startswith("<interruption_note>")


async def test_the_note_is_silent_and_has_the_role_of_the_user() -> None:
    enable_interrupt_resume()
    socket = Socket(CUT)
    await read(session(socket), len(CUT))
    (frame,) = socket.sent
    assert frame["client_content"]["turns"][0]["role"] == "user"
    assert frame["client_content"].get("turnComplete") in (None, False)


async def test_a_note_orders_a_reply_if_the_app_says_so() -> None:
    enable_interrupt_resume(turn_complete=True)
    socket = Socket(CUT)
    await read(session(socket), len(CUT))
    assert socket.sent[0]["client_content"]["turnComplete"] is True


async def test_messages_are_handed_on_untouched_and_in_order() -> None:
    expected = await read(session(Socket([*CUT, {}, TURN_COMPLETE])), len(CUT) + 2)
    enable_interrupt_resume()
    assert await read(session(Socket([*CUT, {}, TURN_COMPLETE])), len(CUT) + 2) == expected


async def test_the_app_gets_the_very_object_that_the_sdk_made() -> None:
    made: list[object] = []

    async def keep(self: live.AsyncSession) -> types.LiveServerMessage:
        made.append(await original(self))
        return made[-1]  # type: ignore[return-value]

    original = layer()
    with mock.patch.object(live.AsyncSession, "_receive", keep):
        enable_interrupt_resume()
        got = await read(session(Socket(CUT)), len(CUT))
        disable_interrupt_resume()
    assert all(one is other for one, other in zip(got, made, strict=True))


def test_enabling_twice_wraps_once_and_disabling_restores_the_original() -> None:
    original = layer()
    enable_interrupt_resume()
    ours = layer()
    enable_interrupt_resume(max_history=2)
    assert layer() is ours
    disable_interrupt_resume()
    assert layer() is original
    disable_interrupt_resume()
    assert layer() is original


async def test_a_second_call_replaces_the_settings_also_of_open_sessions() -> None:
    socket = Socket([*CUT, TURN_COMPLETE, *CUT])
    opened = session(socket)
    enable_interrupt_resume()
    await read(opened, len(CUT))
    enable_interrupt_resume(lambda heard, user_text, history: repr(history))
    await read(opened, len(CUT) + 1)
    assert socket.notes[1:] == [repr([("user", "Tell me about the tides.")])], "the question is known from before"


async def test_a_session_that_missed_messages_starts_afresh() -> None:
    socket = Socket([*REPLY, TURN_COMPLETE, *CUT])
    opened = session(socket)
    enable_interrupt_resume()
    await read(opened, 4)
    disable_interrupt_resume()
    await read(opened, len(REPLY) - 3)
    enable_interrupt_resume(lambda heard, user_text, history: repr(history))
    await read(opened, len(CUT))
    assert socket.notes == [repr([("user", "Tell me about the tides.")])]


@pytest.mark.parametrize("on", [True, False])
async def test_switching_takes_effect_in_a_receive_that_is_already_waiting(on: bool) -> None:
    socket = Socket(REPLY)
    opened = session(socket)
    enable_interrupt_resume()
    await read(opened, len(REPLY))
    if on:
        disable_interrupt_resume()
    waiting = asyncio.ensure_future(opened._receive())
    await asyncio.sleep(0)
    if on:
        enable_interrupt_resume()
        socket.play(INTERRUPTED)
        await waiting
        assert socket.notes == [], "a receive that began without our layer is not followed"
    else:
        disable_interrupt_resume()
        socket.play(INTERRUPTED)
        await waiting
        assert socket.notes == []


async def test_switching_on_under_another_layer_takes_effect_in_a_receive_that_is_already_waiting() -> None:
    socket = Socket()
    opened = session(socket)
    enable_interrupt_resume()
    with mock.patch.object(live.AsyncSession, "_receive", closure(layer(), [])):
        disable_interrupt_resume()
        waiting = asyncio.ensure_future(opened._receive())
        await asyncio.sleep(0)
        enable_interrupt_resume()
        for message in CUT:
            socket.play(message)
        await waiting
        await read(opened, len(CUT) - 1)
        assert len(socket.notes) == 1
        disable_interrupt_resume()


async def test_a_session_opened_before_enabling_is_followed() -> None:
    socket = Socket([*REPLY, TURN_COMPLETE, *CUT])
    opened = session(socket)
    await read(opened, len(REPLY) + 1)
    enable_interrupt_resume()
    await read(opened, len(CUT))
    assert len(socket.notes) == 1


async def test_subclasses_are_followed_once() -> None:
    class Plain(live.AsyncSession):
        pass

    class Overriding(live.AsyncSession):
        async def _receive(self) -> types.LiveServerMessage:
            return await super()._receive()

    enable_interrupt_resume()
    assert len(await notes_of_a_cut(Plain)) == 1
    assert len(await notes_of_a_cut(Overriding)) == 1


async def test_receive_and_start_stream_are_followed() -> None:
    async def silence() -> AsyncIterator[bytes]:
        yield bytes(3200)
        await asyncio.Event().wait()

    enable_interrupt_resume()
    socket = Socket([*CUT, TURN_COMPLETE])
    assert len([message async for message in session(socket).receive()]) == len(CUT) + 1
    assert len(socket.notes) == 1

    socket = Socket(CUT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        stream = session(socket).start_stream(stream=silence(), mime_type="audio/pcm")
        count = 0
        async for _ in stream:
            count += 1
            if count == len(CUT):
                break
        await stream.aclose()  # type: ignore[attr-defined]
    assert len(socket.notes) == 1
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def test_two_event_loops_in_two_threads() -> None:
    enable_interrupt_resume()
    found: list[int] = []

    def run() -> None:
        found.extend(len(asyncio.run(notes_of_a_cut())) for _ in range(5))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 10


def test_switching_in_many_threads_at_once_ends_in_a_clean_state() -> None:
    def run() -> None:
        for _ in range(200):
            enable_interrupt_resume()
            disable_interrupt_resume()

    original = layer()
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert layer() is original


# Other people's layers


def closure(inner: Any, calls: list[str]) -> Any:
    async def receive(self: live.AsyncSession) -> types.LiveServerMessage:
        calls.append("closure")
        message: types.LiveServerMessage = await inner.__get__(self, type(self))()
        return message

    return receive


def wraps_closure(inner: Any, calls: list[str]) -> Any:
    return functools.wraps(inner)(closure(inner, calls))


def wrapt_layer(inner: Any, calls: list[str]) -> Any:
    def receive(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        calls.append("wrapt")
        return wrapped(*args, **kwargs)

    return wrapt.FunctionWrapper(inner, receive)


def wrapt_layer_on_the_attribute(inner: Any, calls: list[str]) -> Any:
    return wrapt_layer(live.AsyncSession._receive, calls)


Foreign = Callable[[Any, list[str]], Any]
FOREIGN: list[Foreign] = [closure, wraps_closure, wrapt_layer, wrapt_layer_on_the_attribute]


@pytest.mark.parametrize("make", FOREIGN)
@pytest.mark.parametrize("order", list(itertools.product(["switch", "foreign"], repeat=5)))
async def test_other_layers_survive_any_order_of_switching(make: Foreign, order: tuple[str, ...]) -> None:
    """`switch` turns ours on or off; `foreign` puts the other's layer on, or takes it off as a careful owner would."""
    on = False
    saved: Any = None
    original = layer()
    calls: list[str] = []
    for step in order:
        if step == "switch":
            on = not on
            enable_interrupt_resume() if on else disable_interrupt_resume()
        elif saved is None:
            saved = layer()
            theirs = make(saved, calls)
            live.AsyncSession._receive = theirs  # type: ignore[method-assign]
        elif layer() is theirs:
            live.AsyncSession._receive = saved  # type: ignore[method-assign]
            saved = None
        calls.clear()
        notes = await notes_of_a_cut()
        assert len(notes) == on
        assert len(calls) == (0 if saved is None else len(CUT))
    disable_interrupt_resume()
    live.AsyncSession._receive = original  # type: ignore[method-assign]
    enable_interrupt_resume()
    assert len(await notes_of_a_cut()) == 1


async def test_a_patch_that_is_stopped_from_under_ours_takes_it_off_and_enabling_puts_it_back() -> None:
    patcher = mock.patch.object(live.AsyncSession, "_receive", closure(layer(), []))
    patcher.start()
    enable_interrupt_resume()
    patcher.stop()
    assert await notes_of_a_cut() == []
    enable_interrupt_resume()
    assert len(await notes_of_a_cut()) == 1


async def test_another_copy_of_the_library_is_switched_off() -> None:
    other = Switch()
    original = layer()
    foreign: Any = wrapt_layer(original, [])
    foreign._self_interrupt_switch = other
    live.AsyncSession._receive = foreign  # type: ignore[method-assign]
    enable_interrupt_resume()
    settings = switch.settings
    other.set(settings)
    enable_interrupt_resume()
    assert other.settings is None
    assert len(await notes_of_a_cut()) == 1
    disable_interrupt_resume()
    live.AsyncSession._receive = original  # type: ignore[method-assign]


async def test_a_layer_that_wraps_itself_is_wrapped_like_any_other() -> None:
    ring: Any = closure(layer(), [])
    ring.__wrapped__ = ring
    with mock.patch.object(live.AsyncSession, "_receive", ring):
        enable_interrupt_resume()
        assert len(await notes_of_a_cut()) == 1
        disable_interrupt_resume()


async def test_another_copy_of_the_session_class_is_patched_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    enable_interrupt_resume()
    original = layer().__wrapped__

    class Reloaded(live.AsyncSession):
        _receive = original

    monkeypatch.setattr(live, "AsyncSession", Reloaded)
    enable_interrupt_resume()
    assert len(await notes_of_a_cut(Reloaded)) == 1
    disable_interrupt_resume()
    assert vars(Reloaded)["_receive"] is original


@pytest.mark.parametrize("found", [None, 3])
def test_an_sdk_that_cannot_be_patched_is_named(found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        _receive = found

    monkeypatch.setattr(live, "AsyncSession", Session)
    with pytest.raises(RuntimeError, match=rf"google-genai {version.__version__} has no AsyncSession\._receive"):
        enable_interrupt_resume()
    monkeypatch.delattr(live, "AsyncSession")
    with pytest.raises(RuntimeError, match="has no AsyncSession"):
        enable_interrupt_resume()


# Cancellation


async def cancelled_in_the_turn_of_the_note(
    socket: Socket, of: type[live.AsyncSession] = live.AsyncSession
) -> live.AsyncSession:
    opened = session(socket, of)
    await read(opened, len(CUT) - 1)
    reader = asyncio.ensure_future(opened._receive())
    await asyncio.sleep(0)  # it has read `interrupted`, and lets the note be written
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    return opened


async def test_a_reader_that_is_cancelled_while_the_note_is_written_gets_the_message_next_time() -> None:
    enable_interrupt_resume()
    socket = Socket([*CUT, TURN_COMPLETE])
    opened = await cancelled_in_the_turn_of_the_note(socket)
    first, second = await read(opened, 2)
    assert first.server_content is not None
    assert first.server_content.interrupted
    assert second.server_content is not None
    assert second.server_content.turn_complete
    assert len(socket.notes) == 1


async def test_an_owed_message_is_not_lost_when_the_library_is_switched_off() -> None:
    original = layer()
    enable_interrupt_resume()
    opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]))
    disable_interrupt_resume()
    first, second = await read(opened, 2)
    assert first.server_content is not None
    assert first.server_content.interrupted
    assert second.server_content is not None
    assert layer() is original


async def test_an_owed_message_is_given_to_its_own_session() -> None:
    enable_interrupt_resume()
    opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]))
    (other,) = await read(session(Socket([TURN_COMPLETE])), 1)
    assert other.server_content is not None
    assert other.server_content.turn_complete
    (own,) = await read(opened, 1)
    assert own.server_content is not None
    assert own.server_content.interrupted


class Alike(live.AsyncSession):
    """All are equal, and none can be hashed."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, live.AsyncSession)

    __hash__: Any = None


class AlikeAndHashed(Alike):
    """All are equal, and have the same hash."""

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize("of", [Alike, AlikeAndHashed])
async def test_sessions_that_are_equal_are_not_the_same(of: type[live.AsyncSession]) -> None:
    enable_interrupt_resume()
    opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]), of)
    (other,) = await read(session(Socket([TURN_COMPLETE]), of), 1)
    assert other.server_content is not None
    assert other.server_content.turn_complete
    (own,) = await read(opened, 1)
    assert own.server_content is not None
    assert own.server_content.interrupted


async def test_enabling_wins_over_a_reader_that_takes_the_last_owed_message_at_that_moment() -> None:
    enable_interrupt_resume()
    opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]))
    disable_interrupt_resume()
    reading = threading.Event()

    async def take() -> None:
        reading.set()
        await opened._receive()

    thread = threading.Thread(target=lambda: asyncio.run(take()))
    with switch.lock:
        thread.start()
        assert reading.wait(10)
        enable_interrupt_resume()
    await asyncio.to_thread(thread.join)
    assert len(await notes_of_a_cut()) == 1


async def test_a_collection_of_garbage_in_the_midst_of_switching_changes_nothing() -> None:
    original = layer()
    thresholds = gc.get_threshold()
    try:
        for _ in range(20):
            enable_interrupt_resume()
            opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]))
            opened.itself = opened  # type: ignore[attr-defined]  # it goes in a collection only
            disable_interrupt_resume()
            del opened
            gc.set_threshold(1, 1, 1)
            enable_interrupt_resume()
            gc.set_threshold(*thresholds)
            assert len(await notes_of_a_cut()) == 1
            disable_interrupt_resume()
            gc.collect()
            await read(session(Socket([TURN_COMPLETE])), 1)
            assert layer() is original
    finally:
        gc.set_threshold(*thresholds)


async def test_an_owed_message_of_a_session_that_is_gone_is_forgotten() -> None:
    enable_interrupt_resume()
    opened = await cancelled_in_the_turn_of_the_note(Socket([*CUT, TURN_COMPLETE]))
    gone = weakref.ref(opened)
    del opened
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None


async def test_a_timeout_around_a_read_is_a_timeout() -> None:
    enable_interrupt_resume()
    socket = Socket()
    opened = session(socket)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await opened._receive()
    socket.play(TURN_COMPLETE)
    assert (await opened._receive()).server_content is not None


# Trouble


async def test_an_error_of_the_read_reaches_the_app_as_it_was() -> None:
    enable_interrupt_resume()
    socket = Socket([*REPLY, ValueError("broken"), INTERRUPTED])
    opened = session(socket)
    await read(opened, len(REPLY))
    with pytest.raises(ValueError, match="broken"):
        await opened._receive()
    await read(opened, 1)
    assert len(socket.notes) == 1, "it was not the end of the session"


async def test_a_refused_note_is_the_last_one_and_the_close_reaches_the_app(complaints: list[str]) -> None:
    enable_interrupt_resume()
    opened = session(Socket([*CUT, closed(1007)]))
    await read(opened, len(CUT))
    with pytest.raises(errors.APIError) as caught:
        await opened._receive()
    assert caught.value.code == 1007
    assert [line for line in complaints if "1007" in line] == complaints
    assert len(complaints) == 1
    assert await notes_of_a_cut() == []
    enable_interrupt_resume()
    assert len(await notes_of_a_cut()) == 1
    complaints.clear()


async def test_two_sessions_that_are_refused_at_once_are_one_error(complaints: list[str]) -> None:
    enable_interrupt_resume()
    both = [session(Socket([*CUT, closed(1007)])) for _ in range(2)]
    for opened in both:
        await read(opened, len(CUT))
    for opened in both:
        with pytest.raises(errors.APIError):
            await opened._receive()
    assert len(complaints) == 1
    complaints.clear()


async def test_a_session_that_ends_without_a_cut_is_nothing_to_speak_of() -> None:
    seen: list[object] = []
    enable_interrupt_resume(on_interruption=seen.append)
    opened = session(Socket([*REPLY, closed(1007)]))
    await read(opened, len(REPLY))
    with pytest.raises(errors.APIError):
        await opened._receive()
    await asyncio.sleep(0)
    assert seen == []


async def test_an_ordinary_close_is_no_refusal() -> None:
    enable_interrupt_resume()
    opened = session(Socket([*CUT, closed(1011, "Internal error")]))
    await read(opened, len(CUT))
    with pytest.raises(errors.APIError):
        await opened._receive()
    never_read = session(Socket([closed(1007)]))
    with pytest.raises(errors.APIError):
        await never_read._receive()
    assert len(await notes_of_a_cut()) == 1


async def test_a_close_while_the_library_is_off_is_none_of_its_business() -> None:
    enable_interrupt_resume()
    opened = session(Socket([*CUT, closed(1007)]))
    await read(opened, len(CUT))
    with mock.patch.object(live.AsyncSession, "_receive", closure(layer(), [])):
        disable_interrupt_resume()
        with pytest.raises(errors.APIError):
            await opened._receive()


async def test_what_cannot_be_followed_is_said_once_and_handed_on(complaints: list[str]) -> None:
    class Closed(live.AsyncSession):
        def __setattr__(self, name: str, value: object) -> None:
            if name.startswith("_interrupt"):
                raise AttributeError(name)
            super().__setattr__(name, value)

    enable_interrupt_resume()
    got = await read(session(Socket(CUT), Closed), len(CUT))
    assert len(got) == len(CUT)
    assert complaints == ["a message could not be followed; the app has got it all the same"]
    complaints.clear()


async def test_an_end_that_cannot_be_followed_does_not_hide_the_error(complaints: list[str]) -> None:
    enable_interrupt_resume()
    opened = session(Socket([*CUT, closed(1007)]))
    await read(opened, len(CUT))
    opened._interrupt = None  # type: ignore[attr-defined]
    with pytest.raises(errors.APIError):
        await opened._receive()
    opened = session(Socket([*CUT, closed(1007)]))
    await read(opened, len(CUT))
    opened._interrupt = object()  # type: ignore[attr-defined]
    with pytest.raises(errors.APIError):
        await opened._receive()
    assert complaints == ["the end of a session could not be followed"]
    complaints.clear()


async def test_report_played_never_raises(complaints: list[str]) -> None:
    heard: list[str] = []

    def builder(heard_text: str, user_text: str, history: list[tuple[str, str]]) -> str:
        heard.append(heard_text)
        return ""

    opened = session(Socket(CUT))
    report_played(opened, 1.0)
    enable_interrupt_resume(builder)
    report_played(opened, 1.0)
    await read(opened, len(CUT) - 1)
    for seconds in (-1.0, float("nan"), 1.0, 0.5):
        report_played(opened, seconds)
    report_played(opened, "soon")  # type: ignore[arg-type]
    report_played(3, 1.0)
    await read(opened, 1)
    assert len(heard) == 1
    assert complaints == ["report_played(session, seconds) was ignored"]
    complaints.clear()


async def test_a_session_leaves_nothing_behind() -> None:
    enable_interrupt_resume()
    socket = Socket([*CUT, TURN_COMPLETE, *CUT])
    opened = session(socket)
    await read(opened, 2 * len(CUT) + 1)
    gone = weakref.ref(opened)
    del opened
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None
