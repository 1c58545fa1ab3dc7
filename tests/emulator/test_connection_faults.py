"""What goes wrong with the connection, by itself and as the real SDK gets to feel it; and faults of transcripts."""

import asyncio
import dataclasses
import math
from typing import Any

import pytest

from gemini_live_interrupt.emulator import FAULTS, PROFILES, Fault, LiveEmulator
from gemini_live_interrupt.emulator._actions import Abort, SendRaw, Stall

from .talking import connected, in_virtual_time, quiet
from .untimed import Untimed

STORY = "Once there was a fox by the sea. It waited for a ship that never came."


def told(*faults: str | Fault, profile: str = "2.5-native", seed: str = "") -> Untimed:
    """A reply from its question to its end."""
    talk = Untimed(profile, lambda _: STORY, faults=faults, seed=seed)
    talk.tell("Talk.", turn_complete=True)
    talk.run(12.0)
    return talk


def transcript(talk: Untimed) -> list[str]:
    return [f.message["serverContent"]["outputTranscription"]["text"] for f in talk.sent("outputTranscription")]


def test_jitter_delays_but_keeps_the_order() -> None:
    steady, shaken = told(), told("jitter")
    assert [frame.message for frame in shaken.frames] == [frame.message for frame in steady.frames]
    late = [one.at - other.at for one, other in zip(shaken.frames, steady.frames, strict=True)]
    assert late[0] == 0.0
    assert max(late) > 0.02
    assert len({round(seconds, 6) for seconds in late}) > 5


def test_the_same_seed_brings_the_same_jitter() -> None:
    times = [[frame.at for frame in told("jitter", seed=seed).frames] for seed in ("a", "a", "b")]
    assert times[0] == times[1] != times[2]


def test_a_pause_holds_everything_back_and_then_lets_all_of_it_go() -> None:
    steady, paused = told(), told("pause")
    assert [frame.message for frame in paused.frames] == [frame.message for frame in steady.frames]
    begins = steady.sent("audio")[0].at + 0.5
    assert not [frame for frame in paused.frames if begins < frame.at < begins + 2.0 - 1e-6]
    assert len([frame for frame in paused.frames if frame.at == pytest.approx(begins + 2.0)]) > 5


@pytest.mark.parametrize(
    ("fault", "closed"),
    [
        ("abrupt-close", (1006, "")),
        ("failure", (1011, "Internal error encountered.")),
        ("abort", (1008, "The operation was aborted.")),
    ],
)
def test_the_session_ends_in_mid_reply(fault: str, closed: tuple[int, str]) -> None:
    talk = told(fault)
    assert talk.session.closed == closed
    assert not talk.sent("generationComplete")
    assert (talk.closed is None) is (closed[0] == 1006)
    assert any(isinstance(what, Abort) for _, what in talk.trouble) is (closed[0] == 1006)


def test_after_go_away_the_connection_is_closed_in_the_time_that_was_given() -> None:
    talk = told("go-away")
    (warning,) = talk.sent("goAway")
    assert warning.message == {"goAway": {"timeLeft": "5s"}}
    assert talk.session.closed is not None
    assert talk.session.closed[0] == 1008
    assert not [frame for frame in talk.frames if frame.at > warning.at + 5.0]


def test_a_stall_is_for_the_connection_to_carry_out() -> None:
    ((_, stall),) = told("stall").trouble
    assert stall == Stall(3.0)


def test_a_half_open_connection_brings_nothing_more() -> None:
    talk = told("half-open")
    ((at, stall),) = talk.trouble
    assert stall == Stall(math.inf)
    assert max(frame.at for frame in talk.frames) <= at
    assert talk.session.closed is None


@pytest.mark.parametrize(("fault", "size"), [("oversized-frame", 2**21), ("malformed-frame", 56)])
def test_a_frame_is_not_what_it_should_be(fault: str, size: int) -> None:
    ((_, raw),) = told(fault).trouble
    assert isinstance(raw, SendRaw)
    assert len(raw.frame) == size


def test_faults_of_the_connection_strike_at_any_occasion_and_together() -> None:
    pause = dataclasses.replace(FAULTS["pause"], on="cut", seconds=0.0)
    gone = dataclasses.replace(FAULTS["abrupt-close"], on="cut", seconds=3.0)
    talk = told("phantom", pause, gone)
    interrupted = talk.sent("interrupted")[0].at
    assert talk.sent("turnComplete")[0].at == pytest.approx(interrupted + 2.0)
    assert talk.session.closed == (1006, "")


def test_a_fault_is_refused_where_it_cannot_strike() -> None:
    with pytest.raises(ValueError, match="fault 'burst' strikes on 'cut'; got 'reply'"):
        LiveEmulator(faults=[dataclasses.replace(FAULTS["burst"], on="reply")])
    with pytest.raises(ValueError, match="unknown fault 'rain'"):
        LiveEmulator(faults=[Fault(name="rain", on="cut")])


