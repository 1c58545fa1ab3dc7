# livekit_played.py
"""Call `report_playback(session)` after `session.start(...)`."""

import time

from livekit.agents import AgentSession

from gemini_live_interrupt import report_played


def report_playback(session: AgentSession) -> None:
    def report(seconds: float) -> None:
        realtime = session.current_agent.realtime_llm_session
        report_played(realtime._active_session, seconds)

    output = session.output.audio
    output.on("playback_started", lambda event: report(time.time() - event.created_at))
    output.on("playback_progressed", lambda event: report(event.offset + event.duration))
    output.on("playback_finished", lambda event: report(event.playback_position))
