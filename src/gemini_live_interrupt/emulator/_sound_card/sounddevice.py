"""Stands in for sounddevice on a machine without a sound card: the part of it that voice programs use."""

import array
import importlib
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace, TracebackType
from typing import Any, NoReturn, Self

import live_emulator_card as card

__version__ = "0.5.2"
_SIZES = {"int16": 2, "float32": 4}
_DEVICE = {
    "name": card.NAME,
    "index": 0,
    "hostapi": 0,
    "max_input_channels": 2,
    "max_output_channels": 2,
    "default_low_input_latency": card.BLOCK,
    "default_low_output_latency": card.BUFFER,
    "default_high_input_latency": card.BLOCK,
    "default_high_output_latency": card.BUFFER,
    "default_samplerate": 48_000.0,
}

default = SimpleNamespace(
    device=[0, 0], samplerate=None, channels=[None, None], dtype=["float32", "float32"], latency=["high", "high"],
    blocksize=0,
)  # fmt: skip
"""What streams are like that do not say."""


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(f"{card.NAME} has no sounddevice.{name}: it stands in for what voice programs use of it")


class PortAudioError(Exception):
    """What goes wrong with a stream."""


class CallbackStop(Exception):  # noqa: N818
    """Raised by a callback: end when this has been played."""


class CallbackAbort(Exception):  # noqa: N818
    """Raised by a callback: end at once."""


class CallbackFlags:
    """Never set: this card is always in time."""

    input_underflow = input_overflow = output_underflow = output_overflow = priming_output = False

    def __bool__(self) -> bool:
        return False


def query_devices(device: int | str | None = None, kind: str | None = None) -> Any:
    """Return the one device, or with neither argument the list of devices. ValueError if there is no such."""
    if kind not in (None, "input", "output"):
        raise ValueError(f"Invalid kind: {kind!r}")
    if device not in (None, 0, card.NAME):
        raise ValueError(f"No such device: {device!r}; {card.NAME} is the only one")
    return [dict(_DEVICE)] if device is None and kind is None else dict(_DEVICE)


def query_hostapis(index: int | None = None) -> Any:
    """Return the one API, or the list of them."""
    found = {"name": card.NAME, "devices": [0], "default_input_device": 0, "default_output_device": 0}
    return (found,) if index is None else found


def check_input_settings(**_: Any) -> None:
    """Accept all."""


def check_output_settings(**_: Any) -> None:
    """Accept all."""


def sleep(msec: float) -> None:
    """Wait for so many milliseconds."""
    time.sleep(msec / 1000)


