"""A session goes on where another was: what is carried over, what the model is told, and what is refused."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import in_virtual_time
from google.genai import errors
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import (
    GENERATED,
    INTERRUPTED,
    TURN_COMPLETE,
    Message,
    Socket,
    audio,
    closed,
    said,
    speech,
    spoken,
    written,
)
from wire import session as opened

from gemini_live_interrupt import (
    Interruption,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    restore_session_state,
    session_state,
)
from gemini_live_interrupt._agreement import Agreement, read_agreement
from gemini_live_interrupt._handler import MOMENT
from gemini_live_interrupt._sessions import connected, switch
from gemini_live_interrupt._snapshot import LONGEST, OLDEST, elapsed_since, read_state
from gemini_live_interrupt.trace import JsonLines, read_trace

TIDES = "The tide turns twice a day, pulled by the moon. It rises for six hours, and falls for six."
LENGTH = 0.4 * len(TIDES.split())
QUESTION = "Tell me about the tides."
ASKED = [said(QUESTION), *speech(TIDES)]
EMPTY = {"version": 1}
WRITTEN = read_agreement("gemini-2.0-flash-live-001", {"response_modalities": ["TEXT"]})
NOON = [said("What time is it?"), *speech("It is noon."), GENERATED, TURN_COMPLETE]
"""A turn whose text and audio teach the session's pace."""


class Call:
    """One connection: a real session on a socket that plays messages, and what came of it."""

    def __init__(self, state: object = None, agreement: Agreement | None = None, **more: Any) -> None:
        self.socket = Socket()
        self.session = opened(self.socket)
        if agreement is not None and switch.settings is not None:
            connected(self.session, switch.settings, agreement, {})
        self.seen: list[Interruption] = seen
        if state is not None:
            restore_session_state(self.session, json.loads(json.dumps(state)), **more)

    async def play(self, *messages: Message | Iterable[Message]) -> Call:
        for item in messages:
            for message in [item] if isinstance(item, dict) else item:
                self.socket.play(message)
                await self.session._receive()
        return self

    async def end(self, code: int = 1008) -> Call:
        self.socket.play(closed(code, "The time is over."))
        with pytest.raises(errors.APIError):
            await self.session._receive()
        return self

    @property
    def state(self) -> dict[str, Any]:
        return session_state(self.session)

    @property
    def told(self) -> list[tuple[str, bool]]:
        """The notes, and whether each ordered a reply."""
        frames = [frame["client_content"] for frame in self.socket.sent]
        return [(frame["turns"][0]["parts"][0]["text"], frame.get("turnComplete", False)) for frame in frames]

    @property
    def orders(self) -> list[bool]:
        return [order for _, order in self.told]


seen: list[Interruption] = []


@pytest.fixture(autouse=True)
def on() -> None:
    seen.clear()
    enable_interrupt_resume(on_interruption=seen.append)


async def cut(*more: Message) -> Call:
    """Half of an answer was heard, and the user spoke up."""
    call = await Call().play(NOON)
    await asyncio.sleep(9.0)
    await call.play(ASKED, GENERATED)
    await asyncio.sleep(3.5)
    return await call.play(INTERRUPTED, more)


async def in_the_middle(*more: Message) -> Call:
    """An answer is under way: some of it has been heard, more has been received."""
    call = await Call().play(NOON)
    await asyncio.sleep(9.0)
    await call.play(ASKED)
    await asyncio.sleep(3.5)
    return await call.play(more)


# An open cut


@pytest.mark.parametrize("ended", [False, True])
@in_virtual_time
async def test_an_open_cut_is_told_once_on_the_new_connection_and_silently(ended: bool) -> None:
    before = await cut(said(" Hang on"))
    if ended:
        await before.end()
    await asyncio.sleep(0.1)
    first = seen[0]
    seen.clear()
    after = Call(before.state)
    await asyncio.sleep(0.1)
    ((note, order),) = after.told
    assert not order
    assert note != before.told[0][0], "the user's words are known by now"
    (again,) = seen
    assert again.heard + again.unheard == TIDES
    for name in ("heard", "unheard", "cut_sentence", "evidence", "history"):
        assert getattr(again, name) == getattr(first, name), name
    assert [again.played, again.received] == pytest.approx([first.played, first.received])
    assert (again.session_id, again.number, again.phase) == (first.session_id, first.number, "cut")
    assert (again.user_text, again.cause) == ("Hang on", "user")


