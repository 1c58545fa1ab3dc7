"""What the listener missed and heard twice, and the words for it."""

import dataclasses

import pytest

from gemini_live_interrupt.demo._messages import ConversationProgress, Line, Record, Wish, read
from gemini_live_interrupt.demo._report import fault, report, so_far, taken_up
from gemini_live_interrupt.demo._summary import (
    ADVICE,
    BRIEFLY,
    abridge,
    caution,
    facts,
    overview,
    rows,
    shorten_note,
    verdict,
)
from gemini_live_interrupt.emulator._dispositions import DISPOSITIONS

STORY = "It rained all day long. The dog slept by the fire. Then somebody knocked at the door."
HEARD = "It rained all day long. The dog slept by"
RIGHT = Record(
    story=STORY,
    sent=STORY,
    heard=HEARD,
    told=["Continue."],
    answers=["A brown one. The dog slept by the fire. Then somebody knocked at the door."],
    interrupted=True,
    lines=[
        Line(who="model", words=HEARD, unheard=STORY[len(HEARD) :], cut=True),
        Line(who="user", words="Which dog?"),
        Line(who="note", words="Continue."),
        Line(who="model", words="A brown. The dog slept by the fire. Then somebody knocked", unheard=" at the door."),
    ],
)


def answered(*answers: str, sent: str = STORY) -> Record:
    return dataclasses.replace(RIGHT, answers=list(answers), sent=sent)


def test_a_sentence_that_begins_again_is_right() -> None:
    found = report(RIGHT)
    assert (found.cut, found.went_on, found.missed, found.heard_twice) == (5, 5, [], ["The dog slept by"])
    assert found.resumed == "The dog slept by the fire. Then somebody knocked at the door."
    assert fault(RIGHT) == ""


def test_the_answer_may_come_in_a_reply_of_its_own() -> None:
    assert (
        fault(answered("A brown one. Shall I go on?", "The dog slept by the fire. Then somebody knocked at the door."))
        == ""
    )


def test_what_was_sent_and_not_heard_is_missed() -> None:
    record = answered("A brown one. knocked at the door.", sent=STORY[: STORY.index(" knocked")])
    assert report(record).missed == ["the fire. Then somebody"]
    assert report(record).heard_twice == []
    assert "went on at “knocked at the door. …”, not at the beginning" in fault(record)
    assert dict(rows(record))["missed"] == "4 of 17 words: “the fire. Then somebody”"
    assert dict(rows(record))["went on"] == "at “knocked at the door.”, where sending had got to"


def test_a_story_told_from_its_beginning_is_heard_twice() -> None:
    record = answered(STORY)
    assert report(record).heard_twice == [HEARD]
    assert "went on at “It rained all day …”" in fault(record)


def test_a_story_that_breaks_off_is_not_right() -> None:
    assert fault(answered("The dog slept by the fire.")) == "the listener missed “Then somebody knocked at the door.”"


def test_the_last_words_of_a_story_count_however_few() -> None:
    assert report(answered("door.")).went_on == 16


@pytest.mark.parametrize("answers", [[], ["A brown one. Anything else?"], ["The dog is brown."]])
def test_another_subject_is_not_going_on(answers: list[str]) -> None:
    record = answered(*answers)
    assert report(record).went_on is None
    assert fault(record) == "the model did not go on with the story"
    assert dict(rows(record))["went on"] == "nowhere: the story is not taken up again"


def test_a_model_that_was_not_interrupted_proves_nothing() -> None:
    assert fault(dataclasses.replace(RIGHT, interrupted=False)) == "the model was not interrupted"


@pytest.mark.parametrize(
    ("heard", "cut"), [("", 0), ("It rained", 0), ("It rained all day long", 0), ("It rained all day long.", 5)]
)
def test_the_pause_after_a_sentence_belongs_to_it(heard: str, cut: int) -> None:
    assert report(dataclasses.replace(RIGHT, heard=heard)).cut == cut


def test_silence_is_shown_as_what_it_is() -> None:
    lines = [RIGHT.lines[0], Line(who="user", words="(coughs)")]
    record = dataclasses.replace(RIGHT, told=[], answers=[], lines=lines)
    shown = dict(rows(record))
    assert shown["told"] == "nothing"
    assert shown["then"] == "user: (coughs)\nmodel: (stays silent)"