class _Stream:
    _records, _plays, _arrays = True, True, True

    def __init__(
        self,
        samplerate: float | None = None,
        blocksize: int | None = None,
        device: object = None,
        channels: Any = None,
        dtype: Any = None,
        latency: Any = None,
        extra_settings: object = None,
        callback: Callable[..., None] | None = None,
        finished_callback: Callable[[], None] | None = None,
        clip_off: bool | None = None,
        dither_off: bool | None = None,
        never_drop_input: bool | None = None,
        prime_output_buffers_using_stream_callback: bool | None = None,
    ) -> None:
        for name in device if isinstance(device, (tuple, list)) else (device,):
            query_devices(name)
        self.samplerate = float(samplerate or default.samplerate or _DEVICE["default_samplerate"])
        self.channels: int = _one(channels, default.channels) or 2
        self.dtype = _name_of(_one(dtype, default.dtype))
        self.samplesize = _SIZES[self.dtype]
        self.device, self.latency = 0, card.BUFFER if self._plays else card.BLOCK
        self._numpy: Any = importlib.import_module("numpy") if self._arrays else None
        self._callback, self._finished = callback, finished_callback
        process = self._call if callback else None
        self._card = card.Stream(self.samplerate, self.channels, blocksize or default.blocksize, process)
        self.blocksize = blocksize or 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.close()

    @property
    def active(self) -> bool:
        """Whether it records or plays."""
        return self._card.active

    @property
    def stopped(self) -> bool:
        """Whether it does not."""
        return not self._card.active

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._card.closed

    @property
    def time(self) -> float:
        """The seconds of the clock that the callback's times are of."""
        return time.monotonic()

    @property
    def read_available(self) -> int:
        """How many frames can be read without waiting."""
        return self._card.readable()

    @property
    def write_available(self) -> int:
        """How many frames can be written without waiting."""
        return self._card.writable()

    def start(self) -> None:
        """Begin, or begin again."""
        self._attempt(self._card.start)

    def stop(self, ignore_errors: bool = True) -> None:
        """Stop when all that was written has been played."""
        self._end(drain=True)

    def abort(self, ignore_errors: bool = True) -> None:
        """Stop at once."""
        self._end(drain=False)

    def close(self, ignore_errors: bool = True) -> None:
        """Stop at once, for good."""
        self._end(drain=False)
        self._card.close()

    def read(self, frames: int) -> tuple[Any, bool]:
        """Return the next frames when they have been recorded, and False: nothing is lost however late it is called."""
        self._want(self._records, "Input")
        return self._data(self._attempt(self._card.read, frames)), False

    def write(self, data: Any) -> bool:
        """Return when all but the last tenth of a second has been played: False, as nothing was missing before."""
        self._want(self._plays, "Output")
        size = len(data) if self._arrays else memoryview(data).nbytes // (self.channels * self.samplesize)
        if self._arrays and _name_of(getattr(data, "dtype", None)) != self.dtype:
            raise TypeError(f"dtype mismatch: {_name_of(getattr(data, 'dtype', None))!r} vs {self.dtype!r}")
        self._attempt(self._card.write, size)
        return False

    def _end(self, *, drain: bool) -> None:
        was = self._card.active
        self._card.stop(drain=drain)
        if was and self._finished:
            self._finished()

    def _attempt(self, what: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return what(*arguments)
        except card.ClosedError as error:
            raise PortAudioError(f"{error} (of {card.NAME})") from None

    def _want(self, direction: bool, name: str) -> None:
        if not direction or self._callback:
            raise PortAudioError(f"{name} is not possible with this stream, or it has a callback")

    def _data(self, samples: "array.array[int]") -> Any:
        if self.dtype == "float32":
            samples = array.array("f", (sample / 32_768 for sample in samples))  # type: ignore[assignment]
        if self._numpy is None:
            return memoryview(samples.tobytes())
        return self._numpy.frombuffer(samples.tobytes(), dtype=self.dtype).reshape(-1, self.channels)

    def _call(self, recorded: "array.array[int]", frames: int) -> bool:
        assert self._callback is not None
        now = time.monotonic()
        times = SimpleNamespace(
            inputBufferAdcTime=now - frames / self.samplerate, currentTime=now, outputBufferDacTime=now + card.BUFFER
        )
        buffers = [self._data(recorded)] if self._records else []
        if self._plays:
            silence = bytearray(frames * self.channels * self.samplesize)
            buffers.append(
                memoryview(silence)
                if self._numpy is None
                else self._numpy.frombuffer(silence, dtype=self.dtype).reshape(-1, self.channels)
            )
        try:
            self._callback(*buffers, frames, times, CallbackFlags())
        except (CallbackStop, CallbackAbort):
            if self._finished:
                self._finished()
            return False
        return True


class Stream(_Stream):
    """A microphone and a speaker, with NumPy's arrays."""


class InputStream(_Stream):
    """A microphone, with NumPy's arrays."""

    _plays = False


class OutputStream(_Stream):
    """A speaker, with NumPy's arrays."""

    _records = False


class RawStream(_Stream):
    """A microphone and a speaker, with buffers."""

    _arrays = False


class RawInputStream(InputStream):
    """A microphone, with buffers."""

    _arrays = False


class RawOutputStream(OutputStream):
    """A speaker, with buffers."""

    _arrays = False


_over = threading.Event()
_over.set()
_ends = 0.0


def play(data: Any, samplerate: float | None = None, blocking: bool = False, **_: Any) -> None:
    """Play an array in the background; what was playing is dropped."""
    global _ends
    _ends = time.monotonic() + len(data) / float(samplerate or default.samplerate or _DEVICE["default_samplerate"])
    _over.clear()
    if blocking:
        wait()


def wait(ignore_errors: bool = True) -> None:
    """Return when what `play` plays has been played, or stopped."""
    while (left := _ends - time.monotonic()) > 0 and not _over.wait(left):
        """It plays."""


def stop(ignore_errors: bool = True) -> None:
    """Drop what `play` plays."""
    _over.set()


def _one(value: Any, usual: Any) -> Any:
    """Return the value of a pair that counts here; the program may give one for both directions."""
    found = usual if value is None else value
    return found[0] if isinstance(found, (tuple, list)) else found


def _name_of(dtype: Any) -> str:
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    if name not in _SIZES:
        raise ValueError(f"{card.NAME} has the dtypes int16 and float32; got {dtype!r}")
    return name
