"""The fixture `live_emulator`, in the projects of strangers."""

import asyncio
import threading
import time
from typing import Any

import pytest

from gemini_live_interrupt.emulator._background import BackgroundEmulator

from .talking import connected, hasty

pytest_plugins = ["pytester"]

CONFTEST = 'pytest_plugins = ["gemini_live_interrupt.emulator.pytest_plugin"]'
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers -p no:randomly -p no:hypothesispytest
filterwarnings = error
"""
APP = """
import asyncio
import dataclasses
import pytest
from google import genai
from gemini_live_interrupt.emulator import PROFILES

QUICK = dataclasses.replace(PROFILES["2.5-native"], reply_after=0.05, lead=0.02, playback_margin=0.02)

async def ask(question):
    async with genai.Client().aio.live.connect(model="any") as session:
        await session.send_realtime_input(text=question)
        return [message async for message in session.receive()]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    pytester.makefile(".ini", pytest=INI)
    return pytester


def test_a_stranger_s_test_needs_no_other_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        APP
        + """
@pytest.mark.live_emulator(profile=QUICK, model=lambda context: "Hi.")
def test_the_model_is_asked(live_emulator):
    asyncio.run(ask("How are you?"))
    assert live_emulator.told() == ["How are you?"]
    assert live_emulator.heard == ["Hi."]
    assert live_emulator.cuts == []
"""
    )
    others = ("no:asyncio", "no:randomly", "no:timeout", "no:hypothesispytest")
    pytester.runpytest("--strict-markers", "-W", "error", *(f"-p{name}" for name in others)).assert_outcomes(passed=1)


def test_coroutines_can_use_it_too(project: pytest.Pytester) -> None:
    project.makepyfile(
        APP
        + """
@pytest.mark.asyncio
@pytest.mark.live_emulator(profile=QUICK, model=lambda context: "Hi.")
async def test_waiting(live_emulator):
    asking = asyncio.create_task(ask("How are you?"))
    assert await live_emulator.eventually(lambda: live_emulator.sessions and live_emulator.told()) == ["How are you?"]
    with pytest.raises(RuntimeError, match="would stand still: await live_emulator.eventually"):
        live_emulator.until(lambda: True)
    await asking
"""
    )
    project.runpytest().assert_outcomes(passed=1)


def test_the_nearest_marker_wins_and_a_parameter_is_nearest(project: pytest.Pytester) -> None:
    project.makefile(".toml", talk='speed = 9\nprofile = "3.8-live"\n[[reply]]\nsay = "Hello."')
    project.makepyfile(
        """
import pytest

pytestmark = pytest.mark.live_emulator(profile="2.5-native", hear=["Hi."])

def options(live_emulator):
    given = live_emulator._options
    return {name: given[name] for name in sorted(given) if name not in ("model", "clock")}

def test_module(live_emulator):
    assert options(live_emulator) == {"hear": ["Hi."], "profile": "2.5-native"}

@pytest.mark.live_emulator(profile="3.8-live")
def test_marker(live_emulator):
    assert options(live_emulator) == {"hear": ["Hi."], "profile": "3.8-live"}

@pytest.mark.parametrize("live_emulator", ["3.8-live", "2.5-native"], indirect=True)
def test_profiles(live_emulator, request):
    assert options(live_emulator)["profile"] in request.node.name

@pytest.mark.parametrize("live_emulator", [{"faults": ["burst"], "hear": []}], indirect=True)
def test_options(live_emulator):
    assert options(live_emulator) == {"faults": ["burst"], "hear": [], "profile": "2.5-native"}

@pytest.mark.live_emulator(script="talk.toml", speed=8)
def test_a_script_beside_the_test_gives_what_nothing_else_gives(live_emulator):
    assert options(live_emulator) == {"hear": ["Hi."], "profile": "2.5-native", "speed": 8}
"""
    )
    project.runpytest().assert_outcomes(passed=6)


def test_wrong_options_are_named_on_one_line(project: pytest.Pytester) -> None:
    project.makefile(".toml", bad="speed = 0")
    project.makepyfile(
        """
import pytest

@pytest.mark.live_emulator(profil="3.8-live")
def test_option(live_emulator): ...
@pytest.mark.live_emulator("3.8-live")
def test_positional(live_emulator): ...
@pytest.mark.live_emulator(script="stroy")
def test_script(live_emulator): ...
@pytest.mark.live_emulator(script="bad.toml")
def test_line(live_emulator): ...
@pytest.mark.live_emulator(faults=["bursts"])
def test_fault(live_emulator): ...
"""
    )
    result = project.runpytest()
    result.assert_outcomes(errors=5)
    result.stdout.fnmatch_lines_random(
        [
            "*live_emulator has no option 'profil'; it has profile, model, *",
            "*the marker live_emulator takes keyword arguments only; got ('3.8-live',)*",
            "*unknown script 'stroy'; known are *",
            "*bad.toml, line 1: speed: input should be greater than 0; got 0*",
            "*unknown fault 'bursts'; known are *",
        ]
    )


