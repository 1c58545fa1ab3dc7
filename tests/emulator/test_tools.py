"""Tool calls by the scripted model, and the times of words."""

import dataclasses
import json
from typing import Any

import pytest
from google.genai import types

from gemini_live_interrupt.emulator import FAULTS, PROFILES, LiveEmulator, Profile, Told, ToolCall, speak_evenly
from gemini_live_interrupt.emulator._tools import Answer, read_answer

from .talking import UTTERANCE, connected, in_virtual_time, quiet, voice
from .untimed import Untimed

PATIENT = [{"functionDeclarations": [{"name": "lookup", "behavior": "NON_BLOCKING"}, {"name": "other"}]}]


def model(told: tuple[Told, ...]) -> Answer:
    match told[-1]:
        case Told(kind="tool"):
            return "It is four."
        case Told(text="Both."):
            return [ToolCall("first"), ToolCall("second")]
        case _:
            return ["Let me see.", ToolCall("lookup", {"what": "sum"})]


def calls(talk: Untimed) -> list[dict[str, Any]]:
    return [call for frame in talk.sent("toolCall") for call in frame.message["toolCall"]["functionCalls"]]


def respond(talk: Untimed, call: dict[str, Any], **more: Any) -> None:
    response = {"id": call["id"], "name": call["name"], "response": {"result": 4}} | more
    talk.send(toolResponse={"functionResponses": [response]})


def asked(profile: str, text: str = "How much?", **setup: Any) -> Untimed:
    talk = Untimed(profile, model, hear=["Stop."], **setup)
    talk.send(realtimeInput={"text": text})
    talk.run_to("toolCall")
    return talk


@pytest.mark.parametrize("profile", PROFILES)
def test_the_model_waits_for_a_tool_and_goes_on_in_the_same_turn(profile: str) -> None:
    talk = asked(profile)
    talk.run(5.0)
    assert talk.session.state == "waiting for tools"
    assert not talk.sent("generationComplete", "turnComplete")
    (call,) = calls(talk)
    assert (call["name"], call["args"]) == ("lookup", {"what": "sum"})
    respond(talk, call)
    talk.run_to("turnComplete")
    assert len(talk.sent("generationComplete")) == len(talk.sent("turnComplete")) == 1
    assert [(told.role, told.kind) for told in talk.session.context] == [
        ("user", "text"),
        ("model", "reply"),
        ("model", "call"),
        ("user", "tool"),
        ("model", "reply"),
    ]
    assert json.loads(talk.session.context[2].text) == {"name": "lookup", "args": {"what": "sum"}}
    assert [reply.outcome for reply in talk.session.replies] == ["complete", "complete"]


def test_the_model_waits_for_all_of_several_tools() -> None:
    talk = asked("2.5-native", "Both.")
    first, second = calls(talk)
    respond(talk, first)
    talk.run(2.0)
    assert talk.session.state == "waiting for tools"
    respond(talk, second)
    talk.run_to("turnComplete")


def test_a_transcript_that_is_late_comes_before_the_model_goes_on() -> None:
    late = dataclasses.replace(FAULTS["late-transcript"], seconds=30.0)
    talk = Untimed("2.5-native", model, faults=[late])
    talk.send(realtimeInput={"text": "How much?"})
    talk.run_to("toolCall")
    (call,) = calls(talk)
    respond(talk, call)
    talk.run_to("turnComplete")
    talk.run(60.0)
    assert [told.text for told in talk.session.context if told.kind == "reply"] == ["Let me see.", "It is four."]
    assert [reply.sent_text for reply in talk.session.replies] == ["Let me see.", "It is four."]


def test_speech_cancels_what_the_model_waits_for_before_it_interrupts() -> None:
    talk = asked("2.5-native")
    talk.run(1.0)
    talk.say(voice(0.4))
    ends = [f.kinds[0] for f in talk.sent("toolCallCancellation", "interrupted", "turnComplete")]
    assert ends == ["toolCallCancellation", "interrupted", "turnComplete"]
    (call,) = calls(talk)
    assert talk.sent("toolCallCancellation")[0].message == {"toolCallCancellation": {"ids": [call["id"]]}}
    before = talk.session.context
    respond(talk, call)
    assert talk.session.context == before


