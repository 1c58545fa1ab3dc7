"""What a resumed connection remembers of a reply that the end of the connection before broke off."""

from __future__ import annotations

from ._code_word import MUTE
from ._count import BELIEVES, CutCount, count, said_back
from ._experiment import Bench, Experiment, Question, Seen
from ._recordings import recording
from ._understanding import last_heard, numbers

NO_HANDLE = "no handle"


async def resumed(bench: Bench) -> Seen:
    """Break the connection off in a count, resume it, and ask which number was heard last."""
    async with bench.talk(session_resumption={}) as talk:
        if not await count(talk):
            return {}
        updates = [came.message.session_resumption_update for came in talk.came]
        handles = [update.new_handle for update in updates if update and update.new_handle]
        if not handles:
            return {"resumes": False, "resumed_alone": NO_HANDLE, "resumed_believes": NO_HANDLE}
        reply = talk.reply()
        heard = last_heard(reply, talk.now()) or 0
    before = CutCount(heard, numbers(reply.text)[-1], len(reply.messages), reply, "")
    async with bench.talk(session_resumption={"handle": handles[-1]}) as talk:
        await talk.wait(0.5)
        if alone := await talk.starts(0, 3.0):
            await talk.answer(0)
        since = len(talk.came)
        await talk.say(recording("last-number"))
        return {
            "resumes": True,
            "resumed_alone": alone,
            "resumed_believes": said_back(before, await talk.answer(since)),
        }


RESUMED = (
    Experiment(
        name="resumed",
        about="a count is broken off by the end of the connection, and the model is asked on the next one which number "
        "was heard last",
        sends="a spoken request, a handle, and a spoken question",
        seconds=50,
        sessions=2,
        trial=resumed,
        questions=(
            Question(
                key="resumes",
                asks="Does a handle come in time to resume a connection that ends in mid-reply?",
                says={True: "yes", False: "no: none comes"},
                library="What was heard is carried over with it.",
            ),
            Question(
                key="resumed_alone",
                asks="Does a resumed connection go on with the reply by itself?",
                says={True: "yes", False: "no", NO_HANDLE: "it cannot be resumed"},
                library="It asks the model to go on.",
            ),
            Question(
                key="resumed_believes",
                asks="Which number does it then take for the last that was heard?",
                says=BELIEVES | {MUTE: "it says nothing", NO_HANDLE: "it cannot be resumed"},
                library="It tells the model what was heard.",
            ),
        ),
    ),
)
"""The experiment with a connection that ends."""
