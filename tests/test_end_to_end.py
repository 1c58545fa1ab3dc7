"""The main job on real input: PCM of a person talking, the real client, a TLS websocket, a local Live API."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import NOISE, STORY, UTTERANCE, Person, connected, hasty, notes, output, teller
from google.genai import types, version

from gemini_live_interrupt import (
    Interruption,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
)
from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Told

HISTORY = list[tuple[str, str]]


def emulator(profile: str, *heard: str, **more: Any) -> LiveEmulator:
    statuses = getattr(types, "InteractionStatus", None)
    if PROFILES[profile].interaction_status and statuses is not None and "IDLE" not in statuses.__members__:
        pytest.skip(f"google-genai {version.__version__} warns of a status that {profile} sends")
    return LiveEmulator(hasty(profile), teller, hear=["A story!", *(heard or ("Really?",))], **more)


async def until_interrupted(live: LiveEmulator, person: Person) -> None:
    await live.until(lambda: any(m.server_content and m.server_content.interrupted for m in person.messages))


@pytest.mark.parametrize("moment", ["generating", "playing"])
@pytest.mark.parametrize("profile", [name for name in PROFILES if name not in ("2.0-flash", "3.1-early")])
async def test_the_model_is_told_silently_what_was_heard_before_it_hears_the_user(profile: str, moment: str) -> None:
    # Silent content leaves 2.0 mute until content orders a reply, and closes an early 3.1.
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    async with emulator(profile) as live, connected(live) as person:
        await person.say(UTTERANCE)
        if moment == "generating":
            await live.until(lambda: len(live.log.server("audio")) > 8)
        else:
            await live.until(lambda: live.log.server("generationComplete"))
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("turnComplete")) == 2 and len(seen) == 2)
        assert [(told.role, told.kind, told.silent) for told in live.context] == [
            ("user", "speech", False),
            ("model", "reply", False),
            ("user", "content", True),
            ("user", "speech", False),
            ("model", "reply", False),
        ]
        assert live.context[-1].text == "Really."
        cut, settled = seen
        assert cut.heard + cut.unheard == live.replies[0].sent
        assert cut.history == [("user", "A story!")]
        assert cut.unheard
        assert (settled.user_text, settled.outcome) == ("Really?", "noted")
        truth = live.session.replies[0].speech.heard_by(cut.played)
        assert abs(len(cut.heard.split()) - len(truth.split())) <= 2
        assert cut.cut_sentence in notes(live)[0].text
        (interrupted,), (note,) = live.log.server("interrupted"), live.log.client("clientContent")
        assert note.at - interrupted.at < 1.0


@pytest.mark.parametrize("profile", PROFILES)
async def test_switched_off_it_does_nothing(profile: str) -> None:
    enable_interrupt_resume()
    disable_interrupt_resume()
    async with emulator(profile) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("turnComplete")) == 2)
        assert notes(live) == []


async def test_after_a_noise_the_model_is_asked_to_go_on() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(resume_after=0.5, on_interruption=seen.append)
    async with emulator("2.5-native", "") as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(NOISE)
        await live.until(lambda: len(seen) == 3)
        assert [told.silent for told in notes(live)] == [True, False]
        assert [one.phase for one in seen] == ["cut", "silence", "settled"]
        assert seen[-1].outcome == "asked"
        assert live.context[-1].role == "model"


async def test_a_note_may_order_the_reply() -> None:
    enable_interrupt_resume(lambda heard, user_text, history: "Go on.", turn_complete=True)
    async with emulator("3.8-live", "") as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(NOISE)
        await live.until(lambda: live.context[-1].text == "As I said.")
        assert [(told.text, told.silent) for told in notes(live)] == [("Go on.", False)]


def answers_text(told: tuple[Told, ...]) -> str:
    """A model that answers realtime text, as models do."""
    return "As I said." if told[-1].kind == "text" else teller(told)


def by_text(profile: str, *heard: str) -> LiveEmulator:
    return LiveEmulator(hasty(profile), answers_text, hear=["A story!", *heard])


@pytest.mark.parametrize("profile", ["2.5-native", "3.8-live"])
async def test_by_realtime_text_the_note_rides_with_the_utterance_of_a_manual_activity(profile: str) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(channel="text", on_interruption=seen.append)
    manual = {"automatic_activity_detection": {"disabled": True}}
    async with by_text(profile, "Really?") as live, connected(live, realtime_input_config=manual) as person:
        for words in ("A story!", "Really?"):
            await person.session.send_realtime_input(activity_start={})
            if words == "Really?":
                await live.until(lambda: seen)
                await live.until(lambda: any(told.kind == "text" for told in live.context))
            await person.say(UTTERANCE)
            await person.session.send_realtime_input(activity_end={})
            await live.until(lambda: len(live.log.server("generationComplete")) == len(live.replies) > 0)
        await live.until(lambda: len(seen) == 2)
        assert [(told.role, told.kind) for told in live.context] == [
            ("user", "speech"),
            ("model", "reply"),
            ("user", "text"),
            ("user", "speech"),
            ("model", "reply"),
        ]
        assert live.context[2].text == seen[1].note
        assert live.replies[1].said == "Really."
        assert seen[1].outcome == "noted"
        assert not live.log.client("clientContent")


async def test_by_realtime_text_the_model_is_asked_to_go_on_after_silence_and_told_nothing_before() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(channel="text", resume_after=0.5, on_interruption=seen.append)
    async with by_text("2.5-native", "") as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(NOISE)
        await live.until(lambda: len(seen) == 3)
        (asked,) = [told.text for told in live.context if told.kind == "text"]
        assert "said nothing more and waits" in asked
        assert [(one.phase, one.note) for one in seen] == [("cut", None), ("silence", None), ("settled", asked)]
        assert (seen[-1].outcome, live.replies[-1].said) == ("asked", "As I said.")
        assert not live.log.client("clientContent")


async def test_by_realtime_text_no_note_goes_out_where_no_answer_is_due_and_that_is_reported() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(channel="text", on_interruption=seen.append)
    async with by_text("3.8-live", "Really?") as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(UTTERANCE)
        await live.until(lambda: len(seen) == 2)
        assert [told.kind for told in live.context if told.role == "user"] == ["speech", "speech"]
        assert (seen[-1].phase, seen[-1].outcome, seen[-1].note) == ("settled", "late", None)


async def test_what_the_player_reports_is_believed() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    async with emulator("2.5-native") as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await live.until(lambda: any(m.server_content.generation_complete for m in person.messages))
        report_played(person.session, 2.5)
        await person.say(UTTERANCE)
        await until_interrupted(live, person)
        (cut,) = seen
        assert cut.evidence == "reported"
        assert cut.played == pytest.approx(2.5, abs=0.5)


async def test_a_server_that_refuses_notes_is_asked_no_more(complaints: list[str]) -> None:
    enable_interrupt_resume()
    for expected in (1007, None):
        async with emulator("2.5-native", faults=["refuse-content"]) as live, connected(live) as person:
            await person.say(UTTERANCE)
            await live.until(lambda: live.log.server("generationComplete"))
            await person.say(UTTERANCE)
            if expected:
                await live.until(lambda: person.error is not None)
            else:
                await live.until(lambda: len(live.log.server("turnComplete")) == 2)
            assert (person.error and person.error.code) == expected
    (line,) = complaints
    assert "1007" in line
    complaints.clear()


ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("example", ["quickstart.py", "custom_prompt.py"])
async def test_the_examples_run_unchanged(example: str) -> None:
    async with LiveEmulator(
        hasty("2.5-native"), lambda told: STORY if len(told) == 1 else "A keeper, once. It waited for a ship."
    ) as live:
        out = await output(str(ROOT / "examples" / example), live=live)
        assert {"Once", "fox", "keeper", "once"} <= set(re.findall(r"\w+", out))
        (note,) = notes(live)
        assert note.silent
        assert "Once there was a fox" in note.text
