"""The variables that give a program a sound card: `_sound_card` stands in for `pyaudio` and `sounddevice`."""

import os
import wave
from pathlib import Path

SPEECH, SILENCE = "speech", "silence"
FOLDER = Path(__file__).parent / "_sound_card"


def sound_variables(microphone: str, utterances: int) -> dict[str, str]:
    """Return the variables for a microphone that is `SPEECH` (of so many utterances), `SILENCE` or a WAV's path.

    Raises OSError if the WAV cannot be read, and ValueError if it is none that a sound card plays.
    """
    path = "" if microphone in (SPEECH, SILENCE) else str(Path(microphone).resolve())
    if path:
        _check(path)
    return {
        "LIVE_EMULATOR_MICROPHONE": path,
        "LIVE_EMULATOR_UTTERANCES": str(utterances if microphone == SPEECH else 0),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(FOLDER), os.environ.get("PYTHONPATH")))),
    }


def _check(path: str) -> None:
    try:
        with wave.open(path, "rb") as file:
            bits, rate = 8 * file.getsampwidth(), file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"the microphone {path} is no WAV: {str(error) or 'it is empty'}") from None
    if bits != 16 or not 8_000 <= rate <= 192_000:
        raise ValueError(f"the microphone {path} must have 16 bits and 8 to 192 kHz; it has {bits} and {rate} Hz")
