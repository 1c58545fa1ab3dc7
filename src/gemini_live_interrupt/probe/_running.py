"""What content does to a reply that runs: silent content, content that orders a reply, and content in a tool call."""

from __future__ import annotations

import asyncio

from google.genai.types import FunctionResponse

from ._code_word import KNOWS, MUTE, REFUSED, note, secret
from ._count import count
from ._experiment import Bench, Experiment, Question, Seen, Value
from ._recordings import recording
from ._talk import RefusedError
from ._understanding import says

_CUT_WITHIN = 3.0  # seconds (recorded for a tool response: 0.15)
_ORDERS = 4
"""How often content is ordered against streaming audio in one trial: the close is rare (pipecat #4403)."""
_BETWEEN = 1.23  # seconds, which are no whole number of the microphone's messages
CALLED_OFF, HELD, ANSWERED = "called off", "held", "answered"
_TOOL = {
    "function_declarations": [
        {
            "name": "get_weather",
            "description": "Returns the weather in a city.",
            "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]},
        }
    ]
}


async def while_speaking(bench: Bench) -> Seen:
    """Tell the code word silently while it counts, and ask for it aloud when it has stopped."""
    told, control = await asyncio.gather(
        _tell_while_speaking(bench, told=True), _tell_while_speaking(bench, told=False)
    )
    return {
        "running_cuts": told.get("cut"),
        "running_mutes": None if control.get("knows") == MUTE else _is_mute(told.get("knows")),
        "running_used": told.get("knows"),
        "running_control": control.get("knows") is True,
        "running_cut_control": control.get("cut"),
    }


def _is_mute(knows: Value | None) -> Value | None:
    return knows if knows in (None, REFUSED) else knows == MUTE


async def _tell_while_speaking(bench: Bench, *, told: bool) -> Seen:
    async with bench.talk() as talk:
        if not await count(talk):
            return {}
        since = len(talk.came)
        try:
            if told:
                await talk.tell(secret(bench.word))
            cut = await talk.cut(since, _CUT_WITHIN) is not None
        except RefusedError:
            if not told:
                raise
            return {"cut": REFUSED, "knows": REFUSED}
        await talk.answer(0)
        await talk.wait(max(0.5, talk.reply().plays_until - talk.now()))
        since = len(talk.came)
        await talk.say(recording("code-word"))
        reply = await talk.answer(since)
        return {"cut": cut, "knows": MUTE if reply.empty else says(reply.text, bench.word)}


async def orders(bench: Bench) -> Seen:
    """Order replies by content: without audio, in a running reply, and against streaming audio."""
    quiet, race = await asyncio.gather(_order_in_quiet(bench), _order_against_audio(bench))
    return quiet | {"content_race": race if quiet["ordered_answered"] != REFUSED else REFUSED}


async def _order_in_quiet(bench: Bench) -> Seen:
    async with bench.talk() as talk:
        if not await count(talk):
            return {"ordered_answered": None, "ordered_cuts": None}
        talk.listening = False
        await talk.wait(1.0)
        since = len(talk.came)
        try:
            await talk.tell(note("Say only the word now."), turn_complete=True)
            ordered = talk.now()
            cut = await talk.cut(since, _CUT_WITHIN)
        except RefusedError:
            return {"ordered_answered": REFUSED, "ordered_cuts": REFUSED}
        over = next((n for n in range(since, len(talk.came)) if talk.came[n].content.turn_complete), len(talk.came))
        return {
            "ordered_answered": await talk.starts(over),
            "ordered_cuts": cut is not None,
            "ordered_to_interrupted": None if cut is None else talk.came[cut].at - ordered,
        }


async def _order_against_audio(bench: Bench) -> bool:
    async with bench.talk() as talk:
        try:
            for _ in range(_ORDERS):
                await talk.wait(_BETWEEN)
                await talk.tell(note("Say only the word now."), turn_complete=True)
            await talk.wait(_BETWEEN)
        except RefusedError:
            return True
        return False


