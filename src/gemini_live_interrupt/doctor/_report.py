"""What was found, told to people and to machines."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import textwrap
from typing import TextIO

from ._examination import Examination
from ._finding import Check, Finding, Level

FORMAT = 1
"""Of the JSON; another number when a field goes or changes its meaning."""
_COLOURS: dict[Level, str] = {"ok": "32", "hint": "36", "warning": "33", "error": "31", "not checked": "2"}
_LABEL = max(map(len, _COLOURS))
_WIDEST, _NARROWEST = 100, 50


def status_of(examination: Examination, *, strict: bool) -> int:
    """Return the exit status: 1 if something keeps the library from working; `strict` counts warnings too."""
    return int(examination.count("error") > 0 or (strict and examination.count("warning") > 0))


def as_json(examination: Examination, *, strict: bool) -> str:
    """Return one object: the exit status, the versions, the layers from the outermost inwards, and the findings."""
    report = {"format": FORMAT, "status": status_of(examination, strict=strict)} | dataclasses.asdict(examination)
    return json.dumps(report, ensure_ascii=False, indent=2)


class Printer:
    """Writes a report to a stream: in colours only if that is a terminal, and nobody has asked for none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size().columns if stream.isatty() else _WIDEST
        self._width = max(min(columns, _WIDEST), _NARROWEST)

    def write(self, examination: Examination, *, strict: bool) -> None:
        """Write it all."""
        lines: list[str] = []
        shown: Check | None = None
        for finding in examination.findings:
            if finding.check != shown:
                shown = finding.check
                lines.append(self._painted(_title(shown, examination), "1"))
            lines += self._finding(finding)
        lines += ["", *textwrap.wrap(_verdict(examination, strict=strict), self._width)]
        self._stream.write("\n".join(lines) + "\n")

    def _finding(self, finding: Finding) -> list[str]:
        label = self._painted(finding.level.ljust(_LABEL), _COLOURS[finding.level])
        found, *more = self._wrapped(finding.found)
        lines = [f"  {label}  {found.lstrip()}", *more]
        if finding.why:
            lines += self._wrapped(finding.why, "Why: ")
        if finding.do:
            lines += self._wrapped(finding.do, "Do:  ")
        return lines

    def _wrapped(self, text: str, title: str = "") -> list[str]:
        margin = " " * (_LABEL + 4)
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=margin + title,
            subsequent_indent=margin + " " * len(title),
            break_long_words=False,  # a path is to be copied
            break_on_hyphens=False,
        )

    def _painted(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text


def _title(check: Check, examination: Examination) -> str:
    titles: dict[Check, str] = {
        "versions": "Versions",
        "patch": "The patch",
        "layers": "Who wraps AsyncSession._receive, the outermost first",
        "session": "A session",
        "config": f"The configuration {examination.config or ''}".rstrip(),
        "model": f"The model {examination.model or ''}".rstrip(),
        "probe": "The report of the probe",
    }
    return titles[check]


def _verdict(examination: Examination, *, strict: bool) -> str:
    errors, warnings = examination.count("error"), examination.count("warning")
    counts = [
        f"{count} {name}{'s' * (count > 1)}" for count, name in ((errors, "error"), (warnings, "warning")) if count
    ]
    if errors:
        return f"{' and '.join(counts)}: like this, the library does not work."
    if warnings:
        counted = ", which --strict counts as errors" if strict else ""
        return f"{counts[0]}{counted}: the library works, but not as well as it could."
    return "All right, as far as it was checked." if examination.count("not checked") else "All right."