def test_the_environment_points_there_for_the_length_of_the_test(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL", raising=False)
    project.makepyfile(
        """
import os
import pytest

def test_1(live_emulator):
    assert os.environ["GOOGLE_GEMINI_BASE_URL"] == live_emulator.url
    assert os.environ["GOOGLE_GENAI_USE_VERTEXAI"] == ""

@pytest.mark.live_emulator(environ=False)
def test_2(live_emulator):
    assert "GOOGLE_GEMINI_BASE_URL" not in os.environ
    assert os.environ["GOOGLE_GENAI_USE_VERTEXAI"] == "true"
"""
    )
    project.runpytest().assert_outcomes(passed=2)


def test_a_failure_shows_what_happened(project: pytest.Pytester) -> None:
    project.makepyfile(
        APP
        + """
@pytest.mark.live_emulator(profile=QUICK, model=lambda context: "Hi.")
def test_fails(live_emulator):
    asyncio.run(ask("How are you?"))
    live_emulator.until(lambda: live_emulator.cuts, within=0.01)
"""
    )
    result = project.runpytest("--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*TimeoutError: not within 0.01 seconds; what has happened:",
            "E*connected*models/any; transcription: none",
            "*Captured live emulator teardown*",
            "1 * s  text * “How are you?”",
            "1 * s  replies * “Hi.”",
        ]
    )


async def test_cuts_notes_and_what_was_heard() -> None:
    def model(context: Any) -> str:
        return "One two three four five six seven." if context[-1].text == "Count." else "Yes?"

    with BackgroundEmulator(profile=hasty("3.8-live"), model=model, hear=["Count.", "Wait."]) as live:
        assert threading.current_thread() is threading.main_thread()
        async with connected(live) as person:  # type: ignore[arg-type] # of it, `client_options` is all that is used
            await person.say(live.utterance())
            await live.eventually(lambda: live.replies and "three" in live.replies[0].heard)
            assert live.cuts == []
            await person.say(live.utterance())
            await live.eventually(lambda: live.cuts)
            await person.tell("They heard some of it.", turn_complete=False)
            await live.eventually(live.notes)
            await live.eventually(lambda: len(live.replies) == 2)
        (cut,) = live.cuts
        assert cut.said == "One two three four five six seven."
        assert cut.said.startswith(cut.sent)
        assert cut.heard + cut.unheard == cut.sent
        assert cut.heard.startswith("One two three")
        assert 0 < cut.heard_seconds < cut.sent_seconds
        assert live.heard[0] == cut.heard
        assert live.notes() == live.told("content") == ["They heard some of it."]
        assert set(live.told()) == {"Count.", "They heard some of it.", "Wait."}
        assert live.told("speech") == ["Count.", "Wait."]
    assert [cut.heard] == [reply.heard for reply in live.cuts]
    assert [line.split()[3] for line in live.story[:4]] == ["connected", "speech", "replies", "cut"]


def test_its_own_thread_reads_and_waits_for_nothing() -> None:
    errors: list[str] = []

    def model(context: Any) -> str:
        assert live.told() == ["Hello."]
        try:
            live.until(lambda: True)
        except RuntimeError as error:
            errors.append(str(error))
        return ""

    async def ask() -> None:
        async with connected(live) as person:  # type: ignore[arg-type]
            await person.tell("Hello.", turn_complete=True)
            await live.eventually(lambda: errors)

    with BackgroundEmulator(model=model) as live:
        with pytest.raises(RuntimeError, match="no client has connected"):
            live.told()
        assert live.until(lambda: live.sessions == ())
        asyncio.run(ask())
    assert "stand still" in errors[0]


def test_in_virtual_time_a_long_talk_is_short_and_heard_to_its_end() -> None:
    tale = "It was long ago. " * 60
    began = time.perf_counter()

    async def ask() -> float:
        loop = asyncio.get_running_loop()
        async with connected(live) as person:  # type: ignore[arg-type]
            await person.tell("A tale!", turn_complete=True)
            await live.eventually(lambda: person.turns_complete, within=200)
        return loop.time()

    with BackgroundEmulator(virtual=True, model=lambda _: tale) as live:
        assert live.run(ask()) > 60
        (reply,) = live.replies
        assert reply.heard == reply.sent == tale
        assert [line.split()[3] for line in live.story] == ["connected", "content", "replies", "complete"]
    assert time.perf_counter() - began < 60  # a second or two on a machine of its own


async def test_an_app_is_not_run_where_an_event_loop_would_stand_still() -> None:
    with BackgroundEmulator() as live, pytest.raises(RuntimeError, match="would stand still"):
        live.run(asyncio.sleep(0))


def test_what_cannot_start_says_why() -> None:
    with pytest.raises(ValueError, match="speed must be positive"), BackgroundEmulator(speed=0):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "live-emulator"]