def test_a_note_is_shown_by_what_it_says() -> None:
    note = "<note>\nThe user HEARD: “one two three four five six”\n</note>"
    assert shorten_note(note) == f"a note ({len(note)} characters): they heard “… three four five six”"
    assert facts(note, BRIEFLY) == ["heard “… three four five six”"]
    assert shorten_note("Go on.") == "a note (6 characters): Go on."
    assert (
        shorten_note("The user said nothing more and waits.\nGo on now.")
        == "and after a silence the same again: go on now"
    )


def test_text_is_abridged_only_if_that_leaves_out_something() -> None:
    assert abridge("one two three four", 2, 1) == "one two three four"
    assert abridge("one two three four five", 2, 1) == "one two … five"
    assert abridge("one two three", 0, 1) == "… three"


def test_what_processes_tell_each_other_comes_back_the_same() -> None:
    assert read(RIGHT.to_json().encode()) == RIGHT
    progress = ConversationProgress(at=1.5, lines=RIGHT.lines)
    assert read(progress.to_json().encode()) == progress


def test_the_place_where_the_story_is_told_again_is_found_while_it_is_told() -> None:
    assert taken_up(STORY, "A brown one. The dog slept") == len("A brown one. ")
    assert taken_up(STORY, "A brown one. The dog") is None


def test_what_is_missed_grows_less_while_the_story_is_told_again() -> None:
    found = [report(so_far(RIGHT.lines[:number])) for number in (1, 3, 4)]
    assert [each.missed for each in found] == [[STORY[len(HEARD) + 1 :]], [STORY[len(HEARD) + 1 :]], ["at the door."]]
    assert report(so_far([])).words == 0


def test_what_is_not_real_is_said() -> None:
    wish = Wish(case="noise", profile="3.8-live", model="m", live=False, library=True)
    assert "scripted" in caution(wish, ["noise"])
    assert "silent" in caution(wish, ["question", "noise"])
    assert "silent" not in caution(wish, ["question"])
    assert "scripted" not in caution(dataclasses.replace(wish, live=True), ["noise"])


def test_all_cases_are_summed_up() -> None:
    lost = answered("A brown one. knocked at the door.", sent=STORY[: STORY.index(" knocked")])
    head, right, wrong = overview({"question": [lost, RIGHT], "noise": [lost, answered()]})
    assert head == ("case", "missed without", "missed with", "went on")
    assert right == ("question", "4 words", "nothing", "right")
    assert wrong == ("noise", "4 words", "8 words", "the model did not go on with the story")


@pytest.mark.parametrize(
    ("faults", "live", "said"),
    [
        ([""], False, "Right: with the library, the model went on at the beginning of the sentence"),
        (["", ""], False, "Right: with the library, in all 2 cases the model went on at the beginning"),
        (["it stopped"], False, "Wrong, with the library: it stopped."),
        (["it stopped", "", "it sang"], False, "Wrong, with the library, in 2 of 3 cases: 0, 2."),
        ([""], True, "As the listener heard it: the model went on right."),
        (["it stopped"], True, "As the listener heard it: it stopped."),
        (["it stopped", ""], True, "As the listener heard it, the model went on right in 1 of 2 cases."),
    ],
)
def test_the_verdict_says_what_went_wrong(faults: list[str], live: bool, said: str) -> None:
    assert verdict({str(case): fault for case, fault in enumerate(faults)}, live=live).startswith(said)


def test_a_model_that_goes_on_within_the_sentence_is_right_and_the_verdict_says_where() -> None:
    record = answered("the fire. Then somebody knocked at the door.")
    assert report(record).went_on == 9
    assert fault(record) == ""
    assert "went on within the sentence" in verdict({"": ""}, live=False, seamless=True)


def test_every_disposition_but_the_obedient_one_has_its_advice() -> None:
    assert {*ADVICE, "obeys"} == {*DISPOSITIONS}
    wish = Wish(case="noise", profile="2.5-native", model="m", live=False, library=True, disposition="record")
    assert "it believes its own record" in caution(wish, ["question"])
