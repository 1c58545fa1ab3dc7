"""Where text stands in audio: each sign by its error."""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import chunks, sound

from gemini_live_interrupt._course import Course, Moment
from gemini_live_interrupt._deltas import Deltas
from gemini_live_interrupt._envelope import audio_format
from gemini_live_interrupt._pace import Pace
from gemini_live_interrupt._pauses import MOST, PHRASE, SENTENCE, Match, ends_of, longest
from gemini_live_interrupt._playback import Playback
from gemini_live_interrupt._speech_length import voiced_lengths
from gemini_live_interrupt._voiced_time import VoicedTime

VOICE, QUIET = 3000.0, 10.0
USUAL = (1.0, 0.02)

# The course


def test_a_moment_that_is_known_well_is_on_the_course() -> None:
    course = Course([(0.0, 0.0, 0.01), (5.0, 7.0, 1e-9), (10.0, 10.0, 0.01)], USUAL)
    seconds, error = course.due(5.0)
    assert seconds == pytest.approx(7.0, abs=1e-3)
    assert 0.0 < error < 1e-3
    assert course.due(2.5)[0] == pytest.approx(3.5, abs=0.06)


def test_moments_weigh_as_much_as_they_are_known() -> None:
    sure, unsure = ([(0.0, 0.0, 1e-6), (5.0, 6.0, blur), (10.0, 10.0, 1e-6)] for blur in (0.01, 1.0))
    assert Course(sure, USUAL).due(5.0)[0] > 5.8
    assert Course(unsure, USUAL).due(5.0)[0] < 5.2


def test_the_farther_from_what_is_known_the_less_is_known() -> None:
    course = Course([(0.0, 0.0, 1e-6), (10.0, 10.0, 1e-6)], USUAL)
    errors = [course.due(length)[1] for length in (0.0, 1.0, 5.0, 9.0, 10.0, 11.0, 15.0)]
    assert errors[0] < errors[1] < errors[2] > errors[3] > errors[4] < errors[5] < errors[6]
    assert course.due(15.0)[0] == pytest.approx(15.0)


def test_the_ear_is_behind_by_a_part_of_what_is_not_known() -> None:
    course = Course([(0.0, 0.0, 1e-6), (10.0, 10.0, 1e-6)], USUAL)
    assert course.heard(-1.0) == 0.0
    assert 9.9 < course.heard(10.0) < 10.0
    assert 4.6 < course.heard(5.0) < 5.0
    assert 14.0 < course.heard(15.0) < 15.0


MOMENTS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(1e-4, 10.0)), min_size=1).map(sorted)


@given(MOMENTS, st.floats(0.05, 20.0), st.lists(st.floats(-5.0, 300.0), min_size=2).map(sorted))
def test_no_course_goes_back(moments: list[Moment], pace: float, seconds: list[float]) -> None:
    course = Course(moments, (pace, 0.02))
    heard = [course.heard(second) for second in seconds]
    assert all(later >= sooner - 1e-9 for sooner, later in pairwise(heard))
    assert all(length >= 0.0 for length in heard)
    dues = [course.due(length) for length in sorted(heard)]
    assert all(error > 0.0 for _, error in dues)


# Pauses


def test_ends_of_sentences_and_phrases_are_found() -> None:
    text = 'He said: "Go." So, 3.5 of them - 10:30 - went… “Why?” Well, yes; no—never. End.'
    found = [(text[:offset].split()[-1], kind) for offset, kind in ends_of(text)]
    assert found == [
        ("said", PHRASE),
        ('"Go', SENTENCE),
        ("So", PHRASE),
        ("them", PHRASE),
        ("10:30", PHRASE),
        ("went", SENTENCE),
        ("“Why", SENTENCE),
        ("Well", PHRASE),
        ("yes", PHRASE),
        ("no", PHRASE),
        ("no—never", SENTENCE),
    ]


def test_a_hyphen_is_no_end() -> None:
    assert list(ends_of("two- or three-part songs")) == []


def test_ends_are_found_without_spaces() -> None:
    text = "潮水涨落，因为月亮。太阳也吸引"
    assert [(text[:offset], kind) for offset, kind in ends_of(text)] == [
        ("潮水涨落", PHRASE),
        ("潮水涨落，因为月亮", SENTENCE),
    ]


def matched(
    ends: list[tuple[float, int]], pauses: list[tuple[float, float]], whole: tuple[float, float] | None = None
) -> list[tuple[float, float]]:
    match = Match(ends, USUAL, due=None, whole=whole, blur=0.0025)
    for pause in pauses:
        match.add(*pause)
    return match.best()[0]


S, P = SENTENCE, PHRASE


