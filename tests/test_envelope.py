"""How loud audio is, and where it is quiet."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import RATE, chunks, sound

from gemini_live_interrupt._envelope import LONGEST, Envelope, audio_format
from gemini_live_interrupt._voiced_time import VoicedTime

PCM = f"audio/pcm;rate={RATE}"
VOICE, QUIET = 3000.0, 10.0
SPEECH = ((1.0, VOICE), (0.5, QUIET), (2.0, VOICE), (0.3, QUIET), (1.0, VOICE))
PAUSES = [(1.0, 1.5), (3.5, 3.8)]


@pytest.mark.parametrize(
    ("mime_type", "bytes_a_second"),
    [
        ("audio/pcm;rate=24000", 48_000),
        ("audio/pcm", 48_000),
        ("audio/pcm;rate=16000", 32_000),
        ("audio/L16; rate=16000; channels=2", 64_000),
        ('AUDIO/PCM ; codec=pcm ; Rate="8000"', 16_000),
        ("audio/pcm;rate=", 48_000),
        ("audio/pcm;rate=fast;channels=0", 48_000),
        ("audio/pcm;rate=-16000", 48_000),
        ("audio/pcm;rate=99999999999999999999", 48_000),
        ("audio/pcm;rate=١٦٠٠٠", 48_000),
        (";;=;rate", 48_000),
        ("", 48_000),
        (None, 48_000),
    ],
)
def test_audio_lasts_what_its_type_says(mime_type: str | None, bytes_a_second: int) -> None:
    assert audio_format(mime_type).bytes_a_second == bytes_a_second


@pytest.mark.parametrize("mime_type", ["image/jpeg", "text/plain"])
def test_what_is_not_audio_lasts_nothing(mime_type: str) -> None:
    assert 48_000 / audio_format(mime_type).bytes_a_second == 0.0


@given(st.integers(0, 2**40), st.none() | st.text())
def test_no_type_raises(size: int, mime_type: str | None) -> None:
    assert 0.0 <= size / audio_format(mime_type).bytes_a_second < math.inf


@pytest.mark.parametrize(
    ("mime_type", "is_heard"),
    [
        ("audio/pcm;rate=24000", True),
        ("audio/pcm;rate=16000;channels=2", True),
        (None, True),
        ("audio/l16;rate=24000", False),  # the order of its bytes is not certain
        ("audio/pcm;rate=24000;bits=24", False),
        ("audio/pcm;rate=400", False),
        ("audio/pcm;channels=6", False),
        ("audio/opus", False),
        ("image/png", False),
    ],
)
def test_only_16_bit_pcm_is_listened_to(mime_type: str | None, is_heard: bool) -> None:
    assert audio_format(mime_type).is_heard == is_heard


def listen(pcm: bytes, mime_type: str = "audio/pcm", size: int = 7680) -> Envelope:
    heard = Envelope()
    for chunk in chunks(pcm, size):
        heard.add(chunk, audio_format(mime_type))
    return heard


def found(heard: Envelope) -> list[tuple[float, float]]:
    return list(zip(*heard.pauses(), strict=True))


def near(pauses: list[tuple[float, float]]) -> object:
    return [(pytest.approx(start, abs=0.035), pytest.approx(end, abs=0.035)) for start, end in pauses]


@pytest.mark.parametrize("size", [2, 94, 640, 961, 7680, 10**6])
def test_pauses_are_found_in_chunks_of_any_size(size: int) -> None:
    pcm = sound(*SPEECH)
    if size % 2:
        pcm = pcm[: len(pcm) // 8]  # half a sample is lost in each chunk
        assert listen(pcm, size=size).seconds == pytest.approx(len(pcm) / 48_000, rel=0.01)
        return
    heard = listen(pcm, size=size)
    assert found(heard) == near(PAUSES)
    assert heard.seconds == pytest.approx(4.8, abs=0.01)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 1), (16_000, 2), (24_000, 2), (48_000, 1)])
def test_pauses_are_found_at_any_rate(rate: int, channels: int) -> None:
    pcm = sound(*SPEECH, rate=rate * channels)
    heard = listen(pcm, f"audio/pcm;rate={rate};channels={channels}")
    assert found(heard) == near(PAUSES)
    assert heard.seconds == pytest.approx(4.8, abs=0.01)


@pytest.mark.parametrize("quiet", [0.0, 10.0, 100.0, 300.0])
@pytest.mark.parametrize("voice", [1500.0, 3000.0, 9000.0])
def test_pauses_are_found_beside_a_background(voice: float, quiet: float) -> None:
    parts = [(seconds, voice if loudness == VOICE else voice * quiet / 3000.0) for seconds, loudness in SPEECH]
    assert found(listen(sound(*parts))) == near(PAUSES)


def test_a_breath_is_no_voice() -> None:
    pcm = sound((1.0, VOICE), (0.2, QUIET), (0.2, 150.0), (0.2, QUIET), (1.0, VOICE))
    assert found(listen(pcm)) == near([(1.0, 1.6)])


@pytest.mark.parametrize("loudness", [0.0, 100.0, 3000.0, 30_000.0])
def test_a_constant_level_tells_nothing(loudness: float) -> None:
    assert found(listen(sound((5.0, loudness)))) == []


def test_a_tone_tells_nothing() -> None:
    for pitch in (100.0, 440.0, 523.25, 1000.0, 1500.0, 3000.0):
        wave = (round(8000 * math.sin(2 * math.pi * pitch * at / RATE)) for at in range(3 * RATE))
        assert found(listen(array("h", wave).tobytes())) == []


@pytest.mark.parametrize("gap", [0.02, 0.05, 0.08])
def test_gaps_between_words_are_no_pauses(gap: float) -> None:
    assert found(listen(sound(*((0.3, VOICE), (gap, QUIET)) * 10))) == []


def test_audio_of_another_format_is_not_listened_to_any_more() -> None:
    heard = listen(sound(*SPEECH))
    heard.add(sound((1.0, VOICE)), audio_format("audio/pcm;rate=16000"))
    assert found(heard) == []
    assert heard.seconds == 0.0


def test_what_is_no_pcm_is_not_listened_to() -> None:
    heard = listen(sound(*SPEECH), "audio/opus")
    assert (found(heard), heard.seconds) == ([], 0.0)
    assert (found(Envelope()), Envelope().seconds) == ([], 0.0)


def test_a_long_reply_is_kept_as_its_pauses() -> None:
    whole = Envelope()
    for chunk in chunks(sound(*((2.63, VOICE), (0.41, QUIET)) * 130)):
        whole.add(chunk, audio_format(PCM))
        assert len(whole._levels) <= LONGEST + 32
    pauses = [(at * 3.04 + 2.63, at * 3.04 + 3.04) for at in range(130)]
    assert found(whole)[:-1] == near(pauses[:-1])


def test_a_long_quiet_is_kept_as_one() -> None:
    assert found(listen(sound((5.0, VOICE), (200.0, QUIET), (5.0, VOICE)))) == near([(5.0, 205.0)])


@given(
    st.lists(st.binary(max_size=4000)), st.sampled_from([None, PCM, "audio/pcm;rate=8000;channels=2", "x", "image/a"])
)
def test_no_audio_raises(pieces: list[bytes], mime_type: str | None) -> None:
    heard = Envelope()
    for piece in pieces:
        heard.add(piece, audio_format(mime_type))
    starts, ends = heard.pauses()
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


# Seconds of voice


def test_voice_stands_still_in_a_pause() -> None:
    time = VoicedTime((array("d", [1.0, 4.0]), array("d", [2.0, 4.5])))
    seconds = {0.5: 0.5, 1.0: 1.0, 1.7: 1.0, 2.0: 1.0, 3.0: 2.0, 4.2: 3.0, 5.0: 3.5}
    assert {audio: time.seconds(audio) for audio in seconds} == pytest.approx(seconds)
    assert [time.audio(voice) for voice in (0.5, 1.0, 2.0, 3.0, 3.5)] == pytest.approx([0.5, 2.0, 3.0, 4.5, 5.0])
    assert list(time.at) == pytest.approx([1.0, 3.0])
    assert [time.lasts(0), time.lasts(1)] == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize(("received", "ends"), [(4.5, 4.0), (4.53, 4.0), (6.0, 6.0)])
def test_quiet_at_the_end_is_no_voice(received: float, ends: float) -> None:
    assert VoicedTime((array("d", [4.0]), array("d", [4.5]))).last_voice(received) == ends


def test_without_pauses_all_is_voice() -> None:
    time = VoicedTime((array("d"), array("d")))
    assert (time.seconds(3.0), time.audio(3.0), time.last_voice(3.0)) == (3.0, 3.0, 3.0)
