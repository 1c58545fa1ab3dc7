"""Which messages come, and when, what content does to a reply that runs, and what is no speech."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from emulator.talking import in_virtual_time

from gemini_live_interrupt.emulator import PROFILES, Profile, Told
from gemini_live_interrupt.probe._experiment import Value
from gemini_live_interrupt.probe._mind import Mind

from .probing import probed

ASKED = ("while-speaking", "orders", "open-call", "resumed", "noise", "stream-end", "messages", "word-times")
QUIET = 0.5
"""Seconds after which the emulator takes speech for over."""
OUTPUT = {
    "words": "in messages of their own",
    "letters": "in messages of their own, in pieces that split words",
    "bundled": "in the audio's messages",
    "ahead": "all of them ahead",
}


def by_content(profile: Profile) -> dict[str, Value]:
    """What content does, by the profile's knobs."""
    if not profile.accepts_content:
        keys = ("running_cuts", "running_mutes", "running_used", "ordered_answered", "ordered_cuts", "content_race")
        return dict.fromkeys((*keys, "open_call"), "refused")
    call = "held" if profile.silent_content_holds else "answered"
    return {
        "running_cuts": profile.silent_content_cuts,
        "running_mutes": profile.silent_content_mutes,
        "running_used": "unanswered" if profile.silent_content_mutes else True,
        "ordered_answered": True,
        "ordered_cuts": True,
        "content_race": profile.content_race is not None,
        "open_call": "called off" if profile.silent_content_cuts else call,
    }


def by_sound(profile: Profile) -> dict[str, Value]:
    """What noise and a microphone that stops do."""
    return {
        "resumes": True,
        "resumed_alone": False,
        "resumed_believes": "later",
        "noise_short_cuts": True,
        "noise_long_cuts": True,
        "noise_answered": profile.answers_noise,
        "stream_end_ends": True,
        "stalled_answered": profile.stalled_input is not None,
    }


def on_the_wire(profile: Profile) -> dict[str, Value]:
    """Which messages come."""
    when = {"after": "in pieces", "during": "in pieces, while it is spoken", "never": "never"}
    pieces = when[profile.input_words_when]
    return {
        "input_words": "whole" if (pieces, profile.input_words) == ("in pieces", "whole") else pieces,
        "output_words": OUTPUT[profile.transcript],
        "voice_activity": profile.voice_activity,
        "interim_words": profile.interim_words,
        "unprompted_handle": profile.unprompted_handle,
        "finished": profile.finished,
        "thoughts": bool(profile.thought),
        "interaction_status": profile.interaction_status,
        "generation_complete_after_cut": False,
        "late_after_cut": profile.late_after_cut,
        "word_times": True,
        "word_times_from": profile.word_offsets,
        "empty_first": profile.empty_before_reply,
        "empty_between": profile.empty_before_audio,
        "model_role": profile.model_role,
        "mime_type": profile.mime_type,
    }


def timed(profile: Profile) -> dict[str, Any]:
    """How long things take: seconds, within a few messages of the microphone."""
    return {
        "speech_to_interrupted": pytest.approx(profile.interrupted_after, abs=0.05),
        "interrupted_to_complete": pytest.approx(profile.cut_complete_after, abs=0.01),
        "speech_to_words": pytest.approx(QUIET, abs=0.05),
        "speech_to_reply": pytest.approx(QUIET + profile.reply_after + profile.lead, abs=0.15),
        "speed": pytest.approx(profile.speed, rel=0.05),
        "ordered_to_interrupted": pytest.approx(profile.content_cut_after, abs=0.01),
        "stalled_waits": pytest.approx(profile.stalled_input, abs=0.01) if profile.stalled_input else None,
        "chunk": profile.chunk,
        "playback_to_complete": pytest.approx(profile.playback_margin, abs=0.02),
    }


