"""The shape of each profile: against the recordings where they lie beside the project, and by itself."""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt.emulator import PROFILES, Frame, ToolCall
from gemini_live_interrupt.emulator._log import without_media
from gemini_live_interrupt.emulator._tools import Answer

from .talking import UTTERANCE
from .untimed import Untimed

WIRE = Path(__file__).parents[3] / "shared" / "wire"
needs_recordings = pytest.mark.skipif(not WIRE.is_dir(), reason="the recordings are not beside the project")


def recording(name: str) -> list[Frame]:
    lines = [json.loads(line) for line in (WIRE / name).read_text().splitlines()]
    return [Frame(line["at"], line["from"], line["message"]) for line in lines if "message" in line]


def text(frames: Iterable[Frame], kind: str) -> list[str]:
    """The transcript of each reply or utterance."""
    texts = [""]
    for frame in frames:
        content = frame.message.get("serverContent", {})
        texts[-1] += content.get(kind, {}).get("text", "")
        if content.get("turnComplete"):
            texts.append("")
    return [found for found in texts if found]


def deltas(frames: Iterable[Frame]) -> list[str]:
    """The output transcript, message by message."""
    found = (frame.message.get("serverContent", {}).get("outputTranscription", {}) for frame in frames)
    return [transcription["text"] for transcription in found if "text" in transcription]


def shape(frames: Iterable[Frame]) -> list[str]:
    """The kinds in their order; what repeats itself, alone or by turns, counts once."""
    kinds: list[str] = []
    for frame in frames:
        if frame.sender == "server":
            kinds.append("+".join(frame.kinds).replace("+outputTranscription", ""))
            while len(kinds) > 1 and kinds[-1] == kinds[-2]:
                kinds.pop()
            while len(kinds) > 3 and kinds[-2:] == kinds[-4:-2]:
                del kinds[-2:]
    return kinds


def fields(value: Any, path: str = "") -> set[str]:
    """Every path of a message; the values of mime types belong to it."""
    match value:
        case dict() if value:
            return {deep for name, item in value.items() for deep in fields(item, f"{path}.{name}")}
        case list():
            return {deep for item in value for deep in fields(item, f"{path}[]")}
        case str() if path.endswith("mimeType"):
            return {f"{path}={value}"}
        case _:
            return {path}


