"""livekit-agents with livekit-plugins-google: an `AgentSession` with audio input and output of its own, no server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import Agent, AgentSession
from livekit.agents.voice import io
from livekit.plugins import google

from frameworks.barge_in import MODELS, PATIENCE, App, BargeIn, leaving, model
from frameworks.recipes.livekit_played import live_sessions, remember, report_playback
from gemini_live_interrupt import enable_interrupt_resume
from gemini_live_interrupt.demo._sound import RecordedMicrophone
from gemini_live_interrupt.emulator.pytest_plugin import BackgroundEmulator


class Input(io.AudioInput):
    """A microphone of the framework's kind."""

    def __init__(self, microphone: RecordedMicrophone) -> None:
        super().__init__(label="microphone")
        self._frames = microphone.frames()

    async def __anext__(self) -> rtc.AudioFrame:
        pcm = await anext(self._frames)
        return rtc.AudioFrame(pcm, 16_000, 1, len(pcm) // 2)


class Output(io.AudioOutput):
    """A loudspeaker of the framework's kind, which starts `late` seconds after it was given the first frame."""

    def __init__(self, late: float) -> None:
        super().__init__(label="loudspeaker", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=24_000)
        self._late = late
        self._starts_at: float | None = None
        self._given = 0.0
        self._timers: list[asyncio.TimerHandle] = []

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._starts_at is None:
            self._starts_at = time.monotonic() + self._late
            self._later(self._starts_at, lambda: self.on_playback_started(created_at=time.time()))
        self._given += frame.duration

    def flush(self) -> None:
        super().flush()
        if self._starts_at is not None:
            self._later(self._starts_at + self._given, self._finish)

    def clear_buffer(self) -> None:
        if self._starts_at is not None:
            self._finish(interrupted=True)

    def _later(self, when: float, do: Any) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(max(0.0, when - time.monotonic()), do))

    def _finish(self, *, interrupted: bool = False) -> None:
        assert self._starts_at is not None
        position = min(self._given, max(0.0, time.monotonic() - self._starts_at)) if interrupted else self._given
        for timer in self._timers:
            timer.cancel()
        self._starts_at, self._given = None, 0.0
        self._timers.clear()
        self.on_playback_progressed(started_at=time.time() - position, offset=0.0, duration=position)
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


class LiveKitApp(App):
    """Notes what the session tells its listeners."""

    def __init__(self, session: AgentSession) -> None:
        super().__init__()
        self._items = {"user": 0, "assistant": 0}
        session.on("agent_state_changed", lambda event: self.saw(event.new_state, stream="agent"))
        session.on("user_state_changed", lambda event: self.saw(event.new_state, stream="user"))
        session.on("user_input_transcribed", lambda event: self.saw(f"final: {event.is_final}", event.transcript))
        session.on("speech_created", lambda event: self.saw(event.source, stream="speech"))
        session.on("conversation_item_added", self._item)
        session.on("error", lambda event: self.saw("error", str(event), stream="errors"))
        session.on("agent_false_interruption", lambda event: self.saw("false", stream="errors"))

    def _item(self, event: Any) -> None:
        if event.item.type == "message":
            role = event.item.role
            self.saw(f"{role}, interrupted: {event.item.interrupted}", event.item.text_content, stream=role)
            self._items[role] += 1
            self.ended = min(self._items.values())


class TestLiveKit(BargeIn):
    remember = staticmethod(remember)

    @pytest.mark.parametrize(
        ("name", "live_emulator"),
        [leaving("2.5-native", "go-away"), leaving("3.8-live", "go-away")],
        indirect=["live_emulator"],
    )
    async def test_a_story_goes_on_over_two_connections(self, live_emulator: BackgroundEmulator, name: str) -> None:
        await self.check_that_a_story_goes_on_over_two_connections(live_emulator, name)

    @contextlib.asynccontextmanager
    async def talking(self, model: str, *, late: float) -> AsyncIterator[App]:
        session = AgentSession(
            llm=google.realtime.RealtimeModel(model=model),
            aec_warmup_duration=None,  # for three seconds of its first speech it would be deaf
        )
        app = LiveKitApp(session)
        session.input.audio = Input(app.microphone)
        session.output.audio = output = Output(late)
        output.on("playback_started", lambda _: app.saw("started", stream="playback"))
        output.on("playback_finished", lambda event: app.saw(f"interrupted: {event.interrupted}", stream="playback"))
        live_sessions.set([])
        await session.start(Agent(instructions="Tell stories."))
        if late:
            report_playback(session)
        yield app
        await session.aclose()

    @pytest.mark.live_emulator(profile="3.8-live", model=model, hear=["A story!"], faults=["refuse-content"])
    async def test_a_note_that_the_server_refuses_ends_the_session_for_good(
        self, live_emulator: BackgroundEmulator, complaints: list[str]
    ) -> None:
        # The framework takes every close with 1007 for an exhausted context, and does not connect again.
        enable_interrupt_resume()
        async with self.app(live_emulator, MODELS["3.8-live"]) as app:
            await self.interrupt(live_emulator, app, "playing")
            await live_emulator.eventually(lambda: app.events["errors"], PATIENCE)
        assert len(live_emulator.sessions) == 1
        assert live_emulator.session.closed == (1007, "Request contains an invalid argument.")
        (complaint,) = complaints
        assert "1007" in complaint
        complaints.clear()
