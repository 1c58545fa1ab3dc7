"""What a report of the probe says about the options that the app has chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._cli import UsageError
from .._settings import Settings
from ..probe._report import known
from ._config import RESUME_AFTER
from ._finding import Finding, Level

NOTHING = "Nothing in it speaks against the library's options."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was seen of the service, and the options that are held against it."""

    seen: dict[str, Any]
    turn_complete: bool = False
    rules: str | None = "note"
    channel: str = "content"
    resume_after: float | None = RESUME_AFTER


def load_report(path: str) -> dict[str, Any]:
    """Return a report in JSON; raise UsageError, in words, for a file that is none."""
    try:
        report = json.loads(Path(path).read_bytes())
        if not isinstance(report, dict):
            raise ValueError("it holds no object")  # noqa: TRY004 - it is the file that is wrong
        known(report)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no report of the probe: {error}") from None
    return report


def check_probe(report: dict[str, Any], settings: Settings | None, model: str | None) -> list[Finding]:
    """Hold a report against the settings, if the app has switched the library on, or else the defaults."""
    seen = known(report)
    chosen = Chosen(seen)
    if settings is not None:
        chosen = Chosen(seen, settings.turn_complete, settings.rules, settings.channel, settings.resume_after)
    findings = list(_check_origin(report, model))
    if seen.get("silent_accepted") is False and chosen.channel == "content":
        return [*findings, _refused()]
    found = [finding for check in CHECKS for finding in check(chosen)]
    if not any(finding.level in ("error", "warning") for finding in found):
        findings.append(_finding("ok", "options", NOTHING))
    return findings + found


def _finding(level: Level, about: str, found: str, why: str = "", do: str = "") -> Finding:
    return Finding(check="probe", level=level, about=about, found=found, why=why, do=do)


def _refused() -> Finding:
    return _finding(
        "error",
        "channel",
        "The service takes no client content in mid-session.",
        "A note is such content, and closes the session with 1007.",
        'Leave the library off with this model; or, with turn_complete or manual activity, channel="text".',
    )


def _check_origin(report: dict[str, Any], model: str | None) -> Iterator[Finding]:
    probed, service = str(report.get("model", "")), str(report.get("service", ""))
    if service.startswith("emulator"):
        yield _finding("warning", "service", f"It is a report on the {service}.", "It says nothing about the service.")
    elif model is not None and model.removeprefix("models/") != probed.removeprefix("models/"):
        why = "Models differ in what they take and use."
        yield _finding("warning", "model", f"It is a report on {probed}, and not on {model}.", why, "Probe that model.")
    if report.get("open"):
        what = f"{report['open']} of its questions stayed open."
        yield _finding("not checked", "open", what, do="Probe again, with more trials: --repeat 5.")


def _check_orders(chosen: Chosen) -> Iterator[Finding]:
    seen = chosen.seen
    if not chosen.turn_complete and seen.get("silent_mutes") is True:
        yield _finding(
            "warning",
            "turn_complete",
            "After silent content the service leaves speech unanswered.",
            "The answer comes only when the model is asked to go on.",
            "enable_interrupt_resume(turn_complete=True)",
        )
    elif not chosen.turn_complete and seen.get("silent_used") is False:
        yield _finding(
            "warning",
            "turn_complete",
            "The very next answer does not use what silent content says.",
            "The note comes too late for it.",
            "enable_interrupt_resume(turn_complete=True)",
        )
    elif chosen.turn_complete and seen.get("silent_used") is True:
        yield _finding(
            "warning",
            "turn_complete",
            "The service answers the user by itself and uses silent content; turn_complete=True is set.",
            "A note that orders a reply makes two.",
            "Leave turn_complete out.",
        )


def _check_rules(chosen: Chosen) -> Iterator[Finding]:
    if chosen.rules != "note" or chosen.seen.get("silent_rule") is not False:
        return
    if chosen.seen.get("system_rule") is True:
        yield _finding(
            "warning",
            "rules",
            "The model obeys rules in its system instruction, and not in silent content.",
            "The note says what to do, and it is not done.",
            'enable_interrupt_resume(rules="system")',
        )
    else:
        yield _finding("hint", "rules", "The model obeys no rule, in silent content or elsewhere: facts have to do.")


def _check_place(chosen: Chosen) -> Iterator[Finding]:
    places = {"note": "go_on_rules", "system": "go_on_system", None: "go_on_facts"}
    place = chosen.seen.get(places[chosen.rules])
    if place not in ("later", "earlier"):
        return
    better = [
        f"rules={option!r}"
        for option, key in places.items()
        if chosen.seen.get(key) == "heard" and option != chosen.rules
    ]
    what = "skips what was sent and not heard" if place == "later" else "repeats what was heard"
    yield _finding(
        "warning",
        "rules",
        f"With rules={chosen.rules!r} a count that was cut {what}.",
        "The model does not go on where the note says.",
        f"enable_interrupt_resume({better[0]})" if better else "No place of the rules did better; try turn_complete.",
    )


def _check_silence(chosen: Chosen) -> Iterator[Finding]:
    silent = [key for key in ("cough_facts", "cough_rules", "cough_system") if chosen.seen.get(key) == "unanswered"]
    if silent and chosen.resume_after is None:
        yield _finding(
            "warning",
            "resume_after",
            "After a cough cuts it the model says nothing, and resume_after is None.",
            "Nobody asks it to go on.",
            f"enable_interrupt_resume(resume_after={RESUME_AFTER:g})",
        )


def _check_text(chosen: Chosen) -> Iterator[Finding]:
    if chosen.channel == "text" and chosen.seen.get("activity_text_used") is False:
        yield _finding(
            "warning",
            "channel",
            'Realtime text in an open activity is not used for the answer to it; channel="text" is set.',
            "The note does not reach the next answer.",
            "Leave channel out.",
        )


CHECKS: tuple[Callable[[Chosen], Iterator[Finding]], ...] = (
    _check_orders,
    _check_rules,
    _check_place,
    _check_silence,
    _check_text,
)
