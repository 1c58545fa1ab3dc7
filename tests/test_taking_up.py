"""Which sentence is taken up: the one in progress, or the next after one that was heard to its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import chunks, sound

from gemini_live_interrupt._envelope import audio_format
from gemini_live_interrupt._pace import Pace
from gemini_live_interrupt._playback import Playback
from gemini_live_interrupt._taking_up import FAR, sentence_to_take_up


@pytest.mark.parametrize(
    ("heard", "unheard", "taken_up"),
    [
        ("The sea is calm.", " A ship sails by. It is red.", "A ship sails by."),
        ("The sea is calm. ", "A ship sails", "A ship sails"),
        ("The sea is calm. A", " ship sails by.", "A"),
        ("The sea is", " calm. A ship sails by.", "The sea is"),
        ("Ask Dr.", " Smith about it. He knows.", "Ask Dr."),
        ("It costs 3.", "5 euros. That is cheap.", "It costs 3."),
        ("Is it? “Yes.”", " “No!” they said. Well.", "“No!” they said."),
        ("潮水涨落。", "太阳也在吸引。大海不动。", "太阳也在吸引。"),
        ("ज्वार आता है।", " सूर्य भी खींचता है। पर कम।", "सूर्य भी खींचता है।"),
        ("", "The sea is calm. A ship sails by.", ""),
        ("The sea is calm.", "", "The sea is calm."),
        ("The sea is calm.", " … ", "The sea is calm."),
    ],
)
def test_after_a_whole_sentence_the_next_one_is_taken_up(heard: str, unheard: str, taken_up: str) -> None:
    assert sentence_to_take_up(heard, unheard, heard_out=True) == taken_up


def test_within_doubt_it_is_the_earlier_one() -> None:
    assert sentence_to_take_up("It is late. The sea is calm.", " A ship.", heard_out=False) == "The sea is calm."


def test_of_a_long_sentence_the_beginning_is_taken_up() -> None:
    taken_up = sentence_to_take_up("The sea is calm.", " A ship" + " and a ship" * 1000, heard_out=True)
    assert taken_up.startswith("A ship and a ship")
    assert len(taken_up) <= FAR


@given(st.text("ab .,!?。1\n", max_size=60), st.text("AB .,!?。1\n", max_size=60), st.booleans())
def test_what_is_taken_up_is_a_part_of_what_was_said(heard: str, unheard: str, heard_out: bool) -> None:
    taken_up = sentence_to_take_up(heard, unheard, heard_out=heard_out)
    assert heard.endswith(taken_up) or unheard.lstrip().startswith(taken_up)


FIRST, SECOND = ["We", "fry", "the", "onions", "now."], ["Then", "we", "add", "the", "rice."]


def reply(pause: float) -> Playback:
    """Two sentences of a second and a half each, with a pause between them, and their words just before their audio."""
    turn = Playback(Pace())
    pcm = chunks(sound((1.5, 3000.0), (pause, 5.0), (1.5, 3000.0)), 2400)
    words = {round(at * 6): word for at, word in enumerate(FIRST)}
    words |= {round((1.5 + pause) * 20 + at * 6): word for at, word in enumerate(SECOND)}
    for number, chunk in enumerate(pcm):
        if number in words:
            turn.add_text(words[number] + " ")
        turn.add_audio(0.05, 0.0)
        turn.listen(chunk, audio_format("audio/pcm"))
    return turn


@pytest.mark.parametrize(("second", "is_out"), [(0.8, False), (1.2, False), (1.8, True), (2.0, True), (2.7, False)])
def test_a_sentence_has_been_heard_to_its_end_in_the_pause_after_it(second: float, is_out: bool) -> None:
    heard = reply(0.6).heard(second)
    assert (heard.text.rstrip().endswith("now.") and heard.is_to_the_end) == is_out
