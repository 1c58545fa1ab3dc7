"""pydantic-ai: a realtime session of an agent with `GoogleRealtimeModel`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from pydantic_ai import Agent
from pydantic_ai.messages import PartDeltaEvent, PartEndEvent, PartStartEvent, SpeechPart, SpeechPartDelta
from pydantic_ai.realtime import RealtimeEvent, RealtimeTurnCompleteEvent
from pydantic_ai.realtime.google import GoogleRealtimeModel

from frameworks.barge_in import App, BargeIn
from frameworks.recipes.pydantic_ai_played import Playback, live_sessions, remember


class TestPydanticAi(BargeIn):
    hands_on_all_audio = True
    remember = staticmethod(remember)

    @contextlib.asynccontextmanager
    async def talking(self, model: str, *, late: float) -> AsyncIterator[App]:
        app = App()
        live_sessions.set([])
        async with Agent(instructions="Tell stories.").realtime(GoogleRealtimeModel(model)).session() as session:
            playback = Playback(session)

            async def listen() -> None:
                async for event in session:
                    playback.begin(event)
                    app.saw(*told_by(event))
                    app.ended += isinstance(event, RealtimeTurnCompleteEvent)

            async def play() -> None:
                async for pcm in session.stream_audio():
                    app.audio += len(pcm)
                    if late:
                        playback.report()
                        await asyncio.sleep(len(pcm) / 48_000 + (0.0 if session.played_audio_bytes else late))

            tasks = [asyncio.create_task(do) for do in (listen(), play(), session.send_audio(app.microphone.frames()))]
            yield app
        tasks.pop().cancel()
        await asyncio.gather(*tasks)


def told_by(event: RealtimeEvent) -> tuple[str, str]:
    """What the event tells, in kind and words."""
    match event:
        case PartDeltaEvent(delta=SpeechPartDelta() as delta):
            return f"{delta.speaker} speaks", delta.transcript_delta or ""
        case PartStartEvent(part=SpeechPart() as part) | PartEndEvent(part=SpeechPart() as part):
            return f"{part.speaker}: {type(event).__name__}", part.transcript or ""
        case _:
            return type(event).__name__, ""