@pytest.mark.parametrize(
    ("scheduling", "cuts", "replies"), [("INTERRUPT", 1, 2), ("WHEN_IDLE", 0, 2), ("SILENT", 0, 1)]
)
def test_a_call_that_nobody_waits_for_is_answered_as_it_is_scheduled(scheduling: str, cuts: int, replies: int) -> None:
    talk = asked("2.5-native", tools=PATIENT)
    talk.run_to("generationComplete")
    (call,) = calls(talk)
    respond(talk, call, scheduling=scheduling)
    talk.run(10.0)
    assert (len(talk.sent("interrupted")), len(talk.session.replies)) == (cuts, replies)
    assert [told.silent for told in talk.session.context if told.kind == "tool"] == [scheduling == "SILENT"]


def test_a_call_that_nobody_waits_for_survives_speech() -> None:
    talk = asked("2.5-native", tools=PATIENT)
    talk.say(UTTERANCE)
    assert talk.sent("interrupted")
    assert not talk.sent("toolCallCancellation")


def test_the_tools_of_a_context_update_replace_those_of_the_setup() -> None:
    talk = Untimed("2.5-native", model)
    talk.send(contextUpdate={"tools": {"tools": PATIENT}})
    talk.send(realtimeInput={"text": "How much?"})
    talk.run_to("turnComplete")
    assert calls(talk)


@pytest.mark.parametrize("tools", [["?"], [{"functionDeclarations": "?"}], [{"functionDeclarations": ["?"]}], [{}]])
def test_tools_that_are_none_declare_nothing(tools: list[Any]) -> None:
    assert asked("2.5-native", tools=tools).session.closed is None


def test_an_answer_is_words_or_calls() -> None:
    steps = read_answer([ToolCall("a"), "One.", " Two.", ToolCall("b")])
    assert (steps.before[0].name, steps.text, steps.after[0].name) == ("a", "One. Two.", "b")
    for wrong in (5, ["One.", None]):
        with pytest.raises(TypeError, match="the model must return words, a ToolCall, or several of them; got"):
            read_answer(wrong)  # type: ignore[arg-type]


@in_virtual_time
async def test_the_sdk_calls_the_function_and_sends_what_it_returns() -> None:
    tools = [{"function_declarations": [{"name": "lookup"}]}]
    async with LiveEmulator("2.5-native", model) as live, connected(live, tools=tools) as person:
        await person.session.send_realtime_input(text="How much?")
        (call,) = await live.until(
            lambda: [c for m in person.messages if m.tool_call for c in m.tool_call.function_calls]
        )
        assert call.args == {"what": "sum"}
        answer = types.FunctionResponse(id=call.id, name=call.name, response={"result": 4})
        await person.session.send_tool_response(function_responses=[answer])
        await live.until(lambda: person.turns_complete)
        assert person.transcript == "Let me see.It is four."


