"""Where the app's modules and its configuration come from; what is wrong with that is said in one sentence."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._cli import UsageError

ATTRIBUTE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
"""package.module:NAME, or NAME.OF.AN.ATTRIBUTE."""


def import_module(name: str) -> Any:
    """Import a module of the app; what it prints goes to stderr. Raises UsageError if that fails."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return importlib.import_module(name)
        except SystemExit as error:
            said = f"importing it ended the program with status {error.code!r}; code that runs the app belongs under"
            raise UsageError(f'{name!r}: {said} `if __name__ == "__main__":`') from None
        except Exception as error:  # noqa: BLE001 - whatever an app does when it is imported
            raise UsageError(f"{name!r} cannot be imported: {type(error).__name__}: {error}") from None


def load_config(where: str) -> Any:
    """Return a dict or a `LiveConnectConfig`: from a JSON file, "-" for standard input, or package.module:ATTRIBUTE.

    An attribute may be a function without parameters that returns one. Raises UsageError for anything else.
    """
    if where == "-":
        return _read("standard input", sys.stdin.buffer.read)
    path = Path(where)
    if ATTRIBUTE.fullmatch(where) and not path.exists():
        return _checked(where, _called(where, _find(where)))
    return _read(where, path.read_bytes)


def _read(name: str, read: Callable[[], bytes]) -> dict[str, Any]:
    try:
        value = json.loads(read().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8: byte 0x{error.object[error.start]:02x} at {error.start}") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise UsageError(f"{name} is nested too deeply") from None
    if not isinstance(value, dict):
        raise UsageError(f"{name} must hold a JSON object, the fields of a LiveConnectConfig; got {_kind(value)}")
    return value


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _find(where: str) -> Any:
    module, _, names = where.partition(":")
    value = import_module(module)
    for name in names.split("."):
        try:
            value = getattr(value, name)
        except AttributeError:
            near = difflib.get_close_matches(name, dir(value), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{where}: there is no {name}{hint}") from None
    return value


def _called(where: str, value: Any) -> Any:
    if not callable(value):
        return value
    try:
        inspect.signature(value).bind()
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where} must be callable without arguments: {error}") from None
    if inspect.iscoroutinefunction(value):
        raise UsageError(f"{where} must be a plain function; got a coroutine function")
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return value()
        except Exception as error:  # noqa: BLE001 - whatever an app does
            raise UsageError(f"{where}() raised {type(error).__name__}: {error}") from None


def _checked(where: str, value: Any) -> Any:
    from google.genai import types

    if isinstance(value, dict | types.LiveConnectConfig):
        return value
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    raise UsageError(f"{where} must be a dict or a LiveConnectConfig, or a function that returns one; got {kind}")
