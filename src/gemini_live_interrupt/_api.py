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
from ._state import read_state


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


def session_state(session: Any) -> dict[str, Any]:
    """Return what the library knows of the session, for `restore_session_state` on the next connection.

    Call it on the session's event loop, as often as you like: when the server says `goAway`, when the connection has
    ended, or every second, lest a process that dies takes it along. It changes nothing.

    Returns:
        A dictionary for JSON: the last `max_history` turns, the reply that is being played or was cut off, the user's
        words so far, and the session's pace. It is what people said, so keep it as such. Of texts longer than about
        2,000 characters, the first and the last thousand. `{"version": 1}` where nothing is known: before the first
        message, and while the library is off.

    Raises:
        TypeError: `session` is not an `AsyncSession`.
    """
    _check_session(session)
    return _patch.session_state(session)


def restore_session_state(session: Any, state: dict[str, Any], *, audio_lost: bool = False) -> None:
    """Go on, in a session that is new, from where another one was, in this process or in another.

    Call it on the session's event loop, right after connecting; where you send the model your own history, after that.
    While the library is off it checks its arguments, and does nothing.

    An interruption that was open is open again, with its `session_id` and `number`; a reply that the end of the
    connection broke off counts as one, of cause `"connection"`. The model is told silently at once, and asked to go on
    as after any interruption: when nobody has spoken for `resume_after` seconds, or, where nobody had interrupted, a
    second after the audio that the user had been sent has been played. A reply that had come in full is left to be
    played.

    Args:
        session: the new `AsyncSession`.
        state: what `session_state` returned; it is not changed.
        audio_lost: whether the audio that had been sent and not yet played is lost, because the user's player started
            anew too. The model is then asked to go on where the player was when the state was taken.

    Raises:
        TypeError: an argument, or a value in the state, is of the wrong type.
        ValueError: the state is not what `session_state` returns, or is of another version of it.
        RuntimeError: the session has heard the model already, or has taken over a state, or no event loop runs here.
    """
    _check_session(session)
    if not isinstance(audio_lost, bool):
        raise TypeError(f"audio_lost must be True or False, got {audio_lost!r}")
    if (found := read_state(state)) is not None:
        _patch.restore_session_state(session, found, audio_lost=audio_lost)


def _check_session(session: Any) -> None:
    if not hasattr(session, "_receive"):
        raise TypeError(f"session must be an AsyncSession of google-genai, got {type(session).__name__}")
