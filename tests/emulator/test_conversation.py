"""Through the real SDK over TLS: asked, answered, interrupted."""

import asyncio

import pytest
from google.genai import types

from gemini_live_interrupt.emulator import PROFILES, LiveEmulator, Told, speak, speak_evenly

from .talking import NOISE, UTTERANCE, connected, hasty, in_virtual_time, quiet, voice

STORY = "Once there was a fox by the sea."


def _answer(told: tuple[Told, ...]) -> str:
    return STORY if len(told) == 1 else "Yes."


@pytest.mark.parametrize("profile", PROFILES)
@in_virtual_time
async def test_a_spoken_question_gets_a_spoken_answer(profile: str) -> None:
    async with LiveEmulator(hasty(profile), _answer, hear=["A story, please."]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("turnComplete"))
        assert live.context == (Told("user", "A story, please.", "speech"), Told("model", STORY, "reply"))
        assert person.transcript == STORY
        assert person.audio.startswith(speak(STORY).pcm)
        (reply,) = live.session.replies
        assert reply.outcome == "complete"
        assert reply.sent_seconds == pytest.approx(len(person.audio) / 48_000)


@pytest.mark.parametrize("profile", PROFILES)
@in_virtual_time
async def test_the_user_cuts_the_model_while_it_generates(profile: str) -> None:
    async with LiveEmulator(hasty(profile), _answer, hear=["A story!", "Really?"]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("audio")) > 3)
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("turnComplete")) == 2)
        kinds = [kind for frame in live.log.server() for kind in frame.kinds]
        cut = kinds.index("interrupted")
        assert "generationComplete" not in kinds[:cut]
        assert kinds[cut + 1] == "turnComplete"
        assert "audio" not in kinds[cut : kinds.index("inputTranscription", cut)]
        assert [(told.role, told.interrupted) for told in live.context] == [
            ("user", False),
            ("model", True),
            ("user", False),
            ("model", False),
        ]
        assert STORY.startswith(live.context[1].text)
        assert live.context[1].text == live.replies[0].sent
        assert (live.context[1].text == STORY) is (live.session.profile.transcript == "ahead")
        assert live.context[3].text == "Yes."


@pytest.mark.parametrize("profile", PROFILES)
@in_virtual_time
async def test_the_user_cuts_the_model_while_the_client_plays(profile: str) -> None:
    async with LiveEmulator(hasty(profile), _answer, hear=["A story!", "Really?"]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("turnComplete")) == 2)
        generated, cut, over = (live.log.server(k)[0] for k in ("generationComplete", "interrupted", "turnComplete"))
        assert generated.at <= cut.at < over.at
        assert over.at - cut.at == pytest.approx(0.036, abs=0.03)
        assert live.context[1] == Told("model", STORY, "reply", interrupted=True)


async def test_speech_streamed_in_real_time_interrupts_within_four_tenths_of_a_second() -> None:
    async with LiveEmulator("2.5-native", _answer, hear=["A story!", "Really?"]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("audio"))
        started = live.log[-1].at
        while not live.log.server("interrupted"):
            await person.say(voice(0.04))
            await asyncio.sleep(0.04)  # this is how a microphone sends
        assert 0.1 < live.log.server("interrupted")[0].at - started < 0.4


@in_virtual_time
async def test_a_short_noise_cuts_and_the_model_is_asked_on_2_5() -> None:
    asked: list[tuple[Told, ...]] = []

    async def model(told: tuple[Told, ...]) -> str:
        asked.append(told)
        return STORY if told[-1].kind == "speech" else ""

    async with LiveEmulator("2.5-native", model, hear=["A story!", ""]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("audio"))
        await person.say(NOISE)
        await live.until(lambda: len(asked) == 2)
        assert asked[1][-1] == Told("user", "", "noise")
        assert [frame.kinds for frame in live.log.server("interrupted", "turnComplete")] == [
            ("interrupted",),
            ("turnComplete", "usageMetadata"),
        ]
        await live.until(lambda: live.session.state == "idle")


