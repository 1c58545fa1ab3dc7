"""The shape of each profile: against the recordings where they lie beside the project, and by itself."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt.emulator import PROFILES, Frame
from gemini_live_interrupt.emulator._log import without_media

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
    return found


@needs_recordings
def test_a_barge_in_on_2_5_has_the_recorded_shape() -> None:
    recorded = recording("barge-in-2.5.jsonl")
    answers = iter(text(recorded, "outputTranscription"))
    talk = Untimed("2.5-native", lambda _: next(answers), hear=["", *text(recorded, "inputTranscription")])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    talk.say(UTTERANCE)
    talk.run_to("turnComplete", 2)
    assert shape(talk.frames) == shape(recorded)
    ours, theirs = fields_by_kind(talk.frames), fields_by_kind(recorded)
    assert ours == theirs
    assert text(talk.frames, "outputTranscription") == text(recorded, "outputTranscription")


@needs_recordings
def test_a_turn_on_3_8_has_the_recorded_shape() -> None:
    recorded = recording("turn-3.8.jsonl")
    (answer,) = text(recorded, "outputTranscription")
    talk = Untimed("3.8-live", lambda _: answer, hear=text(recorded, "inputTranscription"))
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert shape(talk.frames) == shape(recorded)
    assert fields_by_kind(talk.frames) == fields_by_kind(recorded)
    deltas = [f.message["serverContent"]["outputTranscription"]["text"] for f in talk.sent("outputTranscription")]
    assert deltas == ["It starts high ", "in the", " hills."]


@needs_recordings
def test_a_tool_response_on_2_5_interrupts_as_recorded() -> None:
    recorded = recording("tool-response-interrupt-2.5.jsonl")
    answers = iter(text(recorded, "outputTranscription"))
    talk = Untimed("2.5-native", lambda _: next(answers), inputAudioTranscription=None)
    talk.send(realtimeInput={"text": "Look it up."})
    talk.run_to("generationComplete")
    response = recorded[[f.sender for f in recorded].index("client")].message["tool_response"]
    talk.send(toolResponse=response)
    talk.run_to("turnComplete", 2)
    shapes = [
        [kind for kind in shape(frames) if kind not in ("toolCall", "thought")] for frames in (talk.frames, recorded)
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_turn_by_itself(profile: str) -> None:
    talk = Untimed(profile, lambda _: "Yes, it does.", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    expected = {
        "2.5-native": "setupComplete inputTranscription thought outputTranscription audio "
        "generationComplete turnComplete+usageMetadata",
        "3.8-live": "setupComplete sessionResumptionUpdate voiceActivity inputTranscription voiceActivity "
        "empty audio generationComplete turnComplete+usageMetadata",
    }
    assert shape(talk.frames) == expected[profile].split()


def test_words_come_just_before_their_audio_on_2_5() -> None:
    talk = Untimed("2.5-native", lambda _: "Yes, it does.", hear=["Does it?"])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    deltas = [f.message["serverContent"]["outputTranscription"]["text"] for f in talk.sent("outputTranscription")]
    assert deltas == ["Yes", ",", " it", " does", "."]
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
def test_interrupted_comes_two_tenths_after_the_onset_and_the_words_half_a_second_later(profile: str) -> None:
    talk = Untimed(profile, hear=["Start.", "Stop."])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    onset = talk.now
    talk.say(UTTERANCE)
    talk.run_to("inputTranscription", len(talk.sent("inputTranscription")) or 1)
    talk.run_to("audio", len(talk.sent("audio")) + 1)
    (cut,) = talk.sent("interrupted")
    assert cut.at - onset == pytest.approx(0.2, abs=0.03)
    words = [frame.at for frame in talk.sent("inputTranscription") if frame.at > cut.at]
    assert 0.5 <= words[0] - cut.at <= 3.0
