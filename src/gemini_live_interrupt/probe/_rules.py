"""Whether a model obeys: a rule, told as silent content or in the system instruction, and a question that is asked."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from ._code_word import KNOWS, MUTE, REFUSED, note
from ._experiment import Bench, Experiment, Question, Seen, Value
from ._recordings import recording
from ._talk import RefusedError
from ._understanding import says

Told = Literal["silent", "system", "nowhere"]


async def standing_rule(bench: Bench) -> Seen:
    """Tell it to end its answers with the code word."""
    silent, system, control = await asyncio.gather(
        *(_ask(bench, told) for told in ("silent", "system", "nowhere")),
    )
    return {"silent_rule": silent, "system_rule": system, "rule_control": control}


async def _ask(bench: Bench, told: Told) -> Value:
    rule = f"End each of your answers with the word {bench.word}."
    config: dict[str, Any] = {"system_instruction": rule} if told == "system" else {}
    async with bench.talk(**config) as talk:
        await talk.wait(0.5)
        try:
            if told == "silent":
                await talk.tell(note(rule))
                await talk.wait(1.5)
        except RefusedError:
            return REFUSED
        since = len(talk.came)
        await talk.say(recording("question"))
        reply = await talk.answer(since)
        return MUTE if reply.empty else says(reply.text, bench.word)


RULES = (
    Experiment(
        name="rule",
        about="it is told to end its answers with a code word, as silent content or in the system instruction, and is "
        "asked something",
        sends="silent client content or a system instruction, and a spoken question; the control is told nothing",
        seconds=25,
        sessions=3,
        trial=standing_rule,
        questions=(
            Question(
                key="silent_rule",
                asks="Is a standing rule in silent content obeyed?",
                says=KNOWS,
                library="The note holds rules by default.",
                option={False: 'enable_interrupt_resume(rules="system")'},
                control="rule_control",
            ),
            Question(
                key="system_rule",
                asks="Is the same rule in the system instruction obeyed?",
                says=KNOWS,
                library='The rules are there with rules="system".',
                control="rule_control",
            ),
        ),
    ),
)
"""The experiment with a rule."""
