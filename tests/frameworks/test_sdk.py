"""google-genai itself, without a framework; what was played is tracked by openai-agents' `RealtimePlaybackTracker`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from google import genai

from frameworks.barge_in import App, BargeIn
from frameworks.recipes.tracker_played import ReportingTracker

CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
    "system_instruction": "Tell stories.",
}


class TestSdk(BargeIn):
    hands_on_all_audio = True

    @contextlib.asynccontextmanager
    async def talking(self, model: str, *, late: float) -> AsyncIterator[App]:
        app = App()
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        async with genai.Client().aio as client, client.live.connect(model=model, config=CONFIG) as session:

            async def listen() -> None:
                while True:
                    async for message in session.receive():
                        for kind, text in told_by(message):
                            app.saw(kind, text)
                        if message.data:
                            heard.put_nowait(message.data)
                            app.audio += len(message.data)
                        app.ended += bool(message.server_content and message.server_content.turn_complete)

            async def speak() -> None:
                async for pcm in app.microphone.frames():
                    await session.send_realtime_input(audio={"data": pcm, "mime_type": "audio/pcm;rate=16000"})

            async def play() -> None:
                tracker = ReportingTracker(session)
                pcm = await heard.get()
                await asyncio.sleep(late)
                while True:
                    await asyncio.sleep(len(pcm) / 48_000)
                    tracker.on_play_bytes("the only reply", 0, pcm)
                    pcm = await heard.get()

            tasks = [asyncio.create_task(do) for do in (listen(), speak(), *([play()] if late else []))]
            yield app
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def told_by(message: Any) -> Iterator[tuple[str, str]]:
    """The fields that the message has, with their words; of its content, those of the content."""
    for field in sorted(message.model_fields_set - {"server_content"}):
        yield field, ""
    for field in sorted(message.server_content.model_fields_set if message.server_content else ()):
        yield field, getattr(getattr(message.server_content, field), "text", "") or ""