@pytest.mark.parametrize("name", PROFILES)
@in_virtual_time
async def test_the_report_says_what_the_profile_does(name: str) -> None:
    profile = PROFILES[name]
    said = await probed(profile, *ASKED)
    wanted = by_content(profile) | by_sound(profile) | on_the_wire(profile) | timed(profile)
    wanted |= {} if profile.accepts_content else {"ordered_to_interrupted": None}
    assert {key: said[key] for key in wanted} == wanted
    assert said.keys() - wanted.keys() == {
        *("interrupted_to_words", "cutting_to_words", "unplayed_at_cut", "words_to_sign", "sign_to_audio")
    }
    assert said["words_to_sign"] + said["sign_to_audio"] == pytest.approx(profile.reply_after + profile.lead, abs=0.03)  # type: ignore[operator]
    assert float(said["interrupted_to_words"] or 0) >= profile.words_after_cut
    assert float(said["unplayed_at_cut"] or 0) > 5.0


@pytest.mark.parametrize(
    ("knobs", "only"),
    [
        ({"silent_content_cuts": True}, ("while-speaking", "open-call")),
        ({"silent_content_mutes": True}, ("while-speaking",)),
        ({"silent_content_holds": True}, ("open-call",)),
        ({"accepts_content": False}, ("while-speaking", "orders", "open-call")),
        ({"content_race": 0.1}, ("orders",)),
        ({"answers_noise": False}, ("noise",)),
        ({"stalled_input": None}, ("stream-end",)),
        ({"voice_activity": True, "interim_words": True, "finished": True}, ("messages",)),
        ({"unprompted_handle": True, "thought": "", "interaction_status": True}, ("messages",)),
        ({"transcript": "bundled", "input_words": "whole", "late_after_cut": 3}, ("messages",)),
        ({"transcript": "ahead", "trailing_silence": 0.0}, ("messages",)),
        ({"transcript": "letters", "input_words_when": "never"}, ("messages",)),
        ({"input_words": "whole", "input_words_when": "during"}, ("messages", "activity-text")),
        ({"word_offsets": "session"}, ("word-times",)),
        ({"interrupted_after": 0.9, "cut_complete_after": 0.2, "chunk": 0.1}, ("messages",)),
        ({"reply_after": 1.5, "lead": 0.3, "playback_margin": 0.7}, ("messages",)),
    ],
)
@in_virtual_time
async def test_knobs_that_are_turned_change_their_answers(knobs: dict[str, Any], only: tuple[str, ...]) -> None:
    profile = dataclasses.replace(PROFILES["2.5-native"], **knobs)
    said = await probed(profile, *only)
    wanted = by_content(profile) | by_sound(profile) | on_the_wire(profile) | timed(profile)
    wanted |= {} if profile.accepts_content else {"ordered_to_interrupted": None}
    wanted |= {"speech_to_words": said.get("speech_to_words")} if profile.input_words_when != "after" else {}
    assert said == said | {key: value for key, value in wanted.items() if key in said}


@in_virtual_time
async def test_a_service_that_sends_at_the_pace_of_speech_is_found_out() -> None:
    said = await probed(PROFILES["2.5-native"], "messages", speed=1.5)
    assert said["speed"] == pytest.approx(1.5, rel=0.05)


class Silent(Mind):
    def answer(self, told: tuple[Told, ...]) -> str:
        return ""


@in_virtual_time
async def test_of_a_model_that_says_nothing_nothing_is_invented() -> None:
    said = await probed(PROFILES["2.5-native"], *ASKED, mind=Silent())
    known = {key: value for key, value in said.items() if value is not None}
    assert known == {
        "content_race": False,
        "stream_end_ends": False,
        "stalled_answered": False,
        "input_words": "in pieces",
        "speech_to_words": pytest.approx(QUIET, abs=0.05),
        **dict.fromkeys(
            ("voice_activity", "interim_words", "unprompted_handle", "thoughts", "finished", "interaction_status"),
            False,
        ),
    }


@in_virtual_time
async def test_a_count_that_is_cut_by_itself_says_nothing_about_noise() -> None:
    said = await probed(PROFILES["2.5-native"], "noise", faults=["phantom"])
    assert set(said.values()) == {None}
