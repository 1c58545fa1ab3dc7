"""One thing that the doctor has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Check = Literal["versions", "patch", "layers", "session", "config", "model", "probe"]
Level = Literal["ok", "hint", "warning", "error", "not checked"]
"""An error keeps the library from working; a warning makes it do less, or something unexpected; a hint costs nothing
to leave as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, why it matters, and what to do: sentences for people, the other fields for machines."""

    check: Check
    level: Level
    about: str
    """A short name that stays the same: of a package, of a field of the configuration."""
    found: str
    why: str = ""
    do: str = ""
