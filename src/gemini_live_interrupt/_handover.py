"""A session's state, out of its handler and into that of the session on the next connection.

A reply that the end of the connection broke off is a cut too: the rest of it will never come. So is one whose audio was
lost with the connection. The model is told on the new connection, once, and asked to go on where nobody speaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._cut import NOTHING, Cut, Deed, Note
from ._handler import _InterruptHandler
from ._heard import Heard, Pace
from ._reply import Reply
from ._state import MOST_SECONDS, CarriedCut, CarriedPace, CarriedReply, State, shorten
from ._turn import Turn

MOMENT = 1.0
"""Seconds on the new connection before the model may be asked to go on: for words of the user that are under way, and
for a server that goes on by itself."""


def state_of(handler: _InterruptHandler, now: float, saved_at: float) -> State:
    """Return what the next connection has to know; `saved_at` is wall-clock time, `now` the handler's."""
    talk, pace = handler._conversation, handler._pace
    reply, cut = handler._reply, handler._cut
    if reply is None and cut is None:
        reply, cut = handler._left
    carried = None
    if cut is not None:
        carried = _carried_cut(cut, handler.settings.resume_after, now)
    elif reply is not None:
        carried = _carried_reply(reply, handler._spoken, now)
    return State(
        session_id=handler._session_id,
        cuts=handler._cuts,
        saved_at=round(saved_at, 3),
        pace=CarriedPace(seconds=pace.seconds, length=pace.length, lead=pace.lead),
        aloud=handler._spoken,
        history=[[role, shorten(text)] for role, text in talk.recent(handler.settings.max_history)],
        words=shorten(talk.words),
        live=talk.live,
        reply=carried,
    )


def _carried_cut(cut: Cut, resume_after: float | None, now: float) -> CarriedReply:
    heard, turn = cut.heard, cut.turn
    ask_in = cut.alive_at + resume_after - now if cut.may_ask and resume_after is not None else None
    return CarriedReply(
        heard=shorten(heard.text),
        coming="",
        unheard=shorten(turn.text[len(heard.text) :]),
        played=_seconds(heard.played),
        received=_seconds(turn.received),
        evidence=heard.evidence,
        generated=turn.generated,
        cut=CarriedCut(
            cause=cut.cause,
            age=round(max(now - cut.at, 0.0), 3),
            ask_in=None if ask_in is None else _seconds(ask_in),
        ),
    )


def _carried_reply(reply: Reply, aloud: bool, now: float) -> CarriedReply:
    turn, text = reply.turn, reply.text
    if turn.received:
        heard, in_the_end = turn.heard(now), turn.heard(max(now, turn.ends_at())).text
    else:
        heard = Heard("", 0.0, "clock") if aloud else Heard(text, 0.0, "text")
        in_the_end = heard.text
    return CarriedReply(
        heard=shorten(heard.text),
        coming=shorten(in_the_end[len(heard.text) :]),
        unheard=shorten(text[max(len(heard.text), len(in_the_end)) :]),
        played=_seconds(heard.played),
        received=_seconds(turn.received),
        evidence=heard.evidence,
        generated=turn.generated,
        cut=None,
    )


def _seconds(seconds: float) -> float:
    """To the millisecond, and as much as a state may say."""
    return round(min(max(seconds, 0.0), MOST_SECONDS), 3)


def has_begun(handler: _InterruptHandler) -> bool:
    """Whether the session has heard the model, or has taken over a state."""
    model = (handler._reply, handler._cut, handler._wordless)
    seen = handler._spoken or handler._transcript_seen or bool(handler._conversation.history)
    return seen or any(each is not None for each in model)


def take_over(
    handler: _InterruptHandler, state: State, now: float, *, elapsed: float, audio_lost: bool
) -> Sequence[Deed]:
    """Go on from a state in a handler that has not begun; return what is to be done at once.

    `elapsed` are the seconds since the state was saved. `audio_lost`: what had been received and not played by then
    never will be.
    """
    handler._session_id, handler._cuts, handler._spoken = state.session_id, state.cuts, state.aloud
    talk = handler._conversation
    talk.take_over([(role, text) for role, text in state.history], state.words, live=state.live)
    handler._transcript_seen = any(role == "model" for role, _ in state.history)
    deeds: Sequence[Deed] = NOTHING
    if (carried := state.reply) is not None and carried.text.strip():
        handler._transcript_seen = True
        if carried.cut is not None:
            deeds = _go_on_with_cut(handler, carried, carried.cut, now, elapsed)
        elif not carried.generated or (audio_lost and carried.text[len(carried.heard) :].strip()):
            deeds = _break_off(handler, carried, now, elapsed=elapsed, audio_lost=audio_lost)
        else:
            played = carried.received if audio_lost else min(carried.played + elapsed, carried.received)
            handler._reply = Reply.whole_of(_turn(carried, played, now, handler._pace), now)
    pace = state.pace
    handler._pace.seconds, handler._pace.length, handler._pace.lead = pace.seconds, pace.length, pace.lead
    return deeds


def _go_on_with_cut(
    handler: _InterruptHandler, carried: CarriedReply, before: CarriedCut, now: float, elapsed: float
) -> Sequence[Deed]:
    """Take over an open cut; its silence goes on."""
    at = now - before.age - elapsed
    cut = _cut(handler, carried, carried.heard, carried.played, at)
    cut.cause, cut.number = before.cause, handler._cuts
    after = handler.settings.resume_after
    return _announce(handler, cut, now, after if before.ask_in is None else before.ask_in - elapsed)


def _break_off(
    handler: _InterruptHandler, carried: CarriedReply, now: float, *, elapsed: float, audio_lost: bool
) -> Sequence[Deed]:
    """Open a cut: the connection broke the reply off. Nobody is to talk over what is still being played."""
    heard = carried.heard if audio_lost else carried.heard + carried.coming
    played = carried.played if audio_lost else carried.received
    cut = _cut(handler, carried, heard, played, now)
    handler._cuts += 1
    cut.cause, cut.number = "connection", handler._cuts
    return _announce(handler, cut, now, max(played - carried.played - elapsed, 0.0) + MOMENT)


def _cut(handler: _InterruptHandler, carried: CarriedReply, heard: str, played: float, at: float) -> Cut:
    history = handler._conversation.recent(handler.settings.max_history)
    turn = _turn(carried, played, at, handler._pace)
    cut = Cut(turn, at, handler._spoken, history, alive_at=at, session_id=handler._session_id)
    cut.heard = Heard(heard, played, carried.evidence)
    return cut


def _announce(handler: _InterruptHandler, cut: Cut, now: float, ask_in: float | None) -> Sequence[Deed]:
    """Tell the model, silently unless the app wants a reply ordered; the silence clock runs out in `ask_in` seconds."""
    settings = handler.settings
    orders = settings.turn_complete and cut.cause == "user"
    cut.may_ask = settings.resume_after is not None and not orders
    cut.alive_at = now
    if settings.resume_after is not None and ask_in is not None:
        cut.alive_at += max(ask_in, MOMENT) - settings.resume_after
    handler._cut = cut
    return [Note(cut, cut.interruption(handler._conversation.user_text, "cut"), orders, cut.alive_at)]


def _turn(carried: CarriedReply, played: float, now: float, pace: Pace) -> Turn:
    """Return the reply as it was received, with so many seconds played by now."""
    turn = Turn(pace)
    turn.add_text(carried.text)
    turn.add_audio(carried.received, now - played)
    if carried.generated:
        turn.complete()
    if carried.evidence == "reported":
        turn.report_played(played, now)
    return turn
