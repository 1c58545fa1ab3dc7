"""What goes wrong on purpose."""

import dataclasses

import pytest

from gemini_live_interrupt.emulator import FAULTS, PROFILES, Fault, LiveEmulator, Session, ToolCall
from gemini_live_interrupt.emulator._hearing import loudness
from gemini_live_interrupt.emulator._schema import Message

from .talking import UTTERANCE
from .untimed import Untimed

PROFILE = "2.5-native"


def cut(*faults: str | Fault) -> Untimed:
    """A reply that is cut while it is generated, by speech of four words."""
    talk = Untimed(PROFILE, hear=["Tell me.", "And what about that"], faults=faults)
    talk.say(UTTERANCE)
    talk.run_to("audio")
    talk.say(UTTERANCE)
    return talk


def words(talk: Untimed) -> list[str]:
    return [frame.message["serverContent"]["inputTranscription"]["text"] for frame in talk.sent("inputTranscription")]


def test_content_is_refused() -> None:
    talk = Untimed(PROFILE, faults=["refuse-content"])
    talk.tell("By the way.", turn_complete=False)
    assert talk.closed is not None
    assert (talk.closed.code, talk.closed.reason) == (1007, "Request contains an invalid argument.")


def test_a_fault_strikes_at_its_occasion_only() -> None:
    talk = Untimed(PROFILE, faults=[dataclasses.replace(FAULTS["refuse-content"], nth=2)])
    talk.tell("By the way.", turn_complete=False)
    assert talk.closed is None
    talk.tell("And again.", turn_complete=False)
    assert talk.closed is not None


def test_a_fault_can_strike_every_time() -> None:
    talk = Untimed(PROFILE, faults=[dataclasses.replace(FAULTS["phantom"], nth=None)])
    for number in (1, 2):
        talk.tell("Talk.", turn_complete=True)
        talk.run(5.0)
        assert len(talk.sent("interrupted")) == number


def test_a_phantom_interrupts_with_nothing_said() -> None:
    talk = Untimed(PROFILE, faults=["phantom"])
    talk.tell("Talk.", turn_complete=True)
    talk.run(10.0)
    (interrupted,) = talk.sent("interrupted")
    assert interrupted.at - talk.sent("audio")[0].at == pytest.approx(0.5)
    assert len(talk.session.replies) == 1


def test_a_burst_interrupts_ten_times() -> None:
    talk = cut("burst")
    talk.run(10.0)
    assert len(talk.sent("interrupted")) == 10
    assert len(talk.sent("turnComplete")) == 2


def test_silence_follows_a_cut_until_a_reply_is_ordered() -> None:
    talk = cut("silence")
    talk.run(30.0)
    assert [reply.outcome for reply in talk.session.replies] == ["interrupted"]
    assert talk.session.context[-1].text == "And what about that"
    talk.tell("Go on.", turn_complete=True)
    talk.run_to("generationComplete")


def test_a_reply_that_was_ordered_after_a_cut_ends_the_silence() -> None:
    talk = Untimed(PROFILE, hear=["Tell me.", "More."], faults=["silence", "phantom"])
    talk.say(UTTERANCE)
    talk.run_to("interrupted")
    talk.tell("Go on.", turn_complete=True)
    talk.run_to("generationComplete")
    talk.say(UTTERANCE)
    talk.run_to("generationComplete", 2)


def test_a_cut_in_thinking_brings_nothing_of_a_reply_that_had_not_begun() -> None:
    talk = Untimed(PROFILE, hear=["Tell me.", "More."], faults=["bundled-cut", "residue"])
    talk.say(UTTERANCE)
    talk.say(UTTERANCE)
    talk.run_to("interrupted")
    talk.run(0.1)
    assert not talk.sent("audio")
    assert talk.sent("interrupted")[0].kinds == ("interrupted",)


def test_interrupted_and_turn_complete_share_a_message() -> None:
    talk = cut("combined-cut")
    (message,) = talk.sent("interrupted")
    assert message.kinds == ("interrupted", "turnComplete", "usageMetadata")


