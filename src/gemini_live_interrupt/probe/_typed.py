"""What becomes of realtime text: a code word, typed in an utterance that asks for it."""

from __future__ import annotations

import asyncio

from google.genai.types import ActivityEnd, ActivityStart

from ._code_word import YES, secret
from ._experiment import Bench, Experiment, Question, Seen
from ._recordings import recording
from ._talk import Talk
from ._understanding import says

_SENDS_NONE = 'It sends none by itself: channel="text" does.'


async def activity_text(bench: Bench) -> Seen:
    """Realtime text in an activity that the client opens and closes, before the question."""
    told, control = await asyncio.gather(_in_activity(bench, told=True), _in_activity(bench, told=False))
    return {
        "activity_text_used": told.get("knows"),
        "activity_text_replies": told.get("replies"),
        "activity_text_control": control.get("knows"),
    }


async def _in_activity(bench: Bench, *, told: bool) -> Seen:
    detection = {"automatic_activity_detection": {"disabled": True}}
    async with bench.talk(realtime_input_config=detection) as talk:
        await talk.wait(0.5)
        await talk.send(activity_start=ActivityStart())
        if told:
            await talk.send(text=secret(bench.word))
        await talk.say(recording("code-word"))
        await talk.send(activity_end=ActivityEnd())
        return await _replies(bench, talk)


async def automatic_text(bench: Bench) -> Seen:
    """Realtime text while the user speaks, where the service finds out when they do."""
    told, control = await asyncio.gather(_while_speaking(bench, told=True), _while_speaking(bench, told=False))
    used, replies = told.get("knows"), told.get("replies")
    return {
        "automatic_text_used": used,
        "automatic_text_joins": None if used is None else used and replies == 1,
        "automatic_text_control": control.get("knows"),
    }


async def _while_speaking(bench: Bench, *, told: bool) -> Seen:
    async with bench.talk() as talk:
        await talk.wait(0.5)
        saying = asyncio.create_task(talk.say(recording("code-word")))
        await asyncio.wait([saying], timeout=0.5)
        if told:
            await talk.send(text=secret(bench.word))
        await saying
        return await _replies(bench, talk)


async def _replies(bench: Bench, talk: Talk) -> Seen:
    """Wait for a reply, and for another that may follow; count them."""
    await talk.answer(0)
    since = len(talk.came)
    if not talk.reply().empty and await talk.starts(since, 4.0):
        await talk.answer(since)
    whole = talk.reply()
    if whole.empty:
        return {}
    return {"knows": says(whole.text, bench.word), "replies": whole.count("turn_complete")}


TYPED = (
    Experiment(
        name="activity-text",
        about="the code word as realtime text in an activity that the client opens, and the question in the same one",
        sends="realtime text and a spoken question; the control has no text",
        seconds=20,
        sessions=2,
        trial=activity_text,
        questions=(
            Question(
                key="activity_text_used",
                asks="Is realtime text in an open manual activity used for the answer to it?",
                says=YES,
                library=_SENDS_NONE,
                control="activity_text_control",
            ),
            Question(
                key="activity_text_replies",
                asks="How many replies does that activity get?",
                unit="replies",
                library=_SENDS_NONE,
            ),
        ),
    ),
    Experiment(
        name="automatic-text",
        about="the code word as realtime text while the question is spoken, with automatic detection",
        sends="realtime text and a spoken question; the control has no text",
        seconds=25,
        sessions=2,
        trial=automatic_text,
        questions=(
            Question(
                key="automatic_text_used",
                asks="Is realtime text in the middle of an utterance known to the model afterwards?",
                says=YES,
                library=_SENDS_NONE,
                control="automatic_text_control",
            ),
            Question(
                key="automatic_text_joins",
                asks="Does it join the utterance (one reply that knows it)?",
                says={True: "yes", False: "no: it is a turn of its own, or is not used"},
                library=_SENDS_NONE,
                control="automatic_text_control",
            ),
        ),
    ),
)
"""The experiments with realtime text."""
