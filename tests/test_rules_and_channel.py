"""Where the model is told what to do, and by which road notes go out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from emulator.talking import in_virtual_time
from google.genai import types
from test_handler import QUESTION, TIDES, Scene, cut_scene, settings
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Socket, said, session, speech

from gemini_live_interrupt import (
    SessionOptions,
    configure_session,
    default_prompt,
    enable_interrupt_resume,
    interruption_rules,
)
from gemini_live_interrupt._agreement import read_agreement, with_instruction
from gemini_live_interrupt._events import ToolAnswered, ToolCalled, UserVoice
from gemini_live_interrupt.emulator import LiveEmulator

CUT = [said(QUESTION), *speech(TIDES), GENERATED, INTERRUPTED]
ACTIVITY = UserVoice(started=True, by_app=True)
ACTIVITY_ENDS = UserVoice(started=False, by_app=True)
CONFIG: dict[str, Any] = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}


def agreed(config: Any) -> Any:
    return read_agreement("models/any", config)


# Rules


def has_rules(scene: Scene) -> bool:
    cut = scene.cuts[0]
    return "New question" in default_prompt(cut.heard, cut.user_text, cut.history, cut)


@pytest.mark.parametrize(
    ("rules", "config", "in_the_note"),
    [
        ("note", with_instruction(CONFIG, interruption_rules()), True),
        ("system", with_instruction(CONFIG, interruption_rules()), False),
        ("system", CONFIG, True),
        (None, CONFIG, False),
    ],
)
def test_the_note_says_what_to_do_unless_the_session_knows_it(rules: Any, config: Any, in_the_note: bool) -> None:
    scene = Scene(agreed(config), rules=rules).play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5)
    assert has_rules(scene.play(INTERRUPTED)) == in_the_note


def test_the_note_says_what_to_do_where_the_connect_was_not_seen() -> None:
    assert has_rules(cut_scene(rules="system"))


@pytest.mark.parametrize(
    "instruction",
    [
        "Be brief.",
        {"parts": [{"text": "Be brief."}]},
        ["Be brief.", types.Part(text="Be kind.")],
        types.Content(role="system", parts=[types.Part(text="Be brief.")]),
        types.Part(text="Be brief."),
        None,
        7,
    ],
)
def test_rules_are_found_in_whatever_an_instruction_may_be(instruction: Any) -> None:
    config = CONFIG | {"system_instruction": instruction}
    assert not agreed(config).has_rules
    assert agreed(with_instruction(config, interruption_rules())).has_rules
    assert config["system_instruction"] is instruction, "the app's own is not changed"


def instruction_of(live: LiveEmulator) -> str:
    setup = next(frame.message for frame in live.log if "setup" in frame.message)["setup"]
    return str(setup.get("systemInstruction", ""))


@pytest.mark.parametrize("own", [None, "You are a guide."])
@in_virtual_time
async def test_the_rules_are_put_into_the_system_instruction_at_connect(own: str | None) -> None:
    config = CONFIG if own is None else CONFIG | {"system_instruction": own}
    before = dict(config)
    enable_interrupt_resume(rules="system")
    async with LiveEmulator("2.5-native") as live, live_client(live).connect(model="m", config=config):
        found = instruction_of(live)
    assert interruption_rules() in found
    assert own is None or own in found
    assert config == before


@in_virtual_time
async def test_rules_that_the_instruction_has_are_not_put_there_twice() -> None:
    enable_interrupt_resume(rules="system")
    config = with_instruction(CONFIG, interruption_rules())
    async with LiveEmulator("2.5-native") as live, live_client(live).connect(model="m", config=config):
        assert instruction_of(live).count("<interruption_note>") == 1


@pytest.mark.parametrize("rules", ["note", None])
@in_virtual_time
async def test_without_system_no_instruction_is_changed(rules: Any) -> None:
    enable_interrupt_resume(rules=rules)
    async with LiveEmulator("2.5-native") as live, live_client(live).connect(model="m", config=CONFIG):
        assert instruction_of(live) == ""


@in_virtual_time
async def test_one_session_may_have_rules_of_its_own() -> None:
    def options(model: str, config: Any) -> SessionOptions:
        return {"rules": "system"} if model.endswith("obedient") else {}

    enable_interrupt_resume(for_session=options)
    async with LiveEmulator("2.5-native") as live:
        for model, there in (("obedient", True), ("other", False)):
            async with live_client(live).connect(model=model, config=CONFIG):
                setups = [frame.message for frame in live.log if "setup" in frame.message]
                assert (interruption_rules() in str(setups[-1])) == there


def live_client(live: LiveEmulator) -> Any:
    from google import genai

    return genai.Client(**live.client_options()).aio.live


# The channel


def test_realtime_text_waits_for_an_activity_and_rides_with_it() -> None:
    scene = cut_scene(channel="text")
    assert scene.notes == []
    assert [found.phase for found in scene.reports] == ["cut"]
    scene.happens(ACTIVITY)
    (note,) = scene.notes
    assert not note.orders_reply
    scene.happens(ACTIVITY_ENDS, ACTIVITY)
    assert len(scene.notes) == 1


def test_realtime_text_goes_out_at_once_inside_an_activity() -> None:
    scene = Scene(channel="text").play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5)
    assert len(scene.happens(ACTIVITY).play(INTERRUPTED).notes) == 1
    late = Scene(channel="text").play(said(QUESTION), speech(TIDES), GENERATED).wait(3.5)
    assert late.happens(ACTIVITY, ACTIVITY_ENDS).play(INTERRUPTED).notes == []


def test_realtime_text_in_an_activity_waits_for_the_end_of_a_tool_call_too() -> None:
    scene = cut_scene(channel="text").happens(ToolCalled(("1",)), ACTIVITY)
    assert scene.notes == []
    scene.happens(ToolAnswered(("1",), interrupts=False)).wait(0.1)
    assert len(scene.notes) == 1


def test_realtime_text_asks_the_model_to_go_on_after_silence() -> None:
    scene = cut_scene(channel="text").play(TURN_COMPLETE).wait(4.0)
    (note,) = scene.notes
    assert note.orders_reply
    assert note.interruption.phase == "silence"


def test_realtime_text_that_is_to_order_a_reply_goes_out_at_once() -> None:
    (note,) = cut_scene(channel="text", turn_complete=True).notes
    assert note.orders_reply


def test_a_note_that_found_no_activity_is_late() -> None:
    scene = cut_scene(channel="text").play(TURN_COMPLETE, said("Why?"), speech("Because of the moon."))
    assert [found.outcome for found in scene.settled] == ["late"]


@in_virtual_time
async def test_realtime_text_is_sent_as_such() -> None:
    enable_interrupt_resume(channel="text", turn_complete=True)
    socket = Socket(CUT)
    opened = session(socket)
    for _ in CUT:
        await opened._receive()
    await asyncio.sleep(0.01)
    (sent,) = socket.sent
    assert sent["realtime_input"]["text"].startswith("<interruption_note>")


@in_virtual_time
async def test_one_session_may_have_a_channel_of_its_own() -> None:
    enable_interrupt_resume(turn_complete=True)
    socket = Socket(CUT)
    opened = session(socket)
    configure_session(opened, channel="text")
    for _ in CUT:
        await opened._receive()
    await asyncio.sleep(0.01)
    assert "realtime_input" in socket.sent[0]


# What is chosen


@pytest.mark.parametrize(
    ("option", "value", "error", "said"),
    [
        ("rules", "instruction", ValueError, "rules must be 'note' or 'system' or None, got 'instruction'"),
        ("rules", True, TypeError, "rules must be 'note' or 'system' or None, got True"),
        ("channel", "audio", ValueError, "channel must be 'content' or 'text', got 'audio'"),
        ("channel", None, ValueError, "channel must be 'content' or 'text', got None"),
        ("channel", 1, TypeError, "channel must be 'content' or 'text', got 1"),
    ],
)
def test_what_cannot_be_chosen_is_said_at_once(option: str, value: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        enable_interrupt_resume(**{option: value})
    assert str(raised.value) == said


@pytest.mark.parametrize("options", [{"rules": "x"}, {"channel": "x"}])
async def test_what_cannot_be_chosen_for_a_session_is_said_too(options: Any) -> None:
    enable_interrupt_resume()
    with pytest.raises(ValueError, match="must be"):
        configure_session(session(Socket([])), **options)


def test_the_defaults_change_nothing() -> None:
    assert (settings().rules, settings().channel) == ("note", "content")
