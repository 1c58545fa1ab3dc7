"""A voice that says the words: espeak-ng, where it is installed."""

import io
import shutil
import struct
import subprocess
import wave

from ._voice import OUTPUT_RATE, Speech, SpokenWord, speak_evenly


def espeak(text: str, *, language: str = "en") -> Speech:
    """Return the text as espeak-ng says it; the time of each word is its share of the audio, as the tones have it.

    Give it to `LiveEmulator(voice=espeak)`. It takes about as long as a process takes to start. Raises RuntimeError if
    espeak-ng is not installed or refuses.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is not installed; without it, leave out `voice`: tones take its place")
    tones = speak_evenly(text)
    if not any(letter.isalnum() for letter in text):
        return tones
    command = [program, "-v", language, "--stdout", "--stdin"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise RuntimeError(f"espeak-ng failed: {done.stderr.decode(errors='replace').strip()}")
    pcm = _resampled(done.stdout)
    stretch = len(pcm) / 2 / OUTPUT_RATE / tones.seconds
    words = tuple(SpokenWord(word.text, word.start * stretch, word.end * stretch) for word in tones.words)
    return Speech(pcm, words)


def _resampled(wav: bytes) -> bytes:
    """Return a mono WAV file of 16 bits as PCM at the emulator's rate, by linear interpolation."""
    # A WAV file on a pipe does not know its length: it claims the most.
    with wave.open(io.BytesIO(wav)) as audio:
        rate = audio.getframerate()
        frames = audio.readframes(audio.getnframes())
    count = len(frames) // 2
    heard = struct.unpack(f"<{count}h", frames[: 2 * count])
    samples = []
    for number in range(count * OUTPUT_RATE // rate):
        at, part = divmod(number * rate, OUTPUT_RATE)
        following = heard[min(at + 1, count - 1)]
        samples.append(heard[at] + (following - heard[at]) * part // OUTPUT_RATE)
    return struct.pack(f"<{len(samples)}h", *samples)
