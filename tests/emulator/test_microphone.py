"""A microphone that streams to the real SDK."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from gemini_live_interrupt.emulator import LiveEmulator, Microphone

from .talking import connected, in_virtual_time

MANUAL = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}


@pytest.mark.parametrize(("noise", "over"), [(200, 5), (200, 30), (20, 30), (0, 60)])
@in_virtual_time
async def test_an_open_microphone_is_heard_when_somebody_speaks_and_not_before(noise: float, over: float) -> None:
    async with (
        LiveEmulator("3.8-live", lambda _: "Yes.", hear=["Are you there?"]) as live,
        connected(live) as person,
        Microphone(person.session, noise=noise, over=over) as microphone,
    ):
        await asyncio.sleep(5.0)
        assert not live.context
        await microphone.speak(1.0, 0.3, 1.0)
        await live.until(lambda: live.replies)
        assert [told.text for told in live.context if told.role == "user"] == ["Are you there?"]
        sent = live.log.client("audio")
        assert 140 <= len(sent) <= 260  # one every 40 ms, also while nobody speaks


@in_virtual_time
async def test_a_halting_speaker_speaks_for_as_long_as_it_takes() -> None:
    async with (
        LiveEmulator(hear=[], model=lambda _: "") as live,
        connected(live) as person,
        Microphone(person.session) as microphone,
    ):
        begun = asyncio.get_running_loop().time()
        await microphone.speak(1.0, 2.5, 1.0)
        assert asyncio.get_running_loop().time() - begun == pytest.approx(4.5, abs=0.1)
        await live.until(lambda: len(live.context) == 2)


@in_virtual_time
async def test_push_to_talk_sends_nothing_but_what_is_spoken() -> None:
    async with (
        LiveEmulator(hear=["Yes."], model=lambda _: "") as live,
        connected(live, **MANUAL) as person,
        Microphone(person.session, push_to_talk=True) as microphone,
    ):
        await asyncio.sleep(3.0)
        assert len(live.log.client()) == 1
        await microphone.speak(1.0)
        await live.until(lambda: live.context)
        kinds = [frame.kinds[0] for frame in live.log.client()[1:]]
        assert kinds == ["activityStart", *["audio"] * 25, "activityEnd"]


@in_virtual_time
async def test_a_microphone_says_that_nobody_listens_any_more() -> None:
    async with LiveEmulator() as live, connected(live) as person:
        await person.tell("?", turn_complete=True, role="system")
        microphone = Microphone(person.session)
        await microphone.__aenter__()
        with pytest.raises(ConnectionClosed, match="1007"):
            await microphone.speak(20.0)
        with pytest.raises(ConnectionClosed, match="1007"):
            await microphone.__aexit__(None, None, None)


@in_virtual_time
async def test_a_microphone_that_is_off_or_out_of_range_is_refused() -> None:
    async with LiveEmulator() as live, connected(live) as person:
        with pytest.raises(RuntimeError, match="the microphone is off"):
            await Microphone(person.session).speak(1.0)
        with pytest.raises(ValueError, match="noise must be between 0 and 4000; got -1"):
            Microphone(person.session, noise=-1)
