"""A sound card for programs that have none, as a program meets it: in a process of its own, by its path."""

from __future__ import annotations

import array
import itertools
import json
import math
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt._cli import main
from gemini_live_interrupt.emulator._sound import FOLDER, SILENCE, SPEECH, sound_variables

from .test_command import started

TALK = """
import asyncio
import sys

import pyaudio
from google import genai

CONFIG = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}, "input_audio_transcription": {}}
card = pyaudio.PyAudio()


async def listen(session):
    index = card.get_default_input_device_info()["index"]
    microphone = await asyncio.to_thread(
        card.open, format=pyaudio.paInt16, channels=1, rate=16000, input=True, input_device_index=index,
        frames_per_buffer=1024,
    )
    while True:
        data = await asyncio.to_thread(microphone.read, 1024, exception_on_overflow=False)
        await session.send_realtime_input(audio={"data": data, "mime_type": "audio/pcm"})


async def play(queue):
    speaker = await asyncio.to_thread(card.open, format=pyaudio.paInt16, channels=1, rate=24000, output=True)
    while True:
        await asyncio.to_thread(speaker.write, await queue.get())


async def main():
    queue, cuts = asyncio.Queue(), 0
    async with genai.Client().aio.live.connect(model="a-live-model", config=CONFIG) as session:
        tasks = [asyncio.create_task(listen(session)), asyncio.create_task(play(queue))]
        while cuts < 1:
            async for message in session.receive():
                if message.data:
                    queue.put_nowait(message.data)
                cuts += bool(message.server_content and message.server_content.interrupted)
        print(queue.qsize() > 9)  # what was sent ahead of the speaker
        for task in tasks:
            task.cancel()


asyncio.run(main())
"""
"""An app like many, with PyAudio; what it plays is not yet heard when it is cut."""


def in_a_program(code: str, microphone: str = SILENCE, utterances: int = 0) -> Any:
    """Return what a program prints, as JSON, that has this sound card."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | sound_variables(microphone, utterances),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def a_wav(path: Path, samples: list[int], rate: int = 16_000, channels: int = 1) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.array("h", samples).tobytes())
    return str(path)


def test_an_app_with_pyaudio_talks_and_interrupts_without_a_sound_card(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(TALK)
    with started("--sound", "--", sys.executable, str(program)) as process:
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "True\n"), told
    events = [line.split(None, 4)[3] for line in told.splitlines() if line[0] == "1"]
    assert events == ["connected", "profile", "speech", "replies", "cut"]
    assert "“Tell me a story.”" in told


def test_by_itself_the_command_prints_the_card_s_variables_too() -> None:
    with started("--sound", "silence") as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        found = next(line for line in lines if line.startswith("export PYTHONPATH="))
        process.terminate()
        process.communicate(timeout=20)
    assert str(FOLDER) in found


READ = """
import array, json, pyaudio, time
stream = pyaudio.PyAudio().open({options}, format=pyaudio.{format}, input=True)
began = time.monotonic()
heard = array.array({code!r}, stream.read({frames}))
print(json.dumps([round(time.monotonic() - began, 3), heard.tolist()]))
"""


def test_the_microphone_plays_a_wav_at_the_rate_and_in_the_channels_that_are_asked_for(tmp_path: Path) -> None:
    ramp = a_wav(
        tmp_path / "ramp.wav", [sample for at in range(0, 8_000, 2) for sample in (at + 10, at - 10)], 8_000, 2
    )
    code = READ.format(options="rate=16_000, channels=2", format="paInt16", code="h", frames=4_000)
    took, heard = in_a_program(code, ramp)
    assert took >= 0.24
    left, right = heard[::2], heard[1::2]
    assert left == right
    assert [after - before for before, after in itertools.pairwise(left)] == [1] * 3_999
    code = READ.format(options="rate=8_000, channels=1", format="paFloat32", code="f", frames=800)
    floats = in_a_program(code, ramp)[1]
    assert math.isclose(floats[-1] - floats[0], 2 * 799 / 32_768)


def test_after_the_wav_there_is_silence_and_without_one_somebody_speaks_now_and_then(tmp_path: Path) -> None:
    short = a_wav(tmp_path / "short.wav", [9] * 1_600)
    code = READ.format(options="rate=16_000, channels=1", format="paInt16", code="h", frames=3_200)
    assert in_a_program(code, short)[1][-1_600:] == [0] * 1_600
    assert not any(in_a_program(code)[1])
    code = READ.format(options="rate=16_000, channels=1", format="paInt16", code="h", frames=24_000)
    said = in_a_program(code, SPEECH, 2)[1]
    assert not any(said[:14_000])
    assert max(said[17_000:24_000]) > 5_000


PLAY = """
import json, pyaudio, time
card = pyaudio.PyAudio()
stream = card.open(rate=24_000, channels=1, format=pyaudio.paInt16, output=True)
began, times = time.monotonic(), []
for _ in range(4):
    stream.write(bytes(4_800))  # a tenth of a second
    times.append(time.monotonic() - began)