@in_virtual_time
async def test_the_end_of_the_old_connection_settles_the_cut_and_the_new_one_settles_it_again() -> None:
    before = await (await cut()).end()
    after = Call(before.state)
    await asyncio.sleep(0.1)
    await after.play(said(" Why?"), speech("Because."))
    await asyncio.sleep(0.1)
    assert [(one.phase, one.outcome) for one in seen] == [
        ("cut", None),
        ("settled", "closed"),
        ("cut", None),
        ("settled", "noted"),
    ]
    assert len({(one.session_id, one.number) for one in seen}) == 1
    assert seen[-1].user_text == "Why?"
    assert seen[-1].note == after.told[0][0]
    assert after.orders == [False]


@pytest.mark.parametrize(("quiet", "left"), [(1.0, 3.0), (3.5, MOMENT), (2.0, 2.0)])
@in_virtual_time
async def test_the_silence_goes_on_where_it_was_and_the_model_is_asked_once(quiet: float, left: float) -> None:
    before = await cut()
    await asyncio.sleep(quiet)
    after = Call(before.state)
    await asyncio.sleep(left - 0.1)
    assert after.orders == [False]
    await asyncio.sleep(0.2)
    assert after.orders == [False, True]
    await asyncio.sleep(60.0)
    assert after.orders == [False, True]


@in_virtual_time
async def test_who_was_asked_to_go_on_and_cannot_have_is_asked_again() -> None:
    before = await cut()
    await asyncio.sleep(5.0)
    assert before.orders == [False, True]
    after = Call(before.state)
    await asyncio.sleep(3.9)
    assert after.orders == [False]
    await asyncio.sleep(0.2)
    assert after.orders == [False, True]


@in_virtual_time
async def test_the_time_between_the_connections_counts() -> None:
    before = await cut()
    state = before.state
    state["saved_at"] -= 2.0
    after = Call(state)
    await asyncio.sleep(2.1)
    assert after.orders == [False, True]
    assert seen[-1].note_after is not None
    assert 1.99 < seen[-1].note_after < 2.1  # a state counts in milliseconds
    state["saved_at"] += 300.0  # the other machine's clock is ahead
    after = Call(state)
    await asyncio.sleep(3.9)
    assert after.orders == [False]


@in_virtual_time
async def test_words_on_the_new_connection_follow_those_on_the_old_one() -> None:
    before = await cut(said("Hang on,"))
    after = Call(before.state)
    await asyncio.sleep(0.1)
    await after.play(said("why is that?"), speech("Because."))
    await asyncio.sleep(0.1)
    assert seen[-1].user_text == "Hang on, why is that?"
    assert after.orders == [False]


@in_virtual_time
async def test_the_users_words_may_come_before_the_state_is_restored() -> None:
    before = await cut(said("Hang on,"))
    after = await Call().play(said(" why is"))
    restore_session_state(after.session, before.state)
    await after.play(said(" that?"), speech("Because."))
    await asyncio.sleep(0.1)
    assert seen[-1].user_text == "Hang on,  why is that?"


@in_virtual_time
async def test_a_sign_of_the_user_starts_the_silence_anew() -> None:
    before = await cut()
    await asyncio.sleep(3.0)
    after = Call(before.state)
    await asyncio.sleep(0.9)
    await after.play(said("Well,"))
    await asyncio.sleep(3.9)
    assert after.orders == [False]
    await asyncio.sleep(0.2)
    assert after.orders == [False, True]
    assert "“Well,”" in after.told[1][0]


@in_virtual_time
async def test_a_server_that_goes_on_by_itself_is_not_asked() -> None:
    after = Call((await cut()).state)
    await asyncio.sleep(0.5)
    await after.play(speech("As I said."))
    await asyncio.sleep(60.0)
    assert after.orders == [False]


