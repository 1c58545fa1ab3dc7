"""What a client frame may hold: the fields as data, and the walk that reads a frame or refuses it in Google's words."""

import base64
import binascii
import json
import re
import sys
from typing import Any, Final

Message = dict[str, Any]
"""A JSON object as it stands on the wire."""

STRING: Final = "TYPE_STRING"
BOOL: Final = "TYPE_BOOL"
INT32: Final = "TYPE_INT32"
INT64: Final = "TYPE_INT64"
FLOAT: Final = "TYPE_FLOAT"
BYTES: Final = "TYPE_BYTES"
ANY: Final = "any"
"""A field that the emulator takes as it is: an object of the client's own, or one that it makes no use of."""

Kind = str | frozenset[str] | list[Any] | dict[str, Any]
"""A scalar, an enumeration, `[kind]` for a repeated field, or the fields of a message."""


def _enum(*names: str) -> frozenset[str]:
    return frozenset(names)


BLOB: Kind = {"data": BYTES, "mimeType": STRING, "displayName": STRING}
PART: Kind = {
    "text": STRING,
    "thought": BOOL,
    "thoughtSignature": BYTES,
    "inlineData": BLOB,
    "fileData": ANY,
    "functionCall": ANY,
    "functionResponse": ANY,
    "executableCode": ANY,
    "codeExecutionResult": ANY,
    "videoMetadata": ANY,
    "mediaResolution": ANY,
    "partMetadata": ANY,
}
CONTENT: Kind = {"role": STRING, "parts": [PART]}
TRANSCRIPTION: Kind = {
    "languageCodes": [STRING],
    "languageAuto": ANY,
    "languageHints": ANY,
    "customVocabulary": [STRING],
    "adaptationPhrases": [STRING],
    "wordTimestamp": BOOL,
    "diarization": BOOL,
    "mode": STRING,
    "sourceText": STRING,
}
GENERATION_CONFIG: Kind = {
    "responseModalities": [_enum("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO")],
    "temperature": FLOAT,
    "topP": FLOAT,
    "topK": FLOAT,
    "maxOutputTokens": INT32,
    "candidateCount": INT32,
    "seed": INT32,
    "presencePenalty": FLOAT,
    "frequencyPenalty": FLOAT,
    "stopSequences": [STRING],
    "mediaResolution": STRING,
    "enableAffectiveDialog": BOOL,
    "speechConfig": ANY,
    "thinkingConfig": ANY,
    "translationConfig": ANY,
}
REALTIME_INPUT_CONFIG: Kind = {
    "automaticActivityDetection": {
        "disabled": BOOL,
        "startOfSpeechSensitivity": _enum(
            "START_SENSITIVITY_UNSPECIFIED", "START_SENSITIVITY_HIGH", "START_SENSITIVITY_LOW"
        ),
        "endOfSpeechSensitivity": _enum("END_SENSITIVITY_UNSPECIFIED", "END_SENSITIVITY_HIGH", "END_SENSITIVITY_LOW"),
        "prefixPaddingMs": INT32,
        "silenceDurationMs": INT32,
    },
    "activityHandling": _enum("ACTIVITY_HANDLING_UNSPECIFIED", "START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION"),
    "turnCoverage": STRING,
    "interimTranscriptTimestampEnabled": BOOL,
}
SETUP: Kind = {
    "model": STRING,
    "generationConfig": GENERATION_CONFIG,
    "systemInstruction": CONTENT,
    "tools": [ANY],
    "realtimeInputConfig": REALTIME_INPUT_CONFIG,
    "sessionResumption": {"handle": STRING, "transparent": BOOL},
    "contextWindowCompression": {"triggerTokens": INT64, "slidingWindow": {"targetTokens": INT64}},
    "inputAudioTranscription": TRANSCRIPTION,
    "outputAudioTranscription": TRANSCRIPTION,
    "proactivity": {"proactiveAudio": BOOL, "proactiveVideo": BOOL},
    "explicitVadSignal": BOOL,
    "historyConfig": {"initialHistoryInClientContent": BOOL},
    "avatarConfig": ANY,
    "safetySettings": [ANY],
    "labels": ANY,
}
CLIENT_MESSAGE: Kind = {
    "setup": SETUP,
    "clientContent": {"turns": [CONTENT], "turnComplete": BOOL},
    "realtimeInput": {
        "mediaChunks": [BLOB],
        "audio": BLOB,
        "video": BLOB,
        "text": STRING,
        "audioStreamEnd": BOOL,
        "activityStart": {},
        "activityEnd": {},
    },
    "toolResponse": {
        "functionResponses": [
            {"id": STRING, "name": STRING, "response": ANY, "scheduling": STRING, "willContinue": BOOL, "parts": ANY}
        ]
    },
    "contextUpdate": {"systemInstruction": CONTENT, "tools": {"tools": [ANY]}},
}
"""The fields of a client frame (documented; the SDK's own types). Both spellings of a name are read, at every level."""


