"""What the doctor makes of a report of the probe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt._cli import main
from gemini_live_interrupt._sessions import switch
from gemini_live_interrupt.doctor import _examination
from gemini_live_interrupt.doctor._finding import Finding
from gemini_live_interrupt.doctor._probed import check_probe

MODEL = "gemini-3.8-live"


def report(model: str = MODEL, service: str = "Gemini API", stayed_open: int = 0, **seen: Any) -> dict[str, Any]:
    answers = [{"key": key, "value": value} for key, value in seen.items()]
    return {"format": 1, "service": service, "model": model, "open": stayed_open, "answers": answers}


@pytest.mark.parametrize(
    ("seen", "options", "level", "about"),
    [
        ({}, {}, "ok", "options"),
        (
            {"silent_accepted": True, "silent_used": True, "silent_mutes": False, "silent_rule": True},
            {},
            "ok",
            "options",
        ),
        ({"silent_accepted": False}, {}, "error", "channel"),
        ({"silent_accepted": False}, {"channel": "text"}, "ok", "options"),
        ({"silent_mutes": True}, {}, "warning", "turn_complete"),
        ({"silent_mutes": True}, {"turn_complete": True}, "ok", "options"),
        ({"silent_used": False}, {}, "warning", "turn_complete"),
        ({"silent_used": True}, {"turn_complete": True}, "warning", "turn_complete"),
        ({"silent_rule": False, "system_rule": True}, {}, "warning", "rules"),
        ({"silent_rule": False, "system_rule": True}, {"rules": "system"}, "ok", "options"),
        ({"go_on_rules": "later", "go_on_system": "heard"}, {}, "warning", "rules"),
        ({"go_on_system": "earlier"}, {"rules": "system"}, "warning", "rules"),
        ({"go_on_facts": "heard"}, {"rules": None}, "ok", "options"),
        ({"cough_rules": "unanswered"}, {"resume_after": None}, "warning", "resume_after"),
        ({"cough_rules": "unanswered"}, {}, "ok", "options"),
        ({"activity_text_used": False}, {"channel": "text"}, "warning", "channel"),
    ],
)
def test_the_options_are_held_against_what_was_seen(
    seen: dict[str, Any], options: dict[str, Any], level: str, about: str
) -> None:
    enable_interrupt_resume(**options)
    (finding,) = check_probe(report(**seen), switch.settings, MODEL)
    disable_interrupt_resume()
    assert (finding.check, finding.level, finding.about) == ("probe", level, about)
    assert bool(finding.do) == (level != "ok")


def test_without_an_app_the_defaults_count_and_a_model_that_obeys_nothing_gets_a_hint() -> None:
    ok, hint = check_probe(report(silent_rule=False, system_rule=False), None, None)
    assert (ok.level, hint.level, hint.about) == ("ok", "hint", "rules")


def test_the_better_place_for_the_rules_is_named() -> None:
    (finding,) = check_probe(report(go_on_rules="later", go_on_system="later", go_on_facts="heard"), None, None)
    assert finding.do == "enable_interrupt_resume(rules=None)"


@pytest.mark.parametrize(
    ("given", "model", "level", "found"),
    [
        (report(service="emulator, 3.8-live", model="emulator"), MODEL, "warning", "emulator, 3.8-live"),
        (report(), "gemini-2.5-flash-live", "warning", "not on gemini-2.5-flash-live"),
        (report(stayed_open=3), "models/" + MODEL, "not checked", "3 of its questions"),
    ],
)
def test_it_is_said_what_a_report_does_not_speak_of(given: dict[str, Any], model: str, level: str, found: str) -> None:
    first, last = check_probe(given, None, model)
    assert (first.level, last.level) == (level, "ok")
    assert found in first.found


def test_the_command_takes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(silent_accepted=False)))
    assert main(["doctor", "--probe", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "The report of the probe" in printed
    assert "The service takes no client content" in printed
    assert "The report of the probe" not in (main(["doctor"]), capsys.readouterr().out)[1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is no report of the probe: Expecting property name"),
        ("[]", "is no report of the probe: it holds no object"),
        ('{"format": 9}', "is no report of the probe: this is no report of the probe of format 1"),
        ('{"format": 1, "answers": [1]}', "an answer has no key: 1"),
        ("\xff", "is no report of the probe"),
    ],
)
def test_a_file_that_is_no_report_is_said_on_one_line(
    text: str | None, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    assert main(["doctor", "--probe", str(path)]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


def test_an_examination_has_what_a_report_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unchecked = Finding(check="session", level="not checked", about="session", found="")
    monkeypatch.setattr(_examination, "check_session", lambda: unchecked)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(silent_accepted=True)), "utf-8")
    found = _examination.examine(modules=[], config=None, model=None, probe=str(path)).findings
    assert [finding for finding in found if finding.check == "probe"]
