"""One reply against its audio: the playback clock, and what of the transcript has been heard. Time is an argument."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cost import grows_linearly
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from gemini_live_interrupt._pace import Pace
from gemini_live_interrupt._playback import Playback
from gemini_live_interrupt._snapshot import CarriedReply
from gemini_live_interrupt._speech_length import end_of_speech, spoken_lengths

TIDES = "The tide turns twice a day, pulled by the moon. It rises for six hours, and falls for six."
NAN, INF = math.nan, math.inf


# The playback clock


def clock(*chunks: tuple[float, float]) -> Playback:
    """A reply of these `(arrival, seconds)`."""
    turn = Playback(Pace())
    for now, seconds in chunks:
        turn.add_audio(seconds, now)
    return turn


@pytest.mark.parametrize(
    ("chunks", "now", "played"),
    [
        ([(10.0, 2.0)], 9.0, 0.0),
        ([(10.0, 2.0)], 10.0, 0.0),
        ([(10.0, 2.0)], 11.5, 1.5),
        ([(10.0, 2.0)], 12.0, 2.0),
        ([(10.0, 2.0)], 99.0, 2.0),
        ([(10.0, 2.0), (10.1, 2.0)], 13.0, 3.0),  # faster than real time: one follows the other
        ([(10.0, 1.0), (15.0, 1.0)], 15.0, 1.0),  # slower: the player ran dry
        ([(10.0, 1.0), (15.0, 1.0)], 15.5, 1.5),
        ([(10.0, 1.0), (9.0, 1.0)], 10.5, 0.5),  # a clock that goes back
        ([(10.0, 1.0), (NAN, 1.0)], 11.5, 1.5),
        ([(10.0, 1.0), (INF, 1.0)], 11.5, 0.0),
        ([(10.0, NAN), (10.0, -1.0), (10.0, 1e300), (10.0, 0.0)], 11.0, 0.0),
        ([], 11.0, 0.0),
    ],
)
def test_a_chunk_starts_when_it_arrives_or_the_one_before_has_ended(
    chunks: list[tuple[float, float]], now: float, played: float
) -> None:
    assert clock(*chunks).played(now) == pytest.approx(played)


def test_playback_ends_when_the_last_chunk_does() -> None:
    assert clock().ends_at() == -INF
    assert clock((10.0, 2.0), (10.1, 2.0)).ends_at() == pytest.approx(14.0)


@pytest.mark.parametrize(
    ("reports", "now", "played"),
    [
        ([(1.0, 12.0)], 12.0, 1.0),
        ([(1.0, 12.0)], 13.0, 2.0),  # at real-time rate from there
        ([(1.0, 12.0)], 99.0, 8.0),
        ([(5.0, 11.0)], 11.0, 5.0),  # ahead of the estimate
        ([(50.0, 11.0)], 11.0, 8.0),  # beyond what was received
        ([(3.0, 12.0), (2.0, 13.0)], 13.0, 4.0),  # backwards
        ([(3.0, 12.0), (4.0, 11.0)], 12.0, 3.0),  # out of order
        ([(3.0, 12.0), (3.0, 15.0)], 16.0, 4.0),  # paused
        ([(NAN, 11.0), (-1.0, 11.0), (1.0, NAN), (1.0, INF)], 12.0, 2.0),  # the estimate stands
    ],
)
def test_the_app_knows_better_how_much_was_played(
    reports: list[tuple[float, float]], now: float, played: float
) -> None:
    turn = clock((10.0, 4.0), (10.0, 4.0))
    for seconds, at in reports:
        turn.report_played(seconds, at)
    assert turn.played(now) == pytest.approx(played)


def test_audio_after_a_report_waits_for_what_is_still_to_be_played() -> None:
    turn = clock((10.0, 4.0))
    turn.report_played(1.0, 12.0)
    turn.add_audio(2.0, 12.5)
    assert turn.ends_at() == pytest.approx(17.0)
    turn.report_played(6.0, 17.0)
    turn.add_audio(2.0, 30.0)
    assert turn.played(31.0) == pytest.approx(7.0)


def test_a_report_before_any_audio_is_of_another_reply() -> None:
    turn = Playback(Pace())
    turn.report_played(3.0, 10.0)
    turn.add_audio(4.0, 11.0)
    assert turn.played(12.0) == pytest.approx(1.0)


# What was heard


def reply(text: str = TIDES, seconds: float = 5.5, pace: Pace | None = None) -> Playback:
    """All text before any audio, as Vertex sends it; received at 0.0, and not complete."""
    turn = Playback(pace or Pace())
    turn.add_text(text[:3])
    turn.add_text(text[3:])
    turn.add_audio(seconds, 0.0)
    return turn


def spoken(a_word: float, words: str = TIDES, pace: Pace | None = None, ahead: float = 0.0) -> Playback:
    """Each word just before its audio, or `ahead` of it, received at 0.0."""
    turn, lead = Playback(pace or Pace()), 0.0
    for word in words.split():
        turn.add_text(word + " ")
        lead += a_word
        if lead > ahead:
            turn.add_audio(a_word, 0.0)
    turn.add_audio(ahead or 0.01, 0.0)
    return turn


def test_without_audio_all_text_was_read() -> None:
    turn = Playback(Pace())
    turn.add_text("Tides ")
    turn.add_text("turn.")
    assert (turn.heard(0.0).text, turn.heard(0.0).evidence, turn.heard(0.0).played) == ("Tides turn.", "text", 0.0)


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        (-1.0, ""),
        (0.0, ""),
        (1.3, "The tide turns twice a"),
        (2.9, "The tide turns twice a day, pulled by the moon."),
        (5.5, TIDES),
        (99.0, TIDES),
    ],
)
def test_a_whole_reply_is_heard_by_the_part_that_was_played(now: float, heard: str) -> None:
    turn = reply()
    turn.complete()
    assert turn.heard(now).text == heard
    assert turn.heard(now).evidence == "clock"


def test_text_ahead_of_its_audio_is_not_heard_with_it() -> None:
    turn = reply(seconds=2.0)
    assert turn.heard(2.0).text == "The tide turns twice a day, pulled"
    assert turn.heard(99.0).text == turn.heard(2.0).text


def test_an_earlier_turn_tells_how_fast_the_next_one_is_spoken() -> None:
    pace = Pace()
    for _ in range(6):
        slow = reply(seconds=11.0, pace=pace)
        slow.complete()
        slow.complete()
        assert slow.generated
    assert reply(pace=pace).heard(2.4).text == reply().heard(1.3).text


def test_a_reply_that_is_reopened_does_not_teach_again_what_it_has_taught() -> None:
    pace = Pace()
    turn = reply(seconds=11.0, pace=pace)
    turn.complete()
    taught = pace.snapshot()
    for _ in range(3):  # replies that the player queues
        turn.reopen()
        turn.add_text(TIDES)
        turn.add_audio(11.0, 0.0)
        turn.complete()
    assert pace.snapshot() == taught


def test_a_reply_that_lacks_a_part_teaches_nothing() -> None:
    pace = Pace()
    carried = CarriedReply(
        heard=TIDES,
        coming="",
        unheard="",
        played=1.0,
        received=11.0,
        evidence="clock",
        generated=True,
        cut=None,
    )
    turn = Playback.restored(pace, carried, played=1.0, now=1.0)
    turn.reopen()
    turn.add_text(TIDES)
    turn.complete()
    assert pace.factor == 1.0


@pytest.mark.parametrize("complete", [True, False])
def test_a_word_is_heard_when_the_audio_that_came_after_it_is_played(complete: bool) -> None:
    turn = spoken(1.0)  # twice as slow as the table has it
    if complete:
        turn.complete()
    for second in range(1, 19):
        assert len(turn.heard(second + 0.5).text.split()) == pytest.approx(second, abs=1.0)


def test_words_that_came_beside_their_audio_tell_of_a_voice_that_slows_down() -> None:
    turn, ends = Playback(Pace()), [0.0]
    for number, word in enumerate((TIDES * 3).split()):
        turn.add_text(word + " ")
        ends.append(ends[-1] + (0.3 if number < 27 else 0.45))
        turn.add_audio(ends[-1] - ends[-2], 0.0)
    turn.complete()
    for second in range(1, 19):
        spoken = sum(end <= second for end in ends[1:])
        assert len(turn.heard(second).text.split()) == pytest.approx(spoken, abs=2.0)


def test_a_tail_without_words_is_no_speech() -> None:
    """The words came just before their audio, which goes on for four seconds after them: silence, or music."""
    plain, tailed = spoken(0.3, TIDES * 2), spoken(0.3, TIDES * 2)
    tailed.add_audio(4.0, 0.0)
    pace = Pace()
    for turn in (plain, tailed):
        turn._pace = pace = Pace()
        turn.complete()
        assert pace.factor == pytest.approx(plain.received / spoken_lengths(TIDES * 2)[-1], abs=0.1)
    for second in range(1, 10):
        words = [len(turn.heard(second).text.split()) for turn in (plain, tailed)]
        assert words[1] == pytest.approx(words[0], abs=1.0)


@pytest.mark.parametrize("complete", [True, False])
def test_a_transcript_that_comes_steadily_ahead_is_held_back(complete: bool) -> None:
    turn = spoken(0.3, TIDES * 2, ahead=1.5)
    if complete:
        turn.complete()
    heard = len(turn.heard(4.0).text.split())
    assert heard == pytest.approx(4.0 / 0.3, abs=2.0)


def test_a_transcript_that_runs_away_from_the_audio_tells_nothing() -> None:
    away, plain = Playback(Pace()), reply(TIDES * 4, 20.0)
    for word in (TIDES * 4).split():
        away.add_text(word + " ")
        away.add_audio(0.1, 0.0)
    away.add_audio(20.0 - away.received, 0.0)
    assert away.heard(3.0).text.split() == plain.heard(3.0).text.split()
    away.complete()
    plain.complete()
    assert away.heard(9.0).text.split() == plain.heard(9.0).text.split()


def test_a_transcript_that_comes_after_all_audio_is_no_evidence() -> None:
    turn = Playback(Pace())
    turn.add_audio(5.5, 0.0)
    for word in TIDES.split():
        turn.add_text(word + " ")
    turn.complete()
    assert turn.heard(2.9).text == "The tide turns twice a day, pulled by the moon."


def test_a_first_delta_that_comes_late_is_waited_for() -> None:
    turn = Playback(Pace())
    turn.add_text("Well. ")
    for word in TIDES.split():
        turn.add_audio(5.0, 0.0)
        turn.add_text(word + " ")
    assert turn.heard(12.0).text == "Well. The tide "[: len(turn.heard(12.0).text)]
    assert turn.heard(12.0).text.startswith("Well. The")


def test_deltas_without_a_sound_between_them_tell_no_rate() -> None:
    turn = Playback(Pace())
    for _ in range(5):
        turn.add_text("😀")
        turn.add_audio(1.0, 0.0)
    assert turn.heard(2.0).text in ("", "😀" * 5)
    turn.complete()
    assert turn.heard(2.0).text in ("", "😀" * 5)
    assert turn.heard(5.0).text == "😀" * 5


def words(text: str, a_word: float, *, prefix: str = "") -> list[types.WordInfo]:
    return [
        types.WordInfo(word=prefix + word, start_offset=f"{index * a_word}s", end_offset=f"{(index + 1) * a_word}s")
        for index, word in enumerate(text.split())
    ]


def test_timestamps_say_which_words_have_been_played_in_full() -> None:
    turn = reply(seconds=20.0)
    turn.add_words(words(TIDES, 1.0))
    for now, heard in ((0.9, ""), (1.0, "The"), (5.9, "The tide turns twice a"), (6.0, "The tide turns twice a day,")):
        assert turn.heard(now).text == heard
        assert turn.heard(now).evidence == "words"
    turn.complete()
    assert turn.heard(10.0).text == "The tide turns twice a day, pulled by the moon."


def test_timestamps_of_other_words_leave_it_to_the_clock() -> None:
    turn = reply()
    turn.add_words(words("lorem ipsum", 1.0))
    assert (turn.heard(1.3).text, turn.heard(1.3).evidence) == (reply().heard(1.3).text, "clock")


@dataclass
class Word:
    """A timestamp that is not what the SDK types it to be."""

    word: Any = "tide"
    start_offset: Any = None
    end_offset: Any = None


@pytest.mark.parametrize("offset", [None, "", "s", "soon", "-1s", "nan", "infs", "1e999s", object()])
def test_offsets_that_cannot_be_read_are_left_out(offset: Any) -> None:
    turn = reply()
    turn.add_words([Word(start_offset=offset, end_offset=offset), Word(word=None), Word(word=7), object()])
    assert turn.heard(1.3).evidence == "clock"


def test_a_report_is_the_best_evidence() -> None:
    turn = reply(seconds=20.0)
    turn.add_words(words(TIDES, 1.0))
    turn.report_played(6.0, 1.0)
    assert (turn.heard(1.0).text, turn.heard(1.0).evidence) == ("The tide turns twice a day,", "reported")
    turn.complete()
    assert turn.heard(99.0).evidence == "reported"


def test_the_raw_text_and_the_audio_are_kept_as_they_came() -> None:
    turn = Playback(Pace())
    for delta in (" Ca", "n I", "", " pl", "eas"):
        turn.add_text(delta)
        turn.add_audio(0.2, 0.0)
    assert turn.text == " Can I pleas"
    assert turn.received == pytest.approx(1.0)
    assert not turn.generated


# Any input

SECONDS = st.floats(-1.0, 30.0)
TIMES = st.floats(0.0, 60.0)
EVENTS = st.one_of(
    st.tuples(st.just("add_text"), st.tuples(st.text(max_size=20) | st.sampled_from(TIDES.split(" ")))),
    st.tuples(st.just("add_audio"), st.tuples(SECONDS, TIMES)),
    st.tuples(st.just("report_played"), st.tuples(SECONDS, TIMES)),
    st.tuples(
        st.just("add_words"),
        st.tuples(st.lists(st.builds(Word, word=st.sampled_from(TIDES.split()), start_offset=SECONDS | st.text()))),
    ),
    st.tuples(st.just("complete"), st.just(())),
)
HOSTILE = st.one_of(
    st.tuples(st.just("add_audio"), st.tuples(st.floats(), st.floats())),
    st.tuples(st.just("report_played"), st.tuples(st.floats(), st.floats())),
    st.tuples(st.just("add_words"), st.tuples(st.lists(st.builds(Word, st.text(), st.floats(), st.text())))),
)


@given(st.lists(EVENTS), st.lists(TIMES, min_size=2, max_size=5).map(sorted))
def test_heard_is_a_prefix_that_grows_with_time(events: list[tuple[str, tuple[Any, ...]]], times: list[float]) -> None:
    turn = Playback(Pace())
    for name, arguments in events:
        getattr(turn, name)(*arguments)
    heard = [turn.heard(now) for now in times]
    for sooner, later in zip([heard[0], *heard], heard, strict=False):
        assert turn.text.startswith(later.text)
        assert later.text.startswith(sooner.text)
        assert 0.0 <= sooner.played <= later.played <= turn.received


@given(st.lists(EVENTS | HOSTILE), st.floats())
def test_nothing_raises(events: list[tuple[str, tuple[Any, ...]]], now: float) -> None:
    turn = Playback(Pace())
    for name, arguments in events:
        getattr(turn, name)(*arguments)
        heard = turn.heard(now)
        assert turn.text.startswith(heard.text)
        assert 0.0 <= heard.played <= turn.received
        turn.ends_at()


def test_long_replies_take_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        deltas = (TIDES + " ") * count

        def run() -> None:
            turn = Playback(Pace())
            for at in range(0, len(deltas), 5):
                turn.add_text(deltas[at : at + 5])
                turn.add_audio(0.3, 0.0)
            turn.heard(300.0)

        return run

    assert grows_linearly(work, 28)


def test_the_cut_of_a_whole_reply_is_near_where_its_words_really_are() -> None:
    """The length of each word is that of the table, so that the only error is the aim: early, by less than a word."""
    turn = reply(seconds=8.0)
    turn.complete()
    lengths = spoken_lengths(TIDES)
    for cut in range(1, 80):
        now = cut / 10
        true = now / 8.0 * lengths[end_of_speech(TIDES)]
        assert lengths[len(turn.heard(now).text)] == pytest.approx(true, abs=0.6)
