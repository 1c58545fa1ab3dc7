"""Voice or not, by energy over a floor that adapts."""

from __future__ import annotations

import array
import math
import random

import pytest

from gemini_live_interrupt._voice_detector import LONGEST, WINDOW, VoiceDetector

RATE = 16_000
CHUNK = 0.04


def sound(seconds: float, noise: float, voice: float | None = None, seed: int = 1) -> bytes:
    """Noise of so many decibels to full scale, and syllables of a voice at another level, five a second."""
    chance = random.Random(seed)
    loudness = 32_767 * math.sqrt(3) * 10 ** (noise / 20)
    peak = 0.0 if voice is None else 32_767 * 2 * 10 ** (voice / 20)
    samples = array.array("h")
    for index in range(int(seconds * RATE)):
        at = index / RATE
        syllable = max(math.sin(2 * math.pi * 2.5 * at), 0.0) ** 0.5 if math.sin(2 * math.pi * 2.5 * at) > 0 else 0.0
        value = chance.uniform(-loudness, loudness) + peak * syllable * math.sin(2 * math.pi * 180 * at)
        samples.append(max(-32_768, min(32_767, int(value))))
    return samples.tobytes()


def hear(microphone: VoiceDetector, pcm: bytes, now: float, rate: int = RATE) -> float:
    """Play it in chunks; return the share of them that had voice."""
    size = int(CHUNK * rate) * 2
    voiced = [microphone.hear(pcm[at : at + size], rate, now + at / 2 / rate) for at in range(0, len(pcm), size)]
    return sum(voiced) / len(voiced)


@pytest.mark.parametrize("over", [5.0, 10.0, 20.0, 30.0])
@pytest.mark.parametrize("noise", [-60.0, -45.0, -35.0])
def test_a_voice_over_a_noise_is_heard(noise: float, over: float) -> None:
    microphone = VoiceDetector()
    hear(microphone, sound(4.0, noise), 0.0)
    assert hear(microphone, sound(8.0, noise, noise + over), 4.0) > 0.3
    assert microphone.last_voice_at == pytest.approx(12.0, abs=0.5)


@pytest.mark.parametrize("over", [5.0, 10.0, 30.0])
def test_speech_without_a_pause_is_voice_to_its_end(over: float) -> None:
    """A tone that is fainter by half for a twentieth of a second in each fifth of one: nothing of it is quiet."""
    microphone, chance, room, loud = VoiceDetector(), random.Random(1), 250.0, 250.0 * 10 ** (over / 20) * math.sqrt(2)
    hear(microphone, array.array("h", (round(chance.gauss(0.0, room)) for _ in range(4 * RATE))).tobytes(), 0.0)
    samples = array.array("h")
    for index in range(20 * RATE):
        at = index / RATE
        tone = loud * (0.5 if at % 0.2 > 0.15 else 1.0) * math.sin(2 * math.pi * 200 * at)
        samples.append(round(max(-32_767.0, min(32_767.0, tone + chance.gauss(0.0, room)))))
    hear(microphone, samples.tobytes(), 4.0)
    assert microphone.last_voice_at == pytest.approx(24.0, abs=0.3)


@pytest.mark.parametrize("noise", [-70.0, -50.0, -35.0, -20.0])
def test_a_constant_noise_is_learned_within_seconds(noise: float) -> None:
    microphone = VoiceDetector()
    hear(microphone, sound(WINDOW, noise), 0.0)
    assert hear(microphone, sound(6.0, noise, seed=2), WINDOW) == 0.0


def test_a_noise_that_grows_is_learned_too() -> None:
    microphone = VoiceDetector()
    hear(microphone, sound(5.0, -55.0), 0.0)
    hear(microphone, sound(WINDOW + 1.0, -30.0, seed=2), 5.0)
    assert hear(microphone, sound(3.0, -30.0, seed=3), 9.0) == 0.0


def test_somebody_who_speaks_from_the_first_frame_is_heard() -> None:
    assert hear(VoiceDetector(), sound(2.0, -60.0, -20.0), 0.0) > 0.4


def test_a_sound_without_an_end_holds_nothing_for_ever() -> None:
    microphone, once = VoiceDetector(), sound(1.0, -50.0, -20.0)
    for second in range(int(LONGEST) + 20):
        hear(microphone, once, float(second))
    assert microphone.last_voice_at <= LONGEST + 1.0
    hear(microphone, once, LONGEST + 60.0)
    assert microphone.last_voice_at > LONGEST + 60.0, "after a pause it is a voice again"


@pytest.mark.parametrize(
    ("pcm", "rate"),
    [(b"", RATE), (b"\1", RATE), (b"\1\0\3", RATE), (b"\0\1" * 10, 1), (b"\0\1" * 10, 10**9), (bytes(640), RATE)],
)
def test_any_bytes_will_do(pcm: bytes, rate: int) -> None:
    assert not VoiceDetector().hear(pcm, rate, 1.0)


def test_full_scale_is_no_error() -> None:
    assert VoiceDetector().hear(b"\0\x80\xff\x7f" * 320, RATE, 1.0)
