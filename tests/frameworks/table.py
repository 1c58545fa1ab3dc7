"""Print, as tables for docs/frameworks.md, the results that the noxfile has left in a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

SHOWN = {
    "sdk": ("openai-agents",),
    "adk": ("google-adk",),
    "livekit": ("livekit-agents", "livekit-plugins-google"),
    "pipecat": ("pipecat-ai",),
    "pydantic_ai": ("pydantic-ai-slim",),
    "gemini_live_telemetry": ("gemini-live-telemetry",),
    "langsmith": ("langsmith",),
    "opentelemetry": ("opentelemetry-instrumentation-google-genai",),
    "openinference": ("openinference-instrumentation-google-genai",),
    "langfuse": ("langfuse",),
    "traceloop": ("opentelemetry-instrumentation-google-generativeai",),
    "sentry": ("sentry-sdk",),
}


@dataclass(frozen=True)
class Result:
    """What one environment holds, and what was seen in it."""

    name: str
    versions: dict[str, str]
    passed: int
    tests: int
    seen: dict[str, list[str]]

    @property
    def package(self) -> str:
        return ", ".join(f"{package} {self.versions.get(package, 'missing')}" for package in SHOWN[self.name])

    @property
    def genai(self) -> str:
        return self.versions.get("google-genai", "missing")

    def total(self, what: str) -> int:
        return sum(map(int, self.seen.get(what, [])))


def read(folder: Path, kind: str) -> Iterator[Result]:
    for name in SHOWN:
        path = folder / f"{kind}-{name}.xml"
        if not path.exists():
            continue
        cases = list(ET.parse(path).iter("testcase"))
        bad = [case for case in cases if {child.tag for child in case} & {"failure", "error", "skipped"}]
        seen: dict[str, list[str]] = {}
        for item in (item for case in cases for item in case.iter("property")):
            seen.setdefault(item.attrib["name"], []).append(item.attrib["value"])
        listed = json.loads(path.with_suffix(".json").read_text("utf-8"))
        versions = {package.replace("_", "-").lower(): version for package, version in listed.items()}
        yield Result(name, versions, len(cases) - len(bad), len(cases), seen)


def frameworks(results: list[Result]) -> Iterator[str]:
    yield "| framework | google-genai | cuts with it on | notes | events compared | note after `interrupted` | tests |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        after = max(map(float, result.seen.get("note after", ["nan"])))
        yield (
            f"| {result.package} | {result.genai} | {len(result.seen.get('notes', []))} | {result.total('notes')} "
            f"| {result.total('events')} | {after * 1000:.0f} ms at most | {result.passed} of {result.tests} passed |"
        )


def co_patchers(results: list[Result]) -> Iterator[str]:
    yield "| package | google-genai | patches of the Live API | tests |"
    yield "|---|---|---|---|"
    for result in results:
        patches = ", ".join(f"`{name}`" for name in " ".join(result.seen.get("patches", [])).replace(",", "").split())
        yield f"| {result.package} | {result.genai} | {patches or 'none'} | {result.passed} of {result.tests} passed |"


def main(folder: Path) -> int:
    """Print both tables; return 1 if anything did not pass, or nothing was run."""
    found = {kind: list(read(folder, kind)) for kind in ("framework", "copatcher")}
    results = [result for kind in found.values() for result in kind]
    pythons = ", ".join(sorted({result.versions["python"] for result in results}))
    lines = [f"Python {pythons}", "", *frameworks(found["framework"]), ""]
    sys.stdout.write("\n".join([*lines, *co_patchers(found["copatcher"]), ""]))
    return int(not results or any(result.passed < result.tests for result in results))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
