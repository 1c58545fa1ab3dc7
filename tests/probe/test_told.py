"""What the probe says of a service is what the emulator does: of every profile, knob and mind that it can see."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from emulator.talking import in_virtual_time

from gemini_live_interrupt.emulator import PROFILES
from gemini_live_interrupt.probe._emulated import emulated
from gemini_live_interrupt.probe._experiments import BY_NAME
from gemini_live_interrupt.probe._mind import Mind
from gemini_live_interrupt.probe._runner import Runner

from .probing import Nobody, probed

ABOUT_WORDS = ("silent-fact", "model-role", "no-role", "activity-text", "automatic-text", "rule")


@pytest.mark.parametrize("name", PROFILES)
@in_virtual_time
async def test_the_report_says_what_the_profile_does(name: str) -> None:
    profile = PROFILES[name]
    said = await probed(profile, *ABOUT_WORDS)
    assert said["silent_accepted"] == said["model_role_accepted"] == profile.accepts_content
    assert said["no_role_accepted"] == (profile.accepts_content and not profile.requires_role)
    if profile.accepts_content:
        assert said["silent_answered"] is False
        assert said["silent_mutes"] == profile.silent_content_mutes
        assert said["silent_used"] == ("unanswered" if profile.silent_content_mutes else True)
    else:
        assert {said[key] for key in ("silent_answered", "silent_mutes", "silent_used", "model_role_used")} == {
            "refused"
        }
    assert None not in said.values()
    unless = None if profile.accepts_content else "refused"
    assert said["silent_rule"] == (unless or ("unanswered" if profile.silent_content_mutes else True))
    assert said["system_rule"] is True
    assert (said["activity_text_used"], said["activity_text_replies"]) == (True, 1)
    assert (said["automatic_text_used"], said["automatic_text_joins"]) == (True, False)


@pytest.mark.parametrize(
    ("knob", "only", "key"),
    [
        ("accepts_content", "silent-fact", "silent_accepted"),
        ("silent_content_mutes", "silent-fact", "silent_mutes"),
        ("requires_role", "no-role", "no_role_accepted"),
    ],
)
@in_virtual_time
async def test_a_knob_that_is_flipped_changes_its_answer(knob: str, only: str, key: str) -> None:
    usual = PROFILES["2.5-native"]
    other: dict[str, Any] = {knob: not getattr(usual, knob)}
    flipped = dataclasses.replace(usual, **other)
    assert (await probed(usual, only))[key] is not (await probed(flipped, only))[key]


@in_virtual_time
async def test_a_model_that_does_not_use_silent_facts_is_found_out() -> None:
    said = await probed(PROFILES["3.8-live"], "silent-fact", mind=Mind(uses_facts=False))
    assert said["silent_used"] is False


@in_virtual_time
async def test_a_model_that_obeys_its_system_instruction_only_is_found_out() -> None:
    said = await probed(PROFILES["3.8-live"], "rule", mind=Mind(obeys_rules=False))
    assert (said["silent_rule"], said["system_rule"]) == (False, True)


@in_virtual_time
async def test_a_model_that_does_not_use_the_model_role_is_found_out() -> None:
    said = await probed(PROFILES["3.8-live"], "model-role", mind=Mind(heeds_model_role=False))
    assert said["model_role_used"] is False


@in_virtual_time
async def test_a_fact_that_the_control_knows_too_is_worth_nothing() -> None:
    class Knowing(Mind):
        def answer(self, told: Any) -> str:
            return "Pineapple, I guess."

    said = await probed(PROFILES["3.8-live"], "silent-fact", mind=Knowing())
    assert said["silent_used"] is None


@in_virtual_time
async def test_a_connection_that_dies_is_trouble_in_words_and_the_rest_goes_on() -> None:
    async with emulated("2.5-native", faults=["abrupt-close"]) as service:
        experiments = [BY_NAME["silent-fact"], BY_NAME["no-role"]]
        runner = Runner(service, experiments, repeat=1, at_once=1, progress=Nobody())
        await runner.run()
    dead, alive = runner.trials
    assert dead.trouble.startswith("the connection was closed with 1006")
    assert (alive.trouble, alive.seen) == ("", {"no_role_accepted": True})


@in_virtual_time
async def test_what_the_service_says_when_it_closes_is_said() -> None:
    async with emulated("2.5-native", faults=["failure"]) as service:
        runner = Runner(service, [BY_NAME["silent-fact"]], repeat=1, at_once=1, progress=Nobody())
        await runner.run()
    assert "1011: Internal error encountered." in runner.trials[0].trouble
