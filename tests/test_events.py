"""What messages say, and what the app sends, in every form that the SDK accepts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from google.genai import types
from wire import INTERRUPTED, TURN_COMPLETE, VOICE_ENDS, VOICE_STARTS, audio, content, parsed, spoken

from gemini_live_interrupt._events import (
    AppContent,
    GenerationCompleted,
    Interrupted,
    MicrophoneAudio,
    ModelIsThere,
    ModelSpeech,
    ToolAnswered,
    ToolCalled,
    ToolCallsCancelled,
    TurnCompleted,
    UserTyped,
    UserVoice,
    UserWords,
)
from gemini_live_interrupt._sdk import received, sent

PCM = b"\1\2" * 160
BLOB = types.Blob(data=PCM, mime_type="audio/pcm;rate=8000")
CALL = {"functionCalls": [{"id": "1", "name": "look", "args": {}}]}


def kinds(message: dict[str, Any]) -> list[type]:
    return [type(event) for event in received(parsed(message))]


def test_events_come_in_the_order_in_which_they_count() -> None:
    everything: dict[str, Any] = content(
        turnComplete=True,
        generationComplete=True,
        outputTranscription={"text": "The"},
        inputTranscription={"text": "Why?"},
        waitingForInput=True,
    )
    everything |= {"toolCall": CALL, "toolCallCancellation": {"ids": ["0"]}} | VOICE_STARTS
    assert kinds(everything)[-6:] == [
        UserWords,
        ModelSpeech,
        ToolCalled,
        GenerationCompleted,
        TurnCompleted,
        ModelIsThere,
    ]
    assert ToolCallsCancelled in kinds(everything)[:2]


def test_words_in_a_message_that_says_interrupted_stand_right_before_it() -> None:
    message = content(interrupted=True, inputTranscription={"text": "Why?"}, outputTranscription={"text": "The"})
    assert kinds(message) == [ModelSpeech, UserWords, Interrupted]
    words = received(parsed(message))[1]
    assert isinstance(words, UserWords)
    assert words.cut_in


def test_a_message_without_content_may_be_a_call_or_nothing() -> None:
    assert kinds({"toolCall": CALL}) == [ToolCalled]
    assert kinds({"goAway": {"timeLeft": "10s"}}) == []
    assert kinds(content()) == []
    assert kinds(INTERRUPTED) + kinds(TURN_COMPLETE) == [Interrupted, TurnCompleted]


def test_an_activity_of_an_unknown_type_is_a_sign_of_life() -> None:
    message = SimpleNamespace(voice_activity=SimpleNamespace(voice_activity_type="TYPE_UNSPECIFIED"))
    assert [type(event) for event in received(message)] == [ModelIsThere]
    if "voice_activity" in types.LiveServerMessage.model_fields:
        assert kinds(VOICE_STARTS) == kinds(VOICE_ENDS) == [UserVoice]


def test_speech_is_text_and_audio_but_not_thoughts() -> None:
    (event,) = received(parsed(audio(0.1)))
    assert isinstance(event, ModelSpeech)
    ((pcm, mime_type),) = event.audio
    assert (len(pcm), mime_type) == (4_800, "audio/pcm;rate=24000")
    (event,) = received(parsed(spoken("The")))
    assert isinstance(event, ModelSpeech)
    assert (event.text, event.audio) == ("The", [])
    assert kinds(content(modelTurn={"parts": [{"text": "Hm.", "thought": True}]})) == [ModelIsThere]
    assert kinds(content(modelTurn={"parts": [{"inlineData": {"mimeType": "audio/pcm"}}]})) == [ModelIsThere]
    assert kinds(content(modelTurn={"role": "model"}, outputTranscription={})) == [ModelIsThere]


def microphone(events: list[Any]) -> tuple[bytes, int]:
    (event,) = events
    assert isinstance(event, MicrophoneAudio)
    return event.pcm, event.rate


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"audio": BLOB}, id="audio"),
        pytest.param({"media": BLOB}, id="media"),
        pytest.param({"audio": {"data": PCM, "mime_type": "audio/pcm;rate=8000"}}, id="dict"),
        pytest.param({"media": {"data": bytearray(PCM), "mimeType": "audio/pcm; rate=8000"}}, id="camel case"),
    ],
)
def test_the_microphone_is_heard_in_every_form(given: dict[str, Any]) -> None:
    assert microphone(sent("send_realtime_input", (), given)) == (PCM, 8_000)


def test_a_type_without_a_rate_is_16_khz() -> None:
    for mime_type in ("audio/pcm", "audio/pcm;rate=", "audio/pcm;rate=0", "audio/pcm;rate=x;channels=1"):
        given = {"audio": types.Blob(data=PCM, mime_type=mime_type)}
        assert microphone(sent("send_realtime_input", (), given)) == (PCM, 16_000)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"audio": None},
        {"audio": types.Blob(data=b"", mime_type="audio/pcm")},
        {"audio": types.Blob(data=PCM, mime_type="audio/opus")},
        {"media": types.Blob(data=PCM, mime_type="image/jpeg")},
        {"media": {"data": "AAAA", "mime_type": "audio/pcm"}},
        {"media": {"data": PCM, "mime_type": None}},
        {"media": object()},
        {"media": 3},
        {"text": "  "},
        {"audio_stream_end": True},
        {"video": types.Blob(data=PCM, mime_type="image/jpeg")},
    ],
)
def test_what_is_no_microphone_is_no_event(given: dict[str, Any]) -> None:
    assert sent("send_realtime_input", (), given) == []


def test_manual_activity_and_typed_text() -> None:
    start, text, end = sent(
        "send_realtime_input",
        (),
        {"activity_start": types.ActivityStart(), "text": "Hello", "activity_end": {}},
    )
    assert isinstance(start, UserVoice)
    assert isinstance(end, UserVoice)
    assert isinstance(text, UserTyped)
    assert (start.started, end.started, start.by_app, text.text) == (True, False, True, "Hello")


USER = types.Content(role="user", parts=[types.Part(text="Why?")])


@pytest.mark.parametrize(
    "turns",
    [
        USER,
        [types.Content(role="model", parts=[types.Part(text="Hello.")]), USER],
        "Why?",
        ["Why?"],
        {"role": "user", "parts": [{"text": "Why?"}]},
        {"parts": [{"text": "Why?"}]},
        types.Part(text="Why?"),
    ],
)
def test_content_of_the_user_is_what_they_typed(turns: Any) -> None:
    (event,) = sent("send_client_content", (), {"turns": turns})
    assert isinstance(event, UserTyped)
    assert event.text == "Why?"


@pytest.mark.parametrize(
    "given",
    [
        {"turns": USER, "turn_complete": False},
        {"turns": types.Content(role="model", parts=[types.Part(text="Hello.")])},
        {"turns": None, "turn_complete": True},
        {},
        {"turns": [3, object()]},
    ],
)
def test_other_content_is_the_apps_own(given: dict[str, Any]) -> None:
    (event,) = sent("send_client_content", (), given)
    assert isinstance(event, AppContent)


@pytest.mark.parametrize(
    ("responses", "ids", "interrupts"),
    [
        (types.FunctionResponse(id="1", name="look", response={}), ("1",), False),
        ({"id": "1", "name": "look", "response": {"scheduling": "INTERRUPT"}}, ("1",), True),
        ([types.FunctionResponse(id="1", response={}), {"id": "2", "response": None}], ("1", "2"), False),
        ({"name": "look", "scheduling": "interrupt", "response": {}}, (), True),
        (None, (), False),
    ],
)
def test_tool_responses_name_their_calls(responses: Any, ids: tuple[str, ...], interrupts: bool) -> None:
    (event,) = sent("send_tool_response", (), {"function_responses": responses})
    assert isinstance(event, ToolAnswered)
    assert (event.ids, event.interrupts) == (ids, interrupts)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("Why?", UserTyped),
        (types.LiveClientContent(turns=[USER], turn_complete=True), UserTyped),
        ({"turns": [USER], "turn_complete": True}, UserTyped),
        ({"client_content": {"turns": [USER], "turnComplete": True}}, UserTyped),
        (types.LiveClientRealtimeInput(media_chunks=[BLOB]), MicrophoneAudio),
        ({"realtime_input": {"mediaChunks": [BLOB]}}, MicrophoneAudio),
        ({"data": PCM, "mime_type": "audio/pcm"}, MicrophoneAudio),
        (types.LiveClientToolResponse(function_responses=[types.FunctionResponse(id="1")]), ToolAnswered),
        ({"tool_response": {"functionResponses": [{"id": "1"}]}}, ToolAnswered),
        (types.FunctionResponse(id="1", response={}), ToolAnswered),
        ([types.FunctionResponse(id="1", response={})], ToolAnswered),
        ([USER], UserTyped),
        (USER, UserTyped),
    ],
)
def test_the_deprecated_send_takes_everything(given: Any, kind: type) -> None:
    assert [type(event) for event in sent("send", (given, True), {})] == [kind]
    assert [type(event) for event in sent("send", (), {"input": given, "end_of_turn": True})] == [kind]


def test_what_send_does_not_know_is_no_event() -> None:
    assert sent("send", (), {"input": None}) == []
    assert sent("send", (3,), {}) == []
    assert [type(event) for event in sent("send", ("",), {})] == [AppContent]
