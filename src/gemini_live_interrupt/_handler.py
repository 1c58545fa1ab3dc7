"""One session's state machine, without I/O: it is given messages and the time, and says what is to be done.

A reply of the model is open from its first output until it has been played. A cut is open from `interrupted` until the
next reply begins; between `interrupted` and its `turnComplete`, output is residue of the cut reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import getrandbits
from typing import Any

from ._conversation import Conversation
from ._cut import NOTHING, Cut, Deed, Note, NothingToWorkWith, Settled
from ._heard import Pace
from ._interruption import Interruption
from ._reply import Reply
from ._settings import Settings
from ._turn import audio_seconds

RESIDUE = 1.0
"""Seconds after `interrupted` for which output counts as residue if its `turnComplete` never comes (36 ms recorded)."""
LATE_WORDS = 2.0
"""Seconds into a reply for which input words still count as its question (the SDK promises no order; in every
recording they came 0.1-1.6 s *before* the reply)."""
BARELY_HEARD = 0.5
"""A reply that we ordered and that is cut before so many seconds of it were heard: the user had not finished."""
REFUSED_WITHIN = 2.0
"""A close with 1007 within so many seconds of a note is taken for a refusal of it."""

UNKNOWN = frozenset({"?", "??"})
WORDS = {"output_transcription"}
SPEECH = {"model_turn", "output_transcription"}


class _InterruptHandler:
    """Follow one session. All times are seconds on one monotonic clock, given by the caller."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._conversation = Conversation()
        self._pace = Pace()
        self._reply: Reply | None = None  # that is being generated or played
        self._spoken = False  # the session has audio, so that text without it has not been heard
        self._transcript_seen = False
        self._cut: Cut | None = None
        self._wordless: Cut | None = None  # that has no words yet: its transcript may be late
        self._residue_since: float | None = None
        self._note_sent_at: float | None = None
        self._session_id = f"{getrandbits(64):016x}"
        self._cuts = 0
        self._left: tuple[Reply | None, Cut | None] = (None, None)  # what the end of the connection left open

    def receive(self, message: Any, now: float, sent: AbstractSet[str] = UNKNOWN) -> Sequence[Deed]:
        """Take in one server message; return what is to be done, nearly always nothing.

        `sent` names the fields that the server has sent of it, if that is known. Messages are read by their `__dict__`:
        a field that the installed SDK does not know is absent, not an error.
        """
        fields = message.__dict__
        content = fields.get("server_content")
        if content is None or len(sent) != 1:
            self._signals(fields, now)
            if content is None:
                return NOTHING
        held = getattr(content, "__pydantic_fields_set__", UNKNOWN)
        reply = self._reply
        if held == WORDS and reply is not None and reply.flows:  # a short way for what is most frequent
            transcription = content.output_transcription
            text = transcription.text
            if text and len(transcription.__pydantic_fields_set__) == 1:
                reply.turn.add_text(text)
                self._transcript_seen = True
                return NOTHING
        return self._output(content.__dict__, now) if held <= SPEECH else self._content(content.__dict__, now)

    def _signals(self, fields: dict[str, Any], now: float) -> None:
        if fields.get("tool_call") is not None and self._cut is not None:
            self._cut.may_ask = False  # the model acts: the next word is its own
        if (activity := fields.get("voice_activity")) is not None:
            self._conversation.voice_activity(activity.voice_activity_type, now)
            self._sign_of_life(now)
        if (signal := fields.get("voice_activity_detection_signal")) is not None:
            self._conversation.voice_activity(signal.vad_signal_type, now)
            self._sign_of_life(now)

    def _content(self, content: dict[str, Any], now: float) -> Sequence[Deed]:
        deeds: Sequence[Deed] = NOTHING
        interrupted = content.get("interrupted")
        if not interrupted:
            self._user_words(content, now)
        if content.get("model_turn") is not None or content.get("output_transcription") is not None:
            deeds = self._output(content, now)
        if content.get("generation_complete") and self._reply is not None:
            self._reply.generated()
        if interrupted:
            cut = self._interrupted(now)
            self._user_words(content, now)  # words in the message that says `interrupted` are those of the cut
            deeds = [*deeds, *self._announce(cut)]
        if content.get("turn_complete"):
            self._residue_since = None
            if self._reply is not None:
                self._reply.completed()
            deeds = [*deeds, *self._late_words()]
        if content.get("waiting_for_input") or content.get("interaction_status") is not None:
            self._sign_of_life(now)
        return deeds

    # The user

    def _user_words(self, content: dict[str, Any], now: float) -> None:
        reply = self._reply
        between = reply is None or reply.over or reply.is_played(now)
        late = reply is not None and now - reply.began <= LATE_WORDS
        if self._conversation.take_in(content, between=between, late=late):
            self._sign_of_life(now)

    def _sign_of_life(self, now: float) -> None:
        if self._cut is not None:
            self._cut.alive_at = now

    # The model

    def _output(self, content: dict[str, Any], now: float) -> Sequence[Deed]:
        """Take in speech: audio and its transcript, or text in a session without audio. Thoughts are not speech."""
        seconds, text, words, written = 0.0, "", (), ""
        if (transcription := content.get("output_transcription")) is not None:
            fields = transcription.__dict__
            text, words = fields.get("text"), fields.get("words")
        if (model_turn := content.get("model_turn")) is not None:
            for part in model_turn.parts or ():
                if (blob := part.inline_data) is not None:
                    seconds += audio_seconds(len(blob.data or b""), blob.mime_type)
                elif not self._spoken and part.text and not part.thought:
                    written += part.text
        if not (seconds or text or written):
            self._spoken = self._spoken or transcription is not None  # Vertex: text, `finished`, and only then audio
            self._sign_of_life(now)
            return NOTHING
        if self._residue_since is not None and now - self._residue_since <= RESIDUE:
            cut = self._cut or self._wordless
            if cut is not None and text:
                cut.turn.add_text(text)  # the late transcript of what had been sent
                cut.listen()
                self._transcript_seen = True
            return NOTHING
        reply = self._reply
        deeds: Sequence[Deed] = NOTHING
        if reply is None or reply.is_followed(by_audio=seconds > 0.0, user_spoke=self._conversation.live, now=now):
            ordered = self._cut is not None and self._cut.fate == "asked"
            deeds = self._next_reply()
            reply = self._reply = Reply(self._pace, now, ordered=ordered)
            self._residue_since = None
        reply.add(text, words, seconds, written, now)
        self._transcript_seen = self._transcript_seen or bool(text)
        self._spoken = self._spoken or seconds > 0.0
        return deeds

    def _next_reply(self) -> Sequence[Deed]:
        """A reply begins: what came before it is over and goes to the history."""
        cut = self._cut
        deeds: Sequence[Deed] = NOTHING
        if self._wordless is not None:
            self._wordless = None
            deeds = NOTHING if self._transcript_seen else [NothingToWorkWith()]
        elif cut is not None:
            deeds = [Settled(cut.interruption(self._conversation.user_text, "settled", cut.fate))]
            self._conversation.add("model", cut.heard.text)
            self._cut = None
        self._end_reply()
        self._conversation.flush()
        self._conversation.forget_before(self.settings.max_history)
        return deeds

    def _end_reply(self) -> None:
        """The reply, if there is one, was not cut."""
        if self._reply is not None:
            self._conversation.add("model", self._reply.whole().text)
            self._reply = None

    # The cut

    def _interrupted(self, now: float) -> Cut | None:
        """Close the reply; return the cut if there is one. Bursts, phantoms and empty pairs find no reply to cut."""
        reply = self._reply
        if reply is None:
            return None
        self._residue_since = now
        turn, history = reply.whole(), self._conversation.recent(self.settings.max_history)
        cut = Cut(turn, now, self._spoken, history, alive_at=now, session_id=self._session_id)
        is_all = turn.generated and cut.has_words and not turn.text[len(cut.heard.text) :].strip()
        if is_all or reply.is_played(now):
            self._end_reply()
            return None
        self._reply = None
        self._conversation.speech_begins()
        return None if reply.ordered and cut.heard.played < BARELY_HEARD else cut

    def _announce(self, cut: Cut | None) -> Sequence[Deed]:
        if cut is None:
            return NOTHING
        if not cut.has_words:
            self._wordless = cut
            return NOTHING
        self._cut = cut
        self._cuts += 1
        cut.number = self._cuts
        cut.may_ask = not self.settings.turn_complete and self.settings.resume_after is not None
        interruption = cut.interruption(self._conversation.user_text, "cut")
        return [Note(cut, interruption, self.settings.turn_complete, cut.alive_at)]

    def _late_words(self) -> Sequence[Deed]:
        """The turn of a cut without words is over: they have come by now, or the session has no transcription."""
        cut, self._wordless = self._wordless, None
        if cut is None or cut.has_words:
            return self._announce(cut)
        return NOTHING if self._transcript_seen else [NothingToWorkWith()]

    # What the delivery asks and tells

    @property
    def ask_at(self) -> float | None:
        """When `wake` is to be called (a sign of life may have moved it by then), or `None`."""
        cut, after = self._cut, self.settings.resume_after
        return None if cut is None or not cut.may_ask or after is None else cut.alive_at + after

    def wake(self, now: float) -> Note | None:
        """Return the request to go on if nobody has spoken for so long after a cut; once."""
        cut, ask_at = self._cut, self.ask_at
        if cut is None or ask_at is None or now < ask_at:
            return None
        if self._conversation.is_speaking(now):
            cut.alive_at = now
            return None
        cut.may_ask = False
        return Note(cut, cut.interruption(self._conversation.user_text, "silence"), True, cut.alive_at)

    def wants(self, note: Note) -> bool:
        """Whether the note is of use: no reply has begun since and, if it would break a silence, nobody else has."""
        return note.cut is self._cut and (note.interruption.phase == "cut" or note.alive_at == note.cut.alive_at)

    def report_played(self, seconds: float, now: float) -> None:
        """The app says how much of the current reply was played; of a cut one, how much had been."""
        if self._reply is not None:
            self._reply.turn.report_played(seconds, now)
        elif (cut := self._cut or self._wordless) is not None:
            cut.turn.report_played(seconds, cut.at)
            cut.listen()

    def note_sent(self, note: Note, text: str, now: float) -> None:
        """The note is about to be written."""
        self._note_sent_at = now
        note.is_going_out(text, now)

    def closed(self, code: object, now: float) -> tuple[bool, Interruption | None]:
        """The session ended: return whether that refused a note, and the interruption that it settles, if any."""
        sent, cut = self._note_sent_at, self._cut
        refused = code == 1007 and sent is not None and now - sent <= REFUSED_WITHIN
        if self._reply is not None or cut is not None:
            self._left = self._reply, cut
        self._note_sent_at = self._cut = self._wordless = self._reply = None
        if cut is None:
            return refused, None
        return refused, cut.interruption(self._conversation.user_text, "settled", "refused" if refused else "closed")