@in_virtual_time
async def test_a_state_can_be_carried_on_from_one_connection_to_the_next_before_anything_comes() -> None:
    first = (await cut(said("Hang on"))).state
    second = await Call(first).end()
    third = second.state
    for state in (first, third):
        del state["saved_at"], state["reply"]["cut"]
    assert third == first
    enable_interrupt_resume(max_history=1, on_interruption=seen.append)
    assert len(session_state(Call((await cut()).state).session)["history"]) == 1


# A reply in progress


@in_virtual_time
async def test_a_reply_that_the_connection_broke_off_is_a_cut_and_goes_on_when_what_came_of_it_was_played() -> None:
    before = await (await in_the_middle()).end()
    assert seen == []
    after = Call(before.state)
    await asyncio.sleep(0.1)
    ((note, order),) = after.told
    assert not order
    assert "connection broke off" in note
    assert "started to speak" not in note
    (broken,) = seen
    assert (broken.cause, broken.phase, broken.number) == ("connection", "cut", 1)
    assert broken.heard + broken.unheard == TIDES
    assert TIDES.startswith(broken.heard)
    assert len(broken.unheard.split()) <= 1, "all but perhaps the last word is heard in the end"
    assert broken.played == broken.received == pytest.approx(LENGTH)
    await asyncio.sleep(LENGTH - 3.5 + MOMENT - 0.2)
    assert after.orders == [False]
    await asyncio.sleep(0.2)
    assert after.orders == [False, True]
    assert seen[-1].phase == "silence"
    await after.play(speech("It rises for six hours."))
    await asyncio.sleep(0.1)
    assert seen[-1].outcome == "asked"


@in_virtual_time
async def test_where_the_audio_is_lost_too_the_model_goes_on_from_what_was_heard() -> None:
    before = await in_the_middle()
    state = before.state
    after = Call(state, audio_lost=True)
    await asyncio.sleep(MOMENT + 0.1)
    assert after.orders == [False, True]
    broken = seen[-1]
    assert broken.cause == "connection"
    assert broken.heard == state["reply"]["heard"]
    assert broken.heard + broken.unheard == TIDES
    assert "twice a day" in broken.heard
    assert "falls" in broken.unheard
    assert broken.played == pytest.approx(3.5)


@in_virtual_time
async def test_a_cut_by_the_connection_is_carried_on_as_one() -> None:
    before = Call((await in_the_middle()).state)
    await asyncio.sleep(0.5)
    await before.end()
    after = Call(before.state)
    await asyncio.sleep(0.1)
    assert [(one.cause, one.number) for one in seen] == [("connection", 1)] * 3
    assert after.orders == [False]
    await asyncio.sleep(LENGTH - 3.5 - 0.5 + MOMENT)
    assert after.orders == [False, True]


@in_virtual_time
async def test_a_reply_that_had_come_in_full_is_left_to_be_played() -> None:
    before = await (await in_the_middle(GENERATED)).end()
    after = Call(before.state)
    await asyncio.sleep(60.0)
    assert after.told == []
    await after.play(said("And then?"), speech("Then it begins again, and again, for ever."))
    await asyncio.sleep(1.0)
    await after.play(INTERRUPTED)
    (last,) = seen
    assert last.history[-3:] == [("user", QUESTION), ("model", TIDES), ("user", "And then?")]
    assert last.number == 1


@in_virtual_time
async def test_a_reply_that_is_still_being_played_can_be_interrupted_after_all() -> None:
    after = Call((await in_the_middle(GENERATED)).state)
    await asyncio.sleep(1.0)
    await after.play(INTERRUPTED)
    (one,) = seen
    assert one.played == pytest.approx(4.5, abs=0.1)
    assert one.heard + one.unheard == TIDES
    assert "pulled by" in one.heard
    assert "for six." in one.unheard


