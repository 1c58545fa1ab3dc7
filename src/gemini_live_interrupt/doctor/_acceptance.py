"""Whether the installed SDK takes a configuration; if not, what pydantic says, in words.

No value of a configuration is shown: there may be keys among them.
"""

from __future__ import annotations

import difflib
import warnings
from typing import TYPE_CHECKING, Any

from ._finding import Finding

if TYPE_CHECKING:
    from google.genai.types import LiveConnectConfig
    from pydantic import ValidationError


def take(config: Any) -> tuple[LiveConnectConfig | None, list[Finding]]:
    """Return the configuration as `connect()` reads it, and what the SDK says against it; `None` if it takes none."""
    import pydantic
    from google.genai import types

    if isinstance(config, types.LiveConnectConfig):
        return config, []
    if wrong := [key for key in config if not isinstance(key, str)]:
        return None, [_refused("config", f"A key is no string: {wrong[0]!r}.", "Name the fields.")]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            taken = types.LiveConnectConfig(**config)
        except pydantic.ValidationError as error:
            return None, _in_words(error, list(types.LiveConnectConfig.model_fields))
    return taken, [_complaint(str(warning.message)) for warning in said if warning.category is UserWarning]


def _in_words(error: ValidationError, fields: list[str]) -> list[Finding]:
    """Return a finding for each field, however many alternatives of it failed."""
    by_field: dict[str, list[Any]] = {}
    for wrong in error.errors(include_url=False, include_input=True):
        by_field.setdefault(str(wrong["loc"][0]), []).append(wrong)
    return [_field_in_words(field, wrongs, fields) for field, wrongs in by_field.items()]


def _field_in_words(field: str, wrongs: list[Any], fields: list[str]) -> Finding:
    unknown = [wrong for wrong in wrongs if wrong["type"] == "extra_forbidden"]
    if unknown:
        place = ".".join(map(str, unknown[0]["loc"]))
        near = difflib.get_close_matches(_snake(field), fields, 1) if place == field else []
        do = f"Did you mean {near[0]}?" if near else "Leave it out, or look up what it is called."
        return _refused(field, f"{place} is unknown to the SDK ({unknown[0]['msg']}).", do)
    said = "; ".join(dict.fromkeys(wrong["msg"] for wrong in wrongs))
    place = ".".join(map(str, wrongs[0]["loc"])) if len(wrongs) == 1 else field
    got = type(wrongs[0]["input"]).__name__
    return _refused(field, f"{place} is of the wrong kind: {said}; got {got}.", "Write it as the SDK wants it.")


def _refused(about: str, found: str, do: str) -> Finding:
    why = "connect() raises on this. The rest is not looked at before the SDK takes it."
    return Finding(check="config", level="error", about=about, found=found, why=why, do=do)


def _complaint(said: str) -> Finding:
    return Finding(
        check="config",
        level="warning",
        about="config",
        found=f"The SDK says: {said}.",
        why="It sends the value all the same, and the service may refuse it.",
        do="Look up what it is called, or update google-genai.",
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
