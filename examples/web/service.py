"""What answers: the emulator with a scripted model, which needs no key, or the real Live API.

The environment decides. LIVE_SERVICE is a profile of the emulator, or "live" for the real service; that needs
GEMINI_API_KEY, and takes the model from GEMINI_LIVE_MODEL.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

from google import genai

from gemini_live_interrupt.demo._sound import recording
from gemini_live_interrupt.demo._story import CASES, OPENING, OTHERS, STORY, UNKNOWN, tell
from gemini_live_interrupt.emulator import LiveEmulator, Speech, SpokenWord, espeak, speak

__all__ = ["OPENING", "Service", "find_service"]

MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"
UTTERANCES = [case.breaks_in for case in CASES.values()] + list(OTHERS)
SECOND = 32_000  # bytes of PCM from a microphone
SHORTEST_SPEECH = 0.4  # seconds; what is shorter is a noise
SILENCE = 0.5  # seconds of it end an utterance, and belong to it
KEPT = 4  # conversations of the emulator that are over
SENTENCE = re.compile(r"\S.*?[.!?]+(?=\s|$)|\S.*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Service:
    """A client for it, and what people are told of it."""

    name: str
    voice: str
    model: str
    client: genai.Client


@contextlib.asynccontextmanager
async def find_service() -> AsyncIterator[Service]:
    """Provide the service that the environment asks for."""
    wanted = os.environ.get("LIVE_SERVICE", "2.5-native")
    model = os.environ.get("GEMINI_LIVE_MODEL", MODEL)
    if wanted == "live":
        yield Service(model, "its own", model, genai.Client())
        return
    espeaks = shutil.which("espeak-ng") is not None
    if espeaks:
        await asyncio.to_thread(say, STORY)  # it takes a moment, in which a conversation would stand still
    async with LiveEmulator(wanted, tell, hear=make_out, voice=say if espeaks else speak, keep=KEPT) as emulator:
        client = genai.Client(**emulator.client_options())
        yield Service(f"emulator, {wanted}", "espeak-ng" if espeaks else "tones", model, client)


def make_out(pcm: bytes) -> str:
    """Return the words in PCM: those of a recording if it is one; of anybody's voice, only that it is speech."""
    for utterance in UTTERANCES:
        sound = recording(utterance.recording)
        middle = len(sound) // 4 * 2
        if sound[middle : middle + SECOND // 10] in pcm:
            return utterance.words
    return UNKNOWN if len(pcm) > SECOND * (SHORTEST_SPEECH + SILENCE) else ""


def say(text: str) -> Speech:
    """Say a text with espeak-ng, sentence by sentence, each of which is then known by heart."""
    pcm, words, at, end = bytearray(), list[SpokenWord](), 0.0, 0
    for sentence in SENTENCE.finditer(text):
        said = by_heart(text[end : sentence.end()])
        words += [SpokenWord(word.text, word.start + at, word.end + at) for word in said.words]
        pcm += said.pcm
        at, end = at + said.seconds, sentence.end()
    return Speech(bytes(pcm), tuple(words))


by_heart = functools.lru_cache(maxsize=64)(espeak)  # all of the story, and what it begins with where it is taken up