@in_virtual_time
async def test_of_a_reply_that_had_come_in_full_lost_audio_is_a_cut() -> None:
    before = await in_the_middle(GENERATED)
    after = Call(before.state, audio_lost=True)
    await asyncio.sleep(0.1)
    assert after.orders == [False]
    assert seen[-1].played == pytest.approx(3.5)
    await asyncio.sleep(10.0)
    after = Call(before.state, audio_lost=True)
    await asyncio.sleep(10.0)
    assert after.told == [], "nothing was lost: it had been played"
    await after.play(said("And then?"), speech(TIDES))
    await asyncio.sleep(1.0)
    await after.play(INTERRUPTED)
    assert ("model", TIDES) in seen[-1].history


@in_virtual_time
async def test_what_was_said_into_the_reply_is_not_an_interruption_of_it() -> None:
    before = await in_the_middle(said("Mm-hm."))
    Call(before.state)
    await asyncio.sleep(0.1)
    assert seen[-1].user_text == ""


@in_virtual_time
async def test_a_player_that_knows_better_is_believed_on_either_connection() -> None:
    before = await in_the_middle()
    report_played(before.session, 2.0)
    after = Call(before.state, audio_lost=True)
    await asyncio.sleep(0.1)
    assert seen[-1].evidence == "reported"
    assert seen[-1].played == pytest.approx(2.0)
    report_played(after.session, 3.0)
    await asyncio.sleep(MOMENT)
    assert seen[-1].phase == "silence"
    assert seen[-1].played == pytest.approx(3.0)
    unreported = Call((await in_the_middle()).state)
    report_played(unreported.session, 3.0)
    await asyncio.sleep(LENGTH)
    assert seen[-1].phase == "silence"
    assert seen[-1].played == pytest.approx(3.0)


@in_virtual_time
async def test_what_the_player_reported_holds_on_the_next_connection() -> None:
    before = await in_the_middle(GENERATED)
    report_played(before.session, 2.0)
    after = Call(before.state)
    await asyncio.sleep(1.0)
    report_played(after.session, 1.0)  # an old one: nothing is played backwards
    await after.play(INTERRUPTED)
    assert seen[-1].evidence == "reported"
    assert seen[-1].played == pytest.approx(3.0, abs=0.1)


@in_virtual_time
async def test_text_that_came_ahead_of_its_audio_will_not_be_heard() -> None:
    call = await Call().play(NOON)
    await asyncio.sleep(9.0)
    await call.play(said(QUESTION), spoken(TIDES), audio(3.0))
    Call(call.state)
    await asyncio.sleep(0.1)
    assert seen[-1].unheard
    assert "falls for six" in seen[-1].unheard
    after = Call(call.state)
    report_played(after.session, 3.0)
    await asyncio.sleep(5.0)
    assert seen[-1].played == pytest.approx(3.0)
    assert "falls for six" in seen[-1].unheard
    bare = await Call().play(NOON)
    await asyncio.sleep(9.0)
    await bare.play(said(QUESTION), spoken(TIDES))
    Call(bare.state)
    await asyncio.sleep(0.1)
    assert (seen[-1].heard, seen[-1].unheard) == ("", TIDES)


@in_virtual_time
async def test_a_written_answer_has_been_read_and_looking_at_it_changes_nothing() -> None:
    call = await Call(agreement=WRITTEN).play(said(QUESTION), written("The tide "))
    assert call.state["reply"]["heard"] == "The tide "
    await call.play(written("turns"))
    assert call.state["reply"]["heard"] == "The tide turns"
    Call(call.state, WRITTEN)
    await asyncio.sleep(0.1)
    assert (seen[-1].heard, seen[-1].unheard, seen[-1].evidence) == ("The tide turns", "", "text")


@in_virtual_time
async def test_a_reply_without_a_transcript_is_passed_over() -> None:
    call = await Call().play(audio(3.0))
    after = await Call(call.state).play(audio(3.0), INTERRUPTED)
    await asyncio.sleep(60.0)
    assert (after.told, seen) == ([], [])