async def open_call(bench: Bench) -> Seen:
    """Tell something silently while a tool call is open, and then respond."""
    told, control = await asyncio.gather(_call(bench, told=True), _call(bench, told=False))
    return {"open_call": told if control == ANSWERED else None}


async def _call(bench: Bench, *, told: bool) -> Value | None:
    async with bench.talk(tools=[_TOOL]) as talk:
        await talk.wait(0.5)
        await talk.say(recording("weather"))
        await talk.until(lambda: any(came.message.tool_call for came in talk.came), 12.0)
        talk.check()
        calls = [
            call for came in talk.came if came.message.tool_call for call in came.message.tool_call.function_calls or ()
        ]
        if not calls:
            return None
        try:
            if told:
                await talk.tell(secret(bench.word))
                await talk.wait(1.0)
        except RefusedError:
            return REFUSED
        if talk.reply().first("interrupted") or any(came.message.tool_call_cancellation for came in talk.came):
            return CALLED_OFF
        since = len(talk.came)
        result = {"weather": "sunny"}
        await talk.respond([FunctionResponse(id=call.id, name=call.name, response=result) for call in calls])
        if await talk.starts(since, 6.0):
            return ANSWERED
        await talk.tell(note("Now answer."), turn_complete=True)
        return HELD if await talk.starts(since) else MUTE


RUNNING = (
    Experiment(
        name="while-speaking",
        about="it counts, the code word is told as silent content meanwhile, and asked for aloud afterwards",
        sends="a spoken request, silent client content, and a spoken question; the control is told nothing",
        seconds=60,
        sessions=2,
        trial=while_speaking,
        questions=(
            Question(
                key="running_cuts",
                asks="Does silent content cut a running reply?",
                says=KNOWS,
                library="The note goes out after the cut, when no reply runs.",
                control="running_cut_control",
            ),
            Question(
                key="running_mutes",
                asks="Does silent content in a reply leave the speech after it unanswered?",
                says=KNOWS,
                library="The model is asked to go on after resume_after seconds.",
                option={True: "enable_interrupt_resume(turn_complete=True)"},
            ),
            Question(
                key="running_used",
                asks="Is silent content in a reply used for the next spoken answer?",
                says=KNOWS,
                library="The note goes out after the cut, when no reply runs.",
                control="running_control",
            ),
        ),
    ),
    Experiment(
        name="orders",
        about="content that orders a reply: while it counts and the microphone is off, and against streaming audio",
        sends="a spoken request, client content, and silence",
        seconds=40,
        sessions=2,
        trial=orders,
        questions=(
            Question(
                key="ordered_answered",
                asks="Does content that orders a reply get one?",
                says=KNOWS,
                library="It asks the model to go on in this way.",
            ),
            Question(
                key="ordered_cuts",
                asks="Does it cut a running reply?",
                says=KNOWS,
                library="It sends none while a reply runs.",
            ),
            Question(
                key="ordered_to_interrupted",
                asks="How long from it to interrupted?",
                unit="s",
                library="It sends none while a reply runs.",
            ),
            Question(
                key="content_race",
                asks="Does it close the session where audio is streaming?",
                says=KNOWS,
                library="A close is said at ERROR.",
                option={True: "Leave turn_complete out."},
            ),
        ),
    ),
    Experiment(
        name="open-call",
        about="the code word is told as silent content while a tool call is open, and the call is answered then",
        sends="the declaration of a tool, a spoken question, silent content, and a tool response; the control is told "
        "nothing",
        seconds=30,
        sessions=2,
        trial=open_call,
        questions=(
            Question(
                key="open_call",
                asks="What becomes of a tool call in which silent content comes?",
                says={
                    ANSWERED: "nothing: the response is answered",
                    HELD: "what follows the response is held until content orders a reply",
                    CALLED_OFF: "it is called off",
                    MUTE: "nothing follows any more",
                    REFUSED: "the session closes",
                },
                library="A note waits for the end of a tool call.",
            ),
        ),
    ),
)
"""The experiments with content in mid-reply."""
