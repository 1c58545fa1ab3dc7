"""Client content, realtime text, tools and activities, in every state of the model."""

import dataclasses
from typing import Any

import pytest

from gemini_live_interrupt.emulator import PROFILES, Told

from .talking import NOISE, UTTERANCE, quiet, voice
from .untimed import Untimed

INVALID = "Request contains an invalid argument."
MANUAL: dict[str, Any] = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
POLITE: dict[str, Any] = {"realtimeInputConfig": {"activityHandling": "NO_INTERRUPTION"}}
STATES = {
    "idle": "setupComplete",
    "thinking": "setupComplete",
    "generating": "audio",
    "waiting for playback": "generationComplete",
}

every = pytest.mark.parametrize("profile", PROFILES)
tolerant = pytest.mark.parametrize("profile", [p.name for p in PROFILES.values() if p.accepts_content])
quiet_ones = pytest.mark.parametrize(
    "profile",
    [p.name for p in PROFILES.values() if p.accepts_content and not (p.silent_content_cuts or p.silent_content_mutes)],
)


def in_state(profile: str, state: str, **setup: Any) -> Untimed:
    talk = Untimed(profile, hear=["Tell me.", "More.", "Still more."], **setup)
    if state != "idle":
        talk.say(UTTERANCE)
        while talk.session.state != state:
            assert talk.session.due is not None
            talk.run(max(0.0, talk.session.due - talk.now))
    return talk


@quiet_ones
@pytest.mark.parametrize("state", STATES)
def test_silent_content_is_kept_and_changes_nothing(profile: str, state: str) -> None:
    talk, other = in_state(profile, state), in_state(profile, state)
    talk.tell("By the way.", turn_complete=False)
    talk.run(10.0)
    other.run(10.0)
    assert [(f.at, f.kinds) for f in talk.frames] == [(f.at, f.kinds) for f in other.frames]
    assert Told("user", "By the way.", "content", silent=True) in talk.session.context


@quiet_ones
def test_silent_content_is_used_by_the_next_turn(profile: str) -> None:
    asked: list[tuple[Told, ...]] = []
    talk = Untimed(profile, lambda told: asked.append(told) or "Yes.", hear=["Tell me."])  # type: ignore[func-returns-value]
    talk.tell("By the way.", turn_complete=False)
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert [[told.text for told in context] for context in asked] == [["By the way.", "Tell me."]]


@tolerant
@pytest.mark.parametrize("state", STATES)
def test_complete_content_orders_a_reply_and_cuts_a_running_one(profile: str, state: str) -> None:
    talk = in_state(profile, state)
    before = len(talk.frames)
    talk.tell("Now this.", turn_complete=True)
    talk.run(10.0)
    after = [kind for frame in talk.frames[before:] for kind in frame.kinds]
    ends = [kind for kind in after if kind in ("interrupted", "generationComplete", "turnComplete")]
    if state == "idle":
        assert ends == ["generationComplete", "turnComplete"]
    else:
        assert ends == ["interrupted", "turnComplete", "generationComplete", "turnComplete"]
    assert talk.session.context[-2:] == (
        Told("user", "Now this.", "content"),
        Told("model", "One two three, four five six.", "reply"),
    )


@every
def test_a_cut_before_anything_was_said_leaves_no_turn_in_the_context(profile: str) -> None:
    talk = in_state(profile, "thinking")
    talk.say(voice(0.7))
    assert [frame.kinds[0] for frame in talk.sent("interrupted") + talk.sent("turnComplete")] == [
        "interrupted",
        "turnComplete",
    ]
    assert [told.role for told in talk.session.context] == ["user"]


@tolerant
def test_nothing_to_complete_closes(profile: str) -> None:
    talk = Untimed(profile)
    talk.send(clientContent={"turnComplete": True})
    assert talk.closed is not None
    assert (talk.closed.code, talk.closed.reason) == (1007, "No turn to complete")
    assert talk.session.closed == (1007, "No turn to complete")


