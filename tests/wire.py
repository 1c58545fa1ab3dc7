"""Server messages in the shapes of the wire, and a socket that plays them to a real `AsyncSession`."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
from collections.abc import Iterable
from typing import Any

import pytest
import websockets
from google.genai import live, types, version
from pydantic import BaseModel

Message = dict[str, Any]


def content(**fields: Any) -> Message:
    return {"serverContent": fields}


def said(text: str) -> Message:
    """Words of the user."""
    return content(inputTranscription={"text": text})


def spoken(text: str) -> Message:
    """Words of the model."""
    return content(outputTranscription={"text": text})


def audio(seconds: float, mime_type: str = "audio/pcm;rate=24000") -> Message:
    """Speech of the model."""
    return content(modelTurn={"parts": [_blob(seconds, mime_type)]})


def bundled(text: str, seconds: float) -> Message:
    """Speech and its words in one message, as 3.x sends them."""
    return content(
        modelTurn={"parts": [_blob(seconds, "audio/pcm;rate=24000")], "role": "model"},
        outputTranscription={"text": text},
    )


def thought(text: str) -> Message:
    return content(modelTurn={"parts": [{"text": text, "thought": True}]})


def written(text: str) -> Message:
    """An answer of a session whose modality is text."""
    return content(modelTurn={"parts": [{"text": text}]})


GENERATED = content(generationComplete=True)
INTERRUPTED = content(interrupted=True)
TURN_COMPLETE = content(turnComplete=True)
VOICE_STARTS: Message = {"voiceActivity": {"voiceActivityType": "ACTIVITY_START"}}
VOICE_ENDS: Message = {"voiceActivity": {"voiceActivityType": "ACTIVITY_END"}}


def _blob(seconds: float, mime_type: str) -> Message:
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(bytes(round(48_000 * seconds))).decode()}}


def speech(text: str, seconds_a_word: float = 0.4) -> list[Message]:
    """A reply as 2.5 sends it: each word in a message of its own, slightly before its audio."""
    words = text.split(" ")
    deltas = [words[0], *(" " + word for word in words[1:])]
    return [message for delta in deltas for message in (spoken(delta), audio(seconds_a_word))]


def parsed(message: Message) -> types.LiveServerMessage:
    """What the SDK makes of a message: a field that its version does not know is left out."""
    return types.LiveServerMessage._from_response(response=copy.deepcopy(message), kwargs={})


def needs(model: type[BaseModel], field: str) -> pytest.MarkDecorator:
    """Skip the test on an SDK that does not know the field, and so keeps it from everybody."""
    name = f"{model.__name__}.{field}"
    return pytest.mark.skipif(
        field not in model.model_fields, reason=f"google-genai {version.__version__} has no {name}"
    )


class Socket:
    """A websocket that plays messages to a session, and keeps what the session sends."""

    def __init__(self, messages: Iterable[Message | Exception] = ()) -> None:
        self._incoming: asyncio.Queue[Message | Exception] = asyncio.Queue()
        self.sent: list[Message] = []
        self.full = asyncio.Event()
        for message in messages:
            self.play(message)

    def play(self, message: Message | Exception) -> None:
        self._incoming.put_nowait(message)

    async def recv(self, decode: bool | None = None) -> bytes:
        message = await self._incoming.get()
        if isinstance(message, Exception):
            raise message
        return json.dumps(message).encode()

    async def send(self, frame: str) -> None:
        self.sent.append(json.loads(frame))

    @property
    def notes(self) -> list[str]:
        """The texts of the notes that were sent."""
        contents = [frame["client_content"] for frame in self.sent if "client_content" in frame]
        return [content["turns"][0]["parts"][0]["text"] for content in contents]


class ApiClient:
    """As much of the SDK's client as a session needs."""

    vertexai = False


def session(socket: Socket, of: type[live.AsyncSession] = live.AsyncSession) -> live.AsyncSession:
    """A real session on that socket."""
    return of(api_client=ApiClient(), websocket=socket)  # type: ignore[arg-type]


def closed(code: int, reason: str = "Request contains an invalid argument.") -> websockets.ConnectionClosedError:
    """What a read raises when the server has closed with this code."""
    return websockets.ConnectionClosedError(websockets.frames.Close(code, reason), None)
