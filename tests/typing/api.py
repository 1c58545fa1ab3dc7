"""How apps use the library, for type checkers: nothing here is run."""

from __future__ import annotations

from google.genai.live import AsyncSession

from gemini_live_interrupt import (
    Interruption,
    SessionOptions,
    configure_session,
    cut_sentence,
    default_prompt,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    restore_session_state,
    session_state,
)
from gemini_live_interrupt.trace import JsonLines, Telemetry, read_trace


def plain(heard: str, user_text: str, history: list[tuple[str, str]]) -> str:
    return heard + user_text + "".join(role + text for role, text in history)


async def coroutine(heard: str, user_text: str, history: list[tuple[str, str]]) -> str | None:
    return None


def with_interruption(
    heard: str, user_text: str, history: list[tuple[str, str]], interruption: Interruption
) -> str | None:
    return default_prompt(heard, user_text, history, interruption)


class Builder:
    def __call__(self, heard: str, user_text: str, history: list[tuple[str, str]]) -> str:
        return cut_sentence(heard)


def log(*what: object) -> None: ...


def seen(interruption: Interruption) -> None:
    words: str = interruption.heard + interruption.unheard + interruption.cut_sentence
    seconds: float = interruption.played / interruption.received
    if interruption.phase == "settled" and interruption.outcome == "noted":
        log(words, seconds, interruption.evidence, interruption.history)


def connected(session: AsyncSession, model: str, config: object) -> None:
    configure_session(session, turn_complete=model.startswith("gemini-2.0"))


def options(model: str, config: object) -> SessionOptions | None:
    return {"enabled": False} if "3.1" in model else None


def switch(session: AsyncSession) -> None:
    enable_interrupt_resume()
    enable_interrupt_resume(None, 4)
    enable_interrupt_resume(plain, max_history=0, turn_complete=True, resume_after=None, on_interruption=seen)
    enable_interrupt_resume(coroutine, resume_after=2)
    enable_interrupt_resume(with_interruption, on_interruption=print)
    enable_interrupt_resume(Builder())
    enable_interrupt_resume(lambda heard, user_text, history: heard)
    enable_interrupt_resume(transcription=False, on_session=connected, for_session=options)
    configure_session(session, enabled=False, prompt_builder=plain, max_history=0, resume_after=None)
    report_played(session, 1.5)
    disable_interrupt_resume()


def reconnect(before: AsyncSession, after: AsyncSession) -> None:
    state = session_state(before)
    log(state["version"], state.keys())
    restore_session_state(after, state)
    restore_session_state(after, state, audio_lost=True)


def trace() -> None:
    with JsonLines("trace.jsonl", content=True) as lines:
        enable_interrupt_resume(on_interruption=lines)
        lines.write("audio", session="s", reply=1, seconds=0.04)
    telemetry = Telemetry(content=False, tracer_provider=None, meter_provider=None)
    enable_interrupt_resume(on_interruption=telemetry)
    telemetry.close()
    kinds: list[str] = [line["type"] for line in read_trace("trace.jsonl")]
    log(kinds)


def wrong(session: AsyncSession) -> None:
    enable_interrupt_resume("note")  # type: ignore[arg-type]
    enable_interrupt_resume(lambda heard: heard)  # type: ignore[arg-type]
    enable_interrupt_resume(max_history="4")  # type: ignore[arg-type]
    enable_interrupt_resume(plain, 4, True)  # type: ignore[call-arg]
    configure_session(session, volume=11)  # type: ignore[call-arg]
    report_played(session, "1.5")  # type: ignore[arg-type]
    JsonLines("trace.jsonl", True)  # type: ignore[call-arg]
    Telemetry(content="no")  # type: ignore[arg-type]
