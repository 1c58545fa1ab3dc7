"""Where no key is set: an emulator as a stand-in for the service."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from google import genai
from google.genai.live import AsyncSession

from ..emulator import LiveEmulator, Profile
from ..emulator._profiles import find_profile
from ._mind import Mind
from ._recordings import UTTERANCES, recording
from ._service import opened

_MIDDLE = 4_000  # bytes of a recording, which are enough to know it by
_FRAME = 640  # bytes, the last of an utterance that has only begun


def hear(pcm: bytes) -> str:
    """Return the words of the recording that is in the PCM, or in which it has just begun; "" for a noise."""
    last = pcm[-_FRAME:]
    for name, words in UTTERANCES.items():
        sound = recording(name)
        middle = len(sound) // 4 * 2
        if sound[middle : middle + _MIDDLE] in pcm or (any(last) and last in sound):
            return words
    return ""


class Emulated:
    """An emulator as the service."""

    def __init__(self, live: LiveEmulator, profile: Profile) -> None:
        self.name = f"emulator, {profile.name}"
        self.model = "emulator"
        self.live = live
        self._client = genai.Client(vertexai=False, **live.client_options())

    def connect(self, config: Mapping[str, Any]) -> contextlib.AbstractAsyncContextManager[AsyncSession]:
        """Open a session with it."""
        return opened(self._client, self.model, config)

    async def aclose(self) -> None:
        """Close the SDK's client."""
        await self._client.aio.aclose()


@contextlib.asynccontextmanager
async def emulated(profile: str | Profile, mind: Mind | None = None, **options: Any) -> AsyncIterator[Emulated]:
    """Run an emulator of the profile; ValueError for one that is unknown."""
    answer = (mind or Mind()).answer
    async with (
        LiveEmulator(profile, answer, hear=hear, **options) as live,
        contextlib.aclosing(Emulated(live, find_profile(profile))) as service,
    ):
        yield service