@in_virtual_time
async def test_without_hear_long_voice_is_speech_and_short_voice_is_noise() -> None:
    async with LiveEmulator(model=lambda _: "") as live, connected(live) as person:
        await person.say(UTTERANCE + NOISE)
        await live.until(lambda: len(live.context) == 2)
        assert [(told.text, told.kind) for told in live.context] == [("[speech]", "speech"), ("", "noise")]


@in_virtual_time
async def test_silence_says_nothing() -> None:
    async with LiveEmulator() as live, connected(live) as person:
        await person.say(quiet(3.0) + voice(1.0, loudness=100) + quiet(1.0))
        await person.tell("Over.", turn_complete=False)
        await live.until(lambda: live.context)
        assert live.context == (Told("user", "Over.", "content", silent=True),)


@in_virtual_time
async def test_what_the_client_plays_is_mapped_to_words_by_the_reply() -> None:
    speech = speak_evenly("One two, three.")
    assert speech.heard_by(0.0) == ""
    assert speech.heard_by(speech.words[1].end) == "One two"
    assert speech.heard_by(speech.seconds) == speech.text == "One two, three."


async def test_the_sdk_reads_voice_activity_and_handles_of_3_1() -> None:
    async with LiveEmulator("3.1-early", lambda _: "") as live, connected(live) as person:
        await live.until(lambda: person.messages)
        assert person.messages[0].session_resumption_update.new_handle
        await person.say(UTTERANCE)
        activity = await live.until(lambda: [m.voice_activity for m in person.messages if m.voice_activity][:2][1:])
        assert activity[0].voice_activity_type is types.VoiceActivityType.ACTIVITY_END
        assert activity[0].audio_offset == "1.100s"


@in_virtual_time
async def test_without_transcription_in_the_setup_none_is_sent() -> None:
    bare = {"input_audio_transcription": None, "output_audio_transcription": None}
    async with LiveEmulator(hasty("2.5-native"), _answer, hear=["A story!"]) as live, connected(live, **bare) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("turnComplete"))
        assert not live.log.server("inputTranscription", "outputTranscription")
        assert live.context[1].text == STORY


@in_virtual_time
async def test_nothing_is_cut_where_the_model_has_chosen_silence_meanwhile() -> None:
    manual = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}
    decided = asyncio.Event()

    async def model(told: tuple[Told, ...]) -> str:
        await decided.wait()
        return "" if len(told) == 1 else "Yes."

    async with LiveEmulator(hasty("2.5-native"), model, hear=["And?"]) as live, connected(live, **manual) as person:
        await person.session.send_realtime_input(text="Be quiet.")
        await live.until(lambda: live.session.state == "thinking")
        await person.session.send_realtime_input(activity_start=types.ActivityStart())
        await live.until(lambda: live.log.client("activityStart"))
        decided.set()
        await live.until(lambda: live.session.state == "user speaking")
        await asyncio.sleep(live.session.profile.interrupted_after)  # the time at which the cut was planned
        await person.say(voice(0.3))
        await person.session.send_realtime_input(activity_end=types.ActivityEnd())
        await live.until(lambda: live.log.server("generationComplete"))
        assert not live.log.server("interrupted")


@in_virtual_time
async def test_manual_activity_interrupts_and_is_answered() -> None:
    manual = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}
    heard: list[bytes] = []

    def hear(pcm: bytes) -> str:
        heard.append(pcm)
        return "Go on."

    async with LiveEmulator(model=lambda _: "Fine.", hear=hear) as live, connected(live, **manual) as person:
        await person.say(voice(0.2))
        await person.session.send_realtime_input(activity_start=types.ActivityStart())
        await person.say(voice(0.1))
        await person.session.send_realtime_input(activity_end=types.ActivityEnd())
        await live.until(lambda: live.log.server("audio"))
        assert heard == [voice(0.1)]
        await person.session.send_realtime_input(activity_start=types.ActivityStart())
        await live.until(lambda: live.log.server("interrupted"))
        assert live.session.state == "user speaking"
