"""Where a cut count goes on, as the probe sees it, is where the emulator's model goes on."""

from __future__ import annotations

import dataclasses

import pytest
from emulator.talking import in_virtual_time

from gemini_live_interrupt.emulator import PROFILES, Told
from gemini_live_interrupt.probe._count import EARLIER, HEARD, LATER, NOT_AT_ALL
from gemini_live_interrupt.probe._mind import Mind

from .probing import probed

COUNTED = ("count-cough", "count-go-on", "last-number")


@pytest.mark.parametrize("name", PROFILES)
@in_virtual_time
async def test_the_report_says_where_the_profile_goes_on(name: str) -> None:
    profile = PROFILES[name]
    told = HEARD if profile.accepts_content else "refused"
    if profile.silent_content_mutes:
        told = "unanswered"
    by_noise = told if profile.answers_noise or told == "refused" else "unanswered"
    said = await probed(profile, *COUNTED)
    assert said == {
        "cough_cuts": True,
        "cough_none": LATER if profile.answers_noise else "unanswered",
        "cough_facts": by_noise,
        "cough_rules": by_noise,
        "cough_system": by_noise,
        "go_on_cuts": True,
        "go_on_none": LATER,
        "go_on_facts": told,
        "go_on_rules": told,
        "go_on_system": told,
        "last_number_none": LATER,
        "last_number_facts": told,
    }


@in_virtual_time
async def test_a_service_that_remembers_what_was_played_is_found_out() -> None:
    profile = dataclasses.replace(PROFILES["2.5-native"], remembers="played")
    said = await probed(profile, "last-number", "count-go-on")
    assert said["last_number_none"] == said["go_on_none"] == HEARD


@in_virtual_time
async def test_a_model_that_believes_its_own_record_is_found_out() -> None:
    said = await probed(PROFILES["3.8-live"], *COUNTED[1:], mind=Mind(uses_facts=False))
    assert said["go_on_facts"] == said["go_on_rules"] == said["last_number_facts"] == LATER


class Restarting(Mind):
    def answer(self, told: tuple[Told, ...]) -> str:
        counted = any(entry.kind == "reply" for entry in told)
        return "One, two, three, and so on." if counted else str(super().answer(told))


class Talkative(Mind):
    def answer(self, told: tuple[Told, ...]) -> str:
        counted = any(entry.kind == "reply" for entry in told)
        return "With pleasure." if counted else str(super().answer(told))


@pytest.mark.parametrize(("mind", "place"), [(Restarting(), EARLIER), (Talkative(), NOT_AT_ALL)])
@in_virtual_time
async def test_a_model_that_starts_again_or_does_not_go_on_is_found_out(mind: Mind, place: str) -> None:
    said = await probed(PROFILES["2.5-native"], "count-go-on", mind=mind)
    assert said["go_on_none"] == said["go_on_rules"] == place


@in_virtual_time
async def test_where_little_was_sent_beyond_what_was_heard_the_place_stays_open() -> None:
    said = await probed(PROFILES["2.5-native"], "count-go-on", speed=1.0)
    assert (said["go_on_cuts"], said["go_on_none"]) == (True, None)