@pytest.mark.parametrize("whole", [None, (20.0, 20.0)])
def test_pauses_are_matched_to_the_ends_beside_them(whole: tuple[float, float] | None) -> None:
    ends = [(4.0, S), (9.0, S), (15.0, S)]
    assert matched(ends, [(4.3, 0.6), (9.2, 0.5), (14.8, 0.5)], whole) == [(4.0, 4.3), (9.0, 9.2), (15.0, 14.8)]


def test_a_pause_in_mid_phrase_is_left_out() -> None:
    assert matched([(4.0, S), (9.0, S)], [(4.1, 0.6), (6.5, 0.3), (9.1, 0.6)]) == [(4.0, 4.1), (9.0, 9.1)]


def test_an_end_without_a_pause_is_left_out() -> None:
    assert matched([(4.0, S), (6.5, P), (9.0, S)], [(4.1, 0.6), (9.1, 0.6)]) == [(4.0, 4.1), (9.0, 9.1)]


def test_a_voice_that_is_slower_than_usual_is_followed() -> None:
    ends = [(at * 3.0, S) for at in range(1, 10)]
    slow = [(at * 3.0 * 1.25, 0.5) for at in range(1, 10)]
    match = Match(ends, USUAL, due=None, whole=None, blur=0.0025)
    for pause in slow:
        match.add(*pause)
    pairs, (pace, _) = match.best()
    assert pairs == [(length, seconds) for (length, _), (seconds, _) in zip(ends, slow, strict=True)]
    assert pace == pytest.approx(1.25, abs=0.04)


def test_what_the_transcript_says_of_an_end_decides() -> None:
    ends, due = [(4.0, S), (6.0, S)], [(6.0, 0.02), (9.0, 0.02)]
    match = Match(ends, USUAL, due=due, whole=None, blur=0.0025)
    match.add(6.1, 0.5)
    assert match.best()[0] == [(4.0, 6.1)]


def test_no_pause_is_matched_without_an_end() -> None:
    assert matched([], [(4.0, 0.5)]) == []
    assert matched([(4.0, S)], []) == []


def test_of_many_pauses_the_longest_are_matched() -> None:
    pauses = [(float(at), 0.2 + at % 2) for at in range(3 * MOST)]
    assert longest(pauses[:MOST]) == pauses[:MOST]
    assert len(longest(pauses)) == MOST
    assert {lasts for _, lasts in longest(pauses)} == {1.2}


# The deltas


def deltas(lengths: list[float], arrivals: list[float]) -> Deltas:
    return Deltas(lengths, arrivals, VoicedTime((array("d"), array("d"))))


def test_deltas_say_how_far_they_lead() -> None:
    lengths = [2.0 + at / 2 for at in range(56)]
    steady = deltas(lengths, [length - 1.0 for length in lengths])
    course = Course([(0.0, 0.0, 0.01), (30.0, 30.0, 0.01)], USUAL)
    assert steady.lead(course, 0.1) == pytest.approx(0.8, abs=0.1)
    assert not steady.run_ahead(1.0)
    assert steady.pace()[0] == pytest.approx(1.0, abs=0.05)


def test_deltas_that_come_twice_as_fast_as_speech_run_ahead() -> None:
    lengths = [at / 2 for at in range(20)]
    assert deltas(lengths, [length / 2 for length in lengths]).run_ahead(1.0)
    assert not deltas(lengths[:3], [0.0, 0.0, 0.0]).run_ahead(1.0)  # too few to tell


def test_many_deltas_make_few_moments() -> None:
    lengths = [at / 4 for at in range(4000)]
    moments = deltas(lengths, lengths).moments(0.1)
    assert len(moments) < 200
    assert moments == sorted(moments)


# All together: text that comes before any audio, whose pauses are all that tells

STORY = (
    "The keeper climbs the stairs at dusk. She trims the wick, fills the lamp with oil, and lights it. "
    "Far out a ship turns away from the rocks. Nobody on board knows her name. "
    "In the morning, when the fog has gone, she sleeps."
)


def told(
    paces: list[float], *, tail: float = 0.0, voice: float = VOICE, quiet: float = QUIET
) -> tuple[Playback, list[float]]:
    """Speak the story, each sentence at its own pace, with pauses; return it and when each sentence ends."""
    lengths, parts, ends, now, since = voiced_lengths(STORY), [], [], 0.0, 0.0
    stops = [*(offset for offset, kind in ends_of(STORY) if kind == SENTENCE), len(STORY)]
    for stop, pace in zip(stops, paces, strict=True):
        parts += [((lengths[stop] - since) * pace, voice), (0.5, quiet)]
        now += parts[-2][0]
        ends.append(now)
        now += 0.5
        since = lengths[stop]
    parts[-1] = (tail, quiet)
    turn = Playback(Pace())
    turn.add_text(STORY)
    for chunk in chunks(sound(*parts)):
        turn.add_audio(len(chunk) / 48_000, 0.0)
        turn.listen(chunk, audio_format("audio/pcm"))
    return turn, ends


