"""The functions that apps call; whatever is wrong with an argument is said here, in words."""

from __future__ import annotations

from typing import Any

from . import _patch
from ._prompt import default_prompt
from ._settings import (
    AnyPromptBuilder,
    InterruptionCallback,
    Settings,
    builder_takes_interruption,
    check_callback,
    check_numbers,
)


def enable_interrupt_resume(
    prompt_builder: AnyPromptBuilder | None = None,
    max_history: int = 4,
    *,
    turn_complete: bool = False,
    resume_after: float | None = 4.0,
    on_interruption: InterruptionCallback | None = None,
) -> None:
    """Tell the model, in every Live session of this process, what the user heard whenever they interrupt it.

    Takes effect with the next message that any session reads, whether it was connected before or after. A second call
    replaces the settings. May be called from any thread.

    Args:
        prompt_builder: builds the note in place of `default_prompt`: `(heard, user_text, history) -> str`, plain or
            a coroutine function. `""` or `None` sends nothing. One that declares a parameter `interruption` is also
            given the `Interruption`. It runs on the session's event loop: one that blocks, blocks the app.
        max_history: how many turns before the interrupted reply the note may quote; 0 keeps none.
        turn_complete: order a reply with the note. For sessions in which the server does not answer by itself when
            the user stops speaking, or ignores silent context; elsewhere it makes two replies.
        resume_after: seconds without a sign of the user or of the model after an interruption (noise, say), after
            which the model is asked once to go on; `None` never asks.
        on_interruption: called on the session's event loop when an interruption is seen, and again when it is
            settled. It is not awaited, and what it raises is logged.

    Raises:
        TypeError: an argument is of the wrong type, or a function does not accept what it will be called with.
        ValueError: `max_history` is negative, or `resume_after` is not a positive number.
        RuntimeError: the installed google-genai cannot be patched.
    """
    check_numbers(max_history, turn_complete, resume_after)
    check_callback(on_interruption)
    builder = default_prompt if prompt_builder is None else prompt_builder
    takes_interruption = builder_takes_interruption(builder)
    with _patch.switch.lock:
        before = _patch.switch.settings
        _patch.install(
            Settings(
                prompt_builder=builder,
                builder_takes_interruption=takes_interruption,
                max_history=max_history,
                turn_complete=turn_complete,
                resume_after=resume_after,
                on_interruption=on_interruption,
                era=object() if before is None else before.era,
            )
        )


def disable_interrupt_resume() -> None:
    """Take it all back, for the very next message of every session, also of one that is already being waited for.

    A note that is not yet out is not sent. Layers that other libraries put on the SDK stay as they are. May be called
    from any thread, and when the library is off already.
    """
    _patch.remove()


def report_played(session: Any, seconds: float) -> None:
    """Say how much of the session's current reply has been played by now; it overrides the library's estimate.

    Call it on the session's event loop, as often as the player knows better; between two calls playback is taken to go
    on in real time. Never raises: what makes no sense is clamped to what was received, or ignored.

    Args:
        session: the `AsyncSession`.
        seconds: of the current reply's audio, from its beginning; not counted across replies.
    """
    _patch.report_played(session, seconds)
