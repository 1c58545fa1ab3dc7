# adk_played.py
"""`live_sessions.set([])` before each `runner.run_live(...)`; call `report` with what the app's player has played."""

from contextvars import ContextVar
from typing import Any

from gemini_live_interrupt import report_played

live_sessions: ContextVar[list[Any]] = ContextVar("live_sessions")


def remember(session: Any, model: str, config: Any) -> None:
    live_sessions.get().append(session)  # one more after each reconnection


def report(seconds: float) -> None:
    report_played(live_sessions.get()[-1], seconds)
