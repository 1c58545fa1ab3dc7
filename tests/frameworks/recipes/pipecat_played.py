# pipecat_played.py
"""`live_sessions.set([])`, and then `PipelineWorker(pipeline, observers=[PlaybackObserver()])`."""

from contextvars import ContextVar
from typing import Any

from pipecat.frames.frames import BotStartedSpeakingFrame, TTSAudioRawFrame
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.transports.base_output import BaseOutputTransport

from gemini_live_interrupt import report_played

live_sessions: ContextVar[list[Any]] = ContextVar("live_sessions")


def remember(session: Any, model: str, config: Any) -> None:
    live_sessions.get().append(session)  # one more after each reconnection


class PlaybackObserver(BaseObserver):
    def __init__(self) -> None:
        super().__init__()
        self._sessions = live_sessions.get()
        self._played = 0.0

    async def on_push_frame(self, data: FramePushed) -> None:
        if isinstance(data.source, BaseOutputTransport):  # it pushes a frame on when it has written it
            if isinstance(data.frame, BotStartedSpeakingFrame):
                self._played = 0.0
            elif isinstance(data.frame, TTSAudioRawFrame):
                self._played += data.frame.num_frames / data.frame.sample_rate
                report_played(self._sessions[-1], self._played)
