"""google-adk: `Runner.run_live`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from google.adk.agents import LiveRequestQueue, LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.events import Event
from google.adk.runners import InMemoryRunner
from google.genai import types

from frameworks.barge_in import App, BargeIn, leaving
from frameworks.recipes.adk_played import live_sessions, remember, report
from gemini_live_interrupt.emulator.pytest_plugin import BackgroundEmulator


class TestAdk(BargeIn):
    hands_on_all_audio = True
    remember = staticmethod(remember)
    resumption: types.SessionResumptionConfig | None = None

    @pytest.mark.parametrize(
        ("name", "live_emulator"), [leaving("2.5-native"), leaving("3.8-live")], indirect=["live_emulator"]
    )
    async def test_a_story_goes_on_over_two_connections(self, live_emulator: BackgroundEmulator, name: str) -> None:
        self.resumption = types.SessionResumptionConfig()
        await self.check_that_a_story_goes_on_over_two_connections(live_emulator, name)

    @contextlib.asynccontextmanager
    async def talking(self, model: str, *, late: float) -> AsyncIterator[App]:
        app = App()
        agent = LlmAgent(name="teller", model=model, instruction="Tell stories.")
        runner = InMemoryRunner(agent, app_name="stories")
        session = await runner.session_service.create_session(app_name="stories", user_id="somebody")
        requests = LiveRequestQueue()

        async def listen() -> None:
            async for event in runner.run_live(
                user_id="somebody",
                session_id=session.id,
                live_request_queue=requests,
                run_config=RunConfig(streaming_mode=StreamingMode.BIDI, session_resumption=self.resumption),
            ):
                for kind, text in told_by(event):
                    app.saw(kind, text)
                if late and blobs(event) and not app.audio:
                    tasks.append(asyncio.create_task(play()))
                app.audio += sum(len(blob.data or b"") for blob in blobs(event))
                app.ended += bool(event.turn_complete)

        async def speak() -> None:
            async for pcm in app.microphone.frames():
                requests.send_realtime(types.Blob(data=pcm, mime_type="audio/pcm;rate=16000"))

        async def play() -> None:
            begins = time.monotonic() + late
            while True:
                report(max(0.0, time.monotonic() - begins))
                await asyncio.sleep(0.02)

        live_sessions.set([])
        listening, *tasks = [asyncio.create_task(do) for do in (listen(), speak())]
        yield app
        for task in tasks:
            task.cancel()
        requests.close()
        await listening
        await runner.close()


def blobs(event: Event) -> list[types.Blob]:
    parts = (event.content and event.content.parts) or []
    return [part.inline_data for part in parts if part.inline_data]


def told_by(event: Event) -> Iterator[tuple[str, str]]:
    """What the event tells, in kinds and words."""
    for part in (event.content and event.content.parts) or []:
        yield "thought" if part.thought else "text" if part.text else "audio", part.text or ""
    for who, transcription in (("user", event.input_transcription), ("model", event.output_transcription)):
        if transcription:
            yield f"{who}, finished" if transcription.finished else who, transcription.text or ""
    for kind in ("interrupted", "turn_complete", "usage_metadata", "live_session_resumption_update"):
        if getattr(event, kind):
            yield kind, ""
    if event.voice_activity:
        yield str(event.voice_activity.voice_activity_type), ""
