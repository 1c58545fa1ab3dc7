"""One session's state machine, without I/O: it takes events and the time, and returns what is to be done.

`SessionState` names what is open, and `TRANSITIONS` says which event leads where. A cut needs a reply that was not
heard to its end: bursts of `interrupted`, phantoms and empty pairs find none. What happens inside a state belongs to
the object that is open in it (`OpenReply`, `OpenInterruption`), which alone writes itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import getrandbits
from typing import Any, ClassVar

from ._actions import Action, DropNote, KeepState, Note, ReportInterruption, StopNotes, WakeAt, WarnNoTranscription
from ._aftermath import Aftermath
from ._agreement import Agreement
from ._alignment import Heard
from ._causes import Causes
from ._conversation import Conversation
from ._events import (
    AppContent,
    Closed,
    Event,
    GenerationCompleted,
    HandleGiven,
    Interrupted,
    MicrophoneAudio,
    ModelIsThere,
    ModelSpeech,
    NoteNotSent,
    NoteSending,
    PlaybackReported,
    ToolAnswered,
    ToolCalled,
    ToolCallsCancelled,
    TurnCompleted,
    UserTyped,
    UserVoice,
    UserWords,
    Woken,
)
from ._faint_sound import FaintSound
from ._interruption import Cause, Outcome
from ._open_interruption import OpenInterruption
from ._open_reply import OpenReply
from ._pace import Pace
from ._playback import Playback
from ._residue import Residue
from ._settings import Settings
from ._snapshot import CarriedReply, State, shorten
from ._states import SessionState
from ._tool_calls import ToolCalls
from ._voice_detector import VoiceDetector

LATE_WORDS = 2.0
"""Seconds into a reply for which input words still count as its question (the SDK promises no order; in every
recording they came 0.1-1.6 s *before* the reply)."""
BARELY_HEARD = 0.5
"""If a reply that our note ordered is cut off before so many seconds of it were heard, the user was still speaking."""
REFUSED_WITHIN = 2.0
"""A close with 1007 within so many seconds of a note is taken for a refusal of it."""
AFTER_TOOL = 0.05
"""Seconds from a tool response until the note that waited for it: the response is to be written first."""
MOMENT = 1.0
"""Seconds on a new connection before the model may be asked to go on: for words of the user that are under way, and for
a server that goes on by itself."""
UNDESCRIBED = 1.0
"""Seconds of a reply without a transcript after which the session is taken to have none."""

NOTHING: Sequence[Action] = ()


class _InterruptHandler:
    """Follow one session. All times are seconds on one monotonic clock, given by the caller."""

    __slots__ = (
        "_aftermath",
        "_calls",
        "_causes",
        "_conversation",
        "_cuts",
        "_faint",
        "_has_audio",
        "_in_activity",
        "_is_following",
        "_joined",
        "_left",
        "_note_sent_at",
        "_open",
        "_pace",
        "_reply",
        "_residue",
        "_session_id",
        "_transcript_seen",
        "_voice_detector",
        "agreement",
        "has_begun",
        "settings",
    )

    def __init__(self, settings: Settings, agreement: Agreement | None = None, pace: Pace | None = None) -> None:
        self.settings = settings
        self.agreement = agreement
        """What the session's connect asked for, if it was seen."""
        self._conversation = Conversation()
        self._voice_detector = VoiceDetector()
        self._causes = Causes()
        self._calls = ToolCalls()
        self._in_activity = False  # a manual activity of the app's is open
        self._pace = pace or Pace()
        self._reply: OpenReply | None = None  # that is being generated or played
        self._open: OpenInterruption | None = None
        self._aftermath: Aftermath | None = None  # of the last interruption that is settled
        self._residue = Residue()
        self._faint = FaintSound()
        self._has_audio = agreement is None or agreement.speaks  # text without audio has not been heard
        self._transcript_seen = agreement is not None and agreement.transcribes
        self._is_following = agreement is not None  # since before the reply that comes first
        self._joined: Playback | None = None  # of that reply, if it may have begun, with its words, before
        self._note_sent_at = -math.inf
        self._session_id = f"{getrandbits(64):016x}"
        self._cuts = 0
        self._left: tuple[OpenReply | None, OpenInterruption | None] = (None, None)  # what the close left open
        self.has_begun = False
        """Whether the session has heard the model, or has taken over a state."""

    @property
    def state(self) -> SessionState:
        """What is open now."""
        if self._reply is not None:
            return SessionState.REPLYING
        if self._open is None:
            return SessionState.IDLE
        return SessionState.CUT if self._open.number else SessionState.CUT_WITHOUT_WORDS

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take in what happened; return what is to be done, nearly always nothing."""
        actions = self._reactions[type(event)](self, event, now)
        if not self._is_following:
            self._is_following = type(event) is not MicrophoneAudio
        return actions

    # The user

    def _user_words(self, event: UserWords, now: float) -> Sequence[Action]:
        if event.interim:
            self._conversation.add_interim(event.text)
            return self._life(now)
        return self._words(event.text, now, cut_in=event.cut_in)

    def _user_typed(self, event: UserTyped, now: float) -> Sequence[Action]:
        self._calls.app_is_seen = True
        return self._words(event.text, now, cut_in=True)

    def _words(self, text: str, now: float, *, cut_in: bool) -> Sequence[Action]:
        reply = self._reply
        no_reply = reply is None or reply.is_over or reply.is_played(now)
        late = reply is not None and now - reply.began <= LATE_WORDS
        spoke = self._conversation.add_words(text, now, no_reply=no_reply, may_be_question=late, cut_in=cut_in)
        return self._life(now) if spoke else NOTHING

    def _user_voice(self, event: UserVoice, now: float) -> Sequence[Action]:
        self._conversation.voice(started=event.started, now=now)
        if event.by_app:
            self._in_activity = event.started
            if event.started:
                self._causes.content_sent(now)  # by the user, if there is voice in it
                return [*self._life(now), *self._release()]
        return self._life(now)

    def _microphone_audio(self, event: MicrophoneAudio, now: float) -> Sequence[Action]:
        self._calls.app_is_seen = True
        self._voice_detector.hear(event.pcm, event.rate, now)
        return NOTHING

    def _life(self, now: float) -> Sequence[Action]:
        """The user or the model gave a sign."""
        return NOTHING if self._open is None else self._open.see_life(now)

    # The model

    def _model_is_there(self, event: ModelIsThere, now: float) -> Sequence[Action]:
        return self._life(now)

    def _speech(self, speech: ModelSpeech, now: float) -> Sequence[Action]:
        self.has_begun = True
        interruption, reply = self._open, self._reply
        if self._residue.holds(speech, now):
            if interruption is not None and speech.text:
                interruption.add_late_text(speech.text)  # the late transcript of what had been sent
                self._transcript_seen = True
            return NOTHING
        actions: Sequence[Action] = NOTHING
        if reply is None or (reply.playback.generated and self._is_followed(reply, speech, now)):
            if interruption is not None and not (speech.text or speech.written) and not self._faint.add(speech, now):
                return NOTHING
            actions, reply = self._begin_reply(now)
        elif reply.is_over and self._conversation.is_open:  # a queued reply: the words before it are its question
            self._conversation.flush()
            reply.began = now
        if reply.at_tool_call:
            self._calls.model_goes_on()
        reply.add(speech, now)
        self._transcript_seen = self._transcript_seen or bool(speech.text)
        return actions

    def _is_followed(self, reply: OpenReply, speech: ModelSpeech, now: float) -> bool:
        return reply.is_followed(by_audio=bool(speech.audio), user_spoke=self._conversation.is_open, now=now)

    def _begin_reply(self, now: float) -> tuple[Sequence[Action], OpenReply]:
        """What came before the reply is over, and goes to the history."""
        interruption, self._open = self._open, None
        actions: list[Action] = []
        if interruption is not None and interruption.number:
            if interruption.pending is not None:
                actions.append(DropNote())
            settled = interruption.interruption(self._user_text, "settled", interruption.outcome)
            self._aftermath = Aftermath(settled, interruption.told)
            actions.append(ReportInterruption(settled))
            self._conversation.add("model", interruption.heard.text)
        elif interruption is not None:
            actions += self._undescribed(interruption)
        actions += self._end_reply()
        self._conversation.flush()
        self._conversation.forget_before(self.settings.max_history)
        self._calls.model_goes_on()
        self._residue.end()
        faint = self._faint.take()
        ordered = interruption is not None and interruption.outcome == "asked"
        self._reply = reply = OpenReply(self._pace, faint[0][1] if faint else now, ordered=ordered)
        if not self._is_following:
            self._joined = reply.playback
        for earlier, came in faint[:-1]:  # the last is what has just come
            reply.add(earlier, came)
        return actions, reply

    def _end_reply(self) -> Sequence[Action]:
        """The reply, if there is one, was not cut off."""
        if self._reply is None:
            return NOTHING
        actions = self._compare(reply_is_over=True)
        self._conversation.add("model", self._reply.text(has_audio=self._has_audio))
        self._reply = None
        return actions

    def _compare(
        self, *, more_may_come: bool = False, reply_is_over: bool = False, give_up: bool = False
    ) -> Sequence[Action]:
        """Look whether the model has gone on with what was cut off; said once, when it is known or given up."""
        aftermath, reply = self._aftermath, self._reply
        if aftermath is None:
            return NOTHING
        if reply is not None:
            aftermath.look_at(reply.text(has_audio=self._has_audio), self._conversation.question)
            if reply_is_over:
                aftermath.end_reply()
        if not (aftermath.is_known or give_up) or (more_may_come and not aftermath.is_certain):
            return NOTHING
        self._aftermath = None
        return [ReportInterruption(aftermath.interruption())]

    def _generation_completed(self, _: GenerationCompleted, now: float) -> Sequence[Action]:
        if self._reply is not None:
            self._reply.finish_generation()
            return self._compare(more_may_come=True)
        return NOTHING

    def _turn_completed(self, _: TurnCompleted, now: float) -> Sequence[Action]:
        self._calls.end_turn()
        self._faint.take()
        self._residue.end_turn(now)
        if self._reply is not None:
            self._reply.finish()
            return self._compare()
        interruption = self._open
        if interruption is None or interruption.number:
            return self._release()
        if interruption.has_words:
            return self._announce(interruption, now)
        self._open = None
        return self._undescribed(interruption)

    def _undescribed(self, interruption: OpenInterruption) -> Sequence[Action]:
        """Of a cut reply no words came: it is passed over, and explained if the session cannot have any."""
        playback = interruption.playback
        known = self._transcript_seen or playback is self._joined or playback.received < UNDESCRIBED
        return NOTHING if known else [WarnNoTranscription()]

    # The cut

    def _interrupted(self, _: Interrupted, now: float) -> Sequence[Action]:
        reply = self._reply
        if reply is None:
            return NOTHING
        self._residue.begin(now)
        playback = reply.freeze(has_audio=self._has_audio)
        cause = self._cause(now)
        interruption = self._opened(playback, now, cause)
        if self._is_heard_out(reply, interruption, now):
            return self._end_reply()
        barely = reply.ordered and interruption.heard.played < BARELY_HEARD
        actions = NOTHING if barely else self._compare(reply_is_over=True)
        self._reply = None
        if cause == "user":
            self._conversation.barge_in(now)
        if barely:
            return NOTHING
        self._open = interruption
        return [*actions, *self._announce(interruption, now)] if interruption.has_words else actions

    @staticmethod
    def _is_heard_out(reply: OpenReply, interruption: OpenInterruption, now: float) -> bool:
        """The one question on the way to every interruption: was all of it heard?"""
        if interruption.has_words and interruption.playback.generated and not interruption.unheard.strip():
            return True
        return reply.is_played(now) or reply.is_heard_out(interruption.heard, now)

    def _opened(self, playback: Playback, at: float, cause: Cause) -> OpenInterruption:
        return OpenInterruption(
            playback,
            at,
            cause=cause,
            has_audio=self._has_audio,
            history=self._conversation.recent(self.settings.max_history),
            session_id=self._session_id,
            rules_known=self._rules_known,
        )

    @property
    def _rules_known(self) -> bool:
        """Whether the model has the rules, or gets them from the app, so that no note has to say them."""
        rules, agreement = self.settings.rules, self.agreement
        return rules is None or (rules == "system" and agreement is not None and agreement.has_rules)

    def _cause(self, now: float) -> Cause:
        spoke_at = now if self._conversation.is_speaking(now) else self._voice_detector.last_voice_at
        return self._causes.cause(now, user_spoke_at=spoke_at)

    def _announce(self, interruption: OpenInterruption, now: float) -> Sequence[Action]:
        """Something is known of the interruption: tell the app and the model."""
        if interruption.playback.generated and not interruption.unheard.strip():
            self._open = None
            self._conversation.add("model", interruption.heard.text)
            return NOTHING
        self._cuts += 1
        wait = self._wait if interruption.cause != "app" and not self.settings.turn_complete else None
        given_up = self._compare(give_up=True)
        return [*given_up, *self._tell(interruption, wait, None if wait is None else now + wait)]

    def _tell(self, interruption: OpenInterruption, wait: float | None, ask_at: float | None) -> Sequence[Action]:
        interruption.announce(self._cuts, orders_reply=self._orders_reply(interruption), wait=wait, ask_at=ask_at)
        return interruption.tell(self._user_text, hold=self._is_to_wait(interruption))

    def _is_to_wait(self, interruption: OpenInterruption) -> bool:
        """Whether a note about it has to wait: for the end of a tool call, or for a manual activity to ride with."""
        answered = self.settings.channel == "text" and not self._orders_reply(interruption)
        return self._calls.is_open or (answered and not self._in_activity)

    def _orders_reply(self, interruption: OpenInterruption) -> bool:
        return self.settings.turn_complete and interruption.cause == "user"

    @property
    def _wait(self) -> float | None:
        """Seconds of silence until the model is asked to go on, after those that end the user's speech."""
        wait, agreement = self.settings.resume_after, self.agreement
        return wait if wait is None or agreement is None else wait + agreement.silence

    @property
    def _user_text(self) -> str:
        return self._conversation.user_text

    # Tools, and what else the app sends

    def _tool_called(self, event: ToolCalled, now: float) -> Sequence[Action]:
        self._calls.open(event.ids)
        if self._reply is not None:
            self._reply.call_tool()
        return NOTHING if self._open is None else self._open.hold()

    def _tool_calls_cancelled(self, event: ToolCallsCancelled, now: float) -> Sequence[Action]:
        self._calls.close(event.ids)
        return self._release()

    def _tool_answered(self, event: ToolAnswered, now: float) -> Sequence[Action]:
        self._calls.app_is_seen = True
        self._calls.close(event.ids)
        if event.interrupts:
            self._causes.tool_interrupts(now)
        held = self._open is not None and self._open.is_held and not self._calls.is_open
        return [WakeAt(now + AFTER_TOOL)] if held else NOTHING

    def _release(self) -> Sequence[Action]:
        interruption = self._open
        wait = interruption is None or self._is_to_wait(interruption)
        return NOTHING if interruption is None or wait else interruption.release(self._user_text)

    def _app_content(self, _: AppContent, now: float) -> Sequence[Action]:
        self._calls.app_is_seen = True
        self._causes.content_sent(now)
        return NOTHING

    # Silence, notes, playback, the end

    def _woken(self, _: Woken, now: float) -> Sequence[Action]:
        """Ask the model to go on if nobody has spoken for so long after a cut; once."""
        interruption = self._open
        if interruption is None:
            return NOTHING
        if (released := self._release()) or interruption.ask_at is None:
            return [*released, *interruption.wake()]
        if self._conversation.is_speaking(now) or self._calls.is_open:
            interruption.see_life(now)
        else:
            interruption.see_voice(self._voice_detector.last_voice_at)
        return interruption.wake() if now < interruption.ask_at else interruption.ask(self._user_text)

    def _note_sending(self, event: NoteSending, now: float) -> Sequence[Action]:
        self._note_sent_at = now
        if (interruption := self._about(event.note)) is not None:
            interruption.sending(event.note, event.text, now)
        return NOTHING

    def _note_not_sent(self, event: NoteNotSent, now: float) -> Sequence[Action]:
        if (interruption := self._about(event.note)) is not None:
            interruption.not_sent(event.note, event.why)
        return NOTHING

    def _about(self, note: Note) -> OpenInterruption | None:
        """Return the open interruption if the note is about it."""
        interruption = self._open
        return interruption if interruption is not None and interruption.number == note.interruption.number else None

    def _playback_reported(self, event: PlaybackReported, now: float) -> Sequence[Action]:
        if self._reply is not None:
            self._reply.playback.report_played(event.seconds, now)
        elif self._open is not None:
            self._open.report_played(event.seconds)
        return NOTHING

    def _closed(self, event: Closed, now: float) -> Sequence[Action]:
        refused = event.code == 1007 and now - self._note_sent_at <= REFUSED_WITHIN
        reply, interruption = self._reply, self._open
        compared = self._compare(give_up=True)
        announced = interruption if interruption is not None and interruption.number else None
        if reply is not None or announced is not None:
            self._left = reply, announced
        self._reply = self._open = None
        self._note_sent_at = -math.inf
        actions: list[Action] = [DropNote(), *compared]
        if refused:
            actions.append(StopNotes())
        if announced is not None:
            outcome: Outcome = "refused" if refused else "closed"
            actions.append(ReportInterruption(announced.interruption(self._user_text, "settled", outcome)))
        return actions

    # The next connection

    def _handle_given(self, event: HandleGiven, now: float) -> Sequence[Action]:
        return [KeepState(event.handle)]

    def snapshot(self, now: float, saved_at: float) -> State:
        """Return what the next connection has to know; `saved_at` is wall-clock time, in seconds since 1970."""
        reply, interruption = self._reply, self._open
        if interruption is not None and not interruption.number:
            interruption = None
        if reply is None and interruption is None:
            reply, interruption = self._left
        carried = None
        if interruption is not None:
            carried = interruption.snapshot(now)
        elif reply is not None:
            carried = reply.snapshot(now, has_audio=self._has_audio)
        return State(
            session_id=self._session_id,
            cuts=self._cuts,
            saved_at=round(max(saved_at, 0.0), 3),
            pace=self._pace.snapshot(),
            aloud=self._has_audio,
            history=[
                ("user" if role == "user" else "model", shorten(text))
                for role, text in self._conversation.recent(self.settings.max_history)
            ],
            words=shorten(self._conversation.words),
            live=self._conversation.is_open,
            reply=carried,
        )

    def restore(self, state: State, now: float, *, elapsed: float, audio_lost: bool) -> Sequence[Action]:
        """Go on from a state; return what is to be done at once.

        `elapsed` are the seconds since the state was saved. `audio_lost`: what had been received and not played by then
        never will be.
        """
        self.has_begun = True
        self._session_id, self._cuts = state.session_id, state.cuts
        if self.agreement is None:
            self._has_audio = state.aloud
        self._conversation.restore(state.history, state.words, is_open=state.live)
        self._transcript_seen = self._transcript_seen or any(role == "model" for role, _ in state.history)
        actions: Sequence[Action] = NOTHING
        if (carried := state.reply) is not None and carried.text.strip():
            self._transcript_seen = True
            if carried.cut is not None:
                actions = self._restore_cut(carried, now, elapsed)
            elif not carried.generated or (audio_lost and carried.text[len(carried.heard) :].strip()):
                actions = self._break_off(carried, now, elapsed=elapsed, audio_lost=audio_lost)
            else:
                played = carried.received if audio_lost else min(carried.played + elapsed, carried.received)
                playback = Playback.restored(self._pace, carried, played=played, now=now)
                self._reply = OpenReply.restored(playback, now)
        self._pace.restore(state.pace)
        return actions

    def _restore_cut(self, carried: CarriedReply, now: float, elapsed: float) -> Sequence[Action]:
        """Take over an open interruption; its silence goes on."""
        before = carried.cut
        assert before is not None
        at = now - before.age - elapsed
        interruption = self._restored(carried, Heard(carried.heard, carried.played, carried.evidence), at, before.cause)
        ask_in = self._wait if before.ask_in is None else before.ask_in - elapsed
        return self._tell_again(interruption, now, ask_in)

    def _break_off(self, carried: CarriedReply, now: float, *, elapsed: float, audio_lost: bool) -> Sequence[Action]:
        """The connection broke the reply off. Nobody is to talk over what is still being played."""
        heard = carried.heard if audio_lost else carried.heard + carried.coming
        played = carried.played if audio_lost else carried.received
        interruption = self._restored(carried, Heard(heard, played, carried.evidence), now, "connection")
        self._cuts += 1
        return self._tell_again(interruption, now, max(played - carried.played - elapsed, 0.0) + MOMENT)

    def _restored(self, carried: CarriedReply, heard: Heard, at: float, cause: Cause) -> OpenInterruption:
        playback = Playback.restored(self._pace, carried, played=heard.played, now=at)
        interruption = self._opened(playback, at, cause)
        interruption.restore_heard(heard)
        self._open = interruption
        return interruption

    def _tell_again(self, interruption: OpenInterruption, now: float, ask_in: float | None) -> Sequence[Action]:
        """Tell the model, silently unless the app wants a reply ordered; the silence runs out in `ask_in` seconds."""
        wait = None if self._orders_reply(interruption) or interruption.cause == "app" else self._wait
        return self._tell(interruption, wait, None if wait is None or ask_in is None else now + max(ask_in, MOMENT))

    _reactions: ClassVar[dict[type, Callable[[Any, Any, float], Sequence[Action]]]] = {
        ModelSpeech: _speech,
        UserWords: _user_words,
        UserTyped: _user_typed,
        UserVoice: _user_voice,
        MicrophoneAudio: _microphone_audio,
        ModelIsThere: _model_is_there,
        GenerationCompleted: _generation_completed,
        TurnCompleted: _turn_completed,
        Interrupted: _interrupted,
        ToolCalled: _tool_called,
        ToolCallsCancelled: _tool_calls_cancelled,
        HandleGiven: _handle_given,
        ToolAnswered: _tool_answered,
        AppContent: _app_content,
        Woken: _woken,
        NoteSending: _note_sending,
        NoteNotSent: _note_not_sent,
        PlaybackReported: _playback_reported,
        Closed: _closed,
    }
