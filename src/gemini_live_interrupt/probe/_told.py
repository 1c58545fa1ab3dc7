"""Whether a model uses what it is told silently: a code word, told as client content, and asked for aloud."""

from __future__ import annotations

import asyncio

from ._code_word import KNOWS, MUTE, REFUSED, secret
from ._experiment import Bench, Experiment, Question, Seen
from ._recordings import recording
from ._talk import RefusedError
from ._understanding import says


async def _ask(bench: Bench, *, role: str | None = None, told: bool) -> Seen:
    """Tell the code word silently, if it is to be told, wait, and ask for it aloud."""
    async with bench.talk() as talk:
        await talk.wait(0.5)
        alone = False
        if told:
            try:
                await talk.tell(secret(bench.word), role=role)
                alone = await talk.starts(0, 4.0)
                talk.check()
            except RefusedError:
                return {"accepted": False, "alone": REFUSED, "mute": REFUSED, "knows": REFUSED}
            if alone:
                await talk.answer(0)
        since = len(talk.came)
        await talk.say(recording("code-word"))
        reply = await talk.answer(since)
        if reply.empty:
            return {"accepted": True, "alone": alone, "mute": True, "knows": MUTE}
        return {"accepted": True, "alone": alone, "mute": False, "knows": says(reply.text, bench.word)}


async def silent_fact(bench: Bench) -> Seen:
    """Silent content in the user's role."""
    told, control = await asyncio.gather(_ask(bench, role="user", told=True), _ask(bench, told=False))
    return {
        "silent_accepted": told["accepted"],
        "silent_answered": told.get("alone"),
        "silent_mutes": None if control["mute"] else told["mute"],
        "silent_used": told.get("knows"),
        "silent_control": control.get("knows") is True,
    }


async def model_role(bench: Bench) -> Seen:
    """The same in the model's role."""
    told, control = await asyncio.gather(_ask(bench, role="model", told=True), _ask(bench, told=False))
    return {
        "model_role_accepted": told["accepted"],
        "model_role_answered": told.get("alone"),
        "model_role_used": told.get("knows"),
        "model_role_control": control.get("knows") is True,
    }


async def no_role(bench: Bench) -> Seen:
    """Content that names no role."""
    async with bench.talk() as talk:
        await talk.wait(0.5)
        try:
            await talk.tell(secret(bench.word), role=None)
            await talk.wait(1.5)
        except RefusedError:
            return {"no_role_accepted": False}
        return {"no_role_accepted": True}


_SILENT = "The note on an interruption is content like that."
TOLD = (
    Experiment(
        name="silent-fact",
        about="a code word is told as silent content in the user's role, and asked for aloud",
        sends="silent client content, and a spoken question; the control is told nothing",
        seconds=20,
        sessions=2,
        trial=silent_fact,
        questions=(
            Question(
                key="silent_accepted",
                asks="Does it take client content in mid-session?",
                says={True: "yes", False: "no: it closes the session"},
                library="A refusal is said at ERROR, and no more notes are sent.",
                option={False: "Leave the library off with this model."},
            ),
            Question(
                key="silent_answered",
                asks="Does it answer silent content by itself?",
                says=KNOWS,
                library=_SILENT,
                option={True: "Leave turn_complete out: the note is answered as it is."},
            ),
            Question(
                key="silent_mutes",
                asks="Does silent content leave the speech after it unanswered?",
                says=KNOWS,
                library="The model is asked to go on after resume_after seconds.",
                option={True: "enable_interrupt_resume(turn_complete=True)"},
            ),
            Question(
                key="silent_used",
                asks="Is a fact in silent content used for the very next spoken answer?",
                says=KNOWS,
                library=_SILENT,
                option={False: "The note does not reach the next answer: try turn_complete=True."},
                control="silent_control",
            ),
        ),
    ),
    Experiment(
        name="model-role",
        about="the same, told in the model's role",
        sends="silent client content, and a spoken question; the control is told nothing",
        seconds=20,
        sessions=2,
        trial=model_role,
        questions=(
            Question(
                key="model_role_accepted",
                asks="Does it take silent content in the model's role?",
                says={True: "yes", False: "no: it closes the session"},
                library="The note has the user's role.",
            ),
            Question(
                key="model_role_answered",
                asks="Does it go on with a turn in the model's role by itself?",
                says=KNOWS,
                library="The note has the user's role.",
            ),
            Question(
                key="model_role_used",
                asks="Is a fact in silent content of the model's role used for the next spoken answer?",
                says=KNOWS,
                library="The note has the user's role.",
                control="model_role_control",
            ),
        ),
    ),
    Experiment(
        name="no-role",
        about="silent content that names no role",
        sends="silent client content",
        seconds=3,
        sessions=1,
        trial=no_role,
        questions=(
            Question(
                key="no_role_accepted",
                asks="Does it take content without a role?",
                says={True: "yes", False: "no: it closes the session"},
                library="The note names its role.",
            ),
        ),
    ),
)
"""The experiments with silent content and a code word."""
