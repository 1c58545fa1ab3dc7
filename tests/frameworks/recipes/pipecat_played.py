# pipecat_played.py
"""`PipelineWorker(pipeline, observers=[PlaybackObserver(service)])`."""

from pipecat.frames.frames import BotStartedSpeakingFrame, TTSAudioRawFrame
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.transports.base_output import BaseOutputTransport

from gemini_live_interrupt import report_played


class PlaybackObserver(BaseObserver):
    def __init__(self, service: GeminiLiveLLMService) -> None:
        super().__init__()
        self._service = service
        self._played = 0.0

    async def on_push_frame(self, data: FramePushed) -> None:
        if isinstance(data.source, BaseOutputTransport):  # it pushes a frame on when it has written it
            if isinstance(data.frame, BotStartedSpeakingFrame):
                self._played = 0.0
            elif isinstance(data.frame, TTSAudioRawFrame):
                self._played += data.frame.num_frames / data.frame.sample_rate
                report_played(self._service._session, self._played)
