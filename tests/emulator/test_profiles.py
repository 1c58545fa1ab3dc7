"""What sets the families apart, and every knob that sources disagree about."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt.emulator import PROFILES, Fault, Profile, Told

from .talking import UTTERANCE, quiet, voice
from .untimed import Untimed

INVALID = "Request contains an invalid argument."
TABLE = Path(__file__).parents[2] / "docs" / "emulator-behaviour.md"


def told(talk: Untimed) -> list[str]:
    return [f"{entry.kind}: {entry.text}" for entry in talk.session.context]


def statuses(talk: Untimed) -> list[str]:
    return [frame.message["serverContent"]["interactionStatus"] for frame in talk.sent("turnComplete")]


def varied(name: str, **fields: Any) -> Profile:
    return dataclasses.replace(PROFILES[name], **fields)


def test_silent_content_on_2_0_cuts_and_leaves_speech_unanswered_until_content_orders_a_reply() -> None:
    talk = Untimed("2.0-flash", hear=["Tell me.", "Hello?", "And now?"])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    talk.tell("By the way.", turn_complete=False)
    talk.run(5.0)
    assert [reply.outcome for reply in talk.session.replies] == ["interrupted"]
    talk.say(UTTERANCE)
    talk.run(5.0)
    assert len(talk.session.replies) == 1
    talk.tell("Go on.", turn_complete=True)
    talk.run_to("turnComplete", 2)
    talk.say(UTTERANCE)
    talk.run_to("turnComplete", 3)
    assert len(talk.session.replies) == 3


@pytest.mark.parametrize("turn_complete", [False, True])
def test_any_content_in_mid_session_closes_an_early_3_1(turn_complete: bool) -> None:
    talk = Untimed("3.1-early")
    talk.tell("By the way.", turn_complete=turn_complete)
    assert talk.session.closed == (1007, INVALID)


def test_an_early_3_1_takes_the_history_that_its_setup_announces_and_no_more() -> None:
    talk = Untimed("3.1-early", historyConfig={"initialHistoryInClientContent": True})
    talk.tell("We have met.", turn_complete=False)
    talk.tell("Hello again.", turn_complete=True)
    talk.run_to("turnComplete")
    assert told(talk)[:2] == ["content: We have met.", "content: Hello again."]
    talk.tell("By the way.", turn_complete=False)
    assert talk.session.closed == (1007, INVALID)


def test_a_turn_that_is_complete_is_not_yet_idle_where_the_model_thinks_on() -> None:
    talk = Untimed("3.8-thinking", lambda _: "Let me see. It is four! Or 5.", hear=["How much is it?"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete", 2)
    assert statuses(talk) == ["IN_PROGRESS", "IDLE"]
    assert told(talk) == ["speech: How much is it?", "reply: Let me see.", "reply: It is four! Or 5."]
    first, second = talk.sent("generationComplete")
    assert sum(first.at < frame.at < second.at for frame in talk.sent("empty")) > 2


def test_speech_between_two_turns_of_an_answer_cuts_what_is_left() -> None:
    talk = Untimed("3.8-thinking", lambda _: "Let me see. It is four.", hear=["How much is it?"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    talk.say(voice(0.7))
    assert len(talk.sent("interrupted")) == 1
    assert statuses(talk) == ["IN_PROGRESS", "IDLE"]
    assert told(talk) == ["speech: How much is it?", "reply: Let me see."]


@pytest.mark.parametrize("profile", PROFILES)
def test_text_is_a_modality_of_half_cascades_only(profile: str) -> None:
    talk = Untimed(profile, lambda _: "Yes, it is.", generationConfig={"responseModalities": ["TEXT"]})
    if "TEXT" not in PROFILES[profile].modalities:
        assert talk.closed is not None
        assert talk.closed.code == 1007
        return
    talk.send(realtimeInput={"text": "Is it?"})
    talk.run_to("turnComplete")
    texts = [f.message["serverContent"]["modelTurn"]["parts"][0]["text"] for f in talk.sent("text")]
    assert "".join(texts) == "Yes, it is."
    assert not talk.sent("audio", "outputTranscription")
    assert talk.sent("turnComplete")[0].at - talk.sent("generationComplete")[0].at < 0.2
    assert told(talk) == ["text: Is it?", "reply: Yes, it is."]


@pytest.mark.parametrize(("name", "has"), [("2.5-vertex", True), ("2.5-native", False)])
def test_vertex_names_its_sessions(name: str, has: bool) -> None:
    assert ("sessionId" in Untimed(name).frames[0].message["setupComplete"]) is has


def test_finished_ends_the_words_of_the_user_too_on_vertex() -> None:
    talk = Untimed("2.5-vertex", hear=["Tell me."])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    last = talk.sent("inputTranscription")[-1].message["serverContent"]["inputTranscription"]
    assert last == {"finished": True}


@pytest.mark.parametrize(("remembers", "heard"), [("sent", "One two three, four five six."), ("played", "One two")])
def test_a_profile_may_remember_what_was_played_only(remembers: Any, heard: str) -> None:
    talk = Untimed(varied("2.5-native", remembers=remembers), hear=["Tell me.", "Stop."])
    talk.say(UTTERANCE)
    talk.run_to("generationComplete")
    talk.say(voice(0.3))
    reply = next(entry for entry in talk.session.context if entry.kind == "reply")
    assert reply.interrupted
    assert reply.text.startswith(heard)
    assert talk.session.replies[0].sent_text == "One two three, four five six."


def test_a_profile_may_send_more_of_a_cut_reply() -> None:
    talk = Untimed(varied("2.5-native", late_after_cut=3), hear=["Tell me."])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    talk.say(voice(0.4))
    cut = next(at for at, frame in enumerate(talk.frames) if "interrupted" in frame.kinds)
    assert sum(frame.kinds[0] in ("audio", "outputTranscription") for frame in talk.frames[cut:]) == 3


@pytest.mark.parametrize(("seconds", "closed"), [(0.1, (1007, INVALID)), (0.5, None)])
def test_a_profile_may_refuse_content_that_races_with_audio(seconds: float, closed: tuple[int, str] | None) -> None:
    talk = Untimed(varied("2.5-native", content_race=0.3))
    talk.say(voice(0.1))
    talk.run(seconds)
    talk.tell("Answer now.", turn_complete=True)
    assert talk.session.closed == closed


def test_a_profile_may_guess_the_words_before_they_come() -> None:
    talk = Untimed(varied("3.8-live", interim_words=True), hear=["Tell me.", "And what about that?"])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    talk.say(UTTERANCE)
    talk.run_to("inputTranscription", 2)
    texts = [
        frame.message["serverContent"]["interimInputTranscription"]["text"]
        for frame in talk.sent("interimInputTranscription")
    ]
    assert texts[-3:] == ["And what about", "And what about that", "And what about that?"]
    assert talk.sent("interimInputTranscription")[-1].at <= talk.sent("inputTranscription")[-1].at


def test_a_profile_may_refuse_to_resume_a_session_that_is_still_open() -> None:
    handles: dict[str, Any] = {}
    profile = varied("3.8-live", resumes_while_open=False)
    talk = Untimed(profile, handles=handles)
    (handle,) = handles
    again = Untimed(profile, handles=handles, sessionResumption={"handle": handle})
    assert again.session.closed == (1011, "Internal error encountered.")
    talk.session.ended = True
    assert Untimed(profile, handles=handles, sessionResumption={"handle": handle}).session.closed is None


def test_a_memory_that_is_full_closes_unless_it_is_compressed() -> None:
    small = varied("2.5-native", context_window=200)
    talk, other = Untimed(small), Untimed(small, contextWindowCompression={"slidingWindow": {}})
    for session in (talk, other):
        session.tell("A long story. " * 100, turn_complete=False)
    assert talk.session.closed == (1007, INVALID)
    assert other.session.closed is None


def test_the_connection_ends_after_ten_minutes_with_a_warning() -> None:
    talk = Untimed("2.5-native")
    talk.run(549.0)
    assert not talk.sent("goAway")
    talk.run(50.9)
    assert [frame.message for frame in talk.sent("goAway")] == [{"goAway": {"timeLeft": "50s"}}]
    assert talk.session.closed is None
    talk.run(0.2)
    assert talk.session.closed is not None
    assert talk.session.closed[0] == 1008
    assert "GoAway" in talk.session.closed[1]


def test_tokens_are_counted_by_the_second_and_by_the_letter() -> None:
    talk = Untimed(varied("2.5-native", trailing_silence=0.0), lambda _: "One two three four.", hear=["Count."])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    (reply,) = talk.session.replies
    usage = talk.sent("turnComplete")[0].message["usageMetadata"]
    assert usage["responseTokenCount"] == round(25 * reply.sent_seconds)
    assert usage["promptTokenCount"] == 2 + round(25 * (reply.sent_seconds + len(UTTERANCE) / 32_000))


def test_what_a_resumed_session_remembers_is_counted() -> None:
    handles: dict[str, Any] = {}
    Untimed("3.8-live", handles=handles).tell("A long story. " * 100, turn_complete=False)
    (handle,) = handles
    again = Untimed("3.8-live", handles=handles, sessionResumption={"handle": handle})
    again.tell("Go on.", turn_complete=True)
    again.run_to("turnComplete")
    assert again.sent("turnComplete")[0].message["usageMetadata"]["promptTokenCount"] > 350
    assert again.session.context[0] == Told("user", "A long story. " * 100, "content", silent=True)


@pytest.mark.skipif(not TABLE.is_file(), reason="the documents are not beside the tests")
def test_every_field_of_a_profile_and_every_fault_is_in_the_table_with_where_it_comes_from() -> None:
    rows = re.findall(r"^\| `([\w.-]+)`.*\|$", TABLE.read_text("utf-8"), re.MULTILINE)
    from gemini_live_interrupt.emulator import FAULTS

    assert {field.name for field in dataclasses.fields(Profile)} - {"name"} <= set(rows)
    assert FAULTS.keys() <= set(rows)
    known: list[str] = []
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if "known" in cells:
            column = cells.index("known")
        elif line.startswith("| `"):
            known.append(cells[column].split()[0])
    assert set(known) == {"recorded", "documented", "reported", "assumed"}
    assert dataclasses.fields(Fault)


LONG = "I have been thinking about what you said."


def words_of(talk: Untimed) -> list[tuple[float, str]]:
    frames = talk.sent("inputTranscription")
    return [(frame.at, frame.message["serverContent"]["inputTranscription"]["text"]) for frame in frames]


@pytest.mark.parametrize("name", ["2.5-native", "3.8-live"])
def test_a_profile_may_report_the_words_while_they_are_spoken(name: str) -> None:
    talk = Untimed(varied(name, input_words_when="during"), hear=[LONG])
    onset = talk.now
    talk.say(voice(2.0))
    assert len(words_of(talk)) == 6
    assert words_of(talk)[0][0] - onset < 0.2
    talk.say(quiet(0.6))
    talk.run_to("turnComplete")
    assert "".join(text for _, text in words_of(talk)) == " " + LONG
    assert told(talk)[0] == f"speech: {LONG}"


def test_a_profile_may_never_report_the_words() -> None:
    talk = Untimed(varied("2.5-native", input_words_when="never"), hear=[LONG])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert not words_of(talk)
    assert told(talk)[0] == f"speech: {LONG}"
