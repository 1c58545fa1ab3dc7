"""The SDK's messages, in both directions, as events: the only module that knows the fields of messages.

A server message may carry several things, and the order in which they count is not that of its fields. `received` puts
them in this order:

1. What the server says of the user's voice, and calls that it cancels: both come before what they explain.
2. The user's words: they came before the output that answers them. In a message that says `interrupted` they are those
   of the interruption, and stand right before it.
3. The model's speech. It belongs to the reply that the same message may end, cut off or complete.
4. A tool call: speech in the same message precedes it.
5. `generationComplete`, then `interrupted`. A cut reply is cut even if all of it was generated.
6. `turnComplete`, then signs of life. The turn ends after all that belongs to it.

`sent` reads what the app sends. The SDK accepts objects, dictionaries in two spellings and plain values in most places;
what is not understood is no event, and is sent all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ._events import (
    MOST_TEXT,
    AppContent,
    Chunk,
    Event,
    GenerationCompleted,
    HandleGiven,
    Interrupted,
    MicrophoneAudio,
    ModelIsThere,
    ModelSpeech,
    ToolAnswered,
    ToolCalled,
    ToolCallsCancelled,
    TurnCompleted,
    UserTyped,
    UserVoice,
    UserWords,
    with_times,
)

SPEECH = frozenset({"output_transcription", "model_turn"})
"""The fields of a message that holds speech and nothing else."""

_VOICE = {
    "ACTIVITY_START": True,
    "VAD_SIGNAL_TYPE_SOS": True,
    "ACTIVITY_END": False,
    "VAD_SIGNAL_TYPE_EOS": False,
}


def received(message: Any) -> list[Event]:
    """Return what a server message says, in the order in which it counts.

    Fields are read from `__dict__`: one that the installed SDK does not know is absent, not an error.
    """
    found: list[Event] = []
    get = message.__dict__.get
    if (signal := get("voice_activity")) is not None:
        found.append(_voice(getattr(signal, "voice_activity_type", None)))
    if (signal := get("voice_activity_detection_signal")) is not None:
        found.append(_voice(getattr(signal, "vad_signal_type", None)))
    if (cancelled := get("tool_call_cancellation")) is not None:
        found.append(ToolCallsCancelled(tuple(cancelled.ids or ())))
    if (update := get("session_resumption_update")) is not None and update.new_handle and update.resumable:
        found.append(HandleGiven(update.new_handle))
    call = get("tool_call")
    content = get("server_content")
    if content is None:
        if call is not None:
            found.append(_called(call))
        return found
    said = content.__dict__.get
    kinds = content.__pydantic_fields_set__
    if kinds and kinds <= SPEECH:  # nearly every message
        found.append(_speech(said("output_transcription"), said("model_turn")))
        if call is not None:
            found.append(_called(call))
        return found
    interrupted = said("interrupted")
    if not interrupted:
        _add_user_words(said, found)
    transcription, model_turn = said("output_transcription"), said("model_turn")
    if transcription is not None or model_turn is not None:
        found.append(_speech(transcription, model_turn))
    if call is not None:
        found.append(_called(call))
    if said("generation_complete"):
        found.append(GenerationCompleted())
    if interrupted:
        _add_user_words(said, found, cut_in=True)
        found.append(Interrupted())
    if said("turn_complete"):
        found.append(TurnCompleted())
    if said("waiting_for_input") or said("interaction_status") is not None:
        found.append(ModelIsThere())
    return found


def _voice(kind: Any) -> Event:
    started = _VOICE.get(str(getattr(kind, "value", kind)))
    return ModelIsThere() if started is None else UserVoice(started)


def _called(call: Any) -> ToolCalled:
    return ToolCalled(tuple(str(each.id) for each in call.function_calls or ()))


def _add_user_words(said: Callable[[str], Any], found: list[Event], *, cut_in: bool = False) -> None:
    interim = said("interim_input_transcription")
    if interim is not None and interim.text:
        found.append(UserWords(interim.text, interim=True))
    transcription = said("input_transcription")
    if transcription is not None and transcription.text:
        found.append(UserWords(transcription.text, cut_in=cut_in))


def _speech(transcription: Any, model_turn: Any) -> Event:
    text, written = "", ""
    timings: Sequence[Any] = ()
    audio: list[Chunk] = []
    if transcription is not None:
        fields = transcription.__dict__
        text = (fields.get("text") or "")[:MOST_TEXT]
        if words := fields.get("words"):
            timings = with_times(words)
    if model_turn is not None:
        for part in model_turn.parts or ():
            if (blob := part.inline_data) is not None:
                if blob.data:
                    audio.append((blob.data, blob.mime_type))
            elif part.text and not part.thought:  # thoughts are not speech
                written += part.text
    if not (text or audio or written):
        return ModelIsThere()
    return ModelSpeech(text, timings, audio, written)


# What the app sends


def sent(method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Event]:
    """Return what a call of one of the session's sending methods says."""
    if method == "send_realtime_input":
        return _realtime(kwargs)
    if method == "send_client_content":
        return _client_content(kwargs.get("turns"), kwargs.get("turn_complete", True))
    if method == "send_tool_response":
        return _tool_response(kwargs.get("function_responses"))
    return _any(args[0] if args else kwargs.get("input"), bool(kwargs.get("end_of_turn", args[1:2] == (True,))))


