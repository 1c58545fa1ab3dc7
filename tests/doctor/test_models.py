"""What the name of a model tells."""

from __future__ import annotations

import pytest

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt._sessions import switch
from gemini_live_interrupt.doctor._models import check_model


@pytest.mark.parametrize(
    ("name", "level", "found"),
    [
        ("gemini-2.0-flash-live-001", "warning", "family 2.0"),
        ("projects/p/locations/l/publishers/google/models/gemini-2.0-flash-live-preview-04-09", "warning", "2.0"),
        ("gemini-2.5-flash-native-audio-preview-12-2025", "ok", "family 2.5"),
        ("models/gemini-live-2.5-flash-preview", "ok", "family 2.5"),
        ("gemini-3.1-flash-live-preview", "warning", "does not say when"),
        ("gemini-3.1-flash-live-preview-03-2026", "error", "early 3.1 preview, of 03-2026"),
        ("gemini-3.1-flash-live-preview-05-2026", "error", "early 3.1 preview, of 05-2026"),
        ("gemini-3.1-flash-live-preview-06-2026", "ok", "family 3.1"),
        ("Gemini-3.8-Live", "ok", "family 3.8"),
        ("gemini-2.5-flash", "warning", "Nothing in the name 'gemini-2.5-flash' says that it is a Live model"),
        ("models/gemini-3.1-pro-preview", "warning", "says that it is a Live model"),
        ("gemini-2.5-flash-exp-native-audio-thinking-dialog", "ok", "family 2.5"),
        ("gemini-2.0.1-live", "not checked", "'gemini-2.0.1-live'"),
        ("gemini-3.10-flash-live", "not checked", "Nothing is known"),
        ("gemini-4-live", "not checked", "none of 2.0, 2.5, 3.1, 3.8"),
        ("flash-2.5", "not checked", "Nothing is known"),
        ("", "not checked", "Nothing is known here of ''"),
    ],
)
def test_the_family_is_told_by_the_name_and_nothing_is_invented(name: str, level: str, found: str) -> None:
    finding = check_model(name, None)
    assert (finding.level, finding.check) == (level, "model")
    assert found in finding.found
    assert bool(finding.do) == (level != "ok")


@pytest.mark.parametrize(
    ("name", "without", "with_it"),
    [
        ("gemini-2.0-flash-live-001", "warning", "ok"),
        ("gemini-2.5-flash-native-audio-preview-12-2025", "ok", "warning"),
        ("gemini-3.1-flash-live-preview-08-2026", "ok", "warning"),
        ("gemini-3.8-live", "ok", "warning"),
    ],
)
def test_what_the_app_has_chosen_counts(name: str, without: str, with_it: str) -> None:
    for turn_complete, level in ((False, without), (True, with_it)):
        enable_interrupt_resume(turn_complete=turn_complete)
        assert check_model(name, switch.settings).level == level
    disable_interrupt_resume()
