"""Where a model that was cut goes on: it counts to thirty, is cut at about five, and its next number says it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .._prompt import interruption_rules
from ._code_word import MUTE, REFUSED, YES
from ._count import BELIEVES, CUT_AT, HEARD, LATER, PLACES, Note, count, cut, place, said_back
from ._experiment import Bench, Experiment, Question, Seen, Value
from ._recordings import noise, recording
from ._talk import RefusedError

_COUGH = 0.4  # seconds: 100 ms of noise cut nothing on 3.8, 400 ms of speech did (reported)


async def _go_on(bench: Bench, sound: bytes, note: Note) -> Seen:
    """Count, cut, tell; and see with which number it goes on."""
    config: dict[str, Any] = {"system_instruction": interruption_rules()} if note == "system" else {}
    facts: Note = "system" if note == "facts" else note  # the note without rules is that of a model that has them
    async with bench.talk(**config) as talk:
        if not await count(talk):
            return {}
        try:
            found = await cut(talk, sound, note=facts)
            if found is None:
                return {"cut": False}
            reply = await talk.answer(found.message + 1)
        except RefusedError:
            if note == "none":
                raise
            return {"cut": True, "place": REFUSED}
        return {"cut": True, "place": place(found, reply), "heard": found.heard, "sent": found.sent}


def _trial(prefix: str, sound: Callable[[], bytes]) -> Callable[[Bench], Awaitable[Seen]]:
    notes: tuple[Note, ...] = ("none", "facts", "rules", "system")

    async def trial(bench: Bench) -> Seen:
        found = await asyncio.gather(*(_go_on(bench, sound(), note) for note in notes))
        seen: Seen = {f"{prefix}_{note}": seen.get("place") for note, seen in zip(notes, found, strict=True)}
        cuts = [seen["cut"] for seen in found if "cut" in seen]
        return seen | {f"{prefix}_cuts": 2 * sum(map(bool, cuts)) >= len(cuts) if cuts else None}

    return trial


async def last_number(bench: Bench) -> Seen:
    """Count, and break in with the question what the last number was that was heard."""
    told, untold = await asyncio.gather(_ask_back(bench, "facts"), _ask_back(bench, "none"))
    return {"last_number_facts": told, "last_number_none": untold}


async def _ask_back(bench: Bench, note: Note) -> Value | None:
    async with bench.talk() as talk:
        if not await count(talk):
            return None
        try:
            found = await cut(talk, recording("last-number"), note="system" if note == "facts" else note)
            if found is None:
                return None
            reply = await talk.answer(found.message + 1)
        except RefusedError:
            if note == "none":
                raise
            return REFUSED
        return said_back(found, reply)


_NOTE = "It sends such a note at the cut."
_WAITS = "After resume_after seconds it asks the model to go on."


def _questions(prefix: str, what: str) -> tuple[Question, ...]:
    where = f"Cut by {what}, where does a count go on"
    return (
        Question(
            key=f"{prefix}_cuts",
            asks=f"Does {what} cut a count?",
            says=YES,
            library="It acts on the service's word that the reply is cut, and not on sounds.",
        ),
        Question(
            key=f"{prefix}_none",
            asks=f"{where} without a note?",
            says=PLACES,
            library="It is for services that go on later than what was heard.",
            option={HEARD: "This model needs no note: leave the library off."},
        ),
        Question(
            key=f"{prefix}_facts",
            asks=f"{where} with a note of facts?",
            says=PLACES,
            library=_NOTE,
            option={HEARD: "enable_interrupt_resume(rules=None) will do", MUTE: _WAITS},
        ),
        Question(
            key=f"{prefix}_rules",
            asks=f"{where} with a note of facts and rules?",
            says=PLACES,
            library=f"{_NOTE} Rules are in it by default.",
            option={MUTE: _WAITS, LATER: 'Compare rules="system".'},
        ),
        Question(
            key=f"{prefix}_system",
            asks=f"{where} with a note of facts, and the rules in the system instruction?",
            says=PLACES,
            library='It does this with rules="system".',
            option={HEARD: 'enable_interrupt_resume(rules="system")', MUTE: _WAITS},
        ),
    )


def _counting(name: str, prefix: str, what: str, sound: Callable[[], bytes]) -> Experiment:
    return Experiment(
        name=name,
        about=f"it counts to thirty and is cut at about {CUT_AT} by {what}: with which number does it go on? With no "
        "note, with facts, with facts and rules, and with the rules in the system instruction",
        sends=f"a spoken request, {what}, and the library's note as silent client content; the control has no note",
        seconds=40,
        sessions=4,
        trial=_trial(prefix, sound),
        questions=_questions(prefix, what),
    )


COUNTED = (
    _counting("count-cough", "cough", "a cough", lambda: noise(_COUGH)),
    _counting("count-go-on", "go_on", "“go on”", lambda: recording("go-on")),
    Experiment(
        name="last-number",
        about=f"it counts to thirty, and is cut at about {CUT_AT} by the question which number was heard last",
        sends="a spoken request, a spoken question, and the library's note of facts; the control has no note",
        seconds=40,
        sessions=2,
        trial=last_number,
        questions=(
            Question(
                key="last_number_none",
                asks="Asked back without a note, which number does it take for the last that was heard?",
                says=BELIEVES,
                library="It is for services that take what was sent for heard.",
            ),
            Question(
                key="last_number_facts",
                asks="Asked back with a note of facts, which number does it take for the last that was heard?",
                says=BELIEVES,
                library=_NOTE,
            ),
        ),
    ),
)
"""The experiments in which a model counts."""
