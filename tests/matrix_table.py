"""Print what became of each cell of the matrix, from nox's report and what the cells left; fail unless all passed.

A cell whose Python is not on the machine was not run, which is said, and is no pass.
"""

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

HEADS = ("cell", "Python", "google-genai", "wrapt", "pydantic", "websockets", "tests", "seconds", "result")


def main(report: Path, results: Path) -> int:
    """Return the exit status."""
    cells = [entry for entry in json.loads(report.read_text("utf-8"))["sessions"] if entry["name"] == "cell"]
    left = {found["cell"]: (found, folder) for folder, found in installed(results)}
    rows = [row(entry, *left.get(entry["signatures"][0], ({}, None))) for entry in cells]
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    for line in (HEADS, *rows):
        sys.stdout.write("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n")
    outcomes = [line[-1].partition(":")[0] for line in rows]
    passed, missing = outcomes.count("passed"), outcomes.count("not run")
    sys.stdout.write(f"{passed} passed, {len(rows) - passed - missing} failed, {missing} not run\n")
    return 0 if passed and passed + missing == len(rows) else 1


def installed(results: Path) -> list[tuple[Path, dict[str, str]]]:
    return [(path.parent, json.loads(path.read_text("utf-8"))) for path in sorted(results.glob("*/installed.json"))]


def row(entry: dict[str, Any], found: dict[str, str], folder: Path | None) -> tuple[str, ...]:
    """What was installed, not what was asked for."""
    wrapt = f"{found['wrapt']} ({found['wrapt is']})" if found else ""
    versions = (found.get("python", ""), found.get("google-genai", ""), wrapt)
    return (
        entry["signatures"][0].removeprefix("cell(").removesuffix(")"),
        *versions,
        found.get("pydantic", ""),
        found.get("websockets", ""),
        tested(folder / "junit.xml") if folder else "",
        f"{entry['duration']:.0f}",
        outcome(entry),
    )


def tested(junit: Path) -> str:
    """How many tests passed, were skipped and failed."""
    if not junit.exists():
        return ""
    counts = dict.fromkeys(("tests", "skipped", "failures", "errors"), 0)
    for suite in ET.parse(junit).getroot().iter("testsuite"):
        counts = {name: count + int(suite.get(name, 0)) for name, count in counts.items()}
    passed = counts["tests"] - counts["skipped"] - counts["failures"] - counts["errors"]
    others = {"skipped": counts["skipped"], "failed": counts["failures"] + counts["errors"]}
    return ", ".join([f"{passed} passed", *(f"{count} {name}" for name, count in others.items() if count)])


def outcome(entry: dict[str, Any]) -> str:
    if entry["result"] == "success":
        return "passed"
    reason = f": {entry['reason']}" if entry["reason"] else ""
    return ("not run" if entry["result"] == "skipped" else "FAILED") + reason


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
