# pydantic_ai_played.py
"""Call `begin(event)` with each event, and `report()` whenever `stream_audio()` has given the next chunk."""

from pydantic_ai.messages import PartStartEvent, SpeechPart
from pydantic_ai.realtime import RealtimeEvent, RealtimeSession

from gemini_live_interrupt import report_played


class Playback:
    def __init__(self, session: RealtimeSession) -> None:
        self._session = session
        self._before = 0

    def begin(self, event: RealtimeEvent) -> None:
        if isinstance(event, PartStartEvent) and isinstance(event.part, SpeechPart) and event.part.speaker != "user":
            self._before = self._session.played_audio_bytes

    def report(self) -> None:
        played = (self._session.played_audio_bytes - self._before) / 2 / self._session.audio_output_sample_rate
        report_played(self._session._connection._session, played)
