"""What an app may choose, checked when it is chosen."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypedDict

from ._interruption import Interruption
from ._prompt import default_prompt

Built = str | None | Awaitable[str | None]
History = list[tuple[str, str]]


class PromptBuilder(Protocol):
    """Builds the note for the model; `""` or `None` sends nothing."""

    def __call__(self, heard: str, user_text: str, history: History, /) -> Built: ...


class InterruptionPromptBuilder(Protocol):
    """A builder that declares a parameter `interruption` is given the whole `Interruption` too."""

    def __call__(self, heard: str, user_text: str, history: History, /, *, interruption: Interruption) -> Built: ...


AnyPromptBuilder = PromptBuilder | InterruptionPromptBuilder
InterruptionCallback = Callable[[Interruption], object]


Rules = Literal["note", "system"] | None
"""Where the model is told what to do: in each note, in the system instruction of each session, or by the app."""
Channel = Literal["content", "text"]
"""How a note goes out: as client content, or as realtime text."""
RULES, CHANNELS = ("note", "system", None), ("content", "text")


class SessionOptions(TypedDict, total=False):
    """What may be chosen for one session: an option that is absent is as `enable_interrupt_resume` was told."""

    enabled: bool
    """Whether the library does anything in the session. By default, where there can be interruptions to speak of."""
    prompt_builder: AnyPromptBuilder | None
    max_history: int
    turn_complete: bool
    resume_after: float | None
    rules: Rules
    channel: Channel


SessionCallback = Callable[[Any, str, Any], object]
"""Is given a session, its model, and its configuration."""
OptionsOfSession = Callable[[str, Any], SessionOptions | None]
"""Is given a model and a configuration."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settings:
    """One call of `enable_interrupt_resume()`: never changed, swapped whole."""

    prompt_builder: AnyPromptBuilder
    max_history: int
    turn_complete: bool
    resume_after: float | None
    on_interruption: InterruptionCallback | None
    builder_takes_interruption: bool
    log_errors: bool = False
    """Whether errors of the app's functions are logged with their text."""
    transcription: bool = True
    """Whether a session that asks for no transcription gets one."""
    on_session: SessionCallback | None = None
    for_session: OptionsOfSession | None = None
    rules: Rules = "note"
    channel: Channel = "content"


def with_options(settings: Settings, options: SessionOptions) -> Settings:
    """Return the settings of one session. The options have been checked."""
    changed: dict[str, Any] = {name: value for name, value in options.items() if name != "enabled"}
    if "prompt_builder" in changed:
        builder = changed["prompt_builder"] or default_prompt
        changed["prompt_builder"] = builder
        changed["builder_takes_interruption"] = builder_takes_interruption(builder)
    return replace(settings, **changed) if changed else settings


def check_options(options: object) -> SessionOptions:
    """Check the options of one session, and return them.

    Raises:
        TypeError: they are no dictionary of options, or a value is of the wrong type.
        ValueError: a number is out of bounds.
    """
    if not isinstance(options, dict):
        raise TypeError(f"the options of a session must be a dictionary, got {type(options).__name__}")
    if unknown := [name for name in options if name not in SessionOptions.__annotations__]:
        known = ", ".join(SessionOptions.__annotations__)
        raise TypeError(f"a session has no option {unknown[0]!r}; its options are {known}")
    if options.get("prompt_builder") is not None:
        builder_takes_interruption(options["prompt_builder"])
    check_values(options)
    return SessionOptions(**options)  # type: ignore[typeddict-item]  # just checked


def check_values(options: Mapping[str, Any]) -> None:
    """Check those of the options that are no functions; one that is not given is right.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of bounds, or none of those that are known.
    """
    check_numbers(options.get("max_history", 0), options.get("turn_complete", False), options.get("resume_after"))
    for name in ("enabled", "transcription", "log_errors"):
        check_flag(name, options.get(name, True))
    check_choice("rules", options.get("rules"), *RULES)
    check_choice("channel", options.get("channel", "content"), *CHANNELS)


def check_flag(name: str, value: object) -> None:
    """Check a switch.

    Raises:
        TypeError: it is neither True nor False.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}")


def check_choice(name: str, value: object, *known: str | None) -> None:
    """Check that a value is one of those that are known.

    Raises:
        TypeError: it is neither a text nor `None`.
        ValueError: it is another one.
    """
    if value in known:
        return
    wrong = ValueError if value is None or isinstance(value, str) else TypeError
    raise wrong(f"{name} must be {' or '.join(map(repr, known))}, got {value!r}")


def builder_takes_interruption(prompt_builder: object) -> bool:
    """Check that a builder can be called, and say whether it declares the parameter `interruption`.

    Raises:
        TypeError: it is not callable, or does not accept `(heard, user_text, history)`.
    """
    if not callable(prompt_builder):
        raise TypeError(f"prompt_builder must be a function, got {prompt_builder!r}")
    try:
        signature = inspect.signature(prompt_builder)
    except (TypeError, ValueError):  # some callables written in C have none: they are taken at their word
        return False
    named = {"interruption": None} if "interruption" in signature.parameters else {}
    try:
        signature.bind("", "", [], **named)
    except TypeError:
        raise TypeError(
            "prompt_builder must accept (heard, user_text, history), and may declare a parameter interruption; "
            f"got a function of {_parameters(signature)}: {signature}"
        ) from None
    return bool(named)


def check_numbers(max_history: object, turn_complete: object, resume_after: object) -> None:
    """Check the plain values.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: `max_history` is negative, or `resume_after` is not a positive, finite number of seconds.
    """
    if isinstance(max_history, bool) or not isinstance(max_history, int):
        raise TypeError(f"max_history must be an integer, the number of turns to keep; got {max_history!r}")
    if max_history < 0:
        raise ValueError(f"max_history must be 0 (keep none) or more, got {max_history}")
    check_flag("turn_complete", turn_complete)
    if resume_after is None:
        return
    if isinstance(resume_after, bool) or not isinstance(resume_after, int | float):
        raise TypeError(f"resume_after must be a number of seconds, or None for never; got {resume_after!r}")
    if not 0 < resume_after < math.inf:  # nor is NaN
        raise ValueError(f"resume_after must be a positive number of seconds, or None for never; got {resume_after}")


def check_function(name: str, function: object, *parameters: str) -> None:
    """Check that a function of the app, if given, is a plain one that takes so many arguments by position.

    Raises:
        TypeError: it is not.
    """
    if function is None:
        return
    if not callable(function):
        raise TypeError(f"{name} must be a function, got {function!r}")
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{name} must be a plain function: it is called, not awaited; got a coroutine function")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*parameters)
    except TypeError:
        raise TypeError(
            f"{name} must accept ({', '.join(parameters)}); got a function of {_parameters(signature)}: {signature}"
        ) from None


def _parameters(signature: inspect.Signature) -> str:
    count = len(signature.parameters)
    return f"{count} parameter{'' if count == 1 else 's'}"
