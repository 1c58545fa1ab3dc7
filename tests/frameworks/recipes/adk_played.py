# adk_played.py
"""`LlmAgent(model=ReportingGemini(model="..."))`, and `live_sessions.set([])` before each `runner.run_live(...)`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from google.adk.models import Gemini, LlmRequest

from gemini_live_interrupt import report_played

live_sessions: ContextVar[list[Any]] = ContextVar("live_sessions")


class ReportingGemini(Gemini):
    @asynccontextmanager
    async def connect(self, llm_request: LlmRequest) -> AsyncIterator[Any]:
        async with super().connect(llm_request) as connection:
            live_sessions.get().append(connection._gemini_session)  # one more after each reconnection
            yield connection


def report(seconds: float) -> None:
    report_played(live_sessions.get()[-1], seconds)