@in_virtual_time
async def test_that_the_session_has_a_transcript_is_known() -> None:
    call = await Call().play(NOON)
    await asyncio.sleep(9.0)
    for state in (await state_of_a_cut(), (await call.play(audio(3.0))).state):
        after = Call(state)
        await asyncio.sleep(0.1)
        await after.play(audio(3.0), INTERRUPTED, TURN_COMPLETE)  # and nobody complains


# Settings


@in_virtual_time
async def test_who_never_asks_is_not_made_to() -> None:
    enable_interrupt_resume(resume_after=None)
    for state in ((await cut()).state, (await in_the_middle()).state):
        after = Call(state)
        await asyncio.sleep(60.0)
        assert after.orders == [False]
        assert Call(after.state).state["reply"]["cut"]["ask_in"] is None


@in_virtual_time
async def test_a_note_that_orders_the_reply_does_so_again_unless_the_user_said_nothing() -> None:
    enable_interrupt_resume(turn_complete=True)
    after = Call((await cut()).state)
    await asyncio.sleep(60.0)
    assert after.orders == [True]
    after = Call((await in_the_middle()).state)
    await asyncio.sleep(60.0)
    assert after.orders == [False, True]


@in_virtual_time
async def test_what_the_session_has_taught_about_its_pace_goes_along() -> None:
    slow = [said("Well?"), *speech("The tide turns twice a day, pulled by the moon.", 0.8), GENERATED, TURN_COMPLETE]

    async def heard(call: Call) -> str:
        await call.play(said(QUESTION), spoken(TIDES), audio(9.0))
        await asyncio.sleep(4.0)
        await call.play(INTERRUPTED)
        return seen[-1].heard

    taught = await Call().play(slow)
    await asyncio.sleep(20.0)
    assert await heard(Call(taught.state)) == await heard(taught) != await heard(Call())


# On, off, when and where


@in_virtual_time
async def test_of_a_session_that_was_never_read_nothing_is_known() -> None:
    call = Call(EMPTY)
    assert call.state == EMPTY
    await call.play(ASKED)
    assert call.state != EMPTY


@in_virtual_time
async def test_a_question_that_nobody_has_answered_goes_along() -> None:
    state = (await Call().play(said("Why"))).state
    assert state["reply"] is None
    after = await Call(state).play(said("is that?"), speech(TIDES))
    await asyncio.sleep(1.0)
    await after.play(INTERRUPTED)
    assert seen[-1].history == [("user", "Why is that?")]


@in_virtual_time
async def test_off_is_off() -> None:
    before = await cut()
    state = before.state
    disable_interrupt_resume()
    assert before.state == EMPTY
    after = Call(state)
    with pytest.raises(ValueError, match="version"):
        restore_session_state(after.session, {})
    enable_interrupt_resume()
    assert before.state == EMPTY, "it has missed messages"
    assert after.state == EMPTY
    await asyncio.sleep(10.0)
    assert after.told == []