def test_the_message_that_says_interrupted_brings_words_of_the_cut_reply() -> None:
    talk = cut("bundled-cut")
    (message,) = talk.sent("interrupted")
    assert message.kinds in (("outputTranscription", "interrupted"), ("audio", "interrupted"))
    (told,) = [told for told in talk.session.context if told.interrupted]
    assert told.text == "".join(
        frame.message["serverContent"]["outputTranscription"]["text"] for frame in talk.sent("outputTranscription")
    )


def test_a_turn_that_completes_early_is_cut_after_its_completion() -> None:
    talk = Untimed(PROFILE, hear=["Tell me.", "Stop."], faults=["early-complete"])
    talk.say(UTTERANCE)
    talk.run_to("turnComplete")
    talk.say(UTTERANCE)
    talk.run_to("generationComplete", 2)
    ends = [kind for kind in talk.kinds() if "omplete" in kind or kind == "interrupted"][1:]
    assert ends == [
        "generationComplete",
        "turnComplete+usageMetadata",
        "interrupted",
        "turnComplete+usageMetadata",
        "generationComplete",
    ]


def test_a_turn_that_completes_early_and_is_not_cut_completes_once() -> None:
    talk = Untimed(PROFILE, faults=[FAULTS["early-complete"]])
    talk.tell("Talk.", turn_complete=True)
    talk.run(10.0)
    assert len(talk.sent("turnComplete")) == 1
    assert talk.session.state == "idle"


def test_a_phantom_that_comes_too_late_does_not_touch_the_next_reply() -> None:
    talk = Untimed(PROFILE, faults=[dataclasses.replace(FAULTS["phantom"], seconds=3.5)])
    for _ in range(2):
        talk.tell("Talk.", turn_complete=True)
        talk.run_to("turnComplete", len(talk.sent("turnComplete")) + 1)
    assert not talk.sent("interrupted")


def test_residue_of_the_cut_reply_follows() -> None:
    talk = cut("residue")
    kinds = [frame.kinds[0] for frame in talk.frames]
    after = kinds[kinds.index("interrupted") + 1 :]
    assert sorted(after[: after.index("turnComplete")]) == ["audio", "outputTranscription"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("missing-words", [" Tell", " me", "."]),
        ("tail-words", [" Tell", " me", ".", "that"]),
        ("repeated-words", [" Tell", " me", "."] + [" And", " what", " about", " that"] * 2),
    ],
)
def test_the_words_go_wrong(fault: str, expected: list[str]) -> None:
    talk = cut(dataclasses.replace(FAULTS[fault], nth=2))
    talk.run(60.0)
    assert words(talk) == expected


def test_late_words_come_after_the_reply_has_begun() -> None:
    talk = cut(dataclasses.replace(FAULTS["late-words"], nth=2, seconds=1.0))
    talk.run_to("inputTranscription", 4)
    late = talk.sent("inputTranscription")[3]
    cut_at = talk.sent("interrupted")[0].at
    assert any(cut_at < frame.at < late.at for frame in talk.sent("audio"))


def test_faults_are_names_or_faults() -> None:
    LiveEmulator(faults=["phantom", FAULTS["burst"]])


def test_unknown_faults_are_named() -> None:
    with pytest.raises(ValueError, match="unknown fault 'rain'; known are 'refuse-content', 'ignore-text'"):
        LiveEmulator(faults=["rain"])


def asked(*faults: str | Fault, profile: str = PROFILE) -> Untimed:
    """A reply that nobody cuts."""
    talk = Untimed(profile, hear=["Tell me.", "Stop."], faults=faults)
    talk.send(realtimeInput={"text": "Tell me."})
    return talk


@pytest.mark.parametrize("profile", PROFILES)
def test_a_reply_may_never_end(profile: str) -> None:
    talk = asked("missing-end", profile=profile)
    talk.run(30.0)
    assert talk.sent("audio")
    if not PROFILES[profile].first_sentence_apart:
        assert not talk.sent("generationComplete", "turnComplete")
    assert talk.session.replies[0].outcome == "complete"
    assert talk.session.state == "idle"


