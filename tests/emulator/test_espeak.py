"""A voice that says words."""

import shutil

import pytest

from gemini_live_interrupt.emulator import LiveEmulator, espeak
from gemini_live_interrupt.emulator._hearing import loudness

from .talking import connected, in_virtual_time

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@needs_espeak
def test_it_says_all_the_words_in_about_the_time_of_a_person() -> None:
    speech = espeak("The tide turns twice a day, pulled by the moon.")
    assert speech.text == "The tide turns twice a day, pulled by the moon."
    assert 2.0 < speech.seconds < 5.0
    assert loudness(speech.pcm) > 1_000
    assert speech.words[-1].end == pytest.approx(speech.seconds, abs=0.01)
    assert all(word.start <= word.end for word in speech.words)


@needs_espeak
def test_what_is_no_words_is_a_pause() -> None:
    assert espeak("...").text == "..."
    assert not any(espeak(" … ").pcm)


@needs_espeak
def test_it_says_so_if_it_cannot() -> None:
    with pytest.raises(RuntimeError, match="espeak-ng failed: "):
        espeak("Hello", language="klingon-of-old")


def test_without_it_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="espeak-ng is not installed; without it, leave out `voice`"):
        espeak("Hello")


@needs_espeak
@in_virtual_time
async def test_the_sdk_receives_its_audio() -> None:
    async with LiveEmulator("2.0-flash", lambda _: "Hello to you.", voice=espeak) as live, connected(live) as person:
        await person.tell("Hello.", turn_complete=True)
        await live.until(lambda: person.turns_complete)
        assert person.audio == espeak("Hello to you.").pcm
        assert person.transcript == "Hello to you."