@in_virtual_time
async def test_a_session_that_was_read_before_may_still_take_over() -> None:
    before = await cut()
    after = await Call().play({"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}})
    enable_interrupt_resume(max_history=1, on_interruption=seen.append)
    restore_session_state(after.session, before.state)
    await asyncio.sleep(0.1)
    assert after.orders == [False]
    assert seen[-1].history == [("user", QUESTION)]


@pytest.mark.parametrize(
    "messages",
    [speech("Noon."), [*speech("Noon."), INTERRUPTED], [spoken("Noon.")], [written("Noon."), GENERATED], [audio(1.0)]],
)
@in_virtual_time
async def test_a_session_that_has_heard_the_model_is_refused_and_goes_on(messages: list[Message]) -> None:
    state = (await cut()).state
    call = await Call().play(messages)
    before = call.state
    del before["saved_at"]
    with pytest.raises(RuntimeError, match="has heard the model already"):
        restore_session_state(call.session, state)
    now = call.state
    del now["saved_at"]
    assert now.keys() == before.keys()
    assert (now["session_id"], now["history"]) == (before["session_id"], before["history"])


@in_virtual_time
async def test_a_state_is_taken_over_once_by_each_session() -> None:
    state = (await cut()).state
    copied = copy.deepcopy(state)
    for _ in range(2):  # an app that has to connect twice
        call = Call(state)
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="has taken over a state"):
            restore_session_state(call.session, state)
        assert call.orders == [False]
    assert state == copied


def test_it_has_to_be_on_the_event_loop() -> None:
    state = asyncio.run(state_of_a_cut())
    with pytest.raises(RuntimeError, match="on the session's event loop"):
        Call(state)


async def state_of_a_cut() -> dict[str, Any]:
    return (await Call().play(ASKED, INTERRUPTED)).state


@pytest.mark.parametrize("wrong", [None, 3, object()])
def test_what_is_no_session_is_named(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"must be an AsyncSession of google-genai, got {type(wrong).__name__}"):
        session_state(wrong)
    with pytest.raises(TypeError, match="must be an AsyncSession"):
        restore_session_state(wrong, EMPTY)
    with pytest.raises(TypeError, match="audio_lost must be True or False, got 'yes'"):
        restore_session_state(opened(Socket()), EMPTY, audio_lost="yes")  # type: ignore[arg-type]


@in_virtual_time
async def test_two_ends_of_one_connection_leave_what_the_first_one_left() -> None:
    before = await (await cut()).end()
    state = before.state
    await before.end()
    assert before.state["reply"]["heard"] == state["reply"]["heard"] != ""


# Size


@pytest.mark.parametrize("moment", [cut, in_the_middle])
@in_virtual_time
async def test_however_much_was_said_the_state_is_small(moment: Callable[[], Any]) -> None:
    enable_interrupt_resume(max_history=3, on_interruption=seen.append)
    call = Call()
    for _ in range(20):
        await call.play(said("と" * 9_000), spoken("And so on. " * 3_000), audio(0.1), GENERATED, TURN_COMPLETE)
        await asyncio.sleep(60.0)
    await call.play(said("Well?"), [spoken("And so on. " * 10), audio(7.0)] * 100, GENERATED)
    await asyncio.sleep(350.0)
    if moment is cut:
        await call.play(INTERRUPTED)
    state = call.state
    assert len(json.dumps(state)) < (3 * 6 + 3) * LONGEST + 1_000
    assert len(state["history"]) == 3
    Call(state, audio_lost=True)
    await asyncio.sleep(0.1)
    assert "And so on. And so on." in seen[-1].heard[-50:]
    assert len(seen[-1].heard) == len(seen[-1].unheard) == LONGEST


def test_an_ordinary_state_takes_little_room() -> None:
    assert len(json.dumps(asyncio.run(state_of_a_cut()))) < 1_000


# Refusals


def changed(state: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy with another value there; `...` is none at all."""
    state = copy.deepcopy(state)
    part: Any = state
    for key in place[:-1]:
        part = part[key]
    if value is ...:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return state


SECRET = "the wreck off the north pier"
WRONG: list[tuple[tuple[Any, ...], Any, type[Exception], str]] = [
    (("version",), ..., ValueError, "state has no version, so session_state() has not made it"),
    (("version",), 2, ValueError, "state is not of version 1, which this library reads"),
    (("version",), True, ValueError, "state is not of version 1"),
    (("cuts",), ..., ValueError, "state['cuts']: field required"),
    (("cuts",), 1.0, TypeError, "state['cuts']: input should be a valid integer; got float"),
    (("cuts",), 0, ValueError, "state['cuts'] must count the cut in state['reply']; got 0"),
    (("cuts",), 10**400, ValueError, "state['cuts']: input should be less than or equal to 1000000000; got 1000"),
    (("mood",), "good", ValueError, "state['mood']: unexpected keyword"),
    (("session_id",), "../../etc", ValueError, "state['session_id'] must be 16 hexadecimal digits"),
    (("saved_at",), "noon", TypeError, "state['saved_at']: input should be a valid number; got str"),
    (
        ("saved_at",),
        float("nan"),
        ValueError,
        "state['saved_at']: input should be less than or equal to 1000000000000; got nan",
    ),
    (("pace",), [1, 2, 3], TypeError, "state['pace']: input should be an object; got list"),
    (
        ("pace", "length"),
        0,
        ValueError,
        "state['pace']['length']: input should be greater than or equal to 0.001; got 0",
    ),
    (("pace", "length"), 100, ValueError, "state['pace'] must be that of speech; got "),
    (("aloud",), 1, TypeError, "state['aloud']: input should be a valid boolean; got int"),
    (("history",), SECRET, TypeError, "state['history']: input should be a valid array; got str"),
    (("history",), [SECRET], TypeError, "state['history'][0]: input should be a valid array; got str"),
    (("history",), [["user"]], ValueError, "state['history'][0][1]: field required"),
    (("history",), [["god", SECRET]], ValueError, "state['history'][0][0]: input should be 'user' or 'model'; got 3"),
    (("history",), [["user", SECRET * 999]], ValueError, "[1]: string should have at most 2003 characters; got 27972"),
    (("words",), None, TypeError, "state['words']: input should be a valid string; got NoneType"),
    (("reply",), SECRET, TypeError, "state['reply']: input should be an object; got str"),
    (
        ("reply", "heard"),
        "x" * 10**6,
        ValueError,
        "state['reply']['heard']: string should have at most 2003 characters; got 10",
    ),
    (("reply", "played"), 99, ValueError, "state['reply']['played'] must be at most what was received"),
    (
        ("reply", "received"),
        float("inf"),
        ValueError,
        "state['reply']['received']: input should be less than or equal to 3599; got inf",
    ),
    (
        ("reply", "evidence"),
        "rumour",
        ValueError,
        "['evidence']: input should be 'reported', 'words', 'clock' or 'text'; got",
    ),
    (("reply", "cut"), [], TypeError, "state['reply']['cut']: input should be an object; got list"),
    (
        ("reply", "cut", "age"),
        -1,
        ValueError,
        "state['reply']['cut']['age']: input should be greater than or equal to 0; got -1",
    ),
    (
        ("reply", "cut", "age"),
        1e12,
        ValueError,
        "state['reply']['cut']['age']: input should be less than or equal to 86400; got 1",
    ),
    (
        ("reply", "cut", "ask_in"),
        "soon",
        TypeError,
        "state['reply']['cut']['ask_in']: input should be a valid number; got str",
    ),
    (
        ("reply", "cut", "cause"),
        "fate",
        ValueError,
        "['cause']: input should be 'user', 'app', 'tool' or 'connection'; got 4 characters",
    ),
]


@pytest.mark.parametrize(("place", "value", "error", "words"), WRONG, ids=str)
@in_virtual_time
async def test_what_is_wrong_in_a_state_is_named(
    place: tuple[Any, ...], value: Any, error: type[Exception], words: str
) -> None:
    state = changed((await cut()).state, place, value)
    fresh = opened(Socket())
    with pytest.raises(error) as caught:
        restore_session_state(fresh, state)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    assert session_state(fresh) == EMPTY


@in_virtual_time
async def test_an_old_state_one_from_the_future_and_numbers_without_end_are_refused_in_words() -> None:
    endless = "state is no JSON: Exceeds the limit (4300 digits)"
    now = time.time()
    for place, value, words in (
        (("saved_at",), 10**5_000, endless),
        (("version",), 10**5_000, "state is not of version 1"),
        (("cuts",), 10**5_000, endless),
        (("saved_at",), now + 310.0, "seconds ahead: the clock of this machine or its own is wrong"),
        (("saved_at",), now - 25 * 3_600, "state is 25 hours old, and no session lasts a day: start a new one"),
        (("saved_at",), 12.5, "hours old, and no session lasts a day: start a new one"),
    ):
        with pytest.raises(ValueError, match=re.escape(words)):
            restore_session_state(opened(Socket()), changed((await cut()).state, place, value))


@pytest.mark.parametrize("foreign", [None, [], "{}", 1])
def test_what_is_no_state_is_named(foreign: Any) -> None:
    with pytest.raises(TypeError, match=f"made; got {type(foreign).__name__}"):
        restore_session_state(opened(Socket()), foreign)


def places(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*so_far, key)
        yield from places(part, (*so_far, key))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "user", "connection", "text", "\ud800", 10**400, "x" * (LONGEST + 1)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def states() -> list[dict[str, Any]]:
    """One of each kind."""

    async def make() -> None:
        for moment in (cut(said("Hang on")), in_the_middle(), in_the_middle(GENERATED), Call().play(NOON)):
            found.append((await moment).state)  # noqa: PERF401 - each as it is at its own moment

    found = [EMPTY]
    enable_interrupt_resume()
    in_virtual_time(make)()
    disable_interrupt_resume()
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_state_that_was_tampered_with_is_refused_in_words_or_works(
    states: list[dict[str, Any]], data: st.DataObject
) -> None:
    @in_virtual_time
    async def go_on() -> None:
        state = data.draw(st.sampled_from(states))
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.sampled_from([*places(state), ("more",)]) if state else st.just(("more",)))
            state = changed(state, place, data.draw(JSON if place == ("more",) else JSON | st.just(...)))
        call, audio_lost = Call(), data.draw(st.booleans())
        try:
            restore_session_state(call.session, state, audio_lost=audio_lost)
        except (TypeError, ValueError) as error:
            assert len(str(error)) > 20  # noqa: PT017 - either is right
            assert call.state == EMPTY
        await asyncio.sleep(5.0)
        carried = len(seen)
        await call.play(said(QUESTION), spoken(TIDES), audio(8.0))
        await asyncio.sleep(2.0)
        await call.play(INTERRUPTED)
        await asyncio.sleep(5.0)
        last = seen[-1]
        assert len(seen) > carried
        assert last.heard + last.unheard == TIDES
        assert call.orders[-2:] == [False, True]
        json.dumps(call.state, allow_nan=False)

    seen.clear()
    go_on()


@pytest.mark.parametrize("number", range(5))
@in_virtual_time
async def test_its_own_states_are_never_refused_and_come_out_as_they_went_in(
    states: list[dict[str, Any]], number: int
) -> None:
    state = copy.deepcopy(states[number]) | ({"saved_at": time.time() + 60.0} if number else {})
    after = Call(state).state
    for one in (state, after):
        one.pop("saved_at", None)
        ((one.get("reply") or {}).get("cut") or {}).pop("ask_in", None)
    if (state.get("reply") or {}).get("generated") is False:
        assert after["reply"].pop("cut")["cause"] == "connection"
        assert after["cuts"] == state["cuts"] + 1
    else:
        assert after == state


@in_virtual_time
async def test_an_old_cut_grows_no_older_than_its_own_library_reads(tmp_path: Path) -> None:
    state = (await cut()).state
    state["reply"]["cut"]["age"] = OLDEST
    state["saved_at"] = time.time() - OLDEST + 10.0
    with JsonLines(tmp_path / "trace.jsonl") as trace:
        enable_interrupt_resume(on_interruption=trace)
        after = Call(state)
        await asyncio.sleep(5.0)
        again = after.state
    assert again["reply"]["cut"]["age"] == OLDEST
    assert read_state(again, time.time()) is not None
    phases = read_trace(tmp_path / "trace.jsonl")[1:]
    assert [line["type"] for line in phases] == ["interruption"] * len(phases)
    assert phases


@pytest.mark.parametrize(
    ("saved_at", "now", "elapsed"),
    [(100.0, 102.5, 2.5), (100.0, 40.0, 0.0), (3.0, 1.8e9, OLDEST)],  # the last: the clock was set in between
)
def test_a_clock_that_jumps_makes_nothing_older_than_a_day(saved_at: float, now: float, elapsed: float) -> None:
    assert elapsed_since(saved_at, now) == elapsed


def test_a_state_says_when_it_was_saved() -> None:
    begun = time.time()
    assert begun - 0.001 <= asyncio.run(state_of_a_cut())["saved_at"] <= time.time() + 0.001, "to a millisecond"
