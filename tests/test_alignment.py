"""Played seconds to a place in the transcript: pins, timestamps and the pace of a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemini_live_interrupt._alignment import Pins, align, length_at

TIDES = "The tide turns twice a day, pulled by the moon."
Timed = tuple[str, float | None, float | None]


@pytest.mark.parametrize(
    ("seconds", "length"),
    [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (3.0, 2.0), (4.0, 3.0), (5.0, 3.5), (6.0, 4.0), (9.0, 5.5)],
)
def test_lengths_divide_the_time_between_pins(seconds: float, length: float) -> None:
    pins = ([1.0, 3.0], [2.0, 4.0])
    assert length_at(seconds, pins, lead=0.0, factor=2.0, end=(4.0, 6.0)) == pytest.approx(length)
    if seconds > 4.0:
        assert length_at(seconds, pins, lead=0.0, factor=2.0) == pytest.approx(length)


def test_without_pins_speech_goes_on_at_the_usual_rate() -> None:
    assert length_at(3.0, ([], []), lead=0.0, factor=1.5) == pytest.approx(2.0)
    assert length_at(-3.0, ([], []), lead=0.0, factor=1.5) == 0.0


def test_what_arrives_ahead_is_spoken_later() -> None:
    pins = ([1.0], [2.0])
    assert length_at(2.5, pins, lead=0.5, factor=1.0) == pytest.approx(1.0)
    assert length_at(1.5, pins, lead=-0.5, factor=1.0) == pytest.approx(1.0)


def test_pins_behind_the_last_one_do_not_turn_speech_back() -> None:
    pins = ([1.0, 3.0], [2.0, 4.0])
    assert length_at(5.0, pins, lead=0.0, factor=1.0, end=(2.0, 6.0)) == pytest.approx(3.0)


@st.composite
def pins(draw: st.DrawFn) -> Pins:
    times = sorted(draw(st.lists(st.floats(0.0, 1e4), max_size=9)))
    lengths = draw(st.lists(st.floats(0.0, 1e4), min_size=len(times), max_size=len(times)))
    return sorted(lengths), times


@given(pins(), st.floats(-5.0, 5.0), st.floats(0.01, 100.0), st.lists(st.floats(0.0, 2e4), min_size=2, max_size=2))
def test_no_length_is_less_at_a_later_time(pins: Pins, lead: float, factor: float, times: list[float]) -> None:
    for end in (None, (1e4, 1e4)):
        sooner, later = (length_at(time, pins, lead=lead, factor=factor, end=end) for time in sorted(times))
        assert 0.0 <= sooner <= later * (1 + 1e-9)


# Each word with a timestamp, and the text and seconds that it pins.
TIMESTAMPS: dict[str, tuple[list[Timed], list[tuple[str, float]]]] = {
    "as they are": (
        [("The", 0.0, 0.2), ("tide", 0.2, 0.6)],
        [("", 0.0), ("The", 0.2), ("The ", 0.2), ("The tide", 0.6)],
    ),
    "case and punctuation": ([("the,", 0.1, None), ("TIDE!", 0.3, None)], [("", 0.1), ("The ", 0.3)]),
    "some missing": ([("day", 2.0, 2.5)], [("The tide turns twice a ", 2.0), ("The tide turns twice a day", 2.5)]),
    "some without a time": ([("The", None, None), ("tide", None, 0.6)], [("The tide", 0.6)]),
    "words that are not in it": ([("brown", 0.0, 9.0), ("tide", 0.3, None), ("", 1.0, 1.0)], [("The ", 0.3)]),
    "no part of a word": ([("id", 0.0, 1.0), ("turn", 1.0, 2.0)], [("The tide ", 1.0), ("The tide turn", 2.0)]),
    "one out of line": (
        [("The", 0.1, None), ("tide", 9.0, None), ("turns", 0.9, None), ("twice", 1.2, None)],
        [("", 0.1), ("The tide ", 0.9), ("The tide turns ", 1.2)],
    ),
    "only signs": ([("...", 0.0, 1.0)], []),
    "none": ([], []),
}


@pytest.mark.parametrize("words", TIMESTAMPS)
def test_timestamps_pin_the_words_that_are_found(words: str) -> None:
    given, expected = TIMESTAMPS[words]
    offsets, times = align(TIDES, given)
    assert [(TIDES[:offset], time) for offset, time in zip(offsets, times, strict=True)] == expected


def test_a_long_gap_in_the_timestamps_is_crossed_in_a_few_words() -> None:
    text = "la " * 60 + "one two three four five six seven"
    words: list[Timed] = [(word, float(second), None) for second, word in enumerate(text.split()[60:])]
    assert align(text, words)[0][-1] == text.index("seven")


def test_a_letter_without_a_lower_case_of_its_size_moves_no_word() -> None:
    text = "İzmir is far"
    assert align(text, [("far", 1.0, None)]) == ([9], [1.0])


@given(st.text(), st.lists(st.tuples(st.text(), st.none() | st.floats(0, 9), st.none() | st.floats(0, 9))))
def test_no_timestamps_raise_or_go_back(text: str, words: list[Timed]) -> None:
    offsets, times = align(text, words)
    assert offsets == sorted(offsets)
    assert times == sorted(times)
    assert all(0 <= offset <= len(text) for offset in offsets)
