"""What the app sends counts too: voice in the microphone, typed text, tool responses, a stop button."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import warnings
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

import pytest
from emulator.talking import in_virtual_time
from google.genai import types
from test_handler import QUESTION, TIDES, Scene, cut_scene
from wire import (
    GENERATED,
    INTERRUPTED,
    TURN_COMPLETE,
    VOICE_STARTS,
    Socket,
    audio,
    content,
    said,
    session,
    speech,
    spoken,
)

from gemini_live_interrupt import Interruption, disable_interrupt_resume, enable_interrupt_resume, session_state
from gemini_live_interrupt._conversation import EDGE
from gemini_live_interrupt._delivery import _gone, _wake
from gemini_live_interrupt._events import (
    AppContent,
    MicrophoneAudio,
    NoteNotSent,
    NoteSending,
    ToolAnswered,
    ToolCalled,
    ToolCallsCancelled,
    UserTyped,
    UserVoice,
    UserWords,
    Woken,
)
from gemini_live_interrupt._tool_calls import MOST

LOUD = MicrophoneAudio(b"\0\x20\0\xe0" * 320, 16_000)
QUIET = MicrophoneAudio(bytes(1280), 16_000)
CALL = ToolCalled(("1",))
CUT = [said(QUESTION), *speech(TIDES), INTERRUPTED]


# The user


def test_nobody_is_asked_to_go_on_while_the_microphone_has_voice() -> None:
    scene = cut_scene().play(TURN_COMPLETE)
    for _ in range(100):
        scene.happens(LOUD if _ % 2 else QUIET).wait(0.1)
    assert len(scene.notes) == 1
    for _ in range(50):
        scene.happens(QUIET).wait(0.1)
    assert len(scene.notes) == 2, "asked once it was quiet"


def test_a_manual_activity_is_speech() -> None:
    scene = cut_scene().play(TURN_COMPLETE).happens(UserVoice(started=True, by_app=True))
    assert len(scene.wait(20.0).notes) == 1
    scene.happens(UserVoice(started=False, by_app=True))
    assert len(scene.wait(3.9).wait(0.2).notes) == 2


def test_typed_text_is_what_the_user_said_and_stands_in_the_note() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5)
    (cut,) = scene.happens(UserTyped("How high?")).play(INTERRUPTED).cuts
    assert (cut.user_text, cut.cause) == ("How high?", "user")


def test_words_that_come_just_before_interrupted_are_those_of_the_interruption() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES)).wait(2.5).play(said("Hold on, "), said("no no wait"))
    (cut,) = scene.wait(0.3).play(INTERRUPTED).cuts
    assert (cut.user_text, cut.history) == ("Hold on, no no wait", [("user", QUESTION)])


def test_an_endless_utterance_costs_no_more_with_each_piece() -> None:
    scene = cut_scene()
    for number in range(3_000):
        scene.happens(UserWords(f" word {number}"))
    assert len(scene.handler._conversation.words) <= 3 * EDGE + 20


# Causes


@pytest.mark.parametrize(
    ("event", "cause"),
    [(AppContent(), "app"), (ToolAnswered((), interrupts=True), "tool"), (ToolAnswered(()), "user")],
)
def test_what_the_app_sent_last_is_the_cause(event: Any, cause: str) -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(event).wait(0.2)
    (cut,) = scene.play(INTERRUPTED).cuts
    assert cut.cause == cause


def test_voice_after_what_the_app_sent_is_the_users() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(AppContent()).wait(0.1)
    (cut,) = scene.happens(LOUD).wait(0.1).play(INTERRUPTED).cuts
    assert cut.cause == "user"


def test_after_a_stop_button_nobody_is_asked_to_go_on() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(AppContent())
    assert len(scene.play(INTERRUPTED, TURN_COMPLETE).wait(30.0).notes) == 1


# Tools


def test_a_note_waits_for_the_end_of_a_call() -> None:
    scene = Scene().play(said(QUESTION)).happens(CALL).play(speech(TIDES), GENERATED).wait(3.5)
    scene.happens(CALL).play(INTERRUPTED, TURN_COMPLETE)
    assert (len(scene.reports), scene.notes) == (1, [])
    scene.wait(1.0).happens(ToolAnswered(("1",))).happens(Woken())
    (note,) = scene.notes
    assert not note.orders_reply


def test_a_call_that_is_cancelled_or_forgotten_holds_nothing() -> None:
    held = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(CALL).play(INTERRUPTED)
    assert held.notes == []
    assert len(held.happens(ToolCallsCancelled(("1",))).notes) == 1
    held = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(CALL).play(INTERRUPTED)
    assert len(held.play(TURN_COMPLETE, TURN_COMPLETE).notes) == 1, "two turns later nobody will answer it"


def test_a_note_that_is_not_out_when_a_tool_is_called_waits() -> None:
    scene = cut_scene().happens(CALL)
    assert not scene.is_waiting
    assert len(scene.happens(ToolAnswered(())).happens(Woken()).notes) == 2


def test_no_request_to_go_on_while_a_call_is_open() -> None:
    scene = cut_scene().send().play(TURN_COMPLETE).happens(CALL)
    assert len(scene.wait(30.0).notes) == 1


def test_an_open_call_holds_a_request_too() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5).happens(CALL).play(INTERRUPTED)
    assert scene.wait(30.0).notes == []


def test_calls_are_followed_in_bounded_numbers() -> None:
    scene = Scene()
    for number in range(3 * MOST):
        scene.happens(ToolCalled((str(number),)))
    assert len(scene.handler._calls._turns) == MOST


def test_outcomes_of_a_note_about_an_interruption_that_is_over_change_nothing() -> None:
    scene = cut_scene().play(TURN_COMPLETE)
    (note,) = scene.notes
    scene.play(speech("Yes?")).happens(NoteSending(note, "a note"), NoteNotSent(note, "failed"))
    assert [each.outcome for each in scene.settled] == ["late"]


# What public reports taught


def test_two_stretches_of_speech_are_two_sentences() -> None:
    scene = Scene().play(said("Which devices?"), speech("I am looking that up for you.")).happens(CALL).wait(9.0)
    scene.happens(ToolAnswered(("1",)))
    (cut,) = scene.play(speech("I found two old devices. Which one?")).wait(1.1).play(INTERRUPTED).cuts
    assert cut.heard == f"I am looking that up for you. {cut.cut_sentence}"
    assert cut.cut_sentence.startswith("I found")


@pytest.mark.parametrize("called", [True, False])
def test_what_was_heard_to_its_end_was_not_cut(called: bool) -> None:
    scene = Scene().play(said(QUESTION), speech("One moment, please."))
    if called:
        scene.happens(CALL)
    assert scene.wait(7.0).play(INTERRUPTED, TURN_COMPLETE).notes == []


def test_a_pause_in_mid_sentence_is_still_a_cut() -> None:
    assert len(Scene().play(said(QUESTION), speech("The tide turns twice a")).wait(7.0).play(INTERRUPTED).notes) == 1


def test_a_few_bytes_of_sound_are_no_reply() -> None:
    scene = cut_scene().send().play(TURN_COMPLETE, said("When?")).wait(1.0).play(audio(0.00125), TURN_COMPLETE)
    assert scene.settled == []
    assert len(scene.wait(4.5).notes) == 2, "nobody was answered"
    scene.play(audio(0.2), audio(0.2))
    assert len(scene.settled) == 1


@pytest.mark.parametrize("after", [0.0, 0.1, 0.5, 0.9])
def test_late_pieces_of_a_cut_reply_are_not_the_answer(after: float) -> None:
    scene = cut_scene().send().play(TURN_COMPLETE).wait(after).play(spoken(" and so"), audio(0.2)).wait(1.0)
    assert scene.settled == []
    scene.play(speech("Yes?"))
    assert scene.settled[0].unheard.endswith(" and so")


def test_words_that_come_a_second_after_a_cut_are_the_answer_whatever_they_begin_with() -> None:
    scene = cut_scene().send().play(TURN_COMPLETE).wait(1.1).play(spoken(" Yes."), audio(0.4))
    assert len(scene.settled) == 1


def test_all_that_was_heard_is_no_cut_if_its_words_come_late() -> None:
    scene = Scene().play(said(QUESTION), audio(0.9), GENERATED).wait(0.85).play(INTERRUPTED, spoken("Yes."))
    assert scene.play(TURN_COMPLETE).notes == []


def test_a_queued_reply_is_played_behind_the_one_before() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), TURN_COMPLETE).wait(1.0).play(said("And the sun?"))
    (cut,) = scene.play(speech("The sun helps.")).wait(2.5).play(INTERRUPTED).cuts
    assert cut.heard.startswith("The tide turns")
    assert len(cut.heard) < len(TIDES)
    assert cut.unheard.endswith("for six. The sun helps.")
    assert cut.user_text == ""


# Over a real session


async def converse(opened: Any, socket: Socket, *messages: Any) -> None:
    for message in messages:
        socket.play(message)
        await opened._receive()


@in_virtual_time
async def test_taps_pass_everything_on_and_see_it() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    socket = Socket()
    opened = session(socket)
    await opened.send_realtime_input(audio=types.Blob(data=bytes(640), mime_type="audio/pcm;rate=16000"))
    await converse(opened, socket, said(QUESTION), *speech(TIDES), GENERATED)
    await asyncio.sleep(3.5)
    await opened.send_client_content(turns=types.Content(role="model", parts=[types.Part(text="Sh.")]))
    await converse(opened, socket, INTERRUPTED, TURN_COMPLETE)
    await asyncio.sleep(10.0)
    assert [(cut.phase, cut.cause) for cut in seen] == [("cut", "app")]
    assert len(socket.sent) == 3, "the audio, the content, and the note"
    disable_interrupt_resume()
    with pytest.raises((TypeError, ValueError)):
        await opened.send_realtime_input(nonsense=1)  # type: ignore[call-arg]


def picture() -> Any:
    return pytest.importorskip("PIL.Image").new("RGB", (2, 2))


async def words() -> AsyncIterator[bytes]:
    yield b"\1\2\3"
    yield b""


ODD = types.Blob(data=b"\1\2\3", mime_type="audio/pcm;rate=16000")
FOUND = types.FunctionResponse(id="1", name="look_up", response={"found": 1})
SENT: dict[str, Callable[[Any], Any]] = {
    "an odd size": lambda opened: opened.send_realtime_input(audio=ODD),
    "no PCM": lambda opened: opened.send_realtime_input(audio=types.Blob(data=b"\xff\xf3", mime_type="audio/mpeg")),
    "media that is none": lambda opened: opened.send_realtime_input(media={"data": b"x", "mime_type": "a/b"}),
    "a rate that is none": lambda opened: opened.send_realtime_input(
        media={"data": b"xy", "mime_type": "audio/pcm;rate=-"}
    ),
    "a dictionary without a type": lambda opened: opened.send_realtime_input(audio={"data": b"xy"}),
    "a picture": lambda opened: opened.send_realtime_input(media=picture()),
    "a picture as video": lambda opened: opened.send_realtime_input(video=picture()),
    "a string for audio": lambda opened: opened.send_realtime_input(audio="words"),
    "nothing": lambda opened: opened.send_realtime_input(),
    "None": lambda opened: opened.send_realtime_input(audio=None),
    "two at once": lambda opened: opened.send_realtime_input(audio=ODD, text="words"),
    "an unknown argument": lambda opened: opened.send_realtime_input(sound=ODD),
    "no turns": lambda opened: opened.send_client_content(),
    "turns of a string": lambda opened: opened.send_client_content(turns="words"),
    "turns that are none": lambda opened: opened.send_client_content(turns=3, turn_complete=False),
    "a part that is a picture": lambda opened: opened.send_client_content(turns=["look", picture()]),
    "a response as a dictionary": lambda opened: opened.send_tool_response(function_responses=FOUND.model_dump()),
    "a response as an object": lambda opened: opened.send_tool_response(function_responses=FOUND),
    "responses as a list": lambda opened: opened.send_tool_response(function_responses=[FOUND, FOUND.model_dump()]),
    "responses as a tuple": lambda opened: opened.send_tool_response(function_responses=(FOUND,)),
    "a response without an id": lambda opened: opened.send_tool_response(
        function_responses={"name": "x", "response": {}}
    ),
    "no response": lambda opened: opened.send_tool_response(function_responses=[]),
    "None for a response": lambda opened: opened.send_tool_response(function_responses=None),
    "a response that is a number": lambda opened: opened.send_tool_response(function_responses=3),
    "the old send, of a string": lambda opened: opened.send(input="words", end_of_turn=True),
    "the old send, of a blob": lambda opened: opened.send(input={"data": b"xy", "mime_type": "audio/pcm"}),
    "the old send, of a response": lambda opened: opened.send(input=FOUND),
    "the old send, of a number": lambda opened: opened.send(input=3),
    "the old send, of nothing": lambda opened: opened.send(input=None),
}
"""What an app may send, or try to send, by the forms in which the SDK takes it."""


async def outcome(send: Callable[[Any], Any]) -> tuple[list[Any], str]:
    """What is on the socket afterwards, and what was raised."""
    socket, raised = Socket(), ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            await send(session(socket))
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises
            raised = repr(error)
    return socket.sent, raised


@pytest.mark.parametrize("send", SENT.values(), ids=SENT)
async def test_whatever_the_app_sends_goes_out_as_without_the_library(send: Callable[[Any], Any]) -> None:
    without = await outcome(send)
    enable_interrupt_resume()
    assert await outcome(send) == without


async def test_a_generator_that_streams_is_passed_on_piece_by_piece() -> None:
    async def stream() -> list[Any]:
        socket = Socket([INTERRUPTED])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            running = session(socket).start_stream(stream=words(), mime_type="audio/pcm")
            assert await anext(running)
            async with asyncio.timeout(5):
                while not socket.sent:  # noqa: ASYNC110 - a fake socket tells nobody
                    await asyncio.sleep(0)
            await running.aclose()  # type: ignore[attr-defined]
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        return socket.sent

    without = await stream()
    enable_interrupt_resume()
    assert await stream() == without


@in_virtual_time
async def test_what_cannot_be_followed_is_sent_all_the_same(complaints: list[str]) -> None:
    enable_interrupt_resume()
    socket = Socket()
    opened = session(socket)
    opened._interrupt = 3  # type: ignore[attr-defined]
    await opened.send_realtime_input(text="Hello")
    assert len(socket.sent) == 1
    assert complaints == ["what the app sent could not be followed; it was sent all the same"]
    complaints.clear()


@in_virtual_time
async def test_nobody_is_taken_for_silent_while_messages_lie_unread() -> None:
    class Unread:
        frames: ClassVar[list[str]] = ["the user's words"]

    enable_interrupt_resume()
    socket = Socket()
    opened = session(socket)
    socket.recv_messages = Unread()  # type: ignore[attr-defined]
    await converse(opened, socket, said(QUESTION), *speech(TIDES), GENERATED)
    await asyncio.sleep(3.5)
    await converse(opened, socket, INTERRUPTED, TURN_COMPLETE)
    await asyncio.sleep(20.0)
    assert len(socket.sent) == 1
    Unread.frames = []
    await asyncio.sleep(0.2)
    assert len(socket.sent) == 2


@in_virtual_time
async def test_an_earlier_wake_replaces_a_later_one_and_a_copy_of_a_session_is_one_of_its_own() -> None:
    enable_interrupt_resume()
    socket = Socket()
    opened = session(socket)
    await converse(opened, socket, *CUT)
    opened._interrupt._wake_at(asyncio.get_running_loop().time() + 0.5)  # type: ignore[attr-defined]
    await asyncio.sleep(1.0)
    assert len(socket.sent) == 1
    other = copy.copy(opened)
    assert session_state(other) == {"version": 1}
    await converse(other, socket, *CUT)
    assert len(socket.sent) == 2
    assert session_state(session(Socket())) == {"version": 1}


async def test_a_builder_that_hangs_keeps_no_session_alive() -> None:
    cancelled = asyncio.Event()

    async def builder(heard: str, user_text: str, history: object) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    enable_interrupt_resume(builder)
    socket = Socket()
    opened = session(socket)
    await converse(opened, socket, *CUT)
    gone = weakref.ref(opened)
    del opened
    for _ in range(3):
        gc.collect()
        await asyncio.sleep(0)
    assert gone() is None
    async with asyncio.timeout(5):
        await cancelled.wait()


@in_virtual_time
async def test_a_builder_has_ten_seconds(complaints: list[str]) -> None:
    waited: list[float] = []

    async def builder(heard: str, user_text: str, history: object) -> str:
        began = asyncio.get_running_loop().time()
        try:
            await asyncio.Event().wait()
        finally:
            waited.append(asyncio.get_running_loop().time() - began)
        return ""

    enable_interrupt_resume(builder, resume_after=None)
    socket = Socket()
    opened = session(socket)
    await converse(opened, socket, *CUT)
    await asyncio.sleep(60.0)
    assert waited == [pytest.approx(10.0)]
    assert socket.sent == []
    assert opened is not None
    complaints.clear()


async def test_switching_off_ends_what_waits() -> None:
    cancelled = asyncio.Event()

    async def builder(heard: str, user_text: str, history: object) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return ""

    enable_interrupt_resume(builder)
    socket = Socket()
    opened = session(socket)
    await converse(opened, socket, *CUT)
    await asyncio.sleep(0)
    disable_interrupt_resume()
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_the_text_of_an_error_is_logged_only_if_the_app_wants_it(
    complaints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def builder(heard: str, user_text: str, history: object) -> str:
        raise KeyError("what people said")

    for wanted in (False, True):
        enable_interrupt_resume(builder, log_errors=wanted)
        socket = Socket()
        opened = session(socket)
        await converse(opened, socket, *CUT)
        await asyncio.sleep(0)
        (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        formatted = logging.Formatter().format(record)
        assert ("what people said" in formatted.splitlines()[-1]) is wanted
        assert "KeyError" in formatted
        caplog.clear()
        disable_interrupt_resume()
    complaints.clear()
    with pytest.raises(TypeError, match="log_errors"):
        enable_interrupt_resume(log_errors=1)  # type: ignore[arg-type]


def test_the_user_may_speak_before_anything_was_said() -> None:
    scene = Scene().play(VOICE_STARTS, content(inputTranscription={"text": "Hello?"}))
    assert scene.actions == []


# The next connection


def test_a_state_in_the_midst_of_anything_can_be_taken() -> None:
    scene = Scene().play(said(QUESTION), audio(3.0)).wait(1.0).play(INTERRUPTED)
    assert scene.handler.snapshot(scene.now, 0.0).reply is None, "nothing is known of what was cut off"
    scene = Scene().play(said(QUESTION), speech("One moment, please.")).wait(20.0)
    carried = scene.handler.snapshot(scene.now, -1.0)
    assert carried.saved_at == 0.0
    assert carried.reply is not None
    assert (carried.reply.generated, carried.reply.unheard) == (True, "")


@in_virtual_time
async def test_a_timer_that_outlives_its_session_or_the_library_does_nothing() -> None:
    enable_interrupt_resume(resume_after=1.0)
    socket = Socket()
    opened = session(socket)
    await converse(opened, socket, *CUT, {"goAway": {"timeLeft": "10s"}})
    await opened.send_realtime_input(audio_stream_end=True)
    delivery = opened._interrupt  # type: ignore[attr-defined]
    disable_interrupt_resume()
    delivery.wake(0.0)
    _wake(weakref.ref(delivery), 0.0)
    gone = _gone(weakref.ref(delivery))
    gone(None)
    del delivery, opened
    await asyncio.sleep(0.1)
    gc.collect()
    gone(None)
    _wake(weakref.ref(Scene()), 0.0)  # type: ignore[arg-type]
    await asyncio.sleep(5.0)
    assert len([frame for frame in socket.sent if "client_content" in frame]) == 1
