"""One session's state machine, without I/O: it is given messages and the time, and says what is to be done.

A reply of the model is open from its first output until it has been played. A cut is open from `interrupted` until the
next reply begins; between `interrupted` and its `turnComplete`, output is residue of the cut reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from ._conversation import Conversation
from ._heard import Heard, Pace
from ._interruption import Interruption, Outcome, Phase
from ._sentences import cut_sentence
from ._settings import Settings
from ._turn import Turn, audio_seconds

RESIDUE = 1.0
"""Seconds after `interrupted` for which output counts as residue if its `turnComplete` never comes (36 ms recorded)."""
LATE_WORDS = 2.0
"""Seconds into a reply for which input words still count as its question (the SDK promises no order; in every
recording they came 0.1-1.6 s *before* the reply)."""
BARELY_HEARD = 0.5
"""A reply that we ordered and that is cut before so many seconds of it were heard: the user had not finished."""
REFUSED_WITHIN = 2.0
"""A close with 1007 within so many seconds of a note is taken for a refusal of it."""
LONGEST_SPEECH = 60.0
"""Seconds for which an open voice activity is believed: its end is not always sent."""


@dataclass(slots=True, eq=False)
class Cut:
    """An interruption of the model, open until the next reply begins."""

    turn: Turn
    at: float
    heard_nothing: bool
    history: list[tuple[str, str]]
    alive_at: float
    """When the last sign of the user or of the model came."""
    may_ask: bool
    """Whether the model may still be asked to go on, if nobody speaks."""
    fate: Outcome = "late"
    """What became of the note, as far as that is known: nothing yet means that it will have been too late."""


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """To do: build a note about this interruption and send it, while `_InterruptHandler.wants` it."""

    cut: Cut
    interruption: Interruption
    turn_complete: bool
    """Whether the note orders a reply."""
    alive_at: float


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """To do: report that an interruption is over; a note that is not out by now is dropped."""

    interruption: Interruption


class NothingToWorkWith:
    """To do: warn that the session has no transcription, so that an interruption cannot be described."""


UNKNOWN = frozenset({"?", "??"})
WORDS = {"output_transcription"}
SPEECH = {"model_turn", "output_transcription"}

Deed = Note | Settled | NothingToWorkWith
NOTHING: tuple[Deed, ...] = ()


class _InterruptHandler:
    """Follow one session. All times are seconds on one monotonic clock, given by the caller."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._conversation = Conversation()
        self._pace = Pace()
        self._turn: Turn | None = None  # the reply that is being generated or played
        self._turn_began = 0.0
        self._turn_flows = False  # it is in mid-generation: output is more of it
        self._turn_over = False  # its turnComplete has come
        self._turn_ordered = False  # it answers a note that ordered it
        self._written: list[str] = []  # text parts, which are the reply where there is no audio
        self._spoken = False  # the session has audio, so that text without it has not been heard
        self._transcript_seen = False
        self._cut: Cut | None = None
        self._residue_since: float | None = None
        self._speaking_since: float | None = None  # voice activity is open
        self._note_sent_at: float | None = None

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
        if held == WORDS and self._turn_flows:  # a short way for what comes more often than all else
            transcription = content.output_transcription
            text, turn = transcription.text, self._turn
            if text and turn is not None and len(transcription.__pydantic_fields_set__) == 1:
                turn.add_text(text)
                self._transcript_seen = True
                return NOTHING
        return self._output(content.__dict__, now) if held <= SPEECH else self._content(content.__dict__, now)

    def _signals(self, fields: dict[str, Any], now: float) -> None:
        if fields.get("tool_call") is not None and self._cut is not None:
            self._cut.may_ask = False  # the model acts: the next word is its own
        if (activity := fields.get("voice_activity")) is not None:
            self._voice_activity(activity.voice_activity_type, now)
        if (signal := fields.get("voice_activity_detection_signal")) is not None:
            self._voice_activity(signal.vad_signal_type, now)

    def _content(self, content: dict[str, Any], now: float) -> Sequence[Deed]:
        deeds: Sequence[Deed] = NOTHING
        interrupted = content.get("interrupted")
        if not interrupted:
            self._user_words(content, now)
        if content.get("model_turn") is not None or content.get("output_transcription") is not None:
            deeds = self._output(content, now)
        if content.get("generation_complete") and self._turn is not None:
            self._turn.complete()
            self._turn_flows = False
        if interrupted:
            cut = self._interrupted(now)
            self._user_words(content, now)  # words in the message that says `interrupted` are those of the cut
            deeds = [*deeds, *self._announce(cut)]
        if content.get("turn_complete"):
            self._residue_since = None
            if self._turn is not None:
                self._turn.complete()
                self._turn_flows, self._turn_over = False, True
        if content.get("waiting_for_input") or content.get("interaction_status") is not None:
            self._sign_of_life(now)
        return deeds

    # The user

    def _voice_activity(self, kind: Any, now: float) -> None:
        name = getattr(kind, "value", kind)
        if name in ("ACTIVITY_START", "VAD_SIGNAL_TYPE_SOS"):
            self._speaking_since = now
            self._conversation.speech_begins()
        elif name in ("ACTIVITY_END", "VAD_SIGNAL_TYPE_EOS"):
            self._speaking_since = None
        self._sign_of_life(now)

    def _user_words(self, content: dict[str, Any], now: float) -> None:
        conversation = self._conversation
        if (interim := content.get("interim_input_transcription")) is not None and interim.text:
            conversation.speech_begins()
            conversation.hear_interim(interim.text)
            self._sign_of_life(now)
        transcription = content.get("input_transcription")
        if transcription is None or not transcription.text:
            return
        text = conversation.new_words(transcription.text)
        if not text:
            return
        self._sign_of_life(now)
        turn = self._turn
        if turn is None or self._turn_over or (turn.generated and now >= turn.ends_at()):
            conversation.speech_begins()
        if conversation.live:
            conversation.hear(text)
        elif now - self._turn_began <= LATE_WORDS or not conversation.last_is_user:
            conversation.hear_late(text)
        else:
            conversation.hear(text)  # said into the reply without cutting it

    def _sign_of_life(self, now: float) -> None:
        if self._cut is not None:
            self._cut.alive_at = now

    # The model

    def _output(self, content: dict[str, Any], now: float) -> Sequence[Deed]:
        """Take in speech: audio and its transcript, or text in a session without audio. Thoughts are not speech."""
        seconds, text, words, written = 0.0, "", None, ""
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
            if self._cut is not None and text:
                self._cut.turn.add_text(text)  # the late transcript of what had been sent
            return NOTHING
        turn = self._turn
        deeds: Sequence[Deed] = NOTHING
        if turn is None or (not self._turn_flows and self._is_another(turn, has_audio=seconds > 0.0, now=now)):
            deeds = self._next_reply()
            turn = self._turn = Turn(self._pace)
            self._turn_began, self._turn_flows, self._turn_over = now, True, False
            self._residue_since = None
        if text:
            turn.add_text(text)
            self._transcript_seen = True
            if words:
                turn.add_words(words)
        if seconds:
            turn.add_audio(seconds, now)
            self._spoken = True
        if written:
            self._written.append(written)
        return deeds

    def _is_another(self, turn: Turn, *, has_audio: bool, now: float) -> bool:
        """Whether output after `turn` was generated is another reply, and not more of this one."""
        if self._turn_over:  # it is one reply if nobody spoke, and its first part is still being played
            return self._conversation.live or now >= turn.ends_at()
        return has_audio or self._conversation.live  # the turnComplete never came

    def _next_reply(self) -> Sequence[Deed]:
        """A reply begins: what came before it is over and goes to the history."""
        cut = self._cut
        deeds: Sequence[Deed] = NOTHING
        self._turn_ordered = False
        if cut is not None:
            deeds = [Settled(self._interruption(cut, "settled", cut.fate))]
            self._turn_ordered = cut.fate == "asked"
            self._conversation.add("model", self._heard(cut).text)
            self._cut = None
        self._end_turn()
        self._conversation.flush()
        self._conversation.recent(self.settings.max_history)
        return deeds

    def _end_turn(self) -> None:
        """The reply, if there is one, was not cut."""
        if self._turn is not None:
            self._read_what_was_written(self._turn)
            self._conversation.add("model", self._turn.text)
            self._turn = None
        self._written.clear()

    def _read_what_was_written(self, turn: Turn) -> None:
        if self._written and not turn.received and not turn.text:
            turn.add_text("".join(self._written))

    # The cut

    def _interrupted(self, now: float) -> Cut | None:
        """Close the reply; return the cut if there is one. Bursts, phantoms and empty pairs find no reply to cut."""
        turn = self._turn
        if turn is None:
            return None
        self._residue_since = now
        self._read_what_was_written(turn)
        cut = Cut(turn, now, self._spoken and not turn.received, [], now, may_ask=False)
        if turn.generated and (now >= turn.ends_at() or self._is_all(cut)):
            self._end_turn()
            return None
        self._turn = None
        self._written.clear()
        self._conversation.speech_begins()
        cut.history = self._conversation.recent(self.settings.max_history)
        if self._turn_ordered and turn.played(now) < BARELY_HEARD:
            return None
        return cut

    def _is_all(self, cut: Cut) -> bool:
        text = cut.turn.text
        return bool(text.strip()) and not text[len(self._heard(cut).text) :].strip()

    def _announce(self, cut: Cut | None) -> Sequence[Deed]:
        if cut is None:
            return NOTHING
        if not cut.turn.text.strip():
            return NOTHING if self._transcript_seen else [NothingToWorkWith()]
        self._cut = cut
        cut.may_ask = not self.settings.turn_complete and self.settings.resume_after is not None
        return [Note(cut, self._interruption(cut, "cut"), self.settings.turn_complete, cut.alive_at)]

    def _heard(self, cut: Cut) -> Heard:
        return Heard("", 0.0, "clock") if cut.heard_nothing else cut.turn.heard(cut.at)

    def _interruption(self, cut: Cut, phase: Phase, outcome: Outcome | None = None) -> Interruption:
        heard = self._heard(cut)
        return Interruption(
            heard=heard.text,
            unheard=cut.turn.text[len(heard.text) :],
            cut_sentence=cut_sentence(heard.text),
            user_text=self._conversation.user_text,
            history=list(cut.history),
            played=heard.played,
            received=cut.turn.received,
            evidence=heard.evidence,
            phase=phase,
            outcome=outcome,
        )

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
        if self._speaking_since is not None and now - self._speaking_since < LONGEST_SPEECH:
            cut.alive_at = now
            return None
        cut.may_ask = False
        return Note(cut, self._interruption(cut, "silence"), True, cut.alive_at)

    def wants(self, note: Note) -> bool:
        """Whether the note is of use: no reply has begun since and, if it would break a silence, nobody else has."""
        return note.cut is self._cut and (note.interruption.phase == "cut" or note.alive_at == note.cut.alive_at)

    def report_played(self, seconds: float, now: float) -> None:
        """The app says how much of the current reply was played; of a cut one, how much had been."""
        if self._turn is not None:
            self._turn.report_played(seconds, now)
        elif self._cut is not None:
            self._cut.turn.report_played(seconds, self._cut.at)

    def note_sent(self, note: Note, now: float) -> None:
        """The note is about to be written."""
        self._note_sent_at = now
        note.cut.fate = "asked" if note.turn_complete else "noted"

    def note_not_sent(self, note: Note, why: Outcome) -> None:
        """The note could not be had, or not be sent, or is no longer wanted."""
        if note.cut.fate not in ("noted", "asked") or why == "failed":
            note.cut.fate = why
        if why == "late":
            note.cut.may_ask = note.interruption.phase == "silence"  # somebody spoke: the silence starts anew

    def closed(self, code: object, now: float) -> tuple[bool, Interruption | None]:
        """The session ended: return whether that refused a note, and the interruption that it settles, if any."""
        sent, cut = self._note_sent_at, self._cut
        refused = code == 1007 and sent is not None and now - sent <= REFUSED_WITHIN
        self._note_sent_at = self._cut = self._turn = None
        if cut is None:
            return refused, None
        settled = self._interruption(cut, "settled", cut.fate)
        return refused, replace(settled, outcome="refused" if refused else "closed")
