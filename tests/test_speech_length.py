"""How long text is when spoken, and where it may be cut: claims by kind, then by property."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from cost import grows_linearly
from hypothesis import given
from hypothesis import strategies as st

from gemini_live_interrupt._speech_length import (
    _LENGTHS,
    _VOICED,
    REACH,
    REMEMBERED,
    cut_at,
    end_of_speech,
    spoken_lengths,
    voiced_lengths,
)

# The text may be cut at each bar, and nowhere else.
WORDS = [
    "One,| two| three.",
    "  One| two  ",
    "one|\ttwo|\r\nthree",
    "Quelle| question !| Oui",
    "well –| then\n-| next",
    "¿Qué?| ¡Nada!",
    "Dis «| Bonjour »| toi",
    "forty-five| 3.14| example.com",
    "it| costs| 5| €| or| 40| %",
    "हिन्दी| में",
    "한국어| 문장",
    "e\u0301te\u0301| a\u200db",
    "🇩🇪🇫🇷👩\u200d👩\u200d👧| ok",
    "אב\u05b8ג| דה",
    "x\u0600 y",
    "and ...| so ...",
]
UNSPACED = [
    "你|好，|我|来。|好",
    "用|iPhone|打",
    "「你|好」|他",
    "2024|年|3|月",
    "あ|り|が|と|う|ラー|メ|ン",
    "きょ|う|は|人々",
    "葛\U000e0100|飾",
    "ｶﾞ|ｷ",
    "ส|วั|ส|ดี|น้ำ|เก่|า",
    "ខ្ម|រ",
    "中|👍🏽",
    "中\u200d国",
]


def pieces(text: str) -> list[str]:
    """All prefixes that are heard while a text is spoken, as the parts between them."""
    lengths = spoken_lengths(text)
    steps = [0.0, *(lengths[-1] * step / 2000 for step in range(1, 2001)), lengths[-1] + 1.0]
    offsets = sorted({cut_at(text, lengths, length) for length in steps})
    return [text[start:end] for start, end in zip(offsets, [*offsets[1:], len(text)], strict=True) if start < end]


@pytest.mark.parametrize("marked", WORDS)
def test_whole_words_are_heard_with_their_punctuation(marked: str) -> None:
    assert pieces(marked.replace("|", "")) == marked.split("|")


@pytest.mark.parametrize("marked", UNSPACED)
def test_scripts_without_spaces_are_cut_between_graphemes(marked: str) -> None:
    assert pieces(marked.replace("|", "")) == marked.split("|")


def test_half_of_a_word_is_enough() -> None:
    lengths = spoken_lengths("one three")
    assert cut_at("one three", lengths, lengths[4] + 0.6 * (lengths[9] - lengths[4])) == 9
    assert cut_at("one three", lengths, lengths[4] + 0.4 * (lengths[9] - lengths[4])) == 3


def test_the_first_word_of_a_sentence_counts_once_begun() -> None:
    text = 'No. "Three'
    lengths = spoken_lengths(text)
    assert cut_at(text, lengths, lengths[5]) == len(text)
    assert cut_at(text, lengths, lengths[5] - 0.1) == 3


def test_an_exact_length_asks_for_the_whole_word() -> None:
    lengths = spoken_lengths("one three")
    assert cut_at("one three", lengths, lengths[9] - 0.01, exact=True) == 3
    assert cut_at("one three", lengths, lengths[9] - 1e-9, exact=True) == 9


def test_nothing_is_heard_at_nothing() -> None:
    for length in (0.0, -1.0, float("nan")):
        assert cut_at("😀 word", spoken_lengths("😀 word"), length) == 0


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("350", "one"),
        ("5 %", "5 x"),
        ("yes. no", "yes, no"),
        ("yes, no", "yes no"),
        ("oi", "tk"),
        ("你好", "hello"),
        ("한국", "ab"),
        ("हिंदी", "हद"),
        ("wait?", "wait"),
    ],
)
def test_what_takes_longer_to_say_is_longer(longer: str, shorter: str) -> None:
    assert spoken_lengths(longer)[-1] > spoken_lengths(shorter)[-1]


@pytest.mark.parametrize(
    ("text", "same"),
    [("e\u0301te\u0301", "été"), ("ÉTÉ", "été"), ("كِتَاب", "كتاب"), ("so...", "so."), ("ok 😀", "ok "), ("*ok*", "ok")],
)
def test_what_is_not_said_takes_no_time(text: str, same: str) -> None:
    assert spoken_lengths(text)[-1] == pytest.approx(spoken_lengths(same)[-1])


@pytest.mark.parametrize(("text", "spoken"), [("It ends. ", "It ends"), ("... ", ""), ("", ""), ("5 %!", "5 %")])
def test_speech_ends_before_the_last_pause(text: str, spoken: str) -> None:
    assert text[: end_of_speech(text)] == spoken


@given(st.text(), st.lists(st.floats(0.0, 100.0), min_size=2, max_size=2).map(sorted))
def test_later_never_hears_less(text: str, lengths: list[float]) -> None:
    scale = spoken_lengths(text)
    assert 0 <= cut_at(text, scale, lengths[0]) <= cut_at(text, scale, lengths[1]) <= len(text)


@given(st.text(st.characters() | st.sampled_from("a中か\u0301\u200d\ufe0f👩🏽🇩กำเ\u094d\r\n ")), st.floats(0.0, 10.0))
def test_a_cut_parts_nothing_that_belongs_together(text: str, length: float) -> None:
    cut = cut_at(text, spoken_lengths(text), length)
    if 0 < cut < len(text):
        last, following = text[cut - 1], text[cut]
        assert unicodedata.category(following)[0] != "M"
        assert "\u200d" not in (last, following) or following.isspace() or last.isspace()
        assert following not in "\u200d\ufe0f🏽ำ"
        assert not (last == "\r" and following == "\n")
        assert not (last == following == "🇩")


@pytest.mark.parametrize("unit", ["a", ". ", " ", "e\u0301", "中", "👩\u200d", "a. ", "\r\n", ".", "中\u0301"])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    def work(count: int) -> Callable[[], object]:
        text = unit * count
        lengths = spoken_lengths(text)
        return lambda: [cut_at(text, lengths, lengths[-1] * part) for part in (0.1, 0.5, 1.0)]

    assert grows_linearly(work, 2_500)
    assert grows_linearly(lambda count: lambda: spoken_lengths(unit * count), 2_500)


def test_every_character_that_there_is_leaves_no_more_behind_than_a_language() -> None:
    text = "One, two... 三。No!"
    before = spoken_lengths(text), voiced_lengths(text)
    every = "".join(map(chr, range(0x20, 0x8000)))
    assert spoken_lengths(every)[-1] > voiced_lengths(every)[-1] > 0.0
    assert len(_LENGTHS) <= REMEMBERED
    assert len(_VOICED) <= REMEMBERED
    assert (spoken_lengths(text), voiced_lengths(text)) == before


def test_a_place_to_cut_is_looked_for_within_reach() -> None:
    text = "a" * 10_000
    lengths = spoken_lengths(text)
    assert abs(cut_at(text, lengths, lengths[5_000]) - 5_000) <= REACH + 1
