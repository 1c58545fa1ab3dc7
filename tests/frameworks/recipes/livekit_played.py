# livekit_played.py
"""`live_sessions.set([])` before `session.start(...)`, and `report_playback(session)` after it."""

import time
from contextvars import ContextVar
from typing import Any

from livekit.agents import AgentSession

from gemini_live_interrupt import report_played

live_sessions: ContextVar[list[Any]] = ContextVar("live_sessions")


def remember(session: Any, model: str, config: Any) -> None:
    live_sessions.get().append(session)  # one more after each reconnection


def report_playback(session: AgentSession) -> None:
    sessions = live_sessions.get()

    def report(seconds: float) -> None:
        report_played(sessions[-1], seconds)

    output = session.output.audio
    output.on("playback_started", lambda event: report(time.time() - event.created_at))
    output.on("playback_progressed", lambda event: report(event.offset + event.duration))
    output.on("playback_finished", lambda event: report(event.playback_position))
