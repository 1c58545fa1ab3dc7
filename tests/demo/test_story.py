"""The scripted model: what it says follows from its context alone."""

from typing import Any

import pytest

from gemini_live_interrupt import Interruption, default_prompt, interruption_rules
from gemini_live_interrupt.demo._command import CASES as CHOICES
from gemini_live_interrupt.demo._command import DISPOSITIONS as DISPOSITION_CHOICES
from gemini_live_interrupt.demo._command import PROFILES as PROFILE_CHOICES
from gemini_live_interrupt.demo._sound import INPUT_RATE, recording
from gemini_live_interrupt.demo._story import ALL_TOLD, CASES, OPENING, OTHERS, STORY, UNKNOWN, Utterance, tell
from gemini_live_interrupt.emulator import PROFILES, Told
from gemini_live_interrupt.emulator._dispositions import DISPOSITIONS

HEARD, UNHEARD = STORY[: STORY.index(" burn")], STORY[STORY.index(" burn") :]
CUT = "One night the lamp would not"
FROM_THE_CUT = STORY[STORY.index(CUT) :]
ASKED = Told("user", OPENING, "content")
QUESTION = CASES["question"].breaks_in.words
FOLLOW_UP = CASES["follow-up"].breaks_in.words


def sent(text: str = STORY) -> Told:
    return Told("model", text, "reply", interrupted=True)


def note(heard: str = HEARD, cut: str = CUT) -> Told:
    interruption = Interruption(
        heard=heard,
        unheard=STORY[len(heard) :],
        cut_sentence=cut,
        user_text="",
        history=[],
        played=8.0,
        received=16.0,
        evidence="clock",
    )
    return Told("user", default_prompt(heard, "", [], interruption), "content", silent=True)


def said(words: str) -> Told:
    return Told("user", words, "speech" if words else "noise")


def test_it_tells_the_story_when_nothing_has_been_said() -> None:
    assert tell([ASKED]) == STORY


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (QUESTION, "Often about thirty metres. Shall I go on?"),
        ("", FROM_THE_CUT),
        (FOLLOW_UP, f"All alone, but for her cat. {FROM_THE_CUT}"),
    ],
)
def test_with_a_note_it_does_what_the_note_says(words: str, answer: str) -> None:
    assert tell([ASKED, sent(), note(), said(words)]) == answer


def test_with_a_note_it_goes_on_when_the_user_agrees() -> None:
    offer = Told("model", "Often about thirty metres. Shall I go on?", "reply")
    assert tell([ASKED, sent(), note(), said(QUESTION), offer, said("Please go on.")]) == FROM_THE_CUT


def test_the_place_is_that_of_the_note_and_of_nothing_else() -> None:
    assert tell([ASKED, sent(), note(cut="She woke"), said("")]) == STORY[STORY.index("She woke") :]
    assert tell([ASKED, sent(), note(heard="", cut=""), said("")]) == STORY
    assert tell([ASKED, sent(), note(cut="Something that it never said"), said("")]) == "Where was I?"


def test_without_a_note_it_goes_on_from_what_was_sent() -> None:
    half = STORY[: STORY.index(" and everyone")]
    assert (
        tell([ASKED, sent(half), said("")])
        == "and everyone lit a candle. A hundred little flames led the ship safely home."
    )
    assert tell([ASKED, sent(half), said(QUESTION)]) == "Often about thirty metres. Shall I go on?"


def test_without_a_note_it_believes_that_all_was_said_once_all_was_sent() -> None:
    assert tell([ASKED, sent(), said("")]) == ALL_TOLD
    assert tell([ASKED, sent(), said(FOLLOW_UP)]) == "All alone, but for her cat."
    offer = tell([ASKED, sent(), said(QUESTION)])
    assert offer == "Often about thirty metres. Anything else?"
    assert tell([ASKED, sent(), said(QUESTION), Told("model", offer, "reply"), said("Please go on.")]) == ALL_TOLD


def test_every_choice_of_the_command_line_exists() -> None:
    assert set(CHOICES) == CASES.keys()
    assert set(PROFILE_CHOICES) <= PROFILES.keys()


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_recordings(case: str) -> None:
    for utterance in filter(None, (CASES[case].breaks_in, CASES[case].then)):
        assert 0.3 < len(recording(utterance.recording)) / 2 / INPUT_RATE < 2.0


