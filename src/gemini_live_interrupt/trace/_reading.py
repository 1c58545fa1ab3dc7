"""A trace as it was written: its lines, or which of them is wrong and why."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from ._shape import FOUND, Line, check


def read_trace(path: str | os.PathLike[str]) -> list[Line]:
    """Read the lines of a trace, in their order; those of an unknown type are handed on as they are.

    A line that was cut short, because its program ended in the midst of it, is replaced by
    `{"type": "truncated", "line": 17}`, with its number in the file; any other that is not as it should be by
    `{"type": "unreadable", "line": 17, "why": "seconds of played should be a number, 0 or more, and is -1"}`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a trace, or a line of type `trace` in it is wrong; the message says which, and why.
    """
    with Path(path).open("rb") as file:
        return parse(file)


def parse(raw_lines: Iterable[bytes]) -> list[Line]:
    """Return the lines of a trace that is open already; raises as `read_trace` does."""
    found: list[Line] = []
    raw = b""
    torn = False  # whether the newest line is none that can be read, and may have been cut short
    for number, raw in enumerate(raw_lines, 1):
        if not raw.strip():
            continue
        begins = _begins_a_trace(raw)
        if not found and not begins:
            raise ValueError(f"line {number}: not a trace, which begins with a line of type trace")
        if torn and begins:
            found[-1] = _cut_short(found[-1])
        torn = False
        try:
            found.append(read_line(raw))
        except ValueError as error:
            if begins:
                raise ValueError(f"line {number}: {error}") from None
            torn = isinstance(error, _NotJsonError) and raw.startswith(b"{")
            found.append({"type": "unreadable", "line": number, "why": str(error)})
    if torn and not raw.endswith(b"\n"):
        found[-1] = _cut_short(found[-1])
    if not found:
        raise ValueError("there is nothing in it; a trace begins with a line of type trace")
    return found


def read_line(raw: bytes) -> Line:
    """Read one line; raise `ValueError` if it is not as it should be. A writer asks this of what it writes."""
    return check(_decoded(raw))


def passed_over(lines: Iterable[Line]) -> list[str]:
    """Say of each line that was passed over which it was, and why."""
    said = []
    for line in lines:
        if line["type"] in FOUND:
            why = f"cannot be read ({line['why']})" if "why" in line else "was cut short"
            said.append(f"line {line['line']} {why}, and is left out")
    return said


def _cut_short(line: Line) -> Line:
    return {"type": "truncated", "line": line["line"]}


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
