"""Which versions are here, and what is said of each."""

from __future__ import annotations

import platform
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from gemini_live_interrupt.doctor._versions import LIBRARY, OLDEST, check_versions, installed

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_oldest_versions_are_those_that_the_project_asks_for() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    asked = {"Python": project["requires-python"].removeprefix(">=")}
    for wish in (*project["dependencies"], *project["optional-dependencies"]["emulator"]):
        name, _, oldest = wish.partition(">=")
        asked[name] = oldest.partition(",")[0]
    assert {name: asked[name] for name in OLDEST} == OLDEST


def test_the_versions_are_those_that_are_installed() -> None:
    found = installed()
    assert list(found) == ["Python", LIBRARY, "google-genai", "wrapt", "websockets"]
    assert found["Python"] == platform.python_version()
    assert found["google-genai"] == metadata.version("google-genai")
    assert {finding.level for finding in check_versions(found)} == {"ok"}


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    assert {name for name, found in installed().items() if found is None} == {*installed()} - {"Python"}


@pytest.mark.parametrize(
    ("name", "version", "level", "found", "do"),
    [
        ("google-genai", "1.62.0", "ok", "google-genai 1.62.0", ""),
        ("google-genai", "1.62.0rc1", "ok", "google-genai 1.62.0rc1", ""),
        ("google-genai", "10.1", "ok", "google-genai 10.1", ""),
        ("google-genai", "1.61.9", "error", "google-genai 1.61.9 is older than 1.62.", "install"),
        ("google-genai", None, "error", "google-genai is not installed.", 'pip install "google-genai>=1.62"'),
        ("google-genai", "main", "warning", "google-genai main: this is no version", "google-genai>=1.62"),
        ("wrapt", "1.16.0", "error", "wrapt 1.16.0 is older than 1.17.", 'pip install "wrapt>=1.17"'),
        ("websockets", "13.1", "hint", "websockets 13.1 is older than 14.", 'pip install "websockets>=14"'),
        ("websockets", "14", "ok", "websockets 14", ""),
        ("Python", "3.10.4", "error", "Python 3.10.4 is older than 3.11.", "Use a newer Python."),
        (LIBRARY, "0.2.0", "ok", f"{LIBRARY} 0.2.0", ""),
        (LIBRARY, None, "ok", "runs from its source", ""),
    ],
)
def test_each_is_judged(name: str, version: str | None, level: str, found: str, do: str) -> None:
    (finding,) = check_versions({name: version})
    assert (finding.level, finding.about) == (level, name)
    assert found in finding.found
    assert do in finding.do
    assert bool(finding.why) == bool(finding.do) == (level != "ok")
