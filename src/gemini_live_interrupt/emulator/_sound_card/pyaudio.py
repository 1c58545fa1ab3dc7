"""Stands in for PyAudio on a machine without a sound card: the part of it that voice programs use."""

import array
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import live_emulator_card as card

__version__ = "0.2.14"
paFloat32, paInt32, paInt24, paInt16, paInt8, paUInt8 = 1, 2, 4, 8, 16, 32
paContinue, paComplete, paAbort = 0, 1, 2
paFramesPerBufferUnspecified = 0
paNoDevice = -1
_WIDTHS = {paFloat32: 4, paInt32: 4, paInt24: 3, paInt16: 2, paInt8: 1, paUInt8: 1}
_DEVICE = 0
_STOPPED, _CLOSED = (-9983, "Stream is stopped"), (-9988, "Stream closed")

Callback = Callable[[bytes | None, int, Mapping[str, float], int], tuple[bytes | None, int]]


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(f"{card.NAME} has no pyaudio.{name}: it stands in for what voice programs use of it")


def get_sample_size(format: int) -> int:
    """Return the bytes of a sample."""
    if format not in _WIDTHS:
        raise ValueError(f"Invalid format: {format}")
    return _WIDTHS[format]


class PyAudio:
    """One device, for both directions."""

    def terminate(self) -> None:
        """Do nothing: streams close themselves."""

    def open(self, *arguments: Any, **options: Any) -> "Stream":
        """Return a new stream; see `Stream`."""
        return Stream(*arguments, **options)

    def close(self, stream: "Stream") -> None:
        """Close a stream."""
        stream.close()

    def get_sample_size(self, format: int) -> int:
        """Return the bytes of a sample."""
        return get_sample_size(format)

    def get_device_count(self) -> int:
        """Return 1."""
        return 1

    def get_device_info_by_index(self, device_index: int) -> dict[str, Any]:
        """Return what is known of the device; OSError for another index."""
        if device_index != _DEVICE:
            raise OSError(-9996, "Invalid device")
        return {
            "index": _DEVICE,
            "structVersion": 2,
            "name": card.NAME,
            "hostApi": 0,
            "maxInputChannels": 2,
            "maxOutputChannels": 2,
            "defaultLowInputLatency": card.BLOCK,
            "defaultLowOutputLatency": card.BUFFER,
            "defaultHighInputLatency": card.BLOCK,
            "defaultHighOutputLatency": card.BUFFER,
            "defaultSampleRate": 48_000.0,
        }

    def get_default_input_device_info(self) -> dict[str, Any]:
        """Return what is known of the device."""
        return self.get_device_info_by_index(_DEVICE)

    def get_default_output_device_info(self) -> dict[str, Any]:
        """Return what is known of the device."""
        return self.get_device_info_by_index(_DEVICE)

    def get_host_api_info_by_index(self, host_api_index: int) -> dict[str, Any]:
        """Return what is known of the one API; OSError for another index."""
        if host_api_index:
            raise OSError(-9978, "Invalid host API")
        devices = {"deviceCount": 1, "defaultInputDevice": _DEVICE, "defaultOutputDevice": _DEVICE}
        return {"index": 0, "structVersion": 1, "type": 0, "name": card.NAME} | devices

    def get_device_info_by_host_api_device_index(
        self, host_api_index: int, host_api_device_index: int
    ) -> dict[str, Any]:
        """Return what is known of the device; OSError for another index."""
        self.get_host_api_info_by_index(host_api_index)
        return self.get_device_info_by_index(host_api_device_index)

    def is_format_supported(self, rate: float, **options: Any) -> bool:
        """Return True, or raise ValueError: 16-bit integers and floats are, at any rate."""
        for side in ("input_format", "output_format"):
            _check_format(options.get(side) or paInt16)
        return rate > 0


class Stream:
    """A microphone (`input`), a speaker (`output`) or both, read and written, or with a callback on a thread."""

    def __init__(
        self,
        rate: int,
        channels: int,
        format: int,
        input: bool = False,
        output: bool = False,
        input_device_index: int | None = None,
        output_device_index: int | None = None,
        frames_per_buffer: int = paFramesPerBufferUnspecified,
        start: bool = True,
        input_host_api_specific_stream_info: object = None,
        output_host_api_specific_stream_info: object = None,
        stream_callback: Callback | None = None,
    ) -> None:
        if not (input or output):
            raise ValueError("Must specify an input or output stream.")
        _check_format(format)
        for index in (input_device_index, output_device_index):
            if index not in (None, _DEVICE):
                raise OSError(-9996, "Invalid device")
        self._format = format
        self._input, self._output = input, output
        self._frame = channels * get_sample_size(format)
        self._callback = stream_callback
        process = self._call if stream_callback else None
        self._card = card.Stream(rate, channels, frames_per_buffer, process)
        if start:
            self._card.start()

    def start_stream(self) -> None:
        """Begin, or begin again."""
        self._attempt(self._card.start)

    def stop_stream(self) -> None:
        """Stop when all that was written has been played."""
        self._card.stop(drain=True)

    def close(self) -> None:
        """Stop at once, for good."""
        self._card.close()

    def is_active(self) -> bool:
        """Whether it records or plays."""
        return self._card.active

    def is_stopped(self) -> bool:
        """Whether it does not."""
        return not self._card.active

    def read(self, num_frames: int, exception_on_overflow: bool = True) -> bytes:
        """Return the next frames when they have been recorded. Nothing is lost however late it is called."""
        self._want(self._input, "Not input stream", -9975)
        samples: array.array[int] = self._attempt(self._card.read, num_frames)
        return self._bytes(samples)

    def write(self, frames: bytes, num_frames: int | None = None, exception_on_underflow: bool = False) -> None:
        """Return when all but the last tenth of a second has been played."""
        self._want(self._output, "Not output stream", -9974)
        self._attempt(self._card.write, len(frames) // self._frame if num_frames is None else num_frames)

    def get_read_available(self) -> int:
        """Return how many frames can be read without waiting."""
        return self._card.readable()

    def get_write_available(self) -> int:
        """Return how many frames can be written without waiting."""
        return self._card.writable()

    def get_input_latency(self) -> float:
        """Return seconds."""
        return card.BLOCK

    def get_output_latency(self) -> float:
        """Return seconds."""
        return card.BUFFER

    def get_time(self) -> float:
        """Return the seconds of the clock that the callback's times are of."""
        return time.monotonic()

    def _attempt(self, what: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return what(*arguments)
        except card.ClosedError:
            raise OSError(*(_CLOSED if self._card.closed else _STOPPED)) from None

    def _want(self, direction: bool, complaint: str, code: int) -> None:
        if not direction:
            raise OSError(code, complaint)
        if self._callback:
            raise OSError(-9977, "Can't read from or write to a callback stream")

    def _bytes(self, samples: "array.array[int]") -> bytes:
        if self._format == paInt16:
            return samples.tobytes()
        return array.array("f", (sample / 32_768 for sample in samples)).tobytes()

    def _call(self, recorded: "array.array[int]", frames: int) -> bool:
        assert self._callback is not None
        now = time.monotonic()
        times = {
            "input_buffer_adc_time": now - frames / self._card.rate,
            "current_time": now,
            "output_buffer_dac_time": now + card.BUFFER,
        }
        _, flag = self._callback(self._bytes(recorded) if self._input else None, frames, times, 0)
        return flag == paContinue


def _check_format(format: int) -> None:
    if format not in (paInt16, paFloat32):
        raise ValueError(f"{card.NAME} has paInt16 and paFloat32; got the format {format!r}")
