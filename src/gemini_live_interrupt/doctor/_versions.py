"""Which versions are here, and whether they are new enough."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib import metadata

from ._finding import Finding

LIBRARY = "gemini-live-interrupt"
OLDEST = {"Python": "3.11", "google-genai": "1.62", "wrapt": "1.17", "websockets": "14"}
"""The oldest that are supported, as pyproject.toml has them; websockets is the emulator's wish."""


def installed() -> dict[str, str | None]:
    """Return the versions by name; `None` for what is not installed."""
    return {"Python": platform.python_version()} | {
        name: _version(name) for name in (LIBRARY, "google-genai", "wrapt", "websockets")
    }


def check_versions(versions: Mapping[str, str | None]) -> list[Finding]:
    """Judge each."""
    return [_judge(name, version) for name, version in versions.items()]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _judge(name: str, version: str | None) -> Finding:
    if name == LIBRARY:
        told = f"{name} {version}" if version else f"{name} runs from its source: it is not installed."
        return Finding(check="versions", level="ok", about=name, found=told)
    oldest = OLDEST[name]
    install = f'python -m pip install "{name}>={oldest}"'
    if version is None:
        return Finding(
            check="versions",
            level="error",
            about=name,
            found=f"{name} is not installed.",
            why="google-genai and wrapt are all that the library needs; websockets comes with google-genai.",
            do=install,
        )
    numbers = _numbers(version)
    if not numbers:
        return Finding(
            check="versions",
            level="warning",
            about=name,
            found=f"{name} {version}: this is no version that could be compared with {oldest}.",
            why=f"{oldest} or later is supported.",
            do=f"If anything fails: {install}",
        )
    if numbers >= _numbers(oldest):
        return Finding(check="versions", level="ok", about=name, found=f"{name} {version}")
    emulator = name == "websockets"
    return Finding(
        check="versions",
        level="hint" if emulator else "error",
        about=name,
        found=f"{name} {version} is older than {oldest}.",
        why="The emulator needs it, the library does not." if emulator else f"{oldest} or later is supported.",
        do="Use a newer Python." if name == "Python" else install,
    )


def _numbers(version: str) -> tuple[int, ...]:
    begin = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, begin[0].split("."))) if begin else ()