HIS = FROM_THE_CUT.replace("She", "He")


def corrected(text: str) -> list[Told]:
    return [ASKED, sent(text), note(), said("No, it was an old man.")]


def test_a_correction_changes_all_that_follows() -> None:
    assert tell(corrected(STORY)) == f"An old man, of course. {HIS}"
    first = note(heard="An old", cut="An old")
    assert tell([ASKED, sent(), first, said("No, it was an old man.")]).startswith(
        "An old man, of course. An old man kept"
    )
    again = [sent(HIS), note(heard=HIS, cut="He woke"), said("I see.")]
    assert tell([*corrected(STORY), *again]) == HIS[HIS.index("He woke") :]
    assert tell([ASKED, sent(STORY[:60]), said("No, it was an old man.")]).endswith(
        " he climbed ninety-nine steps to light the lamp. " + HIS
    )


def test_it_stops_when_told_to_and_goes_on_when_asked_to() -> None:
    stopped = [ASKED, sent(), note(), said("Stop, please."), Told("model", "All right.", "reply")]
    assert tell(stopped[:-1]) == "All right."
    assert tell([*stopped, said("Please go on.")]) == FROM_THE_CUT


def test_what_it_has_told_to_the_end_it_does_not_tell_again() -> None:
    told = Told("model", FROM_THE_CUT, "reply")
    assert tell([ASKED, sent(), note(), said(""), told, said("I see.")]) == ALL_TOLD


def test_without_a_note_it_goes_on_from_the_last_that_was_sent() -> None:
    half, rest = STORY[:60], STORY[60:]
    assert tell([ASKED, sent(half), said(""), sent(rest[:40]), said("I see.")]) == rest[40:].lstrip()
    assert tell([ASKED, sent(half), said(QUESTION), sent("Often about"), said("")]) == rest.lstrip()


def test_words_that_it_cannot_make_out_are_words_all_the_same() -> None:
    assert tell([ASKED, sent(), note(), said(UNKNOWN)]) == f"I hear you, but not the words. {FROM_THE_CUT}"


@pytest.mark.parametrize("utterance", OTHERS, ids=str)
def test_what_else_can_be_said_is_recorded(utterance: Utterance) -> None:
    assert 0.3 < len(recording(utterance.recording)) / 2 / INPUT_RATE < 2.0


@pytest.mark.parametrize(
    ("disposition", "begins"),
    [("facts", "burn, and a ship"), ("system-rules", "burn, and a ship"), ("record", ""), ("second-answer", "")],
)
def test_a_model_of_another_disposition_takes_the_note_otherwise(disposition: Any, begins: str) -> None:
    rest = tell([ASKED, sent(), note(), said(FOLLOW_UP)], disposition=disposition)
    told = rest.removeprefix("All alone, but for her cat.").strip()
    assert told == (STORY[STORY.index(begins) :] if begins else "")


def test_a_model_that_reads_notes_later_is_right_in_its_second_answer() -> None:
    offer = Told("model", "Often about thirty metres.", "reply")
    context = [ASKED, sent(), note(), said(QUESTION), offer, said("Please go on.")]
    assert tell(context, disposition="second-answer") == FROM_THE_CUT
    told = Told("model", FROM_THE_CUT, "reply")
    assert tell([*context, told, said("Please go on.")], disposition="second-answer") == "That was the whole story."


def test_rules_in_the_system_instruction_are_obeyed_by_the_model_that_looks_there() -> None:
    context = [Told("user", interruption_rules(), "instruction"), ASKED, sent(), note(), said("")]
    assert tell(context, disposition="system-rules") == FROM_THE_CUT


def test_without_a_story_in_what_it_said_there_is_nothing_to_go_on_with() -> None:
    assert tell([ASKED, Told("model", "Hello there.", "reply"), said("")], disposition="facts") == ALL_TOLD


def test_every_disposition_can_be_chosen() -> None:
    assert list(DISPOSITION_CHOICES) == list(DISPOSITIONS)
