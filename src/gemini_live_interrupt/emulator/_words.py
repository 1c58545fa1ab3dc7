"""Where the user's words come from: a function of their PCM, a list, or only how long they spoke."""

from collections.abc import Awaitable, Callable, Iterable, Iterator

from ._hearing import FRAME_SECONDS, INPUT_RATE, THRESHOLDS, loudness

Hearing = Callable[[bytes], str | Awaitable[str]]
"""The user's PCM (16 bit, mono, as it was sent) -> the words in it; "" is a noise."""


def find_words(hear: Hearing | Iterable[str] | None) -> Hearing:
    """Return what finds the words; raise TypeError if it is neither a function nor utterances."""
    if hear is None:
        return _measure
    if callable(hear):
        return hear
    if isinstance(hear, str) or not isinstance(hear, Iterable):
        raise TypeError(f"hear must be a function of PCM or the utterances in their order; got {hear!r}")
    utterances: Iterator[str] = iter(hear)
    return lambda _: next(utterances, "")


def _measure(pcm: bytes) -> str:
    size = 2 * round(INPUT_RATE * FRAME_SECONDS)
    frames = (pcm[begin : begin + size] for begin in range(0, len(pcm), size))
    voiced = sum(loudness(frame) >= THRESHOLDS["START_SENSITIVITY_HIGH"] for frame in frames)
    return "[speech]" if voiced * FRAME_SECONDS >= 0.4 else ""
