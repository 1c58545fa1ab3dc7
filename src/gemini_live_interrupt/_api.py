"""The functions that apps call; whatever is wrong with an argument is said here, in words."""

from __future__ import annotations

import os
import time
from typing import Any, Unpack

from . import _patch, _sessions
from ._environment import options_of
from ._prompt import default_prompt
from ._settings import (
    AnyPromptBuilder,
    Channel,
    InterruptionCallback,
    OptionsOfSession,
    Rules,
    SessionCallback,
    SessionOptions,
    Settings,
    builder_takes_interruption,
    check_flag,
    check_function,
    check_options,
    check_values,
)
from ._snapshot import read_state


def enable_interrupt_resume(
    prompt_builder: AnyPromptBuilder | None = None,
    max_history: int = 4,
    *,
    turn_complete: bool = False,
    resume_after: float | None = 4.0,
    on_interruption: InterruptionCallback | None = None,
    transcription: bool = True,
    on_session: SessionCallback | None = None,
    for_session: OptionsOfSession | None = None,
    rules: Rules = "note",
    channel: Channel = "content",
    log_errors: bool = False,
) -> None:
    """Tell the model, in every Live session of this process, what the user heard whenever they interrupt it.

    Takes effect with the next message that any session reads, whether it was connected before or after. A second call
    replaces the settings. May be called from any thread.

    Environment variables go before the arguments: `GEMINI_LIVE_INTERRUPT_RESUME_AFTER=6`, say, and so for
    `max_history`, `turn_complete`, `transcription`, `rules`, `channel` and `log_errors`; with
    `GEMINI_LIVE_INTERRUPT_ENABLED=false` a call checks what it is given, and leaves the library off.

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
        transcription: ask for a transcription of both sides in audio sessions that do not, in a copy of their
            configuration. If the service refuses that, the session is connected as the app asked. `False` leaves
            configurations as they are.
        on_session: `(session, model, config)`, called with each session when it is connected, before the app gets it;
            `model` and `config` are what the app passed to `connect`. It is not awaited, and what it raises is logged.
        for_session: `(model, config)`, called before a session is connected: returns its `SessionOptions`, or `None`.
            What it raises is logged, and the session has no options of its own.
        rules: where the model is told what to do after an interruption. `"note"`: in each note. `"system"`: once, at
            connect, in a copy of the session's configuration whose system instruction ends with
            `interruption_rules()`; where that was not seen, or refused, the notes say it. `None`: nowhere, because your
            own instruction does.
        channel: how notes go out. `"content"`: as silent client content. `"text"`: as realtime text, for services that
            refuse or ignore the first. It is always answered, so it goes out only inside a manual activity, with
            `turn_complete`, and to ask the model to go on.
        log_errors: log what a builder or a callback raises with its text and traceback. By default only its type and
            place are logged, because the text may quote what people said.

    Raises:
        TypeError: an argument is of the wrong type, or a function does not accept what it will be called with.
        ValueError: `max_history` is negative, `resume_after` is not a positive number, `rules` or `channel` is another
            text than those, or an environment variable says something else than its option can be.
        RuntimeError: the installed google-genai cannot be patched.
    """
    builder = default_prompt if prompt_builder is None else prompt_builder
    options: dict[str, Any] = {
        "max_history": max_history,
        "turn_complete": turn_complete,
        "resume_after": resume_after,
        "transcription": transcription,
        "rules": rules,
        "channel": channel,
        "log_errors": log_errors,
    }
    check_values(options)
    check_function("on_interruption", on_interruption, "interruption")
    check_function("on_session", on_session, "session", "model", "config")
    check_function("for_session", for_session, "model", "config")
    takes_interruption = builder_takes_interruption(builder)
    chosen = options_of(os.environ)
    enabled = chosen.pop("enabled", True)
    try:
        check_values(options := options | chosen)
    except ValueError as error:
        raise ValueError(f"{error}; the environment variables GEMINI_LIVE_INTERRUPT_... say {chosen}") from None
    if not enabled:
        _patch.remove()
        return
    _patch.install(
        Settings(
            prompt_builder=builder,
            builder_takes_interruption=takes_interruption,
            on_interruption=on_interruption,
            on_session=on_session,
            for_session=for_session,
            **options,
        )
    )


def disable_interrupt_resume() -> None:
    """Take it all back, for the very next message of every session, also of one that is already being waited for.

    A note that is not yet out is not sent. Layers that other libraries put on the SDK stay as they are. May be called
    from any thread, and when the library is off already.
    """
    _patch.remove()


def configure_session(session: Any, **options: Unpack[SessionOptions]) -> None:
    """Change what `enable_interrupt_resume` was told, for one session, from this moment on.

    Call it on the session's event loop. An option that is not given stays as it is. While the library is off it checks
    its arguments, and does nothing.

    Args:
        session: the `AsyncSession`.
        options: those of `SessionOptions`: `enabled`, `prompt_builder`, `max_history`, `turn_complete`,
            `resume_after`, `rules`, `channel`. With `enabled=False` no note goes out any more, also none that is under
            way; a session that is enabled again starts afresh.

    Raises:
        TypeError: an argument is of the wrong type, or there is no such option.
        ValueError: `max_history` is negative, or `resume_after` is not a positive number.
    """
    _check_session(session)
    _sessions.configure_session(session, check_options(options))


def report_played(session: Any, seconds: float) -> None:
    """Say how much of the session's current reply has been played by now; it overrides the library's estimate.

    Call it on the session's event loop, as often as the player knows better; between two calls playback is taken to go
    on in real time. Never raises: what makes no sense is clamped to what was received, or ignored.

    Args:
        session: the `AsyncSession`.
        seconds: of the current reply's audio, from its beginning; not counted across replies.
    """
    _sessions.report_played(session, seconds)


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
    return _sessions.session_state(session)


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
        ValueError: the state is not what `session_state` returns, is of another version of it, is more than a day old,
            or is from the future.
        RuntimeError: the session has heard the model already, or has taken over a state, or no event loop runs here.
    """
    _check_session(session)
    check_flag("audio_lost", audio_lost)
    if (found := read_state(state, time.time())) is not None:
        _sessions.restore_session_state(session, found, audio_lost=audio_lost)


def _check_session(session: Any) -> None:
    if not hasattr(session, "_receive"):
        raise TypeError(f"session must be an AsyncSession of google-genai, got {type(session).__name__}")