UNEVEN = [1.15, 0.95, 1.1, 0.92, 1.05]


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("tail", [0.0, 4.0])
def test_pauses_tell_where_sentences_end(complete: bool, tail: float) -> None:
    turn, ends = told(UNEVEN, tail=tail)
    if complete:
        turn.complete()
    for end in ends[:-1]:
        heard = turn.heard(end + 0.25).text
        assert heard.endswith("."), heard
        assert heard == STORY[: len(heard)]
        before, after = turn.heard(end - 0.6).text, turn.heard(end + 1.1).text
        assert len(before) < len(heard) < len(after)


def test_without_pauses_the_same_voice_is_mistaken() -> None:
    turn, ends = told(UNEVEN, quiet=VOICE)
    turn.complete()
    assert any(not turn.heard(end + 0.25).text.endswith(".") for end in ends[:-1])


def test_a_silent_tail_is_heard_with_its_first_second() -> None:
    turn, ends = told(UNEVEN, tail=4.0)
    turn.complete()
    assert turn.heard(ends[-1] + 0.1).text == STORY
    assert turn.heard(ends[-1] - 0.8).text != STORY


def test_a_greeting_with_a_silent_tail_teaches_the_pace_of_its_words() -> None:
    pace, turn = Pace(), Playback(Pace())
    turn = Playback(pace)
    turn.add_text("Hello there.")
    for chunk in chunks(sound((0.75, VOICE), (2.0, QUIET))):
        turn.add_audio(len(chunk) / 48_000, 0.0)
        turn.listen(chunk, audio_format("audio/pcm"))
    turn.complete()
    assert pace.factor == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("mime_type", ["audio/l16;rate=24000", "audio/opus"])
def test_audio_that_cannot_be_listened_to_is_timed(mime_type: str) -> None:
    turn, timed = Playback(Pace()), Playback(Pace())
    for each in (turn, timed):
        each.add_text(STORY)
    for chunk in chunks(sound(*((1.0, VOICE), (0.5, QUIET)) * 8)):
        for each in (turn, timed):
            each.add_audio(len(chunk) / 48_000, 0.0)
        turn.listen(chunk, audio_format(mime_type))
    assert [turn.heard(second).text for second in range(12)] == [timed.heard(second).text for second in range(12)]


def test_audio_of_which_only_a_part_was_listened_to_is_timed() -> None:
    turn, _ = told(UNEVEN)
    timed = Playback(Pace())
    timed.add_text(STORY)
    for each in (turn, timed):
        each.add_audio(5.0, 0.0)
    timed.add_audio(turn.received - 5.0, 0.0)
    assert [turn.heard(second).text for second in range(12)] == [timed.heard(second).text for second in range(12)]


def test_a_last_piece_that_begins_after_the_end_of_speech_says_so_and_no_less_surely() -> None:
    deltas = Deltas([0.0, 4.0, 8.0], [0.0, 4.0, 8.0], VoicedTime((array("d"), array("d"))))
    assert deltas.end(6.0, (1.0, 0.0), 0.1) == deltas.end(8.0, (1.0, 0.0), 0.1)


PIECES = st.lists(
    st.tuples(
        st.text("ab ,.—。", max_size=30),
        st.sampled_from([b"", b"\1", sound((0.3, VOICE)), sound((0.2, 0.0)), sound((1.0, QUIET)), b"\xff\x7f" * 3001]),
        st.sampled_from(["audio/pcm;rate=24000", "audio/pcm;rate=8000;channels=2", None, "audio/x", "text/plain"]),
    ),
    max_size=40,
)


@given(PIECES, st.booleans(), st.lists(st.floats(0.0, 30.0), min_size=2, max_size=6).map(sorted))
def test_heard_is_a_prefix_that_grows_whatever_is_listened_to(
    pieces: list[tuple[str, bytes, str | None]], complete: bool, times: list[float]
) -> None:
    turn = Playback(Pace())
    for text, pcm, mime_type in pieces:
        form = audio_format(mime_type)
        turn.add_text(text)
        turn.add_audio(len(pcm) / form.bytes_a_second, 0.0)
        turn.listen(pcm, form)
    if complete:
        turn.complete()
    heard = [turn.heard(now).text for now in times]
    assert all(later.startswith(sooner) for sooner, later in pairwise(heard))
    assert turn.text.startswith(heard[-1])
