"""What a session learns of a voice: by how much speech it rests on."""

from __future__ import annotations

import pytest

from gemini_live_interrupt._agreement import Agreement
from gemini_live_interrupt._pace import VOICES_KEPT, Pace, Voices
from gemini_live_interrupt._switch import Switch


def test_a_session_is_spoken_as_its_earlier_turns_were() -> None:
    pace = Pace()
    assert pace.factor == pytest.approx(1.0)
    for _ in range(8):
        pace.learn(13.0, 10.0, 0.1)
        pace.learn_lead(0.6, 100)
    assert pace.factor == pytest.approx(1.3, abs=0.02)
    assert pace.lead == pytest.approx(0.6, abs=0.05)


def test_a_greeting_teaches_less_than_a_story() -> None:
    greeted, told = Pace(), Pace()
    greeted.learn(1.3, 1.0, 0.1)
    told.learn(26.0, 20.0, 0.1)
    assert 1.0 < greeted.factor < 1.15 < told.factor < 1.3


def test_a_greeting_whose_end_is_not_known_teaches_hardly_anything() -> None:
    pace = Pace()
    pace.learn(2.2, 0.8, 1.0)  # "Hello." and a tail
    assert 1.0 < pace.factor < 1.2


def test_what_is_known_of_a_voice_makes_the_next_turn_surer() -> None:
    pace, errors = Pace(), []
    for _ in range(5):
        errors.append(pace.error)
        pace.learn(10.0, 10.0, 0.1)
    assert errors == sorted(errors, reverse=True)


def test_the_last_turns_count_most() -> None:
    pace = Pace()
    for seconds in [8.0] * 9 + [12.0] * 9:
        pace.learn(seconds, 10.0, 0.1)
    assert pace.factor > 1.08


@pytest.mark.parametrize(("length", "seconds"), [(0.0, 5.0), (1.0, 50.0), (50.0, 1.0), (1e-300, 1e300)])
def test_text_that_is_not_that_of_the_audio_teaches_nothing(length: float, seconds: float) -> None:
    pace = Pace()
    pace.learn(seconds, length, 0.1)
    assert pace.factor == Pace().factor


def taught(pace: Pace) -> Pace:
    for _ in range(4):
        pace.learn(13.0, 10.0, 0.1)
        pace.learn_lead(0.5, 100)
    pace.learn_pauses(heard=True)
    return pace


def test_a_voice_that_was_heard_in_another_session_is_known() -> None:
    voices = Voices()
    first = taught(voices.pace("native", "Puck"))
    second = voices.pace("native", "Puck")
    assert second.factor == pytest.approx(first.factor)
    assert (second.lead, second.has_pauses) == (first.lead, True)
    assert first.error < second.error < Pace().error  # in another session it may speak another language
    for other in (voices.pace("native", "Kore"), voices.pace("live", "Puck")):
        assert (other.factor, other.lead, other.has_pauses) == (1.0, Pace().lead, False)


def test_sessions_at_the_same_time_learn_by_themselves() -> None:
    voices = Voices()
    first, second = voices.pace("native", ""), voices.pace("native", "")
    taught(first)
    assert second.factor == 1.0


def test_the_voices_that_are_kept_are_the_latest() -> None:
    voices = Voices()
    taught(voices.pace("native", "first"))
    taught(voices.pace("native", "again"))
    for number in range(VOICES_KEPT - 1):
        voices.pace("native", str(number))
        assert voices.pace("native", "again").factor > 1.2
    assert voices.pace("native", "first").factor == 1.0


def test_a_session_of_which_nothing_is_known_begins_afresh() -> None:
    switch = Switch()
    agreed = Agreement(model="native", speaks=True, transcribes=True, can_be_interrupted=True, voice="Puck")
    taught(switch.pace(agreed))
    assert switch.pace(agreed).factor > 1.2
    assert switch.pace(None).factor == 1.0
    switch.set(None)
    assert switch.pace(agreed).factor == 1.0
