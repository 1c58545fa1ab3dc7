"""What operators choose by environment variables: it goes before what the app's code says."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Mapping
from typing import Any

PREFIX = "GEMINI_LIVE_INTERRUPT_"

_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_NONE = ("none", "never")
_logger = logging.getLogger("gemini_live_interrupt")


def options_of(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that the variables name, as values; one that is set to nothing counts as not set.

    Raises:
        ValueError: a variable of the prefix names no option, or its text is no value of it.
    """
    options: dict[str, Any] = {}
    for variable in sorted(environ):
        if not (variable.startswith(PREFIX) and environ[variable].strip()):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in _READERS:
            near = difflib.get_close_matches(name, _READERS, 1)
            known = f"did you mean {PREFIX}{near[0].upper()}?" if near else f"known are {', '.join(_READERS).upper()}"
            raise ValueError(f"the environment variable {variable} names no option; {known}")
        what, read = _READERS[name]
        text = environ[variable].strip().lower()
        try:
            options[name] = read(text)
        except (KeyError, ValueError):
            raise ValueError(f"the environment variable {variable} must be {what}, got {environ[variable]!r}") from None
    if options:
        _logger.info("The environment chooses %s", ", ".join(f"{name}={value!r}" for name, value in options.items()))
    return options


def _flag(text: str) -> bool:
    return _FLAGS[text]


def _seconds(text: str) -> float | None:
    return None if text in _NONE else float(text)


def _word(text: str) -> str | None:
    return None if text in _NONE else text


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "enabled": ("true or false", _flag),
    "max_history": ("a whole number", int),
    "turn_complete": ("true or false", _flag),
    "resume_after": ("a number of seconds, or never", _seconds),
    "transcription": ("true or false", _flag),
    "rules": ("a word", _word),
    "channel": ("a word", _word),
    "log_errors": ("true or false", _flag),
}
