"""Sound without words after a cut, until there is enough of it to be a reply: 60 bytes answer nobody."""

from __future__ import annotations

from ._envelope import audio_format
from ._events import ModelSpeech

ENOUGH = 0.25
"""Seconds of audio without words that are a reply."""


class FaintSound:
    """Keeps what may yet be the beginning of a reply, which is then complete."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: list[tuple[ModelSpeech, float]] = []

    def add(self, speech: ModelSpeech, now: float) -> bool:
        """Keep it; return whether there is enough to be a reply."""
        self._kept.append((speech, now))
        chunks = [chunk for each, _ in self._kept for chunk in each.audio]
        return sum(len(pcm) / audio_format(mime_type).bytes_a_second for pcm, mime_type in chunks) >= ENOUGH

    def take(self) -> list[tuple[ModelSpeech, float]]:
        """Return what was kept, each with the time at which it came, and keep nothing."""
        kept, self._kept = self._kept, []
        return kept
