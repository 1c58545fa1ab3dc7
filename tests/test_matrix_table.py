"""The matrix's table says what was run and what was not, and passes only if all that was run passed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from matrix_table import main

FOUND = {
    "python": "3.13.0",
    "google-genai": "3.4.0",
    "wrapt": "2.5.2",
    "wrapt is": "C",
    "pydantic": "2.14.3",
    "websockets": "17.4",
}
PASSED = ("success", None, '<testsuite tests="9" skipped="2" failures="0" errors="0" />')
FAILED = ("failed", None, '<testsuite tests="9" skipped="0" failures="1" errors="1" />')
NOT_INSTALLED = ("failed", "no such version", None)
NOT_RUN = ("skipped", "Python interpreter 3.14 not found", None)
Cell = tuple[str, str | None, str | None]


def table(folder: Path, *cells: Cell) -> int:
    """Write what nox and the cells leave behind; return the table's exit status."""
    report: list[dict[str, Any]] = [
        {"name": "package", "signatures": [], "result": "success", "reason": None, "duration": 9.0}
    ]
    for number, (result, reason, junit) in enumerate(cells):
        name = f"cell({number})"
        report.append({"name": "cell", "signatures": [name], "result": result, "reason": reason, "duration": 61.7})
        if junit:
            results = folder / f"cell-{number}"
            results.mkdir()
            (results / "installed.json").write_text(json.dumps({"cell": name} | FOUND), "utf-8")
            (results / "junit.xml").write_text(f"<testsuites>{junit}</testsuites>", "utf-8")
    (folder / "report.json").write_text(json.dumps({"sessions": report}), "utf-8")
    return main(folder / "report.json", folder)


def test_a_cell_says_what_was_installed_and_how_many_tests_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table(tmp_path, PASSED) == 0
    _, line, total = capsys.readouterr().out.splitlines()
    versions = ["3.13.0", "3.4.0", "2.5.2 (C)", "2.14.3", "17.4"]
    assert re.split("  +", line) == ["0", *versions, "7 passed, 2 skipped", "62", "passed"]
    assert total == "1 passed, 0 failed, 0 not run"


def test_a_cell_whose_python_is_not_here_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert table(tmp_path, PASSED, NOT_RUN) == 0
    said = capsys.readouterr().out
    assert "not run: Python interpreter 3.14 not found" in said
    assert said.endswith("1 passed, 0 failed, 1 not run\n")


@pytest.mark.parametrize("cells", [(FAILED,), (PASSED, FAILED), (PASSED, NOT_INSTALLED), (NOT_RUN,), ()])
def test_a_matrix_that_failed_or_ran_nothing_fails(cells: tuple[Cell, ...], tmp_path: Path) -> None:
    assert table(tmp_path, *cells) == 1


def test_failures_and_errors_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(tmp_path, FAILED, NOT_INSTALLED)
    said = capsys.readouterr().out
    assert "7 passed, 2 failed" in said
    assert "FAILED: no such version" in said
