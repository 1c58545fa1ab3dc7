"""The report: a table for people, and JSON for machines. Nothing that anybody said is in it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, TextIO

from ._experiment import Experiment, ProbedService
from ._findings import Answer, find_answers
from ._runner import Trial

FORMAT = 1
"""Of the JSON; another number when a field goes or changes its meaning."""
_COLUMNS = (("Question", 31), ("Answer", 23), ("Seen", 8), ("What the library does", 25), ("What to set", 25))
_GAP = "  "


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was asked of which service, what was seen, and what follows."""

    service: str
    model: str
    date: str
    repeat: int
    stopped: bool
    """Whether somebody ended it before its end."""
    trials: Sequence[Trial]
    answers: Sequence[Answer]

    @property
    def open(self) -> int:
        """How many questions stayed open."""
        return sum(answer.open for answer in self.answers)

    @property
    def status(self) -> int:
        """The exit status: 0 if all was found out, 1 if something stayed open."""
        return int(self.open > 0)

    def as_json(self) -> dict[str, Any]:
        """Return it as one object."""
        return {
            "format": FORMAT,
            "status": self.status,
            "open": self.open,
            "versions": {name: version(name) for name in ("gemini-live-interrupt", "google-genai")},
        } | dataclasses.asdict(self)


def make_report(
    service: ProbedService, experiments: Sequence[Experiment], trials: Sequence[Trial], *, repeat: int, stopped: bool
) -> Report:
    """Draw the conclusions."""
    in_order = [experiment.name for experiment in experiments]
    return Report(
        service=service.name,
        model=service.model,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        repeat=repeat,
        stopped=stopped,
        trials=sorted(trials, key=lambda trial: (in_order.index(trial.experiment), trial.number)),
        answers=find_answers(experiments, trials),
    )


def write_json(report: Report, stream: TextIO) -> None:
    """Write the report as JSON."""
    stream.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")


def write_table(report: Report, stream: TextIO) -> None:
    """Write the report as a table, no wider than the terminal or 120 columns."""
    widths = _widths(shutil.get_terminal_size((120, 24)).columns if stream.isatty() else 120)
    lines = [f"{report.service}, model {report.model}, {report.date}", ""]
    lines += _row([title for title, _ in _COLUMNS], widths)
    lines.append(_GAP.join("-" * width for width in widths))
    shown = ""
    for answer in report.answers:
        if answer.experiment != shown:
            shown = answer.experiment
            lines += [f"[{shown}]"]
        seen = f"{answer.agree} of {answer.tried}"
        lines += _row([answer.asks, answer.answer, seen, answer.library, answer.option], widths)
    lines += ["", *textwrap.wrap(_verdict(report), sum(widths) + len(_GAP) * 4)]
    stream.write("\n".join(lines) + "\n")


def known(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a report in JSON has found out, by the keys of its questions; ValueError for another file."""
    if report.get("format") != FORMAT or not isinstance(report.get("answers"), list):
        raise ValueError(f"this is no report of the probe of format {FORMAT}")
    found: dict[str, Any] = {}
    for answer in report["answers"]:
        if not isinstance(answer, dict) or not isinstance(answer.get("key"), str):
            raise ValueError(f"an answer has no key: {answer!r}")  # noqa: TRY004 - it is the file that is wrong
        if (value := answer.get("value")) is not None:
            found[answer["key"]] = value
    return found


def _verdict(report: Report) -> str:
    count = len(report.answers)
    ended = "It was ended early. " if report.stopped else ""
    if not report.open:
        return f"{ended}All {count} questions were found out."
    return f"{ended}{count - report.open} of {count} questions were found out; {report.open} stayed open."


def _widths(columns: int) -> list[int]:
    room = min(max(columns, 80), 120) - len(_GAP) * (len(_COLUMNS) - 1)
    wanted = sum(width for _, width in _COLUMNS)
    return [max(6, width * room // wanted) for _, width in _COLUMNS]


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, wrapped))
    columns = [[*lines, *[""] * (height - len(lines))] for lines in wrapped]
    return [
        _GAP.join(line.ljust(width) for line, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]
