"""What an app asks for when it connects: the one module that knows the fields of a `LiveConnectConfig`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._prompt import RULES
from ._sdk import camel, field

OTHER_TASKS = ("translate", "transcribe")
"""In the name of a model that translates or transcribes: it holds no conversation, and has nothing to go on with."""
TRANSCRIPTIONS = ("input_audio_transcription", "output_audio_transcription")
DEFAULT_VOICE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What is known of a session from its connect on."""

    model: str
    speaks: bool
    """Whether the model answers in audio."""
    transcribes: bool
    """Whether a transcript of what it says was asked for."""
    can_be_interrupted: bool
    """Whether there is anything to do: the model converses, and speech of the user cuts it off."""
    silence: float = 0.0
    """Seconds of silence after which the server takes the user's speech for over; 0 where the app left it open."""
    voice: str = DEFAULT_VOICE
    """The name of the model's voice."""
    has_rules: bool = False
    """Whether the system instruction says what to do after an interruption."""
    handle: str | None = None
    """Of the session that this one resumes."""


def read_agreement(model: object, config: Any) -> Agreement:
    """Return what a connect asks for. `config` is whatever the SDK takes; what cannot be read counts as left open."""
    name = str(model).rpartition("/")[2]
    realtime = field(config, "realtime_input_config")
    detection = field(realtime, "automatic_activity_detection")
    silence = field(detection, "silence_duration_ms")
    prebuilt = field(field(field(config, "speech_config"), "voice_config"), "prebuilt_voice_config")
    handling = field(realtime, "activity_handling")
    handle = field(field(config, "session_resumption"), "handle")
    translates = any(task in name for task in OTHER_TASKS) or field(config, "translation_config") is not None
    return Agreement(
        model=name,
        speaks=_modalities(config) != ["TEXT"],
        transcribes=field(config, "output_audio_transcription") is not None,
        can_be_interrupted=not translates and _name(handling) != "NO_INTERRUPTION",
        silence=silence / 1000 if isinstance(silence, int | float) and 0 < silence < 1e6 else 0.0,
        voice=str(field(prebuilt, "voice_name") or DEFAULT_VOICE),
        has_rules=has_rules(config),
        handle=handle if isinstance(handle, str) and handle else None,
    )


def lacks(config: Any) -> list[str]:
    """Return the names of the transcriptions that were not asked for, the user's first."""
    return [name for name in TRANSCRIPTIONS if field(config, name) is None]


def with_transcription(config: Any) -> Any:
    """Return a copy of a configuration that asks for both transcriptions; it is not changed.

    Raises:
        TypeError: it is none that could be copied.
    """
    if config is None or isinstance(config, dict):
        return _with(config, {name: {} for name in lacks(config)})
    from google.genai import types

    return _with(config, {name: types.AudioTranscriptionConfig() for name in lacks(config)})


def has_rules(config: Any) -> bool:
    """Whether the system instruction of a configuration has the paragraph of `interruption_rules()`."""
    instruction = field(config, "system_instruction")
    found = field(instruction, "parts") or instruction
    return any(
        RULES in str(field(part, "text") or part) for part in (found if isinstance(found, list | tuple) else [found])
    )


def with_instruction(config: Any, text: str) -> Any:
    """Return a copy of a configuration whose system instruction ends with this paragraph; it is not changed.

    Raises:
        TypeError: it is none that could be copied.
    """
    return _with(config, {"system_instruction": _appended(field(config, "system_instruction"), text)})


def _appended(instruction: Any, text: str) -> Any:
    """The SDK takes a text, a content, a part, a file, or a list of texts, parts and files; objects or dictionaries."""
    if not instruction:
        return text
    if isinstance(instruction, str):
        return f"{instruction}\n\n{text}"
    if isinstance(instruction, list | tuple):
        return [*instruction, text]
    parts = field(instruction, "parts")
    if not isinstance(parts, list | tuple):
        return [instruction, text]
    if isinstance(instruction, dict):
        return instruction | {"parts": [*parts, {"text": text}]}
    from google.genai import types

    return instruction.model_copy(update={"parts": [*parts, types.Part(text=text)]})


def _with(config: Any, fields: dict[str, Any]) -> Any:
    if config is None:
        return fields
    if isinstance(config, dict):
        replaced = {spelled for name in fields for spelled in (name, camel(name))}
        return {name: value for name, value in config.items() if name not in replaced} | fields
    if (copy := getattr(config, "model_copy", None)) is None:
        raise TypeError(f"a configuration of type {type(config).__name__}")
    return copy(update=fields)


def _modalities(config: Any) -> list[str]:
    wanted = field(config, "response_modalities") or field(field(config, "generation_config"), "response_modalities")
    if not isinstance(wanted, list | tuple):
        wanted = [wanted or "AUDIO"]
    return [_name(each) for each in wanted]


def _name(value: Any) -> str:
    return str(getattr(value, "value", value)).upper()