def test_realtime_text_is_ignored_now_and_then() -> None:
    talk = Untimed("2.5-native", lambda _: "Yes.", faults=["ignore-text"], seed="a seed")
    for _ in range(140):
        talk.send(realtimeInput={"text": "Well?"})
        talk.run(4.0)
    assert 120 <= len(talk.session.replies) < 140


def test_a_transcript_is_missing() -> None:
    talk = told("missing-transcript")
    assert not transcript(talk)
    assert talk.session.context[-1].text == STORY


def test_a_transcript_comes_twice() -> None:
    talk = told("repeated-transcript")
    assert transcript(talk)[:4] == ["Once", "Once", " there", " there"]
    assert talk.session.context[-1].text == STORY


@pytest.mark.parametrize("profile", [name for name, profile in PROFILES.items() if profile.accepts_content])
@pytest.mark.parametrize("fault", ["late-transcript", "shuffled-transcript"])
def test_a_transcript_keeps_its_own_order_but_not_its_place(profile: str, fault: str) -> None:
    steady, shaken = told(profile=profile), told(fault, profile=profile)
    texts = [
        [f.message["serverContent"]["outputTranscription"].get("text") for f in talk.sent("outputTranscription")]
        for talk in (steady, shaken)
    ]
    assert texts[0] == texts[1]
    assert [frame.kinds for frame in steady.frames] != [frame.kinds for frame in shaken.frames]
    assert shaken.session.context[-1].text == steady.session.context[-1].text


def test_a_transcript_comes_at_the_latest_before_its_turn_is_over() -> None:
    talk = told(dataclasses.replace(FAULTS["late-transcript"], seconds=60.0))
    assert "".join(transcript(talk)) == STORY
    assert talk.frames[-1].kinds == ("turnComplete", "usageMetadata")


async def failing(fault: str | Fault) -> Any:
    """What the SDK's user gets to see of it."""
    async with LiveEmulator("2.5-native", lambda _: STORY, faults=[fault]) as live, connected(live) as person:
        await person.tell("Talk.", turn_complete=True)
        await live.until(lambda: person.error or person.listening.done())
        return person.error or person.listening.exception()


@pytest.mark.parametrize(
    ("fault", "code"), [("abrupt-close", 1006), ("failure", 1011), ("abort", 1008), ("go-away", 1008)]
)
@in_virtual_time
async def test_the_sdk_reports_the_end_with_its_code(fault: str, code: int) -> None:
    assert (await failing(fault)).code == code


@pytest.mark.parametrize("fault", ["oversized-frame", "malformed-frame"])
@in_virtual_time
async def test_the_sdk_does_not_survive_a_frame_that_it_cannot_read(fault: str) -> None:
    assert await failing(fault) is not None


@in_virtual_time
async def test_a_stall_blocks_the_client_and_then_all_of_it_arrives() -> None:
    stall = dataclasses.replace(FAULTS["stall"], on="connect", seconds=0.0, lasts=5.0)
    async with LiveEmulator("2.5-native", faults=[stall]) as live, connected(live) as person:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.1)
        for _ in range(60):
            await person.say(quiet(3.0))
        assert loop.time() > 4.9
        await live.until(lambda: len(live.log.client("audio")) == 60)
        assert 4.9 < live.log.client("audio")[0].at < 5.2


@in_virtual_time
async def test_a_half_open_connection_is_noticed_by_nobody_but_a_ping() -> None:
    async with LiveEmulator("2.5-native", lambda _: STORY, faults=["half-open"]) as live, connected(live) as person:
        await person.tell("Talk.", turn_complete=True)
        await asyncio.sleep(15.0)
        assert person.error is None
        assert not live.log.server("generationComplete")
        await live.until(lambda: person.error, within=120.0)
        assert person.error is not None
        assert person.error.code == 1006
        assert asyncio.get_running_loop().time() > 30.0


@in_virtual_time
async def test_the_emulator_ends_in_mid_stall() -> None:
    async with LiveEmulator("2.5-native", lambda _: STORY, faults=["stall"]) as live, connected(live) as person:
        await person.tell("Talk.", turn_complete=True)
        await asyncio.sleep(2.0)
    await asyncio.sleep(10.0)


@in_virtual_time
async def test_an_answer_that_is_none_closes_with_1011(complaints: list[str]) -> None:
    async with LiveEmulator("2.5-native", lambda _: 5) as live, connected(live) as person:  # type: ignore[arg-type, return-value]
        await person.tell("Talk.", turn_complete=True)
        error = await live.until(lambda: person.error)
        assert error is not None
        assert error.code == 1011
    assert len(complaints) == 1
    complaints.clear()
