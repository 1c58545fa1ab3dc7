"""Options by environment variables."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt._environment import PREFIX, options_of
from gemini_live_interrupt._sessions import switch


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MAX_HISTORY", "0", 0),
        ("MAX_HISTORY", " 12 ", 12),
        ("RESUME_AFTER", "2.5", 2.5),
        ("RESUME_AFTER", "Never", None),
        ("RESUME_AFTER", "none", None),
        ("TURN_COMPLETE", "TRUE", True),
        ("TURN_COMPLETE", "1", True),
        ("TRANSCRIPTION", "off", False),
        ("LOG_ERRORS", "yes", True),
        ("RULES", "system", "system"),
        ("RULES", "none", None),
        ("CHANNEL", "text", "text"),
    ],
)
def test_a_variable_goes_before_the_argument(
    name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gemini_live_interrupt")
    monkeypatch.setenv(PREFIX + name, text)
    enable_interrupt_resume(max_history=3, resume_after=9.0, rules="note")
    assert switch.settings is not None
    assert getattr(switch.settings, name.lower()) == value
    assert f"The environment chooses {name.lower()}={value!r}" in caplog.messages
    unchanged = {"max_history": 3, "resume_after": 9.0, "rules": "note"}
    unchanged.pop(name.lower(), None)
    assert {other: getattr(switch.settings, other) for other in unchanged} == unchanged


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("MAX_HISTORY", "many", "GEMINI_LIVE_INTERRUPT_MAX_HISTORY must be a whole number, got 'many'"),
        ("MAX_HISTORY", "9" * 5000, "GEMINI_LIVE_INTERRUPT_MAX_HISTORY must be a whole number"),
        ("MAX_HISTORY", "-1", "max_history must be 0 .keep none. or more, got -1; the environment variables"),
        ("RESUME_AFTER", "soon", "must be a number of seconds, or never, got 'soon'"),
        ("RESUME_AFTER", "nan", "resume_after must be a positive number of seconds"),
        ("RESUME_AFTER", "0", "resume_after must be a positive number of seconds"),
        ("TURN_COMPLETE", "perhaps", "must be true or false, got 'perhaps'"),
        ("RULES", "court", "rules must be 'note' or 'system' or None, got 'court'"),
        ("CHANNEL", "none", "channel must be 'content' or 'text', got None"),
        ("RESUMEAFTER", "4", "names no option; did you mean GEMINI_LIVE_INTERRUPT_RESUME_AFTER?"),
        ("COLOUR", "red", "names no option; known are ENABLED, MAX_HISTORY, "),
    ],
)
def test_a_bad_one_is_refused_in_words_and_nothing_is_switched(
    name: str, text: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, text)
    with pytest.raises(ValueError, match=complaint):
        enable_interrupt_resume()
    assert switch.settings is None


def test_wrong_arguments_are_wrong_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = "4"
    monkeypatch.setenv(PREFIX + "MAX_HISTORY", "2")
    with pytest.raises(TypeError, match="max_history must be an integer"):
        enable_interrupt_resume(max_history=wrong)


def test_it_can_be_switched_off_without_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    enable_interrupt_resume()
    monkeypatch.setenv(PREFIX + "ENABLED", "false")
    enable_interrupt_resume()
    assert switch.settings is None
    monkeypatch.setenv(PREFIX + "ENABLED", "true")
    enable_interrupt_resume()
    assert switch.settings is not None
    disable_interrupt_resume()


def test_what_is_empty_or_somebody_elses_is_not_set() -> None:
    assert options_of({PREFIX + "RULES": " ", "GEMINI_LIVE_MODEL": "x", "PATH": "/"}) == {}
