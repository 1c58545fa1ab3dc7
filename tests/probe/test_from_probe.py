"""An emulator made from a report behaves as what was probed did."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import in_virtual_time

from gemini_live_interrupt.emulator import PROFILES, Profile

from .probing import probed

ASKED = ("silent-fact", "no-role", "last-number", "count-cough", "while-speaking", "open-call", "word-times")


def report(model: str = "gemini-4-live", service: str = "Gemini API", **seen: Any) -> dict[str, Any]:
    answers = [{"key": key, "value": value} for key, value in seen.items()]
    return {"format": 1, "service": service, "model": model, "answers": answers}


@pytest.mark.parametrize("name", ["2.0-flash", "3.1-early", "3.8-live"])
@in_virtual_time
async def test_it_is_probed_to_the_same_answers(name: str) -> None:
    seen = await probed(PROFILES[name], *ASKED)
    fields: dict[str, Any] = dict(seen)
    made = Profile.from_probe(report("emulator", **fields))
    assert await probed(made, *ASKED) == seen


@in_virtual_time
async def test_its_messages_are_those_that_were_seen() -> None:
    wanted: dict[str, Any] = {
        "voice_activity": True,
        "unprompted_handle": True,
        "finished": True,
        "input_words": "whole",
        "speech_to_interrupted": 0.64,
        "interrupted_to_complete": 0.2,
        "playback_to_complete": 0.84,
        "chunk": 0.16,
    }
    said = await probed(Profile.from_probe(report(**wanted)), "messages")
    assert {key: said[key] for key in wanted} == pytest.approx(wanted, abs=0.05)


def test_what_stayed_open_is_as_in_the_profile_of_the_models_name() -> None:
    made = Profile.from_probe(report("gemini-3.8-live", silent_mutes=True, silent_accepted=None))
    assert made == dataclasses.replace(PROFILES["3.8-live"], name="probed: gemini-3.8-live", silent_content_mutes=True)
    vertex = Profile.from_probe(report("gemini-live-2.5-flash", service="Vertex AI"))
    assert vertex == dataclasses.replace(PROFILES["2.5-vertex"], name="probed: gemini-live-2.5-flash")


def test_a_service_that_refuses_content_says_nothing_about_roles() -> None:
    made = Profile.from_probe(report("gemini-3.8-live", silent_accepted=False, no_role_accepted=False))
    assert (made.accepts_content, made.requires_role) == (False, True)


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(last_number_none="heard")))
    assert Profile.from_probe(path).remembers == Profile.from_probe(str(path)).remembers == "played"


@pytest.mark.parametrize("found", [{}, [], {"format": 2, "answers": []}, {"format": 1, "answers": {}}])
def test_what_is_no_report_is_refused_in_words(found: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match="no report of the probe"):
        Profile.from_probe(path)
