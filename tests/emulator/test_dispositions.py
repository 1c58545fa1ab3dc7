"""How a scripted model takes a note: every disposition goes on where it says, whatever the words of the note are."""

from typing import Any, get_args

import pytest

from gemini_live_interrupt import default_prompt
from gemini_live_interrupt.emulator import DISPOSITIONS, Rule, ScriptedModel, Told
from gemini_live_interrupt.emulator._dispositions import Disposition, Places, find_places

TALE = "A fox sat by the sea. It waited for a ship. Then a light rose. It was “Home”."
SENTENCE = "It waited for a ship. Then a light rose. It was “Home”."
AFTER_HEARD = "waited for a ship. Then a light rose. It was “Home”."
AFTER_SENT = "a ship. Then a light rose. It was “Home”."

ASKED = Told("user", "A tale, please.", "speech")
CUT = Told("model", "A fox sat by the sea. It waited for", "reply", interrupted=True)
NOISE = Told("user", "", "noise")
HEARD = "A fox sat by the sea. It"
NOTES = {
    "today's": default_prompt(HEARD, "", [("user", "A tale, please.")]),
    "facts": f'<cut_off>The user heard "{HEARD}" and not "waited for". Take up "It".</cut_off>',
    "another order": "<cut_off>Take up “It”. Not heard: “waited for”. Heard: “A fox sat by the sea. It”.</cut_off>",
    "abridged": "<cut_off>Heard: “A fox … sea. It”, and no more. Unfinished: “It”.</cut_off>",
}


def context(note: str, *more: Told, instruction: str = "", silent: bool = True) -> tuple[Told, ...]:
    begin = (Told("system", instruction, "instruction"),) if instruction else ()
    return (*begin, ASKED, CUT, Told("user", note, "content", silent=silent), *more)


def goes_on(disposition: Any, told: tuple[Told, ...]) -> str:
    rules = [Rule(contains="tale", say=TALE), Rule(contains="weather", say="It rains."), Rule(resume=True)]
    return "".join(str(part) for part in ScriptedModel(rules, disposition=disposition)(told))


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize(
    ("disposition", "expected"),
    [("obeys", SENTENCE), ("facts", AFTER_HEARD), ("record", AFTER_SENT), ("system-rules", AFTER_HEARD)],
)
def test_a_note_is_taken_as_the_disposition_has_it_in_any_wording(note: str, disposition: str, expected: str) -> None:
    assert goes_on(disposition, context(NOTES[note], NOISE)) == expected


@pytest.mark.parametrize("note", NOTES)
def test_silent_content_may_be_used_from_the_second_answer_on_only(note: str) -> None:
    weather = Told("user", "The weather?", "speech"), Told("model", "It rains.", "reply")
    assert goes_on("second-answer", context(NOTES[note], NOISE)) == AFTER_SENT
    assert goes_on("second-answer", context(NOTES[note], *weather, NOISE)) == SENTENCE
    assert goes_on("second-answer", context(NOTES[note], silent=False)) == SENTENCE


@pytest.mark.parametrize("note", NOTES)
def test_rules_may_count_in_the_system_instruction_only(note: str) -> None:
    marker = NOTES[note].partition("<")[2].partition(">")[0]
    rules = f"You are a storyteller. After a <{marker}>, begin again at the sentence that was cut off."
    assert goes_on("system-rules", context(NOTES[note], NOISE, instruction=rules)) == SENTENCE
    assert goes_on("system-rules", context(NOTES[note], NOISE, instruction="Tell stories.")) == AFTER_HEARD


def test_without_a_note_every_disposition_goes_on_after_what_was_sent() -> None:
    for disposition in DISPOSITIONS:
        assert goes_on(disposition, (ASKED, CUT, NOISE)) == AFTER_SENT


def test_of_nothing_heard_the_reply_is_begun_again() -> None:
    note = "Of your answer the user HEARD nothing. You had said: “A fox sat by the sea. It waited for”"
    for disposition in ("obeys", "facts"):
        assert goes_on(disposition, context(note, NOISE)) == TALE


def test_a_sentence_that_had_ended_is_not_said_again() -> None:
    note = "The user heard “A fox sat by the sea.” and not “It waited for”."
    for disposition in ("obeys", "facts"):
        assert goes_on(disposition, context(note, NOISE)) == SENTENCE


def test_an_answer_of_two_turns_is_one_answer() -> None:
    first = Told("model", "A fox sat by the sea.", "reply")
    second = Told("model", "It waited for", "reply", interrupted=True)
    assert goes_on("obeys", (ASKED, first, second, NOISE)) == AFTER_SENT


@pytest.mark.parametrize(
    ("note", "places"),
    [
        ("no quotation at all", None),
        ("“somebody else's words”", None),
        ("", None),
        ("“A fox” " * 5_000, Places(5, 0)),
        ("only the end: “Then a light”", Places(44, 44)),
    ],
)
def test_a_note_says_no_more_than_it_quotes(note: str, places: Places | None) -> None:
    assert find_places(TALE, note) == places


def test_dispositions_have_names() -> None:
    assert set(get_args(Disposition)) == set(DISPOSITIONS)
    with pytest.raises(ValueError, match="unknown disposition 'obey'; known are 'obeys', 'facts'"):
        ScriptedModel([], disposition="obey")  # type: ignore[arg-type]
