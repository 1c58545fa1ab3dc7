"""What is agreed at connect: transcription, the options of one session, and sessions that go on by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import gc
import logging
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
import wrapt
from emulator.talking import UTTERANCE, Person, hasty, in_virtual_time, listening, notes, teller
from google import genai
from google.genai import errors, live, types
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Socket, said, speech, written
from wire import session as opened

from gemini_live_interrupt import (
    Interruption,
    SessionOptions,
    configure_session,
    default_prompt,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    restore_session_state,
    session_state,
)
from gemini_live_interrupt._agreement import Agreement, lacks, read_agreement, with_instruction, with_transcription
from gemini_live_interrupt._connect import ADDED, REFUSED
from gemini_live_interrupt._delivery import NO_TRANSCRIPTION, Delivery
from gemini_live_interrupt._events import HandleGiven
from gemini_live_interrupt._handles import KEPT_FOR, MOST, PER_OWNER, Handles
from gemini_live_interrupt._sessions import connected as known
from gemini_live_interrupt._sessions import handles, switch
from gemini_live_interrupt.emulator import FAULTS, LiveEmulator, Profile

MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"
BOTH: dict[str, Any] = {"input_audio_transcription": {}, "output_audio_transcription": {}}
TIDES = "The tide turns twice a day, pulled by the moon. It rises for six hours, and falls for six."
CUT = [said("Tell me about the tides."), *speech(TIDES), INTERRUPTED]


@contextlib.asynccontextmanager
async def person(live_: LiveEmulator, model: str = MODEL, **more: Any) -> AsyncIterator[Person]:
    """Somebody who is connected by the SDK with just this configuration."""
    async with (
        genai.Client(**live_.client_options()).aio as client,
        client.live.connect(model=model, **more) as session,
        listening(session) as found,
    ):
        yield found


def emulator(profile: str | Profile = "2.5-native", **more: Any) -> LiveEmulator:
    found = hasty(profile) if isinstance(profile, str) else profile
    return LiveEmulator(found, teller, hear=["A story!", "Really?"], **more)


async def interrupt(live_: LiveEmulator, speaker: Person) -> None:
    """Ask for a story, and say something into it."""
    await speaker.say(UTTERANCE)
    await live_.until(lambda: live_.replies and live_.replies[-1].sent_seconds > 4.0, within=60.0)
    await asyncio.sleep(2.0)
    await speaker.say(UTTERANCE)
    await live_.until(lambda: speaker.turns_complete >= 1, within=60.0)
    await asyncio.sleep(1.0)


def setup_of(live_: LiveEmulator) -> dict[str, Any]:
    """What the last session was set up with, as it stood on the wire."""
    setup = live_.sessions[-1].setup
    return {} if setup is None else dict(setup.message)


def refuses_transcription() -> Profile:
    return dataclasses.replace(hasty("2.5-native"), accepts_transcription=False)


# Transcription


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"config": None},
        {"config": {}},
        {"config": {"response_modalities": ["AUDIO"]}},
        {"config": {"responseModalities": ["AUDIO"], "outputAudioTranscription": {}}},
        {"config": {"input_audio_transcription": None}},
        {"config": types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])},
    ],
    ids=repr,
)
@in_virtual_time
async def test_a_session_that_asks_for_no_transcription_gets_its_note(more: dict[str, Any]) -> None:
    before = copy.deepcopy(more)
    enable_interrupt_resume()
    async with emulator() as live_, person(live_, **more) as speaker:
        await interrupt(live_, speaker)
        (note,) = notes(live_)
        assert "Once there was a fox" in note.text
        assert setup_of(live_)["outputAudioTranscription"] == {}
    assert more == before, "the app's configuration is its own"


@in_virtual_time
async def test_what_is_added_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    enable_interrupt_resume()
    async with emulator() as live_:
        for _ in range(3):
            async with person(live_):
                pass
    assert [(r.levelno, r.getMessage()) for r in caplog.records if r.getMessage() == ADDED] == [(logging.INFO, ADDED)]


@pytest.mark.parametrize("profile", ["2.5-native", "2.5-vertex"])
@in_virtual_time
async def test_nothing_else_of_the_configuration_is_touched(profile: str) -> None:
    config = types.LiveConnectConfig(
        response_modalities=[types.Modality.AUDIO],
        system_instruction="Be brief.",
        tools=[{"google_search": {}}],
        speech_config=types.SpeechConfig(
            voice_config=types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Puck"))
        ),
    )
    setups = []
    for on in (False, True):
        async with emulator(profile) as live_:
            if on:
                enable_interrupt_resume()
            async with person(live_, config=config):
                setups.append(dict(setup_of(live_)))
    assert setups[1].pop("inputAudioTranscription") == {}
    assert setups[1].pop("outputAudioTranscription") == {}
    assert setups[0] == setups[1]


@in_virtual_time
async def test_with_transcription_false_the_configuration_is_left_alone_and_the_lack_is_said(
    complaints: list[str],
) -> None:
    enable_interrupt_resume(transcription=False)
    async with emulator() as live_, person(live_) as speaker:
        assert "outputAudioTranscription" not in setup_of(live_)
        assert complaints == [NO_TRANSCRIPTION], "at connect"
        await interrupt(live_, speaker)
        assert notes(live_) == []
    assert complaints == [NO_TRANSCRIPTION]
    complaints.clear()


@in_virtual_time
async def test_with_transcription_false_a_session_that_transcribes_is_not_complained_of() -> None:
    enable_interrupt_resume(transcription=False)
    async with emulator() as live_, person(live_, config={"output_audio_transcription": {}}):
        assert "inputAudioTranscription" not in setup_of(live_)


@in_virtual_time
async def test_a_service_that_refuses_transcription_is_connected_as_the_app_asked(complaints: list[str]) -> None:
    enable_interrupt_resume()
    async with emulator(refuses_transcription()) as live_, person(live_) as speaker:
        await interrupt(live_, speaker)
        assert speaker.audio
        assert len(live_.sessions) == 2
    assert complaints == [REFUSED, NO_TRANSCRIPTION], "the second at the cut, which cannot be described"
    complaints.clear()


@in_virtual_time
async def test_a_connect_that_fails_either_way_fails_as_it_always_did() -> None:
    async with emulator() as live_:
        found = []
        for on in (False, True):
            if on:
                enable_interrupt_resume()
            with pytest.raises(errors.APIError) as failed:
                async with person(live_, config={"response_modalities": ["IMAGE"]}):
                    pass
            found.append((failed.value.code, failed.value.message))
    assert found[0] == found[1]


@in_virtual_time
async def test_a_configuration_that_is_none_fails_as_it_always_did(complaints: list[str]) -> None:
    wrong: Any = 7
    async with emulator() as live_:
        found = []
        for on in (False, True):
            if on:
                enable_interrupt_resume()
            with pytest.raises(Exception) as failed:  # noqa: PT011 - whatever the SDK raises
                async with person(live_, config=wrong):
                    pass
            found.append((type(failed.value), str(failed.value)))
    assert found[0] == found[1]
    assert complaints == ["a connect could not be followed; it goes on as the app asked"]
    complaints.clear()


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("gemini-3.5-live-translate-preview", {}),
        ("models/gemini-3.5-live-transcribe-preview", {}),
        (MODEL, {"realtime_input_config": {"activity_handling": "NO_INTERRUPTION"}}),
        (MODEL, {"realtime_input_config": {"activity_handling": types.ActivityHandling.NO_INTERRUPTION}}),
    ],
)
@in_virtual_time
async def test_a_session_that_cannot_be_interrupted_is_left_alone(model: str, config: dict[str, Any]) -> None:
    enable_interrupt_resume()
    async with emulator() as live_, person(live_, model, config=config) as speaker:
        assert "outputAudioTranscription" not in setup_of(live_)
        assert session_state(speaker.session) == {"version": 1}
    socket = Socket(CUT)
    reader = opened(socket)
    assert switch.settings is not None
    known(reader, switch.settings, read_agreement(model, config | BOTH), {})
    for _ in CUT:
        await reader._receive()
    assert socket.notes == []


@in_virtual_time
async def test_a_written_session_gets_no_transcription() -> None:
    enable_interrupt_resume()
    async with emulator("2.0-flash") as live_, person(live_, config={"response_modalities": ["TEXT"]}):
        assert "outputAudioTranscription" not in setup_of(live_)


async def test_what_is_written_in_a_written_session_has_been_read() -> None:
    enable_interrupt_resume(lambda heard, user_text, history: heard)
    assert switch.settings is not None
    for agreement, expected in (
        (read_agreement(MODEL, {"response_modalities": ["TEXT"]}), ["Nobody did."]),
        (read_agreement(MODEL, {}), []),
    ):
        socket = Socket([said("Who won?"), written("Nobody did."), INTERRUPTED])
        reader = opened(socket)
        known(reader, switch.settings, agreement, {})
        for _ in range(3):
            await reader._receive()
        assert socket.notes == expected


# on_session, and what an app may do with it


@in_virtual_time
async def test_each_session_is_handed_to_the_app_before_the_app_goes_on() -> None:
    seen: list[tuple[Any, str, Any]] = []
    config = {"response_modalities": ["AUDIO"]}
    enable_interrupt_resume(on_session=lambda *given: seen.append(given))
    async with emulator() as live_, person(live_, config=config) as speaker:
        (given,) = seen
        assert given == (speaker.session, MODEL, config)
        assert given[2] is config
        await interrupt(live_, speaker)
        report_played(given[0], 1.0)


@in_virtual_time
async def test_what_on_session_raises_is_logged_and_the_session_goes_on(complaints: list[str]) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    enable_interrupt_resume(on_session=fail, for_session=fail)
    async with emulator() as live_, person(live_) as speaker:
        await interrupt(live_, speaker)
        assert len(notes(live_)) == 1
    assert complaints == [
        "for_session failed; the session has no options of its own",
        "on_session raised; the session goes on",
    ]
    complaints.clear()


# Options of one session


@in_virtual_time
async def test_options_may_depend_on_model_and_configuration() -> None:
    asked: list[tuple[str, Any]] = []

    def options(model: str, config: Any) -> SessionOptions | None:
        asked.append((model, config))
        return {"enabled": False} if "3.1" in model else None

    enable_interrupt_resume(for_session=options)
    async with emulator() as live_, person(live_, "gemini-3.1-flash-live-preview", config={}) as speaker:
        await interrupt(live_, speaker)
        assert notes(live_) == []
        assert "outputAudioTranscription" not in setup_of(live_), "it is left alone altogether"
    async with emulator() as live_, person(live_, config=BOTH) as speaker:
        await interrupt(live_, speaker)
        assert len(notes(live_)) == 1
    assert asked == [("gemini-3.1-flash-live-preview", {}), (MODEL, BOTH)]


@pytest.mark.parametrize("options", [7, {"enabled": 1}, {"colour": 1}, {"max_history": -1}, {"prompt_builder": "x"}])
@in_virtual_time
async def test_options_that_make_no_sense_are_logged(options: Any, complaints: list[str]) -> None:
    enable_interrupt_resume(for_session=lambda model, config: options)
    async with emulator() as live_, person(live_) as speaker:
        await interrupt(live_, speaker)
        assert len(notes(live_)) == 1
    assert complaints == ["for_session failed; the session has no options of its own"]
    complaints.clear()


async def test_an_option_holds_for_its_session_only_and_from_that_moment_on() -> None:
    enable_interrupt_resume()
    sockets = [Socket([*CUT, TURN_COMPLETE, *CUT]) for _ in range(2)]
    sessions = [opened(socket) for socket in sockets]
    for each in sessions:
        for _ in CUT:
            await each._receive()
    configure_session(sessions[0], prompt_builder=lambda heard, user_text, history: "Mine.")
    for each in sessions:
        for _ in range(1 + len(CUT)):
            await each._receive()
    assert sockets[0].notes[1] == "Mine."
    assert sockets[1].notes[1].startswith("<interruption_note>")
    configure_session(sessions[0], prompt_builder=None)
    enable_interrupt_resume(max_history=1)
    sockets[0].play(TURN_COMPLETE)
    for message in CUT:
        sockets[0].play(message)
    for _ in range(1 + len(CUT)):
        await sessions[0]._receive()
    assert sockets[0].notes[2].startswith("<interruption_note>")


async def test_every_option_is_one_of_a_session() -> None:
    enable_interrupt_resume()
    socket = Socket(CUT)
    reader = opened(socket)
    options: SessionOptions = {
        "prompt_builder": default_prompt,
        "max_history": 1,
        "turn_complete": True,
        "resume_after": None,
    }
    configure_session(reader, **options)
    for _ in CUT:
        await reader._receive()
    (frame,) = socket.sent
    assert frame["client_content"]["turnComplete"] is True


@in_virtual_time
async def test_a_session_that_is_switched_off_is_off_at_once() -> None:
    enable_interrupt_resume()
    socket = Socket(CUT)
    reader = opened(socket)
    for _ in CUT:
        await reader._receive()
    assert len(socket.notes) == 1
    configure_session(reader, enabled=False)
    await asyncio.sleep(60.0)
    assert len(socket.notes) == 1, "nobody is asked to go on"
    assert session_state(reader) == {"version": 1}
    report_played(reader, 1.0)
    restore_session_state(reader, {"version": 1})
    for message in CUT:
        socket.play(message)
        await reader._receive()
    assert len(socket.notes) == 1
    configure_session(reader, enabled=True)
    for message in CUT:
        socket.play(message)
        await reader._receive()
    assert len(socket.notes) == 2
    configure_session(reader, enabled=True)
    await asyncio.sleep(60.0)
    assert len(socket.notes) == 3, "it was on, and stays as it is"


@in_virtual_time
async def test_a_note_that_is_under_way_is_dropped_when_its_session_is_switched_off() -> None:
    async def slow(heard: str, user_text: str, history: Any) -> str:
        await asyncio.sleep(1.0)
        return "A note."

    enable_interrupt_resume(slow)
    socket = Socket(CUT)
    reader = opened(socket)
    for _ in CUT:
        await reader._receive()
    configure_session(reader, enabled=False)
    await asyncio.sleep(2.0)
    assert socket.notes == []


async def test_a_session_that_is_left_alone_may_be_switched_on() -> None:
    enable_interrupt_resume()
    socket = Socket(CUT)
    reader = opened(socket)
    assert switch.settings is not None
    known(reader, switch.settings, read_agreement("gemini-3.5-live-translate-preview", BOTH), {})
    configure_session(reader, enabled=True)
    for _ in CUT:
        await reader._receive()
    assert len(socket.notes) == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"enabled": None}, TypeError),
        ({"volume": 11}, TypeError),
        ({"max_history": 1.5}, TypeError),
        ({"max_history": -1}, ValueError),
        ({"resume_after": 0}, ValueError),
        ({"turn_complete": "yes"}, TypeError),
        ({"prompt_builder": lambda: ""}, TypeError),
    ],
)
@pytest.mark.parametrize("on", [False, True])
async def test_a_wrong_option_is_refused_in_words(options: dict[str, Any], error: type[Exception], on: bool) -> None:
    if on:
        enable_interrupt_resume()
    with pytest.raises(error, match=next(iter(options))):
        configure_session(opened(Socket()), **options)


async def test_configuring_is_for_sessions() -> None:
    with pytest.raises(TypeError, match="AsyncSession"):
        configure_session("a session", enabled=False)


async def test_configuring_does_nothing_while_the_library_is_off() -> None:
    reader = opened(Socket())
    configure_session(reader, enabled=False)
    assert not hasattr(reader, "_interrupt")


async def test_options_and_agreement_outlive_off_and_on_and_a_copy() -> None:
    enable_interrupt_resume()
    socket = Socket([*CUT, *CUT])
    reader = opened(socket)
    assert switch.settings is not None
    known(reader, switch.settings, read_agreement(MODEL, BOTH), {})
    configure_session(reader, prompt_builder=lambda heard, user_text, history: "Mine.")
    disable_interrupt_resume()
    enable_interrupt_resume()
    for _ in CUT:
        await reader._receive()
    copied = copy.copy(reader)
    for _ in CUT:
        await copied._receive()
    assert socket.notes == ["Mine.", "Mine."]
    assert copied._interrupt.model == reader._interrupt.model == MODEL  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("transcription", "yes", "transcription must be True or False"),
        ("on_session", 7, "on_session must be a function"),
        ("on_session", lambda session: None, r"on_session must accept \(session, model, config\)"),
        ("for_session", lambda: None, r"for_session must accept \(model, config\)"),
    ],
)
def test_a_wrong_argument_is_refused_in_words(name: str, value: Any, match: str) -> None:
    with pytest.raises(TypeError, match=match):
        enable_interrupt_resume(**{name: value})


def test_a_coroutine_function_is_refused_where_nobody_would_await_it() -> None:
    async def on_session(session: Any, model: str, config: Any) -> None: ...

    with pytest.raises(TypeError, match="on_session must be a plain function"):
        enable_interrupt_resume(on_session=on_session)


# Sessions that go on with another one, by the service's handle


def handle_of(before: Person) -> str:
    updates = [m.session_resumption_update for m in before.messages if m.session_resumption_update]
    return str(updates[-1].new_handle)


@pytest.mark.parametrize("profile", ["2.5-native", "2.5-vertex", "3.8-live"])
@pytest.mark.parametrize("also_by_hand", [False, True])
@in_virtual_time
async def test_a_session_that_resumes_another_knows_what_that_one_knew(profile: str, also_by_hand: bool) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    gone = dataclasses.replace(FAULTS["abrupt-close"], seconds=2.0)
    async with emulator(profile, faults=[gone]) as live_:
        async with person(live_, config={"session_resumption": {}}) as first:
            await first.say(UTTERANCE)
            await live_.until(lambda: first.error, within=60.0)
            state = session_state(first.session)
        del first.session
        resumption = {"handle": handle_of(first)}
        async with person(live_, config={"session_resumption": resumption}) as second:
            if also_by_hand:
                restore_session_state(second.session, state)
            await live_.until(lambda: second.turns_complete, within=60.0)
            assert [note.silent for note in notes(live_)] == [True, False], "told once, and asked once"
            assert seen[0].cut_sentence in notes(live_)[0].text
    assert {one.session_id for one in seen} == {state["session_id"]}
    assert [(one.cause, one.phase) for one in seen] == [
        ("connection", "cut"),
        ("connection", "silence"),
        ("connection", "settled"),
    ]


@in_virtual_time
async def test_a_handle_of_another_process_starts_afresh() -> None:
    enable_interrupt_resume()
    async with emulator(faults=[dataclasses.replace(FAULTS["abrupt-close"], seconds=2.0)]) as live_:
        async with person(live_, config={"session_resumption": {}}) as first:
            await first.say(UTTERANCE)
            await live_.until(lambda: first.error, within=60.0)
        handles.clear()
        async with person(live_, config={"session_resumption": {"handle": handle_of(first)}}) as second:
            await asyncio.sleep(20.0)
            assert (notes(live_), second.turns_complete) == ([], 0)


async def test_a_session_that_is_gone_is_kept_by_nothing_but_its_handles() -> None:
    enable_interrupt_resume()
    reader = opened(Socket([*CUT, {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}}]))
    for _ in range(len(CUT) + 1):
        await reader._receive()
    gone = weakref.ref(reader)
    delivery = weakref.ref(reader._interrupt)  # type: ignore[attr-defined]
    del reader
    gc.collect()
    await asyncio.sleep(0)
    assert gone() is None
    assert delivery() is not None, "the next session may want what it knows"
    disable_interrupt_resume()
    gc.collect()
    await asyncio.sleep(0)
    gc.collect()
    assert delivery() is None


def test_handles_are_bounded_expire_and_serve_once() -> None:
    now = 0.0
    kept: Handles[str] = Handles(lambda: now)
    for number in range(PER_OWNER + 2):
        kept.keep(f"a{number}", "a")
    assert kept.take("a0") is None
    assert kept.take("a4") == "a"
    assert (kept.take("a3"), len(kept)) == (None, 0), "the session has gone on"
    for number in range(MOST + 5):
        kept.keep(str(number), f"owner {number}")
    assert len(kept) == MOST
    now = KEPT_FOR + 1
    assert kept.take(str(MOST)) is None
    kept.keep("new", "b")
    assert len(kept) == 1
    assert kept.take("new") == "b"


HANDLE = {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}}


async def left_with_a_handle() -> Agreement:
    """Somebody is told half of a story in a session that can be resumed; return what its next connect asks for."""
    assert switch.settings is not None
    reader = opened(Socket([*CUT[:-1], HANDLE]))
    known(reader, switch.settings, read_agreement(MODEL, BOTH), {})
    for _ in CUT:
        await reader._receive()
    return read_agreement(MODEL, BOTH | {"session_resumption": {"handle": "h"}})


async def test_a_message_that_comes_at_once_finds_the_state_taken_over() -> None:
    enable_interrupt_resume()
    agreement = await left_with_a_handle()
    reader = opened(Socket([TURN_COMPLETE]))
    assert switch.settings is not None
    known(reader, switch.settings, agreement, {})
    await reader._receive()
    state = session_state(reader)
    assert state["history"] == [["user", CUT[0]["serverContent"]["inputTranscription"]["text"]]]
    restore_session_state(reader, state)  # too late, and not needed: it has gone on by itself
    assert session_state(reader)["cuts"] == state["cuts"] == 1


async def test_a_state_that_cannot_be_taken_over_is_logged_and_the_session_goes_on(
    complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError

    enable_interrupt_resume()
    agreement = await left_with_a_handle()
    monkeypatch.setattr(Delivery, "restore", fail)
    reader = opened(Socket([TURN_COMPLETE]))
    assert switch.settings is not None
    known(reader, switch.settings, agreement, {})
    await asyncio.sleep(0)
    await reader._receive()
    assert complaints == ["a session could not go on from where the one before it was"]
    complaints.clear()


async def test_a_delivery_by_itself_keeps_no_handles() -> None:
    enable_interrupt_resume()
    assert switch.settings is not None
    reader = opened(Socket())
    assert not Delivery(reader, switch.settings, switch).take([HandleGiven("h")])
    assert handles.take("h") is None


# Other layers, and calls that are none


def test_connecting_twice_wraps_once_and_off_restores_the_original() -> None:
    original = vars(live.AsyncLive)["connect"]
    enable_interrupt_resume()
    ours = vars(live.AsyncLive)["connect"]
    assert ours is not original
    enable_interrupt_resume()
    assert vars(live.AsyncLive)["connect"] is ours
    disable_interrupt_resume()
    assert vars(live.AsyncLive)["connect"] is original


@pytest.mark.parametrize("above", [False, True])
@in_virtual_time
async def test_another_librarys_layer_survives_on_either_side(above: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def wrap() -> None:
        def theirs(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
            calls.append(kwargs["model"])
            return wrapped(*args, **kwargs)

        found = vars(live.AsyncLive)["connect"]
        monkeypatch.setattr(live.AsyncLive, "connect", wrapt.FunctionWrapper(found, theirs))

    if not above:
        wrap()
    enable_interrupt_resume()
    if above:
        wrap()
    async with emulator() as live_, person(live_):
        assert setup_of(live_)["outputAudioTranscription"] == {}
    disable_interrupt_resume()
    async with emulator() as live_, person(live_):
        assert "outputAudioTranscription" not in setup_of(live_)
    assert calls
    monkeypatch.undo()
    enable_interrupt_resume()
    disable_interrupt_resume()


async def fail_in(manager: contextlib.AbstractAsyncContextManager[live.AsyncSession]) -> None:
    async with manager as session:
        assert isinstance(session, live.AsyncSession)
        raise ZeroDivisionError


@in_virtual_time
async def test_the_context_manager_is_the_sdks_own_to_look_at() -> None:
    enable_interrupt_resume()
    async with emulator() as live_, genai.Client(**live_.client_options()).aio as client:
        manager = client.live.connect(model=MODEL)
        assert isinstance(manager, contextlib.AbstractAsyncContextManager)
        with pytest.raises(ZeroDivisionError):
            await fail_in(manager)
        disable_interrupt_resume()
        manager = client.live.connect(model=MODEL)
        enable_interrupt_resume()
        async with manager as session:
            assert not hasattr(session, "_interrupt"), "asked for while the library was off"
        manager = client.live.connect(model=MODEL, config=types.LiveConnectConfig())
        disable_interrupt_resume()
        async with manager as session:
            assert not hasattr(session, "_interrupt"), "switched off before it was connected"
        with pytest.raises(TypeError):
            client.live.connect()  # type: ignore[call-arg]


@in_virtual_time
async def test_a_connect_that_is_cancelled_is_cancelled() -> None:
    enable_interrupt_resume()
    async with emulator() as live_, genai.Client(**live_.client_options()).aio as client:
        connecting = asyncio.ensure_future(client.live.connect(model=MODEL).__aenter__())
        await asyncio.sleep(0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting


async def test_what_cannot_be_followed_is_logged_and_connected_all_the_same(
    complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gemini_live_interrupt import _connect, _patch

    class Manager:
        async def __aenter__(self) -> str:
            return "a session"  # which can have no attribute of ours

        async def __aexit__(self, *_: object) -> None: ...

    enable_interrupt_resume()
    assert switch.settings is not None
    connecting = _connect.Connecting(Manager(), lambda config: Manager(), switch.settings, MODEL, BOTH)
    async with connecting as session:
        assert session == "a session"
    monkeypatch.setattr(_patch, "Connecting", None)
    live_: Any = object.__new__(live.AsyncLive)
    live_.connect(model=MODEL)
    assert complaints == [
        "a new session could not be followed; the app has got it all the same",
        "a connect could not be followed; it goes on as the app asked",
    ]
    complaints.clear()


# What a configuration says


@pytest.mark.parametrize(
    "config",
    [
        {"output_audio_transcription": {}, "session_resumption": {"handle": "h"}},
        {"outputAudioTranscription": {}, "sessionResumption": {"handle": "h"}},
        types.LiveConnectConfig(
            output_audio_transcription=types.AudioTranscriptionConfig(),
            session_resumption=types.SessionResumptionConfig(handle="h"),
        ),
    ],
    ids=["snake", "camel", "object"],
)
def test_a_configuration_is_read_in_every_form(config: Any) -> None:
    agreement = read_agreement(f"models/{MODEL}", config)
    assert (agreement.model, agreement.speaks, agreement.transcribes) == (MODEL, True, True)
    assert (agreement.handle, agreement.can_be_interrupted, agreement.voice) == ("h", True, "")
    assert lacks(config) == ["input_audio_transcription"]
    assert lacks(with_transcription(config)) == []


def test_voice_and_silence_are_read() -> None:
    agreement = read_agreement(
        MODEL,
        {
            "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}}},
            "realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": 700}},
            "response_modalities": "AUDIO",
        },
    )
    assert (agreement.voice, agreement.silence, agreement.speaks) == ("Puck", 0.7, True)
    wrong = {"realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": "long"}}}
    assert read_agreement(MODEL, wrong).silence == 0.0


INSTRUCTIONS: list[Any] = [
    None,
    "",
    "Be brief.",
    ["Be brief.", "Be kind."],
    {"parts": [{"text": "Be brief."}]},
    {"text": "Be brief."},
    types.Content(parts=[types.Part(text="Be brief.")]),
    types.Part(text="Be brief."),
]


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=repr)
@pytest.mark.parametrize("form", ["dict", "object"])
@in_virtual_time
async def test_an_instruction_is_added_to_the_apps_own_in_every_form(instruction: Any, form: str) -> None:
    config: Any = BOTH | {"system_instruction": instruction}
    if form == "object":
        config = types.LiveConnectConfig(**config)
    before = copy.deepcopy(config)
    async with emulator() as live_, person(live_, config=with_instruction(config, "RULES")):
        said_ = "".join(part["text"] for part in setup_of(live_)["systemInstruction"]["parts"])
    assert said_.endswith("RULES")
    assert said_.startswith("Be brief.") == bool(instruction)
    assert config == before


async def test_the_silence_that_the_server_waits_for_comes_before_ours() -> None:
    silence = {"realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": 3000}}}
    enable_interrupt_resume()
    assert switch.settings is not None
    reader = opened(Socket([*CUT, GENERATED]))
    known(reader, switch.settings, read_agreement(MODEL, BOTH | silence), {})
    for _ in CUT:
        await reader._receive()
    assert session_state(reader)["reply"]["cut"]["ask_in"] == pytest.approx(7.0, abs=0.2)
