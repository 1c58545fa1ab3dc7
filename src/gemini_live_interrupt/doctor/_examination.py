"""The whole of what is looked at, in its order, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._patch import receive_of
from .._sessions import switch
from ._config import check_config
from ._finding import Check, Finding
from ._layers import Layer, check_layers, find_layers
from ._models import check_model
from ._patching import check_patch
from ._rehearsal import check_session
from ._source import import_module, load_config
from ._versions import check_versions, installed

NO_PATCH = "Whether a session gets its note: the SDK cannot be patched."
NO_CONFIG = "None was given: --config FILE, or --config MODULE:ATTRIBUTE."
NO_MODEL = "None was given: --model NAME."


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found; `config` and `model` are what they were called, if they were given."""

    versions: dict[str, str | None]
    layers: list[Layer]
    findings: list[Finding]
    config: str | None
    model: str | None

    def count(self, level: str) -> int:
        """Return the number of findings of a level."""
        return sum(finding.level == level for finding in self.findings)


def examine(*, modules: Sequence[str], config: str | None, model: str | None, probe: str | None = None) -> Examination:
    """Look at everything; the library is off afterwards.

    `modules` of the app are imported first. Raises UsageError for one that cannot be, and for a `config` or a report of
    the `probe` that cannot be had.
    """
    for module in modules:
        import_module(module)
    versions = installed()
    findings = check_versions(versions)
    layers: list[Layer] = []
    try:
        from google.genai import live
    except Exception as error:  # noqa: BLE001 - an SDK that cannot be imported is a finding, whatever it raises
        findings += _without_the_sdk(error)
    else:
        value = None if config is None else load_config(config)
        session_class = getattr(live, "AsyncSession", None)
        settings, layers = switch.settings, find_layers(receive_of(session_class))
        patch = check_patch(session_class)
        findings += [patch, *check_layers(session_class, layers, imported=bool(modules))]
        findings.append(_not_checked("session", NO_PATCH) if patch.level == "error" else check_session())
        findings += [_not_checked("config", NO_CONFIG)] if config is None else check_config(value, settings)
        findings.append(_not_checked("model", NO_MODEL) if model is None else check_model(model, settings))
        if probe is not None:
            from ._probed import check_probe, load_report  # it needs the SDK

            findings += check_probe(load_report(probe), settings, model)
    return Examination(versions=versions, layers=layers, findings=findings, config=config, model=model)


def _without_the_sdk(error: Exception) -> list[Finding]:
    broken = Finding(
        check="patch",
        level="error",
        about="google-genai",
        found=f"google-genai cannot be imported: {type(error).__name__}: {error}.",
        why="It is what the library patches.",
        do="python -m pip install google-genai",
    )
    rest: tuple[Check, ...] = ("layers", "session", "config", "model")
    return [broken, *(_not_checked(check, "It takes google-genai.") for check in rest)]


def _not_checked(check: Check, why: str) -> Finding:
    return Finding(check=check, level="not checked", about=check, found=why)