stream.stop_stream()
times.append(time.monotonic() - began)
try:
    stream.write(bytes(48))
except OSError as error:
    complaint = str(error)
stream.start_stream()
stream.write(bytes(4_800))
stream.close()
card.terminate()
print(json.dumps([times, complaint, stream.is_active()]))
"""


def test_the_speaker_takes_audio_in_real_time_ahead_by_its_buffer() -> None:
    (first, second, _, fourth, stopped), complaint, active = in_a_program(PLAY)
    assert first <= second <= fourth
    assert second >= 0.1
    assert fourth >= 0.3
    assert stopped >= 0.4
    assert "Stream is stopped" in complaint
    assert not active


CALLBACKS = """
import json, pyaudio, threading, time
calls, over = [], threading.Event()


def callback(data, frames, times, status):
    calls.append([len(data), frames, status, threading.current_thread() is threading.main_thread()])
    if len(calls) == 5:
        over.set()
        return bytes(2 * frames), pyaudio.paComplete
    return bytes(2 * frames), pyaudio.paContinue


stream = pyaudio.PyAudio().open(
    rate=16_000, channels=1, format=pyaudio.paInt16, input=True, output=True, frames_per_buffer=320,
    stream_callback=callback,
)
began = time.monotonic()
over.wait(10)
took = time.monotonic() - began
while stream.is_active():
    time.sleep(0.001)
stream.close()
print(json.dumps([calls, took]))
"""


def test_a_callback_is_called_by_a_thread_until_it_has_enough() -> None:
    calls, took = in_a_program(CALLBACKS)
    assert calls == [[640, 320, 0, False]] * 5
    assert took >= 0.08


DEVICE = """
import array, json, time
import sounddevice as sd

heard, played = [], []


