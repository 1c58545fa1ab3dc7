"""A trace as it was written: its lines, or which of them is wrong and why."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from ._shape import Line, check


def read_trace(path: str | os.PathLike[str]) -> list[Line]:
    """Read the lines of a trace, in their order; those of an unknown type are handed on as they are.

    A line that was cut short, because its program ended in the midst of it, is replaced by
    `{"type": "truncated", "line": 17}`, with its number in the file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a trace, or is damaged; the message says which line is wrong, and why.
    """
    with Path(path).open("rb") as file:
        return parse(file)


def parse(raw_lines: Iterable[bytes]) -> list[Line]:
    """Return the lines of a trace that is open already; raises as `read_trace` does."""
    found: list[Line] = []
    torn: ValueError | None = None  # a line that was cut short, if nothing follows it, or what another program wrote
    ended = False
    for number, raw in enumerate(raw_lines, 1):
        if not raw.strip():
            continue
        if (torn is not None or not found) and not _begins_a_trace(raw):
            raise torn or ValueError(f"line {number}: not a trace, which begins with a line of type trace")
        torn = None
        try:
            found.append(check(_decoded(raw)))
        except _NotJsonError as error:
            torn, ended = ValueError(f"line {number}: {error}"), raw.endswith(b"\n")
            if not raw.startswith(b"{"):
                raise torn from None
            found.append({"type": "truncated", "line": number})
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    if torn is not None and ended:
        raise torn
    if not found:
        raise ValueError("there is nothing in it; a trace begins with a line of type trace")
    return found


def _begins_a_trace(raw: bytes) -> bool:
    try:
        line = _decoded(raw)
    except _NotJsonError:
        return False
    return isinstance(line, dict) and line.get("type") == "trace"


class _NotJsonError(ValueError):
    """The line cannot be read at all."""


def _decoded(raw: bytes) -> object:
    try:
        return json.loads(raw.decode(), parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise _NotJsonError("not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise _NotJsonError(f"not JSON: {error.msg}, at character {error.pos + 1}") from None
    except RecursionError:
        raise _NotJsonError("not a line of a trace: nested too deeply") from None
    except ValueError as error:
        raise _NotJsonError(f"not JSON: {error}") from None


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number that can be reckoned with")
