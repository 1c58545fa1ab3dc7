"""Whether the user's microphone has voice: a veto against talking over somebody, never a reason to do something.

Energy over a noise floor. The floor is the quietest level of the last seconds, so it follows a constant noise (a fan, a
street) within these seconds. Speech does not raise it, however fluent it is: its level swings with each syllable, and
only a steady sound is taken for noise. No audio is kept.
"""

from __future__ import annotations

import math
from operator import mul

FRAME = 0.02
"""Seconds over which the level is measured."""
LOOKED_AT = 48
"""Samples of a frame that are looked at, at the least: few enough for a chunk to cost microseconds."""
SMOOTHED = 4
"""Frames over which the level is smoothed: single ones of a noise differ by a decibel."""
WINDOW = 3.0
"""Seconds in which speech is sure to dip to the noise between two sounds."""
STEPS = 6
"""Parts of the window, each of which keeps its quietest level."""
SWING = 3.5
"""Decibels by which the level swings within half a second of speech, over two frames; that of a noise swings by 2.5."""
OVER_FLOOR = 3.5
"""Decibels over the floor from which sound is voice: speech of 5 dB over a noise raises its level by 6 dB."""
QUIETEST = -62.0
"""Decibels to full scale below which nothing is voice."""
QUIET_ROOM = -50.0
"""The highest floor that is believed before a whole window has been heard: somebody may speak from the first frame."""
LONGEST = 45.0
"""Seconds for which sound without a pause counts as voice; after them it is a noise that the floor has missed."""
PAUSE = 2.5
"""Seconds without voice that end an utterance."""


class VoiceDetector:
    """The level of what the app sends, its noise floor, and when there was voice last."""

    __slots__ = (
        "_began",
        "_floors",
        "_heard",
        "_in_step",
        "_loudest",
        "_powers",
        "_quietest",
        "_sounded_at",
        "_step",
        "last_voice_at",
    )

    def __init__(self) -> None:
        self.last_voice_at = -math.inf
        """When the microphone had voice last; minus infinity if it never had."""
        self._began = self._sounded_at = -math.inf  # of the sound that counts as one utterance, and its last
        self._powers: list[float] = []  # of the last frames; a deque takes ten times the memory
        self._floors: list[float] = []
        self._step = math.inf  # the quietest level of the current part of the window
        self._quietest, self._loudest = math.inf, 0.0  # of the current part, over two frames
        self._in_step = 0.0  # seconds of it
        self._heard = 0.0  # seconds in all, up to a window

    def hear(self, pcm: bytes, rate: int, now: float) -> bool:
        """Take in a chunk that ends now; return whether there was voice in it. Any bytes will do."""
        if not 2_000 <= rate <= 400_000:
            return False
        samples = memoryview(pcm)[: len(pcm) & ~1].cast("h")
        size = max(int(rate * FRAME), 1)
        step = max(size // LOOKED_AT, 1)
        voiced = False
        for start in range(0, len(samples), size):
            part = samples[start : start + size : step].tolist()
            power = sum(map(mul, part, part)) / len(part)
            voiced = self._is_voice(power, min(size, len(samples) - start) / rate) or voiced
        if not voiced:
            return False
        if now - self._sounded_at > PAUSE:
            self._began = now
        self._sounded_at = now
        if now - self._began > LONGEST:
            return False
        self.last_voice_at = now
        return True

    def _is_voice(self, power: float, seconds: float) -> bool:
        powers = self._powers
        if powers:
            pair = (power + powers[-1]) / 2
            self._quietest, self._loudest = min(self._quietest, pair), max(self._loudest, pair)
            if len(powers) == SMOOTHED:
                del powers[0]
        powers.append(power)
        level = sum(powers) / len(powers)
        self._step = min(self._step, level)
        self._in_step += seconds
        floor = min(self._step, *self._floors) if self._floors else self._step
        if self._in_step >= WINDOW / STEPS:
            swings = _decibels(self._loudest) - _decibels(self._quietest) > SWING
            self._floors = [*self._floors[1 - STEPS :], floor if swings else self._step]
            self._step, self._in_step = math.inf, 0.0
            self._quietest, self._loudest = math.inf, 0.0
        self._heard = min(self._heard + seconds, WINDOW)
        decibels, floor_decibels = _decibels(level), _decibels(floor)
        if self._heard < WINDOW:
            floor_decibels = min(floor_decibels, QUIET_ROOM)
        return decibels > max(floor_decibels + OVER_FLOOR, QUIETEST)


def _decibels(power: float) -> float:
    return 10.0 * math.log10(power / 2**30) if power >= 1.0 else -90.0