def test_a_reply_may_be_cut_in_the_silence_before_its_end() -> None:
    talk = asked("late-end")
    talk.run(6.0)
    assert talk.now - talk.sent("audio")[-1].at > 4.0
    talk.say(UTTERANCE)
    assert talk.sent("interrupted")
    assert not talk.sent("generationComplete")
    assert talk.session.replies[0].sent_text == "One two three, four five six."


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("name", "loud"), [("silent-tail", False), ("tone-tail", True)])
def test_a_reply_may_sound_on_without_words(profile: str, name: str, loud: bool) -> None:
    talk, other = asked(name, profile=profile), asked(profile=profile)
    for session in (talk, other):
        session.run_to("turnComplete")
    extra = talk.session.replies[0].sent_seconds - other.session.replies[0].sent_seconds
    assert extra == pytest.approx(4.0)
    assert talk.session.replies[0].sent_text == other.session.replies[0].sent_text
    pcm = b"".join(frame_audio(frame.message) for frame in talk.sent("audio"))
    end = talk.session.replies[0].speech.words[-1].end
    assert (loudness(pcm[round(48_000 * end / 2) * 2 :][:96_000]) > 500) is loud


def frame_audio(message: Message) -> bytes:
    parts = message["serverContent"]["modelTurn"]["parts"]
    return b"".join(part["inlineData"]["data"] for part in parts)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_reply_may_be_sixty_bytes_without_words(profile: str) -> None:
    talk = asked("tiny-reply", profile=profile)
    talk.run_to("turnComplete")
    assert [len(frame_audio(frame.message)) for frame in talk.sent("audio")][:1] == [60]
    assert not talk.sent("outputTranscription")
    assert [told.kind for told in talk.session.context] == ["text"]


def test_a_text_part_may_come_before_any_audio() -> None:
    talk = asked("text-part")
    talk.run_to("generationComplete")
    (part,) = talk.sent("text")
    assert "thought" not in part.message["serverContent"]["modelTurn"]["parts"][0]
    assert talk.sent("audio")[0].at - part.at > 1.0


def test_late_pieces_of_a_cut_reply_may_come_after_its_turn_is_complete() -> None:
    talk = cut(dataclasses.replace(FAULTS["residue"], seconds=0.14))
    complete = talk.sent("turnComplete")[0].at
    late = [f.at - complete for f in talk.sent("audio", "outputTranscription") if complete < f.at < complete + 0.2]
    assert len(late) == 2
    assert late[0] == pytest.approx(0.104, abs=0.01)


@pytest.mark.parametrize("profile", ["2.0-flash", "2.5-native", "3.8-live"])
def test_the_transcript_of_what_has_sounded_may_come_after_the_cut(profile: str) -> None:
    late = dataclasses.replace(FAULTS["late-transcript"], seconds=30.0)
    talk = asked(late, "transcript-after-cut", profile=profile)
    talk.run_to("generationComplete")
    assert not talk.sent("outputTranscription")
    talk.say(UTTERANCE)
    talk.run(1.0)
    cut_at = talk.sent("interrupted")[0].at
    texts = [f for f in talk.sent("outputTranscription") if f.at > cut_at][:6]
    assert texts[0].at - cut_at == pytest.approx(0.3)
    assert talk.session.replies[0].sent_text == "One two three, four five six."


def test_a_call_that_was_open_when_the_connection_ended_is_answered_on_the_next() -> None:
    handles: dict[str, Session] = {}
    talk = Untimed("3.8-live", lambda _: ToolCall("lookup"), handles=handles)
    talk.send(realtimeInput={"text": "How much?"})
    talk.run_to("toolCall")
    (call,) = talk.sent("toolCall")[0].message["toolCall"]["functionCalls"]
    (handle,) = handles
    again = Untimed("3.8-live", lambda _: "It is four.", handles=handles, sessionResumption={"handle": handle})
    assert [told.kind for told in again.session.context] == ["text", "call"]
    again.send(toolResponse={"functionResponses": [{"id": call["id"], "name": "lookup", "response": {"result": 4}}]})
    again.run_to("turnComplete")
    assert again.session.context[-1].text == "It is four."