@tolerant
def test_what_is_pending_is_completed_by_content_without_turns(profile: str) -> None:
    talk = Untimed(profile)
    talk.tell("By the way.", turn_complete=False)
    talk.send(clientContent={"turnComplete": True})
    talk.run_to("turnComplete")
    assert talk.closed is None


@pytest.mark.parametrize(
    ("profile", "role", "closes"),
    [
        ("2.5-native", "", False),
        ("2.5-native", "model", False),
        ("2.5-native", "system", True),
        ("3.8-live", "", True),
        ("3.8-live", "user", False),
        ("3.8-live", "model", False),
        ("3.8-live", "system", True),
    ],
)
def test_roles_are_refused_by_the_profile(profile: str, role: str, closes: bool) -> None:
    talk = Untimed(profile)
    talk.tell("Hello.", turn_complete=False, role=role)
    assert (talk.closed is not None) is closes
    if talk.closed:
        assert (talk.closed.code, talk.closed.reason) == (1007, INVALID)


@tolerant
def test_content_that_arrives_before_the_cut_of_speech_makes_no_second_cut(profile: str) -> None:
    talk = in_state(profile, "generating")
    talk.say(voice(0.1))
    talk.tell("Now this.", turn_complete=True)
    talk.run(0.5)
    assert len(talk.sent("interrupted")) == 1
    assert talk.session.state == "thinking"


@tolerant
def test_a_reply_ordered_while_the_user_speaks_makes_two(profile: str) -> None:
    talk = Untimed(profile, hear=["Tell me."])
    talk.say(voice(0.5))
    talk.tell("Answer now.", turn_complete=True)
    talk.say(voice(1.5) + quiet(0.6))
    talk.run(10.0)
    assert len(talk.session.replies) == 2


@every
@pytest.mark.parametrize("words", ["", " ", "\n"])
def test_words_that_are_white_space_are_a_noise(profile: str, words: str) -> None:
    talk = Untimed(profile, hear=[words])
    talk.say(UTTERANCE)
    talk.run(1.0)
    assert talk.session.context[0] == Told("user", "", "noise")
    assert not talk.sent("inputTranscription")


@every
def test_realtime_text_is_a_turn(profile: str) -> None:
    talk = Untimed(profile)
    talk.send(realtimeInput={"text": "Hello."})
    talk.run_to("audio")
    talk.send(realtimeInput={"text": "Stop."})
    talk.run_to("turnComplete", 2)
    assert len(talk.sent("interrupted")) == 1
    assert [told.kind for told in talk.session.context] == ["text", "reply", "text", "reply"]


@every
def test_realtime_text_inside_a_manual_activity_waits_for_its_end(profile: str) -> None:
    talk = Untimed(profile, hear=["And this."], **MANUAL)
    talk.send(realtimeInput={"activityStart": {}})
    talk.say(voice(0.3))
    talk.send(realtimeInput={"text": "Hello."})
    talk.run(5.0)
    assert not talk.session.replies
    talk.send(realtimeInput={"activityEnd": {}})
    talk.run_to("turnComplete")
    assert [told.text for told in talk.session.context][:2] == ["Hello.", "And this."]


@every
def test_text_inside_an_activity_without_audio_is_answered_at_its_end(profile: str) -> None:
    talk = Untimed(profile, hear=["Never said."], **MANUAL)
    talk.send(realtimeInput={"activityStart": {}})
    talk.send(realtimeInput={"text": "Hello."})
    talk.run(5.0)
    assert not talk.session.replies
    talk.send(realtimeInput={"activityEnd": {}})
    talk.run_to("turnComplete")
    assert [told.text for told in talk.session.context if told.role == "user"] == ["Hello."]