INVALID_ARGUMENT = "Request contains an invalid argument."
"""The reason of most closes with 1007 (recorded)."""
_DEEPEST = 100  # levels (assumed: the usual limit of JSON parsers for protocol buffers)


class RefusedError(Exception):
    """What a client sent ends the session with this close code and reason."""

    def __init__(self, reason: str, code: int = 1007) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_frame(frame: str | bytes) -> Message:
    """Return a client frame with camelCase names and blobs as bytes; raise `RefusedError` if it is not one."""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise RefusedError("Invalid JSON payload received. Unexpected token.") from error
    if _depth(value) > _DEEPEST:
        raise RefusedError("Invalid JSON payload received. Message too deep.")
    if not isinstance(value, dict):
        raise RefusedError("Invalid JSON payload received. Root element must be a message.")
    read: Message = _read(value, CLIENT_MESSAGE, "")
    if len(read) != 1:
        raise RefusedError(INVALID_ARGUMENT)
    return read


def _read(value: Any, kind: Kind, path: str) -> Any:
    match kind:
        case dict():
            return _message(value, kind, path)
        case list():
            if not isinstance(value, list):
                # Google's parser takes a single value for a list of one.
                value = [value]
            return [_read(item, kind[0], f"{path}[{at}]") for at, item in enumerate(value)]
        case frozenset():
            if not isinstance(value, str) or value not in kind:
                raise _invalid(path, "TYPE_ENUM", value)
            return value
        case _:
            return _scalar(value, kind, path)


def _message(value: Any, fields: dict[str, Any], path: str) -> Message:
    if not isinstance(value, dict):
        raise _invalid(path, "TYPE_MESSAGE", value)
    read: Message = {}
    for name, item in value.items():
        camel = re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)
        if camel not in fields:
            place = f" at '{path}'" if path else ""
            raise RefusedError(f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.')
        if item is not None:
            read[camel] = _read(item, fields[camel], f"{path}.{_snake(camel)}".lstrip("."))
    return read


def _scalar(value: Any, kind: str, path: str) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "TYPE_STRING" if isinstance(value, str):
            return value
        case "TYPE_BOOL" if isinstance(value, bool):
            return value
        case "TYPE_FLOAT" if number and abs(value) <= sys.float_info.max:
            return float(value)
        case "TYPE_INT32" | "TYPE_INT64":
            whole = _integer(value, 2**31 if kind == INT32 else 2**63)
            if whole is not None:
                return whole
        case "TYPE_BYTES" if isinstance(value, str):
            return _blob(value, path)
        case "any":
            return value
    raise _invalid(path, kind, value)


def _integer(value: Any, limit: int) -> int | None:
    """Read a whole number, also one that is written 5.0 or "5"; `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        whole = int(value)
    except (ValueError, OverflowError):
        return None
    exact = isinstance(value, str) or whole == value
    return whole if exact and -limit <= whole < limit else None


def _blob(text: str, path: str) -> bytes:
    """Decode base64 in either alphabet, with or without its padding."""
    standard = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError(f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed.") from error


def _invalid(path: str, kind: str, value: Any) -> RefusedError:
    shown = json.dumps(value, ensure_ascii=False)
    return RefusedError(f"Invalid value at '{path}' ({kind}), {shown[:40]}")


def _depth(value: Any) -> int:
    """Count how deep objects and lists are nested, without recursion."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name)


def duration(seconds: float) -> str:
    """Write seconds as Google writes a duration: no decimals, or three."""
    return f"{seconds:.0f}s" if round(seconds, 3).is_integer() else f"{seconds:.3f}s"
