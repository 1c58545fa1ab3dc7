"""What the probe talks to: the Gemini API, Vertex AI, or an emulator; and what is wrong with a connection, in words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from google import genai
from google.genai import errors
from google.genai.live import AsyncSession

from .._extras import KEYS

CONNECTING = 20.0
"""Seconds until a connection that does not open counts as none."""
MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"
_VARIABLES = (*KEYS, "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT")
_KEY_LIKE = re.compile(r"AIza[\w-]{20,}|\bya29\.[\w.-]+|(?<=key=)[^\s&\"']+|(?<=Bearer )\S+")
_WHAT_IT_MEANS = (
    (r"api.?key|unauthenticated|\b401\b|credential", "the key is not accepted"),
    (r"quota|resource.?exhausted|\b429\b|rate.?limit", "the quota is used up: try again later, or with --only"),
    (r"permission|denied|\b403\b|forbidden", "the key may not use this model"),
    (r"not found|not supported for bidi|\b404\b|does not exist", "there is no such model for the Live API"),
    (r"modalit|non-audio", "the model does not speak: it has no audio output"),
)


class CannotError(Exception):
    """The probe cannot run, and why: one sentence."""


class Google:
    """The real service, by google-genai."""

    def __init__(self, model: str | None, *, vertexai: bool) -> None:
        if not vertexai and not any(map(os.environ.get, KEYS)):
            raise CannotError(
                "there is no API key: set GEMINI_API_KEY, or see with --emulator 3.8-live what a report looks like"
            )
        self.name = "Vertex AI" if vertexai else "Gemini API"
        self.model = model or MODEL
        try:
            key = None if vertexai else next(filter(None, map(os.environ.get, KEYS)))
            self._client = genai.Client(vertexai=vertexai, api_key=key)
        except Exception as error:  # noqa: BLE001 - whatever a client cannot be made with
            raise CannotError(f"there can be no client for the {self.name}: {in_words(error)}") from None

    def connect(self, config: Mapping[str, Any]) -> contextlib.AbstractAsyncContextManager[AsyncSession]:
        """Open a session; it must be open within `CONNECTING` seconds."""
        return opened(self._client, self.model, config)


@contextlib.asynccontextmanager
async def opened(client: genai.Client, model: str, config: Any) -> AsyncIterator[AsyncSession]:
    """Open a session; TimeoutError after `CONNECTING` seconds."""
    connecting = client.aio.live.connect(model=model, config=config)
    async with asyncio.timeout(CONNECTING):
        session = await connecting.__aenter__()
    try:
        yield session
    finally:
        with contextlib.suppress(Exception):
            await session.close()
        with contextlib.suppress(Exception):
            await connecting.__aexit__(None, None, None)


def reason_of(error: errors.APIError) -> str:
    """Return why the service refused or closed; the reason of a websocket's close is in the details, as text."""
    closed_with = error.details if isinstance(error.details, str) else ""
    return str(error.message or error.status or closed_with)


def in_words(error: BaseException) -> str:
    """Say what is wrong, in a clause; no key is in it, whatever the service has quoted."""
    said = _without_secrets(_message(error))
    if isinstance(error, TimeoutError):
        return said if str(error) else "the service did not answer in time"
    for pattern, meaning in _WHAT_IT_MEANS:
        if re.search(pattern, said, re.IGNORECASE):
            return f"{meaning} ({said})"
    return said


def _message(error: BaseException) -> str:
    if isinstance(error, errors.APIError):
        return f"{error.code} {reason_of(error)}".strip()
    return " ".join(str(error).split()) or type(error).__name__


def _without_secrets(text: str) -> str:
    for name in _VARIABLES:
        if secret := os.environ.get(name):
            text = text.replace(secret, f"[{name}]")
    return _KEY_LIKE.sub("[key]", text)[:300]