@every
def test_an_activity_without_audio_silences_the_model_and_says_nothing(profile: str) -> None:
    talk = Untimed(profile, hear=["Tell me.", "Go on."], **MANUAL)
    talk.send(realtimeInput={"activityStart": {}})
    talk.say(voice(0.3))
    talk.send(realtimeInput={"activityEnd": {}})
    talk.run_to("audio")
    for name in ("activityStart", "activityEnd"):  # a stop button
        talk.send(realtimeInput={name: {}})
    talk.run(10.0)
    assert len(talk.sent("interrupted")) == 1
    assert [told.kind for told in talk.session.context] == ["speech", "reply"]
    assert talk.session.state == "idle"
    talk.send(realtimeInput={"activityStart": {}})
    talk.say(voice(0.3))
    talk.send(realtimeInput={"activityEnd": {}})
    talk.run_to("turnComplete", 2)
    assert talk.session.context[2].text == "Go on."


@every
def test_activities_that_are_open_or_closed_already_change_nothing(profile: str) -> None:
    talk = Untimed(profile, hear=["Once.", "Twice."], **MANUAL)
    talk.send(realtimeInput={"activityEnd": {}})
    for _ in range(2):
        talk.send(realtimeInput={"activityStart": {}})
        talk.say(voice(0.3))
    for _ in range(2):
        talk.send(realtimeInput={"activityEnd": {}})
    talk.send(realtimeInput={"audioStreamEnd": True})
    talk.run_to("turnComplete")
    assert [told.text for told in talk.session.context if told.role == "user"] == ["Once."]


def test_a_profile_may_let_silent_content_cut() -> None:
    talk = Untimed(dataclasses.replace(PROFILES["2.5-native"], silent_content_cuts=True))
    talk.tell("Talk.", turn_complete=True)
    talk.run_to("audio")
    talk.tell("By the way.", turn_complete=False)
    talk.run(5.0)
    assert len(talk.sent("interrupted")) == 1
    assert len(talk.session.replies) == 1


def test_a_profile_may_refuse_content_and_leave_tokens_out() -> None:
    talk = Untimed(dataclasses.replace(PROFILES["2.5-native"], accepts_content=False, usage=("promptTokenCount",)))
    talk.send(realtimeInput={"text": "Talk."})
    talk.run_to("turnComplete")
    assert talk.frames[-1].message["usageMetadata"].keys() == {"promptTokenCount"}
    talk.tell("By the way.", turn_complete=False)
    assert talk.session.closed == (1007, INVALID)
    talk.send(realtimeInput={"text": "More."})
    assert talk.session.due is None


def test_pictures_are_not_listened_to() -> None:
    talk = Untimed("2.5-native")
    picture = {"data": voice(0.5), "mimeType": "image/png"}
    talk.send(realtimeInput={"video": picture})
    talk.send(realtimeInput={"mediaChunks": [picture, {"data": voice(0.5), "mimeType": "audio/pcm"}]})
    assert talk.session.state == "user speaking"


@every
def test_activity_messages_need_automatic_detection_disabled(profile: str) -> None:
    talk = Untimed(profile)
    talk.send(realtimeInput={"activityStart": {}})
    assert talk.closed is not None
    assert talk.closed.code == 1007


@every
def test_the_end_of_the_audio_stream_ends_speech_at_once(profile: str) -> None:
    talk = Untimed(profile, hear=["Tell me."])
    talk.say(voice(0.5))
    assert talk.session.state == "user speaking"
    talk.send(realtimeInput={"audioStreamEnd": True})
    assert talk.session.state != "user speaking"
    talk.run(0.1)
    assert talk.session.context[0].text == "Tell me."


@every
def test_audio_that_stops_coming_ends_speech_after_a_second(profile: str) -> None:
    talk = Untimed(profile, hear=["Tell me."])
    talk.say(voice(0.5))
    talk.run(0.9)
    assert not talk.session.context
    talk.run(0.3)
    assert talk.session.context[0].text == "Tell me."


@every
def test_without_interruption_the_speech_is_answered_after_the_turn(profile: str) -> None:
    talk = in_state(profile, "generating", **POLITE)
    talk.say(UTTERANCE)
    talk.run(10.0)
    assert not talk.sent("interrupted")
    assert [told.role for told in talk.session.context] == ["user", "model", "user", "model"]
    assert [reply.outcome for reply in talk.session.replies] == ["complete", "complete"]


