"""Whatever a transcript holds, a message costs a bounded amount of work: counted in calls, not in seconds."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from test_handler import Scene
from wire import INTERRUPTED, TURN_COMPLETE, audio, content, parsed, said, spoken

from gemini_live_interrupt._events import LONGEST_WORD, MOST_TEXT, MOST_WORDS
from gemini_live_interrupt._sdk import received
from gemini_live_interrupt._speech_length import _LENGTHS, _VOICED, REMEMBERED, spoken_lengths, voiced_lengths

MOST_CALLS = 25_000
"""For one message: a few milliseconds; `benchmarks/hostile.py` prints them."""
PATTERNS = {
    "dots": ".",
    "a word": "a",
    "nothing spoken": "\u200b",
    "spaces": "a" + " " * 400,
    "brackets": "([{<",
    "quotation marks": '"',
    "full stops": "a. ",
    "numbers": "1.",
    "accents": "\u0301",
    "markers": "</interruption_note>",
    "words": "The tide turns twice a day. ",
    "Han": "潮は一日に二回変わる",
    "Thai": "น้ำขึ้นวันละสองครั้ง",
    "initials": "a. b. c. ",
    "quoted stops": '."',
    "emoji": "\u2600. ",
    "headings": "# a\n",
    "newlines": "\n ",
    "one character of eighteen letters": "\ufdfa",
    "surrogates": "\ud800",
    "vowel signs": "क्",
}
STORY = "The tide turns twice a day. Once a girl found a key on the beach and went home. " * 100


def calls_of(scene: Scene, message: Any) -> int:
    """How many calls, of Python and C functions, it takes to follow a message."""
    found, count = parsed(message), 0

    def called(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        scene.happens(*received(found))
    finally:
        sys.setprofile(before)
    return count


def costs(*messages: Any) -> list[int]:
    scene = Scene().play(said("Tell me."))
    found = []
    for message in messages:
        found.append(calls_of(scene, message))
        scene.wait(0.3)
    return found


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_text_of_any_size_costs_no_more_than_the_longest_that_is_spoken(pattern: str) -> None:
    def cost(size: int) -> list[int]:
        text = (pattern * (size // len(pattern) + 1))[:size]
        return costs(spoken(text), audio(2.0), INTERRUPTED, spoken(text), TURN_COMPLETE)

    longest = cost(MOST_TEXT)
    assert max(longest) < MOST_CALLS
    for wanted, found in zip(longest, cost(100 * MOST_TEXT), strict=True):
        assert found <= wanted * 1.02 + 20


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_reply_of_any_text_after_a_cut_is_compared_at_a_bounded_cost(pattern: str) -> None:
    text = (pattern * (MOST_TEXT // len(pattern) + 1))[:MOST_TEXT]
    for story in (STORY, text):
        cut = [spoken(story), audio(2.0), INTERRUPTED, TURN_COMPLETE]
        assert (
            max(costs(*cut, spoken(text), audio(3.0), TURN_COMPLETE, spoken(text), audio(3.0), INTERRUPTED))
            < MOST_CALLS
        )


def test_text_in_a_million_pieces_is_kept_no_longer() -> None:
    scene = Scene().play(said("Tell me."), *([spoken("The tide turns. " * 100)] * 20), audio(2.0)).wait(0.5)
    (cut,) = scene.play(INTERRUPTED).cuts
    assert len(cut.heard + cut.unheard) == MOST_TEXT
    assert cut.heard


def test_late_text_of_a_cut_reply_is_kept_no_longer_either() -> None:
    late = [spoken("The tide turns. " * 100)] * 20
    scene = Scene().play(said("Tell me."), spoken("It turns."), audio(2.0)).wait(0.5).play(INTERRUPTED, *late)
    settled = scene.play(TURN_COMPLETE, said("Why?"), spoken("So."), audio(1.0)).settled[-1]
    assert len(settled.heard + settled.unheard) > 1_000
    assert len(settled.heard + settled.unheard) <= MOST_TEXT


def words(count: int, word: str) -> dict[str, Any]:
    times = [{"word": word, "startOffset": f"{at}s", "endOffset": f"{at + 1}s"} for at in range(count)]
    return content(outputTranscription={"text": f"{word} " * min(count, 100), "words": times})


def test_words_with_times_are_bounded_in_number_and_length() -> None:
    assert costs(words(50 * MOST_WORDS, "tide"))[0] < MOST_CALLS
    assert costs(words(2, "a" * 1_000_000), audio(2.0), INTERRUPTED)[-1] < MOST_CALLS
    (speech,) = received(parsed(words(3, "a" * (LONGEST_WORD + 1))))
    assert speech.timings == []  # type: ignore[union-attr]
    scene = Scene().play(said("Tell me."), *[words(MOST_WORDS // 2, "tide")] * 4, audio(2.0)).wait(0.5)
    assert calls_of(scene, INTERRUPTED) < MOST_CALLS


def test_tool_calls_are_bounded_too() -> None:
    calls = {"toolCall": {"functionCalls": [{"id": f"call-{number}", "name": "look"} for number in range(10_000)]}}
    cancelled = {"toolCallCancellation": {"ids": [f"call-{number}" for number in range(100_000)]}}
    assert costs(spoken("Yes. I see."), calls, cancelled)[-1] < MOST_CALLS


def test_the_user_s_words_are_bounded_too() -> None:
    endless = said("word " * 200_000)
    assert max(costs(endless, spoken("Yes. I see."), audio(2.0), INTERRUPTED, endless)) < MOST_CALLS


def test_a_text_of_many_characters_is_forgotten_again() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 2 * REMEMBERED)))
    for lengths in (spoken_lengths, voiced_lengths):
        assert len(lengths(many)) == len(many) + 1
    assert len(_LENGTHS) <= REMEMBERED
    assert len(_VOICED) <= REMEMBERED