def _realtime(given: dict[str, Any]) -> list[Event]:
    found: list[Event] = []
    if given.get("activity_start") is not None:
        found.append(UserVoice(started=True, by_app=True))
    found += [event for name in ("audio", "media") if (event := _microphone(given.get(name))) is not None]
    text = given.get("text")
    if isinstance(text, str) and text.strip():
        found.append(UserTyped(text))
    if given.get("activity_end") is not None:
        found.append(UserVoice(started=False, by_app=True))
    return found


def _microphone(blob: Any) -> MicrophoneAudio | None:
    data, mime_type = field(blob, "data"), field(blob, "mime_type")
    if not isinstance(data, bytes | bytearray | memoryview) or not data or not isinstance(mime_type, str):
        return None
    kind, *parameters = mime_type.lower().split(";")
    if kind.strip() not in ("audio/pcm", "audio/l16"):
        return None
    rate = 16_000
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "rate" and value.strip().isascii() and value.strip().isdigit():
            rate = int(value) or rate
    return MicrophoneAudio(bytes(data), rate)


def _client_content(turns: Any, turn_complete: Any) -> list[Event]:
    contents = turns if isinstance(turns, list | tuple) else [turns]
    typed = [text for content in contents if (text := _typed(content))]
    if typed and turn_complete:
        return [UserTyped(typed[-1])]
    return [AppContent()]


def _typed(content: Any) -> str:
    if isinstance(content, str):
        return content
    if content is None or field(content, "role") not in (None, "user"):
        return ""
    parts = field(content, "parts")
    pieces = parts if isinstance(parts, list | tuple) else [content]
    return " ".join(text for each in pieces if isinstance(text := field(each, "text"), str))


def _tool_response(responses: Any) -> list[Event]:
    each = responses if isinstance(responses, list | tuple) else [responses]
    ids = [str(found) for one in each if (found := field(one, "id")) is not None]
    scheduling: set[str] = set()
    for one in each:
        inner = field(one, "response")
        for found in (field(one, "scheduling"), inner.get("scheduling") if isinstance(inner, dict) else None):
            scheduling.add(str(getattr(found, "value", found)).upper())
    return [ToolAnswered(tuple(ids), interrupts="INTERRUPT" in scheduling)]


def _any(given: Any, end_of_turn: bool) -> list[Event]:
    """What the deprecated `send` was given."""
    if isinstance(given, str):
        return _client_content(given, end_of_turn)
    inner = field(given, "client_content")
    content = given if inner is None else inner
    if field(content, "turns") is not None:
        return _client_content(field(content, "turns"), field(content, "turn_complete") or end_of_turn)
    inner = field(given, "realtime_input")
    realtime = given if inner is None else inner
    chunks = field(realtime, "media_chunks")
    found: list[Event] = []
    if isinstance(chunks, list | tuple):
        found += [event for chunk in chunks if (event := _microphone(chunk)) is not None]
    found += _realtime({name: field(realtime, name) for name in ("activity_start", "audio", "text", "activity_end")})
    if found:
        return found
    if (event := _microphone(given)) is not None:
        return [event]
    inner = field(given, "tool_response")
    response = given if inner is None else inner
    if (responses := field(response, "function_responses")) is not None:
        return _tool_response(responses)
    first: Any = next(iter(given), None) if isinstance(given, list | tuple) else given
    if field(first, "response") is not None:
        return _tool_response(given)
    if isinstance(given, Iterable) or field(given, "parts") is not None:
        return _client_content(given, end_of_turn)
    return []


def field(value: Any, name: str) -> Any:
    """Return a field of an object, or of a dictionary in either spelling; `None` if there is none."""
    if isinstance(value, dict):
        return value[name] if name in value else value.get(camel(name))
    return getattr(value, "__dict__", {}).get(name)


def camel(name: str) -> str:
    """Return the other spelling of a field's name, which dictionaries may have."""
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
