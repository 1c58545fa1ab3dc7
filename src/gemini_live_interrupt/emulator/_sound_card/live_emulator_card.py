"""A sound card for programs that have none: what the stand-ins for `pyaudio` and `sounddevice` share.

This folder comes first on the PYTHONPATH of a program that `emulator --sound` runs. It needs nothing but the standard
library, so that any Python can use it, also one in which this project is not installed.

The microphone plays a WAV, or somebody who speaks now and then, or silence, from the moment on in which the program
opens it for the first time. The speaker takes audio in the pace in which a card plays it.
"""

import array
import math
import os
import sys
import threading
import time
import traceback
import wave
from collections.abc import Callable

MICROPHONE = "LIVE_EMULATOR_MICROPHONE"
"""The variable that names the WAV; the command has looked at it."""
UTTERANCES = "LIVE_EMULATOR_UTTERANCES"
"""The variable that says how often somebody speaks, where there is no WAV."""
RATE = 16_000
"""Samples a second of the voice that needs no WAV."""
FIRST, EVERY, LONG = 1.0, 6.0, 0.8
"""Seconds: when that voice speaks for the first time, from one time to the next, and for how long."""
BUFFER = 0.1
"""Seconds of audio that the card takes before it has played them: `write` returns so much earlier."""
BLOCK = 0.02
"""Seconds in one call of a callback, where the program does not say."""
NAME = "the emulator's sound card"

Samples = array.array  # of 16-bit integers, as in `array.array("h")`
Process = Callable[["Samples[int]", int], bool]
"""Takes what the microphone has heard, and how many frames; says whether to go on."""

_began: float | None = None
_recordings: "dict[int, Samples[int]]" = {}
_opening = threading.Lock()


class ClosedError(Exception):
    """The stream was stopped or closed while somebody waited for it."""


class Stream:
    """A microphone, a speaker or both, at so many frames a second; `process` is called by a thread, if it is given."""

    def __init__(self, rate: float, channels: int, block: int, process: Process | None) -> None:
        if not rate > 0:
            raise ValueError(f"the rate of a sound card must be positive; got {rate!r}")
        if not (isinstance(channels, int) and channels > 0):
            raise ValueError(f"the number of channels must be positive; got {channels!r}")
        self.rate = rate
        self.channels = channels
        self.block = block or round(BLOCK * rate)
        self.active = False
        self.closed = False
        self._process = process
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._recorded = 0.0
        self._played = 0.0
        self._recording = _recording(round(rate))
        self._opened = _since_opening()

    def start(self) -> None:
        """Begin to record and to play."""
        with self._changed:
            if self.closed:
                raise ClosedError("the stream is closed")
            if self.active:
                return
            self.active = True
            self._recorded = self._played = time.monotonic()
        if self._process:
            self._thread = threading.Thread(target=self._run, args=(self._process,), name=NAME, daemon=True)
            self._thread.start()

    def stop(self, *, drain: bool) -> None:
        """Stop; with `drain` once what was written has been played. Waits for a callback that is running."""
        with self._changed:
            if self.active and drain and not self._process:
                self._wait_until(self._played)
            self.active = False
            self._changed.notify_all()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def close(self) -> None:
        """Stop at once; the stream cannot be started again."""
        self.stop(drain=False)
        self.closed = True

    def read(self, frames: int) -> "Samples[int]":
        """Return the next frames of the microphone, as soon as they have been recorded. ClosedError if it stops."""
        with self._changed:
            begins = self._recorded
            self._recorded += frames / self.rate
            if not self._wait_until(self._recorded):
                raise ClosedError("the stream is stopped")
        return self._between(begins, frames)

    def write(self, frames: int) -> None:
        """Return when all but the last tenth of a second of what was written has been played. ClosedError likewise."""
        with self._changed:
            self._played = max(self._played, time.monotonic()) + frames / self.rate
            if not self._wait_until(self._played - BUFFER):
                raise ClosedError("the stream is stopped")

    def readable(self) -> int:
        """Return how many frames can be read without waiting."""
        return max(0, int((time.monotonic() - self._recorded) * self.rate)) if self.active else 0

    def writable(self) -> int:
        """Return how many frames can be written without waiting."""
        return max(0, int((time.monotonic() + BUFFER - self._played) * self.rate)) if self.active else 0

    def _wait_until(self, due: float) -> bool:
        while self.active and (left := due - time.monotonic()) > 0:
            self._changed.wait(left)
        return self.active

    def _between(self, begins: float, frames: int) -> "Samples[int]":
        at = round((begins - self._opened) * round(self.rate))
        mono = self._recording[max(0, at) : max(0, at + frames)]
        mono.extend(array.array("h", bytes(2 * (frames - len(mono)))))
        if self.channels == 1:
            return mono
        return array.array("h", (sample for sample in mono for _ in range(self.channels)))

    def _run(self, process: Process) -> None:
        going = True
        while going:
            try:
                going = process(self.read(self.block), self.block)
            except ClosedError:
                return
            except Exception:  # noqa: BLE001 - as PortAudio's bindings do: the stream ends, the program goes on
                traceback.print_exc(file=sys.stderr)
                going = False
        with self._changed:
            self.active = False


def _since_opening() -> float:
    global _began
    with _opening:
        if _began is None:
            _began = time.monotonic()
        return _began


def _recording(rate: int) -> "Samples[int]":
    """Return what the microphone hears, in samples of one channel at this rate."""
    with _opening:
        if rate not in _recordings:
            path = os.environ.get(MICROPHONE)
            samples, own = _loaded(path) if path else (_speech(int(os.environ.get(UTTERANCES) or 0)), RATE)
            _recordings[rate] = samples if own == rate else _resampled(samples, own, rate)
        return _recordings[rate]


def _loaded(path: str) -> "tuple[Samples[int], int]":
    """Return the samples of a WAV of 16 bits, its channels mixed, and how many there are a second."""
    with wave.open(path, "rb") as file:
        channels, rate = file.getnchannels(), file.getframerate()
        data = file.readframes(file.getnframes())
    samples = array.array("h")
    samples.frombytes(data[: len(data) - len(data) % (2 * channels)])
    if sys.byteorder == "big":
        samples.byteswap()
    if channels > 1:
        mixed = (sum(samples[at : at + channels]) // channels for at in range(0, len(samples), channels))
        samples = array.array("h", mixed)
    return samples, rate


def _speech(utterances: int) -> "Samples[int]":
    """Return somebody who speaks so many times, loud enough for any voice activity detection: a tone with syllables."""
    high, step = 8_000, 2 * math.pi * 200 / RATE
    said = [
        round((high if at % 3_200 < 2_400 else high / 2) * math.sin(step * at))  # a syllable is a fifth of a second
        for at in range(round(LONG * RATE))
    ]
    samples = array.array("h", bytes(2 * round(FIRST * RATE)))
    for _ in range(utterances):
        samples.extend(array.array("h", said))
        samples.extend(array.array("h", bytes(2 * round((EVERY - LONG) * RATE))))
    return samples


def _resampled(samples: "Samples[int]", own: int, rate: int) -> "Samples[int]":
    last, found = len(samples) - 1, array.array("h")
    for number in range(len(samples) * rate // own):
        whole, part = divmod(number * own, rate)
        left, right = samples[min(whole, last)], samples[min(whole + 1, last)]
        found.append(round(left + (right - left) * part / rate))
    return found
