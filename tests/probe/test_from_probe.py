"""An emulator made from a report behaves as what was probed did."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import in_virtual_time

from gemini_live_interrupt.emulator import PROFILES, Profile
from gemini_live_interrupt.emulator._seen import FIELDS

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


def flipped(profile: Profile) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each knob that can be seen at another value, and the experiments that see it; those in one do not meet."""
    yes_or_no = ("finished", "model_role", "empty_before_reply", "empty_before_audio", "voice_activity")
    looks: dict[str, Any] = {name: not getattr(profile, name) for name in (*yes_or_no, "interim_words")}
    looks |= {name: not getattr(profile, name) for name in ("unprompted_handle", "interaction_status")}
    looks["transcript"] = "ahead" if profile.transcript == "bundled" else "bundled"
    looks["input_words"] = "each" if profile.input_words == "whole" else "whole"
    looks |= {"mime_type": "audio/pcm;rate=24000;channels=1", "late_after_cut": 3, "word_offsets": "session"}
    times = {
        "transcript": "words",
        "thought": "**Thinking**",
        "empty_before_reply": False,
        "interrupted_after": 0.9,
        "cut_complete_after": 0.2,
        "words_after_cut": 2.5,
        "content_cut_after": 0.4,
        "reply_after": 1.5,
        "lead": 0.3,
        "playback_margin": 0.7,
        "stalled_input": 0.6,
        "chunk": 0.1,
        "speed": 2.0,
    }
    content = {name: not getattr(profile, name) for name in ("silent_content_cuts", "silent_content_mutes")}
    return [
        (looks, ("messages", "word-times")),
        (times, ("messages", "orders", "stream-end")),
        ({"transcript": "letters", "thought": "", "input_words_when": "during"}, ("messages",)),
        ({"input_words_when": "never", "stalled_input": None}, ("messages", "stream-end")),
        ({"accepts_content": not profile.accepts_content}, ("silent-fact",)),
        (content, ("silent-fact", "while-speaking")),
        ({"silent_content_holds": True, "silent_content_cuts": False}, ("while-speaking", "open-call")),
        ({"requires_role": not profile.requires_role, "content_race": 0.05}, ("silent-fact", "no-role", "orders")),
        ({"remembers": "played", "answers_noise": not profile.answers_noise}, ("last-number", "count-cough")),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROFILES)
@in_virtual_time
async def test_every_knob_that_can_be_seen_is_seen_at_another_value_on_every_profile(name: str) -> None:
    tried: set[str] = set()
    for knobs, only in flipped(PROFILES[name]):
        accepting = {} if "accepts_content" in knobs else {"accepts_content": True}
        whole = {"first_sentence_apart": False}  # a turn that is complete and does not say IN_PROGRESS is over
        profile = dataclasses.replace(PROFILES[name], **(accepting | whole | knobs))
        seen: dict[str, Any] = dict(await probed(profile, *only))
        made = Profile.from_probe(report(**seen))
        found = {knob: getattr(made, knob) for knob in knobs}
        assert found == {
            knob: pytest.approx(value, abs=0.02) if isinstance(value, float) else value for knob, value in knobs.items()
        }
        tried |= knobs.keys()
    assert tried == FIELDS


def test_the_page_says_of_every_other_knob_why_it_cannot_be_seen() -> None:
    page = (Path(__file__).parents[2] / "docs" / "probe.md").read_text(encoding="utf-8")
    _, told = page.split("## What it does not see")
    others = {field.name for field in dataclasses.fields(Profile)} - FIELDS - {"name"}
    assert set(re.findall(r"`(\w+)`", told)) >= others


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