def test_speech_after_a_pause_cuts_the_thinking_and_makes_two_turns() -> None:
    talk = Untimed("2.5-native", hear=["I would like", "a story."])
    talk.say(voice(0.4) + quiet(0.6) + voice(0.4) + quiet(0.6))
    talk.run_to("generationComplete")
    assert [told.text for told in talk.session.context][:2] == ["I would like", "a story."]


def test_a_noise_puts_off_a_question_but_does_not_lose_it() -> None:
    deaf = dataclasses.replace(PROFILES["2.5-native"], answers_noise=False)
    talk = Untimed(deaf, hear=["Tell me all of this from the first to the last.", ""])
    talk.say(voice(0.3) + quiet(0.52))
    assert talk.session.state == "idle"
    talk.say(NOISE)
    talk.run_to("turnComplete")
    assert not talk.sent("interrupted")
    assert [told.kind for told in talk.session.context] == ["speech", "noise", "reply"]


def test_a_noise_on_3_8_is_not_answered() -> None:
    talk = Untimed("3.8-live", hear=["Tell me.", ""])
    talk.say(UTTERANCE)
    talk.run_to("audio")
    talk.say(NOISE)
    talk.run(10.0)
    assert [reply.outcome for reply in talk.session.replies] == ["interrupted"]


@pytest.mark.parametrize(
    ("scheduling", "cuts", "replies"),
    [("INTERRUPT", 1, 2), ("WHEN_IDLE", 0, 2), ("SILENT", 0, 1)],
)
def test_tool_responses_are_scheduled(scheduling: str, cuts: int, replies: int) -> None:
    talk = in_state("2.5-native", "generating")
    answer = {"id": "1", "name": "f", "response": {"result": "ok"}, "scheduling": scheduling}
    talk.send(toolResponse={"functionResponses": [answer]})
    talk.run(10.0)
    assert (len(talk.sent("interrupted")), len(talk.session.replies)) == (cuts, replies)


def test_the_instruction_and_its_update_are_in_the_context() -> None:
    talk = Untimed("2.5-native", systemInstruction={"parts": [{"text": "Be brief."}]})
    talk.send(contextUpdate={"systemInstruction": {"parts": [{"text": "Be long."}]}})
    talk.send(contextUpdate={"tools": {"tools": []}})
    assert [told.text for told in talk.session.context] == ["Be brief.", "Be long."]


def test_a_resumed_session_remembers() -> None:
    handles: dict[str, Any] = {}
    talk = Untimed("3.8-live", handles=handles)
    talk.tell("My name is known.", turn_complete=False)
    talk.run(1.0)
    (handle,) = handles
    again = Untimed("3.8-live", handles=handles, sessionResumption={"handle": handle})
    assert again.session.context == talk.session.context


def test_a_reply_in_progress_was_broken_off_for_the_session_that_resumes() -> None:
    handles: dict[str, Any] = {}
    talk = Untimed("3.8-live", lambda _: "Once there was a fox by the sea. " * 9, handles=handles)
    talk.tell("A story.", turn_complete=True)
    talk.run(3.0)
    (handle,) = handles
    again = Untimed("3.8-live", handles=handles, sessionResumption={"handle": handle})
    assert talk.session.context[-1].text == again.session.context[-1].text != ""
    assert (talk.session.context[-1].interrupted, again.session.context[-1].interrupted) == (False, True)


def test_resuming_fails_after_1007_and_with_an_unknown_handle() -> None:
    handles: dict[str, Any] = {}
    talk = Untimed("3.8-live", handles=handles)
    talk.run(1.0)
    talk.send(clientContent={"turnComplete": True})
    (handle,) = handles
    for wanted, code in ((handle, 1011), ("unknown", 1008)):
        again = Untimed("3.8-live", handles=handles, sessionResumption={"handle": wanted})
        assert again.closed is not None
        assert again.closed.code == code
