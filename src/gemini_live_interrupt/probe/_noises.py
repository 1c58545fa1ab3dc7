"""What is no speech: short noises in a reply, and a microphone that stops."""

from __future__ import annotations

import asyncio

from ._code_word import YES
from ._count import count, cut_by
from ._experiment import Bench, Experiment, Question, Seen
from ._recordings import RATE, noise, recording, sounding
from ._talk import LostError

_SOONER = 0.3  # seconds by which audioStreamEnd must bring the answer forward
SHORT, LONG = 0.1, 0.4
"""Seconds of noise: on 3.8 100 ms of noise cut nothing, and 400 ms of speech did (reported)."""


async def noises(bench: Bench) -> Seen:
    """Make a noise in a count: a short one, a longer one, and none."""
    short, long, control = await asyncio.gather(*(_noise(bench, seconds) for seconds in (SHORT, LONG, 0.0)))
    return {
        "noise_short_cuts": short.get("cut"),
        "noise_long_cuts": long.get("cut"),
        "noise_answered": long.get("answered"),
        "noise_control": control.get("cut"),
    }


async def _noise(bench: Bench, seconds: float) -> Seen:
    async with bench.talk() as talk:
        if not await count(talk):
            return {}
        message = await cut_by(talk, noise(seconds))
        if message is None:
            return {"cut": False, "answered": False}
        return {"cut": True, "answered": not (await talk.answer(message + 1)).empty}


async def stream_end(bench: Bench) -> Seen:
    """Stop the microphone in the moment in which a question ends; say so, or do not."""
    said, unsaid = await asyncio.gather(_stopped(bench, say_so=True), _stopped(bench, say_so=False))
    waits = None if said is None or unsaid is None else unsaid - said
    return {
        "stream_end_ends": said is not None and (waits is None or waits > _SOONER),
        "stalled_answered": unsaid is not None,
        "stalled_waits": waits,
    }


async def _stopped(bench: Bench, *, say_so: bool) -> float | None:
    """Return how long the reply takes to come; `None` if it does not."""
    question = recording("question")
    question = question[: 2 * round(RATE * sounding(question)[1])]
    async with bench.talk() as talk:
        await talk.wait(0.5)
        await talk.say(question)
        talk.listening = False
        stopped = talk.now()
        if say_so:
            await talk.send(audio_stream_end=True)
        try:
            reply = await talk.answer(0)
        except LostError:
            return None
        return None if reply.began is None else reply.began - stopped


NOISES = (
    Experiment(
        name="noise",
        about=f"it counts, and there is a noise of {SHORT:g} s or of {LONG:g} s",
        sends="a spoken request, and noise; the control has none",
        seconds=40,
        sessions=3,
        trial=noises,
        questions=(
            Question(
                key="noise_short_cuts",
                asks=f"Does a noise of {SHORT:g} s cut a reply?",
                says=YES,
                library="After a cut that nothing follows it asks the model to go on.",
                control="noise_control",
            ),
            Question(
                key="noise_long_cuts",
                asks=f"Does a noise of {LONG:g} s cut a reply?",
                says=YES,
                library="After a cut that nothing follows it asks the model to go on.",
                control="noise_control",
            ),
            Question(
                key="noise_answered",
                asks=f"Does the model speak after a noise of {LONG:g} s that cut it?",
                says={True: "yes", False: "no, or it was not cut"},
                library="After resume_after seconds it asks the model to go on.",
                option={False: "Leave resume_after on."},
                control="noise_control",
            ),
        ),
    ),
    Experiment(
        name="stream-end",
        about="the microphone stops as a question ends, with audioStreamEnd",
        sends="a spoken question; the control has no audioStreamEnd",
        seconds=25,
        sessions=2,
        trial=stream_end,
        questions=(
            Question(
                key="stream_end_ends",
                asks="Does audioStreamEnd end what the user says?",
                says=YES,
                library="It takes it for the end of their speech.",
            ),
            Question(
                key="stalled_answered",
                asks="Is speech answered after which no more audio comes?",
                says=YES,
                library="It waits for the user's words, or for silence in the microphone.",
                option={False: "Let the app's microphone send silence, too."},
            ),
            Question(
                key="stalled_waits",
                asks="How much later than after audioStreamEnd?",
                unit="s",
                library="It waits for the user's words, or for silence in the microphone.",
            ),
        ),
    ),
)
"""The experiments without speech."""
