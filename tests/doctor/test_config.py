"""What in a configuration keeps the library from working, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import types
from wire import GENERATED, INTERRUPTED, Message, Socket, said, session, written

from gemini_live_interrupt import enable_interrupt_resume
from gemini_live_interrupt._agreement import read_agreement
from gemini_live_interrupt._sessions import connected, switch
from gemini_live_interrupt.doctor._config import NOTHING, check_config

GOOD: dict[str, Any] = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
    "context_window_compression": {"sliding_window": {}},
}
CAMEL: dict[str, Any] = {
    "responseModalities": ["audio"],
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
    "contextWindowCompression": {"slidingWindow": {}},
}


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names} | more


@pytest.mark.parametrize(
    "config", [GOOD, CAMEL, types.LiveConnectConfig(**GOOD), GOOD | {"response_modalities": [types.Modality.AUDIO]}]
)
def test_in_every_style_a_good_one_is_called_good(config: Any) -> None:
    (finding,) = check_config(config, None)
    assert (finding.level, finding.found) == ("ok", NOTHING)


REALTIME: dict[str, Any] = {
    "activity_handling": "NO_INTERRUPTION",
    "automatic_activity_detection": {"disabled": True},
}


@pytest.mark.parametrize(
    ("config", "level", "about", "found", "do"),
    [
        (
            without("output_audio_transcription"),
            *("hint", "output_audio_transcription", "is missing", '"output_audio_transcription": {}'),
        ),
        (without(output_audio_transcription=None), "hint", "output_audio_transcription", "is missing", "Add"),
        (
            {name: value for name, value in CAMEL.items() if name != "outputAudioTranscription"},
            *("hint", "output_audio_transcription", "is missing", "Add"),
        ),
        (without("input_audio_transcription"), "hint", "input_audio_transcription", "missing", "Add"),
        (without(response_modalities=["TEXT"]), "warning", "response_modalities", "is TEXT", '["AUDIO"]'),
        (without(response_modalities=["text"]), "warning", "response_modalities", "is TEXT", '["AUDIO"]'),
        (
            without("output_audio_transcription", response_modalities=[types.Modality.TEXT]),
            *("warning", "response_modalities", "is TEXT", '["AUDIO"]'),
        ),
        (
            without("response_modalities", generation_config={"response_modalities": ["TEXT"]}),
            *("warning", "response_modalities", "is TEXT", '["AUDIO"]'),
        ),
        (
            without(response_modalities=["AUDIO", "TEXT"]),
            *("error", "response_modalities", "names 2: AUDIO, TEXT", '["AUDIO"]'),
        ),
        (without(response_modalities=["VIDEO"]), "not checked", "response_modalities", "VIDEO: nothing is known", ""),
        (
            without(realtime_input_config={"activity_handling": "NO_INTERRUPTION"}),
            *("error", "activity_handling", "is NO_INTERRUPTION", "START_OF_ACTIVITY_INTERRUPTS"),
        ),
        (
            without(realtimeInputConfig={"activityHandling": "no_interruption"}),
            *("error", "activity_handling", "is NO_INTERRUPTION", "Leave activity_handling out"),
        ),
        (
            without(realtime_input_config={"activity_handling": types.ActivityHandling.NO_INTERRUPTION}),
            *("error", "activity_handling", "is NO_INTERRUPTION", "Leave activity_handling out"),
        ),
        (
            without(realtimeInputConfig={"automaticActivityDetection": {"disabled": True}}),
            *("hint", "automatic_activity_detection", "is disabled", "activity_start"),
        ),
        (
            without(realtime_input_config={"automatic_activity_detection": {"silence_duration_ms": 4500}}),
            *("hint", "silence_duration_ms", "is 4.5 s, and resume_after 4 s", "more than 4.5"),
        ),
        (
            without("context_window_compression"),
            *("hint", "context_window_compression", "is missing", '"sliding_window": {}'),
        ),
    ],
)
def test_each_hindrance_is_named_once_with_what_to_change(
    config: dict[str, Any], level: str, about: str, found: str, do: str
) -> None:
    for given in (config, types.LiveConnectConfig(**config)):
        findings = check_config(given, None)
        (finding,) = (one for one in findings if one.found != NOTHING)
        assert (finding.check, finding.level, finding.about) == ("config", level, about)
        assert found in finding.found
        assert do in finding.do
        assert bool(finding.why) == (level != "not checked")
        assert any(one.level == "ok" for one in findings) == (level in ("hint", "not checked"))


@pytest.mark.parametrize(
    "realtime", [{}, {"activity_handling": "START_OF_ACTIVITY_INTERRUPTS"}, {"automatic_activity_detection": {}}]
)
def test_usual_realtime_input_is_nothing_to_speak_of(realtime: dict[str, Any]) -> None:
    assert [finding.found for finding in check_config(without(realtime_input_config=realtime), None)] == [NOTHING]


@pytest.mark.parametrize(("transcription", "levels"), [(True, ["hint", "hint"]), (False, ["error", "warning"])])
def test_an_empty_one_lacks_both_transcriptions_which_the_library_adds_by_default(
    transcription: bool, levels: list[str]
) -> None:
    enable_interrupt_resume(transcription=transcription)
    found = [(one.level, one.about) for one in check_config({}, switch.settings) if one.level != "ok"]
    assert found == [
        (levels[0], "output_audio_transcription"),
        (levels[1], "input_audio_transcription"),
        ("hint", "context_window_compression"),
    ]


def test_who_has_switched_the_request_off_is_not_warned_of_it() -> None:
    config = without("input_audio_transcription", realtime_input_config=REALTIME)
    for resume_after, level in ((4.0, "warning"), (None, "hint")):
        enable_interrupt_resume(resume_after=resume_after, transcription=False)
        levels = {finding.about: finding.level for finding in check_config(config, switch.settings)}
        assert levels["input_audio_transcription"] == level
        assert levels["activity_handling"] == "error"


def test_a_long_silence_is_nothing_to_speak_of_where_nobody_is_asked() -> None:
    config = without(realtime_input_config={"automatic_activity_detection": {"silence_duration_ms": 9000}})
    enable_interrupt_resume(resume_after=None)
    assert [finding.found for finding in check_config(config, switch.settings)] == [NOTHING]


@pytest.mark.parametrize(
    ("config", "found", "do"),
    [
        (
            {"output_transcription": {}},
            "output_transcription is unknown to the SDK (Extra inputs are not permitted).",
            "Did you mean output_audio_transcription?",
        ),
        (
            {"outputAudioTranscriptions": {}},
            "outputAudioTranscriptions is unknown to the SDK (Extra inputs are not permitted).",
            "Did you mean output_audio_transcription?",
        ),
        ({"q": 1}, "q is unknown to the SDK (Extra inputs are not permitted).", "Leave it out, or look up"),
        (
            {"realtime_input_config": {"activities": 1}},
            "realtime_input_config.activities is unknown to the SDK (Extra inputs are not permitted).",
            "Leave it out, or look up",
        ),
        ({"response_modalities": "AUDIO"}, "of the wrong kind: Input should be a valid list; got str.", "Write it"),
        (
            {"http_options": {"headers": "secret"}},
            "http_options.headers is of the wrong kind: Input should be a valid dictionary; got str.",
            "Write it",
        ),
        ({"system_instruction": 3}, "system_instruction is of the wrong kind: Input should be a", "Write it"),
        ({1: "x"}, "A key is no string: 1.", "Name the fields."),
    ],
)
def test_what_the_sdk_does_not_take_is_said_in_words_and_without_values(config: Any, found: str, do: str) -> None:
    (finding,) = check_config(config, None)
    assert (finding.level, finding.check) == ("error", "config")
    assert found in finding.found
    assert do in finding.do
    assert "connect() raises" in finding.why
    assert "secret" not in str(finding)
    with pytest.raises((ValueError, TypeError)):
        types.LiveConnectConfig(**config)


def test_each_field_that_is_not_taken_is_one_finding() -> None:
    found = [finding.about for finding in check_config({"a": 1, "system_instruction": 3, "temperature": "hot"}, None)]
    assert sorted(found) == ["a", "system_instruction", "temperature"]


def test_a_value_that_the_sdk_only_complains_of_is_told() -> None:
    config = without(realtime_input_config={"activity_handling": "NO_INTERRUPTIONS"})
    (finding,) = check_config(config, None)
    assert (finding.level, finding.found) == (
        "warning",
        "The SDK says: NO_INTERRUPTIONS is not a valid ActivityHandling.",
    )
    assert finding.why
    assert finding.do


@pytest.mark.parametrize(("generated", "notes"), [([], 1), ([GENERATED], 0)], ids=["generating", "generated"])
async def test_what_is_said_of_text_is_so(generated: list[Message], notes: int) -> None:
    messages = [said("Who won?"), written("Nobody did. It"), *generated, INTERRUPTED]
    enable_interrupt_resume(lambda heard, user_text, history: heard)
    socket = Socket(messages)
    reader = session(socket)
    assert switch.settings is not None
    connected(
        reader, switch.settings, read_agreement("gemini-2.0-flash-live-001", {"response_modalities": ["TEXT"]}), {}
    )
    for _ in messages:
        await reader._receive()
    assert socket.notes == ["Nobody did. It"] * notes