def fields_by_kind(frames: Iterable[Frame]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for frame in frames:
        if frame.sender == "server":
            found.setdefault("+".join(frame.kinds), set()).update(fields(without_media(frame.message)))
    for paths in found.values():  # an empty object where another frame of the kind has a full one is no other shape
        paths -= {path for path in paths if any(other.startswith(path + ".") for other in paths)}
    return found


def assert_same(ours: Iterable[Frame], recorded: Iterable[Frame]) -> None:
    """Fail with the difference, line by line: the kinds in their order, then the fields of each kind."""
    lines: list[list[str]] = []
    for frames in (list(recorded), list(ours)):
        by_kind = fields_by_kind(frames)
        lines.append(
            [*shape(frames), *(f"{kind} has {path}" for kind in sorted(by_kind) for path in sorted(by_kind[kind]))]
        )
    if lines[0] != lines[1]:
        difference = difflib.unified_diff(lines[0], lines[1], "recorded", "emulator", lineterm="", n=2)
        pytest.fail("the emulator differs from the recording:\n" + "\n".join(difference), pytrace=False)


@needs_recordings
def test_a_barge_in_on_2_5_has_the_recorded_shape() -> None:
    recorded = recording("barge-in-2.5.jsonl")
    answers = iter(text(recorded, "outputTranscription"))
    talk = Untimed("2.5-native", lambda _: next(answers), hear=["", *text(recorded, "inputTranscription")])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    talk.say(UTTERANCE)
    talk.run_to("turnComplete", 2)
    assert_same(talk.frames, recorded)
    assert text(talk.frames, "outputTranscription") == text(recorded, "outputTranscription")


@needs_recordings
def test_a_turn_on_3_8_has_the_recorded_shape() -> None:
    recorded = recording("turn-3.8.jsonl")
    (answer,) = text(recorded, "outputTranscription")
    voiced = dataclasses.replace(PROFILES["3.8-live"], voice_activity=True)  # it came then, and comes no more
    talk = Untimed(voiced, lambda _: answer, hear=text(recorded, "inputTranscription"))
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert_same(talk.frames, recorded)
    assert deltas(talk.frames) == ["It starts high ", "in the", " hills."]


@needs_recordings
def test_a_half_cascade_turn_on_vertex_has_the_recorded_shape() -> None:
    recorded = recording("turn-vertex-half-cascade.jsonl")
    (answer,) = text(recorded, "outputTranscription")
    talk = Untimed("2.5-vertex", lambda _: answer, inputAudioTranscription=None)
    talk.send(realtimeInput={"text": "What is the weather like?"})
    talk.run_to("turnComplete")
    assert_same(talk.frames, recorded)
    assert deltas(talk.frames) == deltas(recorded)


@needs_recordings
def test_a_tool_response_on_2_5_interrupts_as_recorded() -> None:
    recorded = recording("tool-response-interrupt-2.5.jsonl")
    said, result = text(recorded, "outputTranscription")
    profile = dataclasses.replace(PROFILES["2.5-native"], thought="", trailing_silence=0.0, usage=("promptTokenCount",))
    answers: Iterator[Answer] = iter([[ToolCall("lookup", blocking=False), said], result])
    talk = Untimed(profile, lambda _: next(answers), inputAudioTranscription=None)
    talk.send(realtimeInput={"text": "Look it up."})
    talk.run_to("generationComplete")
    (call,) = talk.sent("toolCall")[0].message["toolCall"]["functionCalls"]
    (asked,) = [frame.message["tool_response"] for frame in recorded if frame.sender == "client"]
    talk.send(toolResponse={"functionResponses": [asked["functionResponses"][0] | {"id": call["id"]}]})
    talk.run_to("turnComplete", 2)
    assert_same(talk.frames, recorded)


@needs_recordings
def test_a_difference_from_a_recording_is_readable() -> None:
    recorded = recording("turn-3.8.jsonl")
    with pytest.raises(pytest.fail.Exception) as caught:
        assert_same([frame for frame in recorded if "generationComplete" not in frame.kinds], recorded)
    assert "\n audio\n-generationComplete\n turnComplete+usageMetadata" in str(caught.value)


SPOKEN = "inputTranscription outputTranscription audio generationComplete turnComplete+usageMetadata"
EARLY_3 = (
    "setupComplete sessionResumptionUpdate voiceActivity inputTranscription voiceActivity empty audio "
    "generationComplete turnComplete"
)
LIVE_3 = EARLY_3.replace("voiceActivity ", "")


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("2.0-flash", f"setupComplete {SPOKEN}"),
        ("2.5-native", f"setupComplete {SPOKEN}".replace("inputTranscription", "inputTranscription thought")),
        ("2.5-vertex", f"setupComplete {SPOKEN}".replace("turnComplete+", "turnComplete+groundingMetadata+")),
        ("3.1-early", f"{EARLY_3}+usageMetadata"),
        ("3.8-live", f"{LIVE_3}+usageMetadata"),
        ("3.8-thinking", f"{LIVE_3}+interactionStatus+usageMetadata"),
    ],
)
def test_a_turn_by_itself(profile: str, expected: str) -> None:
    talk = Untimed(profile, lambda _: "Yes, it does.", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert shape(talk.frames) == expected.split()


def test_a_transcript_on_2_0_comes_in_three_letters() -> None:
    talk = Untimed("2.0-flash", lambda _: "Yes, I can go.", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    assert deltas(talk.frames) == ["Yes", ", I", " ca", "n g", "o."]


def test_words_come_just_before_their_audio_on_2_5() -> None:
    talk = Untimed("2.5-native", lambda _: "Yes, it does.", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    assert deltas(talk.frames) == ["Yes", ",", " it", " does", "."]
    for at, frame in enumerate(talk.frames):
        if "outputTranscription" in frame.kinds:
            assert talk.frames[at + 1].kinds == ("audio",)
            assert talk.frames[at + 1].at - frame.at == pytest.approx(0.01)


def test_every_audio_message_on_3_8_is_announced_by_an_empty_one() -> None:
    talk = Untimed("3.8-live", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    for at, frame in enumerate(talk.frames):
        if "audio" in frame.kinds:
            assert talk.frames[at - 1].message == {}
    assert talk.sent("empty")[1].message == {"serverContent": {}}


@pytest.mark.parametrize("profile", PROFILES)
def test_audio_comes_at_the_speed_and_the_turn_ends_with_its_playback(profile: str) -> None:
    talk = Untimed(profile, lambda _: "One two three four five six seven eight nine ten.", hear=["Count!"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    audio = talk.sent("audio")
    (reply,) = talk.session.replies
    assert reply.sent_seconds / (audio[-1].at - audio[0].at) == pytest.approx(3.5, rel=0.15)
    margin = talk.sent("turnComplete")[0].at - audio[0].at - reply.sent_seconds
    assert margin == pytest.approx(PROFILES[profile].playback_margin)
    lengths = [len(f.message["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["data"]) / 48_000 for f in audio]
    assert all(length <= 0.24 for length in lengths)


@pytest.mark.parametrize("profile", PROFILES)
def test_interrupted_comes_in_its_time_after_the_onset_and_the_words_half_a_second_later(profile: str) -> None:
    talk = Untimed(profile, hear=["Start.", "Stop."])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    onset = talk.now
    talk.say(UTTERANCE)
    talk.run_to("inputTranscription", len(talk.sent("inputTranscription")) or 1)
    talk.run_to("audio", len(talk.sent("audio")) + 1)
    (cut,) = talk.sent("interrupted")
    expected = {"3.8-live": 0.64, "3.8-thinking": 0.64}.get(profile, 0.2)
    assert cut.at - onset == pytest.approx(expected, abs=0.03)
    words = [frame.at for frame in talk.sent("inputTranscription") if frame.at > cut.at]
    assert 0.5 <= words[0] - cut.at <= 3.0
