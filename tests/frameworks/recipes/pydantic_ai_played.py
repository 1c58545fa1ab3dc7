# pydantic_ai_played.py
"""Call `begin(event)` with each event, and `report()` whenever `stream_audio()` has given the next chunk.

`live_sessions.set([])` before the session is opened.
"""

from contextvars import ContextVar
from typing import Any

from pydantic_ai.messages import PartStartEvent, SpeechPart
from pydantic_ai.realtime import RealtimeEvent, RealtimeSession

from gemini_live_interrupt import report_played

live_sessions: ContextVar[list[Any]] = ContextVar("live_sessions")


def remember(session: Any, model: str, config: Any) -> None:
    live_sessions.get().append(session)  # one more after each reconnection


class Playback:
    def __init__(self, session: RealtimeSession) -> None:
        self._sessions = live_sessions.get()
        self._session = session
        self._before = 0

    def begin(self, event: RealtimeEvent) -> None:
        if isinstance(event, PartStartEvent) and isinstance(event.part, SpeechPart) and event.part.speaker != "user":
            self._before = self._session.played_audio_bytes

    def report(self) -> None:
        played = (self._session.played_audio_bytes - self._before) / 2 / self._session.audio_output_sample_rate
        report_played(self._sessions[-1], played)