def record(data, frames, times, status):
    assert not status and times.currentTime > times.inputBufferAdcTime
    heard.append(len(bytes(data)) // frames)


def play(data, frames, times, status):
    assert times.outputBufferDacTime > times.currentTime
    data[:] = bytes(len(data))
    played.append(len(data) // frames)
    if len(played) == 3:
        raise sd.CallbackStop


with sd.RawInputStream(16_000, 320, channels=1, dtype="int16", callback=record) as stream:
    while len(heard) < 3:
        sd.sleep(5)
over = []
end = lambda: over.append(1)
with sd.RawOutputStream(24_000, 480, channels=2, dtype="int16", callback=play, finished_callback=end) as stream:
    while stream.active:
        sd.sleep(5)
began = time.monotonic()
with sd.RawOutputStream(samplerate=24_000, channels=1, dtype="int16") as stream:
    late = [stream.write(bytes(4_800)) for _ in range(3)]
took = time.monotonic() - began
with sd.RawInputStream(samplerate=16_000, channels=1, dtype="float32") as stream:
    data, overflowed = stream.read(160)
index = sd.query_devices(kind="input")["index"]
print(json.dumps([heard[0], played, over, late, took, len(data), overflowed, stream.closed, index]))
"""


def test_sounddevice_has_streams_of_buffers() -> None:
    recorded, played, over, late, took, read, overflowed, closed, index = in_a_program(DEVICE)
    assert (recorded, played, over) == (2, [4, 4, 4], [1])
    assert (late, overflowed, closed) == ([False] * 3, False, True)
    assert took >= 0.3
    assert (read, index) == (640, 0)


ARRAYS = """
import json, time
import numpy
import sounddevice as sd

shapes = []


def both(indata, outdata, frames, times, status):
    outdata[:] = indata
    shapes.append([indata.shape, outdata.dtype.name])


with sd.Stream(samplerate=16_000, blocksize=320, channels=1, dtype="int16", callback=both):
    while len(shapes) < 2:
        sd.sleep(5)
with sd.OutputStream(samplerate=24_000, channels=1, dtype=numpy.int16) as stream:
    stream.write(numpy.zeros(480, dtype=numpy.int16))
    try:
        stream.write(numpy.zeros(480))
    except (TypeError, ValueError) as error:
        complaint = str(error)
with sd.InputStream(samplerate=16_000, channels=2) as stream:
    data, _ = stream.read(160)
began = time.monotonic()
sd.play(numpy.zeros(2_400), 24_000)
sd.wait()
print(json.dumps([shapes[0], complaint, data.shape, data.dtype.name, time.monotonic() - began]))
"""


def test_sounddevice_has_streams_of_arrays() -> None:
    pytest.importorskip("numpy")
    shape, complaint, read, dtype, took = in_a_program(ARRAYS)
    assert shape == [[320, 1], "int16"]
    assert "float64" in complaint
    assert (read, dtype) == ([160, 2], "float32")
    assert took >= 0.1


WRONG = """
import json
import pyaudio, sounddevice
card, found = pyaudio.PyAudio(), []
for attempt in (
    lambda: card.open(16_000, 1, pyaudio.paInt24, input=True),
    lambda: card.open(16_000, 1, pyaudio.paInt16),
    lambda: card.open(16_000, 1, pyaudio.paInt16, input=True, input_device_index=3),
    lambda: card.open(0, 1, pyaudio.paInt16, input=True),
    lambda: card.open(16_000, 0, pyaudio.paInt16, input=True),
    lambda: card.open(16_000, 1, pyaudio.paInt16, input=True).write(b""),
    lambda: card.open(16_000, 1, pyaudio.paInt16, input=True, stream_callback=print, start=False).read(1),
    lambda: card.get_device_info_by_index(7),
    lambda: pyaudio.paWASAPI,
    lambda: sounddevice.rec(),
    lambda: sounddevice.RawInputStream(dtype="int24"),
    lambda: sounddevice.RawInputStream(dtype="int16", device="Built-in"),
    lambda: sounddevice.RawInputStream(dtype="int16").read(1),
    lambda: sounddevice.RawOutputStream(dtype="int16").read(1),
):
    try:
        attempt()
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
    else:
        found.append("nothing")
print(json.dumps(found))
"""


WHAT_FOR = "it stands in for what voice programs use of it"


def test_what_the_card_cannot_do_is_said() -> None:
    assert in_a_program(WRONG) == [
        "ValueError: the emulator's sound card has paInt16 and paFloat32; got the format 4",
        "ValueError: Must specify an input or output stream.",
        "OSError: [Errno -9996] Invalid device",
        "ValueError: the rate of a sound card must be positive; got 0",
        "ValueError: the number of channels must be positive; got 0",
        "OSError: [Errno -9974] Not output stream",
        "OSError: [Errno -9977] Can't read from or write to a callback stream",
        "OSError: [Errno -9996] Invalid device",
        f"AttributeError: the emulator's sound card has no pyaudio.paWASAPI: {WHAT_FOR}",
        f"AttributeError: the emulator's sound card has no sounddevice.rec: {WHAT_FOR}",
        "ValueError: the emulator's sound card has the dtypes int16 and float32; got 'int24'",
        "ValueError: No such device: 'Built-in'; the emulator's sound card is the only one",
        "PortAudioError: the stream is stopped (of the emulator's sound card)",
        "PortAudioError: Input is not possible with this stream, or it has a callback",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "the microphone {path} cannot be read: No such file or directory"),
        (b"", "the microphone {path} is no WAV: it is empty"),
        (b"OggS" * 9, "the microphone {path} is no WAV: file does not start with RIFF id"),
        ("8 bits", "the microphone {path} must have 16 bits and 8 to 192 kHz; it has 8 and 16000 Hz"),
    ],
)
def test_a_file_that_is_no_microphone_is_named(
    content: bytes | str | None, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "voice.wav"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 1, 16_000, 0, "NONE", "not compressed"))
    assert main(["emulator", "--sound", str(path), "--", "true"]) == 2
    assert capsys.readouterr().err == f"emulator: {complaint.format(path=path)}\n"
