"""What goes wrong on purpose."""

import dataclasses

import pytest

from gemini_live_interrupt.emulator import FAULTS, Fault, LiveEmulator

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