def infos(talk: Untimed, kind: str) -> list[tuple[str, float, float]]:
    return [
        (info["word"], float(info["startOffset"][:-1]), float(info["endOffset"][:-1]))
        for frame in talk.sent(kind)
        for info in frame.message["serverContent"][kind].get("words", [])
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_time_of_every_word_is_told_if_the_setup_asks_for_it(profile: str) -> None:
    text = "It starts high, in the hills."
    timed = {"wordTimestamp": True}
    talk = Untimed(
        profile, lambda _: text, hear=["Where?"], inputAudioTranscription=timed, outputAudioTranscription=timed
    )
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    spoken = [(w.text.strip(), w.start, w.end) for w in speak_evenly(text).words if w.text not in ",."]
    assert infos(talk, "outputTranscription") == [(word, round(a, 3), round(b, 3)) for word, a, b in spoken]
    ((word, begin, end),) = infos(talk, "inputTranscription")
    assert word in ("Where", "Where?")
    assert 0.0 <= begin < end <= len(UTTERANCE) / 32_000


def test_without_being_asked_no_times_are_told() -> None:
    talk = Untimed("2.5-native", hear=["Where?"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    assert infos(talk, "outputTranscription") == infos(talk, "inputTranscription") == []


def test_word_times_may_count_from_the_beginning_of_the_session() -> None:
    profile = dataclasses.replace(PROFILES["2.5-native"], word_offsets="session", trailing_silence=0.0)
    talk = Untimed(profile, lambda _: "Yes.", outputAudioTranscription={"wordTimestamp": True})
    for count in (1, 2):
        talk.send(realtimeInput={"text": "Is it?"})
        talk.run_to("turnComplete", count)
    (_, first, _), (_, second, _) = infos(talk, "outputTranscription")
    assert first == 0.0
    assert second == pytest.approx(speak_evenly("Yes.").seconds, abs=0.001)


def cut_call(profile: Profile | str = "3.8-live", hear: str = "And?") -> Untimed:
    """A call that is cut by a word."""
    talk = Untimed(profile, impatient, hear=[hear])
    talk.send(realtimeInput={"text": "How much?"})
    talk.run_to("toolCall")
    talk.say(voice(0.7))
    return talk


def impatient(told: tuple[Told, ...]) -> Answer:
    return "One moment." if told[-1].text == "And?" else model(told)


@pytest.mark.parametrize("hear", ["And?", ""])
def test_3_8_drops_a_call_that_is_cut_and_makes_it_again_under_a_new_id(hear: str) -> None:
    talk = cut_call(hear=hear)
    talk.say(quiet(0.6))
    talk.run_to("toolCall", 2)
    assert not talk.sent("toolCallCancellation")
    first, second = calls(talk)
    assert (first["name"], first["args"]) == (second["name"], second["args"])
    assert first["id"] != second["id"]
    if not hear:  # else the answer comes first
        assert 2.6 <= talk.sent("toolCall")[1].at - talk.sent("interrupted")[0].at <= 3.6
    before = talk.session.context
    respond(talk, first)
    assert talk.session.context == before
    respond(talk, second)
    talk.run_to("generationComplete", 2 if hear else 1)
    assert talk.session.context[-1].text == "It is four."


def test_a_dropped_call_waits_until_the_user_has_spoken() -> None:
    talk = cut_call()
    talk.say(voice(5.0))
    assert len(calls(talk)) == 1
    talk.say(quiet(0.6))
    talk.run_to("toolCall", 2)
    assert talk.session.replies[-1].outcome == "complete"


def test_a_dropped_call_that_the_model_makes_by_itself_is_not_made_twice() -> None:
    talk = cut_call(hear="How much again?")
    talk.say(quiet(0.6))
    talk.run(30.0)
    assert len(calls(talk)) == 2


@pytest.mark.parametrize("tools", [[], PATIENT])
def test_a_silent_note_while_a_call_is_open_may_hold_the_reply_until_something_is_committed(tools: list[Any]) -> None:
    def patient(told: tuple[Told, ...]) -> Answer:
        return "It is four." if any(entry.kind == "tool" for entry in told) else model(told)

    talk = Untimed(dataclasses.replace(PROFILES["2.5-native"], silent_content_holds=True), patient, tools=tools)
    talk.send(realtimeInput={"text": "How much?"})
    talk.run_to("toolCall")
    talk.tell("By the way.", turn_complete=False)
    (call,) = calls(talk)
    respond(talk, call)
    talk.run(20.0)
    assert "It is four." not in [told.text for told in talk.session.context]
    talk.tell("Go on.", turn_complete=True)
    talk.run_to("turnComplete", len(talk.sent("turnComplete")) + 1)
    assert len(talk.session.replies) == 2
    assert not talk.sent("interrupted")


def test_a_silent_note_while_a_call_is_open_holds_nothing_by_itself() -> None:
    talk = asked("2.5-native")
    talk.tell("By the way.", turn_complete=False)
    (call,) = calls(talk)
    respond(talk, call)
    talk.run_to("turnComplete")
