"""What an app may choose, checked when it is chosen."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ._interruption import Interruption

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settings:
    """One call of `enable_interrupt_resume()`: never changed, swapped whole."""

    prompt_builder: AnyPromptBuilder
    max_history: int
    turn_complete: bool
    resume_after: float | None
    on_interruption: InterruptionCallback | None
    builder_takes_interruption: bool
    era: object
    """The same object for as long as the library is on: a session that missed messages in between starts afresh."""


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
    if not isinstance(turn_complete, bool):
        raise TypeError(f"turn_complete must be True or False, got {turn_complete!r}")
    if resume_after is None:
        return
    if isinstance(resume_after, bool) or not isinstance(resume_after, int | float):
        raise TypeError(f"resume_after must be a number of seconds, or None for never; got {resume_after!r}")
    if not (resume_after > 0 and math.isfinite(resume_after)):
        raise ValueError(f"resume_after must be a positive number of seconds, or None for never; got {resume_after}")


def check_callback(on_interruption: object) -> None:
    """Check that the callback is a plain function of one argument.

    Raises:
        TypeError: it is not.
    """
    if on_interruption is None:
        return
    if not callable(on_interruption):
        raise TypeError(f"on_interruption must be a function, got {on_interruption!r}")
    if inspect.iscoroutinefunction(on_interruption):
        raise TypeError("on_interruption must be a plain function: it is called, not awaited; got a coroutine function")
    try:
        signature = inspect.signature(on_interruption)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(None)
    except TypeError:
        raise TypeError(
            f"on_interruption must accept (interruption); got a function of {_parameters(signature)}: {signature}"
        ) from None


def _parameters(signature: inspect.Signature) -> str:
    count = len(signature.parameters)
    return f"{count} parameter{'' if count == 1 else 's'}"
