"""pipecat-ai: its Gemini Live service in a pipeline with context aggregators and a transport of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator

import pytest
from pipecat.frames import frames
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMAssistantAggregator, LLMContextAggregatorPair
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

from frameworks.barge_in import App, BargeIn, leaving
from frameworks.recipes.pipecat_played import PlaybackObserver, live_sessions, remember
from gemini_live_interrupt.demo._sound import RecordedMicrophone
from gemini_live_interrupt.emulator.pytest_plugin import BackgroundEmulator

PARAMS = TransportParams(
    audio_in_enabled=True, audio_in_sample_rate=16_000, audio_out_enabled=True, audio_out_sample_rate=24_000
)


class Input(BaseInputTransport):
    """A microphone of the framework's kind."""

    def __init__(self, microphone: RecordedMicrophone) -> None:
        super().__init__(PARAMS)
        self._microphone = microphone
        self._speaking: asyncio.Task[None] | None = None

    async def start(self, frame: frames.StartFrame) -> None:
        await super().start(frame)
        self._speaking = self.create_task(self._speak())
        await self.set_transport_ready(frame)

    async def cleanup(self) -> None:
        if self._speaking:
            await self.cancel_task(self._speaking)
        await super().cleanup()

    async def _speak(self) -> None:
        async for pcm in self._microphone.frames():
            await self.push_audio_frame(frames.InputAudioRawFrame(audio=pcm, sample_rate=16_000, num_channels=1))


class Output(BaseOutputTransport):
    """A loudspeaker of the framework's kind: writing takes as long as playing does, and `late` seconds at first."""

    def __init__(self, late: float) -> None:
        super().__init__(PARAMS)
        self._late = late
        self._played_at = 0.0

    async def start(self, frame: frames.StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: frames.OutputAudioRawFrame) -> bool:
        now = time.monotonic()
        begins = self._played_at if self._played_at > now - 0.1 else now + self._late
        self._played_at = begins + frame.num_frames / frame.sample_rate
        await asyncio.sleep(self._played_at - now)
        return True


OWN = (
    frames.ErrorFrame,
    frames.InterruptionFrame,
    frames.LLMFullResponseEndFrame,
    frames.LLMFullResponseStartFrame,
    frames.LLMTextFrame,
    frames.LLMThoughtTextFrame,
    frames.TTSAudioRawFrame,
    frames.TTSStartedFrame,
    frames.TTSStoppedFrame,
    frames.TTSTextFrame,
    frames.TranscriptionFrame,
)
"""What the service says itself; others' frames pass through it at other times."""


class Watcher(BaseObserver):
    """Notes what the service pushes, and what is written to the context.

    Not when the loudspeaker is said to start and stop: with the library or without, a chunk that is being written
    when the model is cut may start it once more.
    """

    def __init__(self, app: App, service: GeminiLiveLLMService) -> None:
        super().__init__()
        self._app = app
        self._service = service
        self._ends = {"response": 0, "message": 0}

    async def on_push_frame(self, data: FramePushed) -> None:
        frame, kind, app = data.frame, type(data.frame).__name__, self._app
        if data.source is self._service and isinstance(frame, OWN):
            app.saw(kind, getattr(frame, "text", ""), stream=f"service, {data.direction.name}")
            app.audio += len(frame.audio) if isinstance(frame, frames.TTSAudioRawFrame) else 0
            self._ended("response", isinstance(frame, frames.LLMFullResponseEndFrame))
        if isinstance(data.source, LLMAssistantAggregator) and isinstance(frame, frames.LLMContextAssistantTurnFrame):
            app.saw(kind, frame.text[:10], stream="context")  # how much of a story was spoken is chance
            self._ended("message", True)

    def _ended(self, what: str, has: bool) -> None:
        self._ends[what] += has
        self._app.ended = min(self._ends.values())


class TestPipecat(BargeIn):
    @pytest.mark.parametrize(
        ("name", "live_emulator"),
        [leaving("2.5-native", "abrupt-close"), leaving("3.8-live", "abrupt-close")],
        indirect=["live_emulator"],
    )
    async def test_a_story_goes_on_over_two_connections(self, live_emulator: BackgroundEmulator, name: str) -> None:
        await self.check_that_a_story_goes_on_over_two_connections(live_emulator, name)

    hands_on_all_audio = True
    remember = staticmethod(remember)

    @contextlib.asynccontextmanager
    async def talking(self, model: str, *, late: float) -> AsyncIterator[App]:
        app = App()
        live_sessions.set([])
        service = GeminiLiveLLMService(
            api_key=os.environ["GEMINI_API_KEY"],
            settings=GeminiLiveLLMService.Settings(model=model, system_instruction="Tell stories."),
            inference_on_context_initialization=False,
        )
        output, aggregators = Output(late), LLMContextAggregatorPair(LLMContext())
        pipeline = Pipeline([Input(app.microphone), aggregators.user(), service, output, aggregators.assistant()])
        observers = [Watcher(app, service), *([PlaybackObserver()] if late else [])]
        worker = PipelineWorker(pipeline, observers=observers)
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        await worker.queue_frame(frames.LLMRunFrame())
        yield app
        await worker.cancel()
        await running
