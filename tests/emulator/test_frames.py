"""What a client frame may hold, and in which words it is refused."""

import base64
import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gemini_live_interrupt.emulator._log import without_media
from gemini_live_interrupt.emulator._schema import RefusedError, read_frame

from .untimed import Untimed


def refused(frame: str | bytes | dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as caught:
        read_frame(json.dumps(frame) if isinstance(frame, dict) else frame)
    assert caught.value.code == 1007
    return caught.value.reason


UNREADABLE = "Invalid JSON payload received. "


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"setup": {"foo": 1}}, UNREADABLE + "Unknown name \"foo\" at 'setup': Cannot find field."),
        ({"foo": {}}, UNREADABLE + 'Unknown name "foo": Cannot find field.'),
        (
            {"setup": {"generationConfig": {"temprature": 1}}},
            UNREADABLE + "Unknown name \"temprature\" at 'setup.generation_config': Cannot find field.",
        ),
        ({"setup": {"model": 1}}, "Invalid value at 'setup.model' (TYPE_STRING), 1"),
        ("[]", UNREADABLE + "Root element must be a message."),
        ("{", UNREADABLE + "Unexpected token."),
        (b"\xff\x00\xfe", UNREADABLE + "Unexpected token."),
        ("[" * 100_000, UNREADABLE + "Unexpected token."),
        ('{"setup":{"labels":' + "[" * 200 + "]" * 200 + "}}", UNREADABLE + "Message too deep."),
        ("{}", "Request contains an invalid argument."),
        ({"setup": {}, "clientContent": {}}, "Request contains an invalid argument."),
        (
            {"setup": {"outputAudioTranscription": True}},
            "Invalid value at 'setup.output_audio_transcription' (TYPE_MESSAGE), true",
        ),
        (
            {"clientContent": {"turnComplete": "yes"}},
            "Invalid value at 'client_content.turn_complete' (TYPE_BOOL), \"yes\"",
        ),
        (
            {"realtimeInput": {"audio": {"data": "!"}}},
            "Invalid value at 'realtime_input.audio.data' (TYPE_BYTES), Base64 decoding failed.",
        ),
    ],
)
def test_refused_in_words(frame: str | bytes | dict[str, Any], reason: str) -> None:
    assert refused(frame) == reason


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("temperature", "warm", '(TYPE_FLOAT), "warm"'),
        ("topK", 10**400, f"(TYPE_FLOAT), 1{'0' * 39}"),
        ("seed", 1.5, "(TYPE_INT32), 1.5"),
        ("seed", 2**31, "(TYPE_INT32), 2147483648"),
        ("seed", True, "(TYPE_INT32), true"),
        ("seed", "five", '(TYPE_INT32), "five"'),
        ("seed", math.inf, "(TYPE_INT32), Infinity"),
    ],
)
def test_numbers_are_refused_in_words(field: str, value: object, reason: str) -> None:
    assert refused({"setup": {"generationConfig": {field: value}}}).endswith(reason)


def test_numbers_are_read_in_every_way_that_json_writes_them() -> None:
    config = {"temperature": 1, "seed": 5.0, "maxOutputTokens": "7"}
    assert read_frame(json.dumps({"setup": {"generationConfig": config}})) == {
        "setup": {"generationConfig": {"temperature": 1.0, "seed": 5, "maxOutputTokens": 7}}
    }


def test_enumerations_are_refused_in_words() -> None:
    for value in ("SMELL", ["AUDIO"], 7):
        assert "response_modalities[0]' (TYPE_ENUM), " in refused(
            {"setup": {"generationConfig": {"responseModalities": [value]}}}
        )


def test_both_spellings_are_read_at_every_level() -> None:
    camel = {"setup": {"realtimeInputConfig": {"automaticActivityDetection": {"prefixPaddingMs": 5}}}}
    snake = {"setup": {"realtime_input_config": {"automatic_activity_detection": {"prefix_padding_ms": "5"}}}}
    assert read_frame(json.dumps(snake)) == read_frame(json.dumps(camel)) == camel


def test_media_and_signatures_are_counts_in_the_log() -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": b"1234"}, "thoughtSignature": b"12"}
    assert without_media({"parts": [part]}) == {
        "parts": [{"inlineData": {"mimeType": "image/png", "bytes": 4}, "thoughtSignature": {"bytes": 2}}]
    }


def test_what_a_client_made_itself_keeps_its_names() -> None:
    frame = {"toolResponse": {"functionResponses": [{"id": "1", "response": {"my_own": {"a_b": 1}}}]}}
    assert read_frame(json.dumps(frame)) == frame


def test_null_is_as_good_as_absent_and_one_as_a_list_of_one() -> None:
    frame = {"setup": {"model": None, "generationConfig": {"responseModalities": "AUDIO"}}}
    assert read_frame(json.dumps(frame)) == {"setup": {"generationConfig": {"responseModalities": ["AUDIO"]}}}


@given(st.binary(max_size=20))
def test_base64_is_read_in_both_alphabets(data: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for text in (encode(data).decode(), encode(data).decode().rstrip("=")):
            assert read_frame(json.dumps({"realtimeInput": {"audio": {"data": text}}})) == {
                "realtimeInput": {"audio": {"data": data}}
            }


NAMES = st.sampled_from(
    [
        *("setup", "model", "generationConfig", "realtime_input", "realtimeInput", "audio", "data", "mimeType", "text"),
        *("clientContent", "turns", "parts", "role", "turnComplete", "toolResponse", "functionResponses", "response"),
        *("contextUpdate", "systemInstruction", "activityStart"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["AAAA", "audio/pcm;rate=1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
FRAMES = st.fixed_dictionaries(
    {}, optional={"setup": VALUES, "clientContent": VALUES, "realtime_input": VALUES, "toolResponse": VALUES}
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FRAMES)
def test_no_frame_does_more_than_close_the_session(frame: dict[str, Any]) -> None:
    talk = Untimed("2.5-native", lambda _: "Yes.")
    try:
        message = read_frame(json.dumps(frame))
    except RefusedError:
        return
    talk.send(**message)
    talk.run(3.0)


@given(st.text() | st.binary())
def test_garbage_is_refused_and_nothing_else(garbage: str | bytes) -> None:
    with contextlib.suppress(RefusedError):
        read_frame(garbage)
