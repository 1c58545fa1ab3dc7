"""The model's side of a session: asked, thinking, generating, waiting for playback; and the cut of each."""

import math
from collections import deque
from functools import partial
from typing import Literal

from ._agenda import Agenda
from ._effects import Ask, Effect, Send
from ._faults import Fault, Misfortune
from ._memory import Memory
from ._profiles import Profile
from ._reply import Piece, Reply, lay_out
from ._schema import Message
from ._voice import Voice

State = Literal["idle", "thinking", "generating", "waiting for playback"]
_TOKENS_A_SECOND = 25  # of audio (documented)


class Speaker:
    """Replies, one at a time. Times are those of the agenda; `outbox` takes what is to be done."""

    def __init__(
        self, profile: Profile, agenda: Agenda, outbox: deque[Effect], faults: Misfortune, voice: Voice, speed: float
    ) -> None:
        self._profile = profile
        self._agenda = agenda
        self._outbox = outbox
        self._faults = faults
        self._voice = voice
        self._speed = speed
        self._question = 0
        self._asked_at = 0.0
        self._unsent: deque[Piece] = deque()
        self._playback_end = 0.0
        self._afterwards = False
        self._reply: Reply | None = None
        self._reply_faults: dict[str, Fault] = {}
        self.memory = Memory()
        self.transcription = False
        self.replies: list[Reply] = []
        self.state: State = "idle"
        self.cut_at = -math.inf
        self.ready_at = -math.inf
        self.owed = False
        self.muted = False

    @property
    def busy(self) -> bool:
        """Whether there is a reply to cut."""
        return self.state != "idle"

    def send(self, message: Message, _at: float = 0.0) -> None:
        """Put a message on the wire."""
        self._outbox.append(Send(message))

    def ask(self, at: float, *, after_turn: bool = False) -> None:
        """Have the model asked at that time, and not before a cut is over; `after_turn`: nor before the turn is."""
        if after_turn and self.busy:
            self._afterwards = True
            return
        self._agenda.drop("ask")
        self._agenda.add(max(at, self.ready_at), self._ask, "ask")

    def hold(self) -> None:
        """Put off a question that has not been asked yet: the user speaks, and it is answered with what they say."""
        self.owed = bool(self._agenda.drop("ask")) or self.owed

    def answer(self, number: int, text: str, now: float) -> None:
        """Take the model's answer and lay it out; "" is silence, and an answer that was cut meanwhile is nothing."""
        if number != self._question or self.state != "thinking":
            return
        if not text.strip():
            self.state = "idle"
            self._complete_afterwards(now)
            return
        speech = self._voice(text)
        self._reply, self._reply_faults = Reply(speech), {}
        self.replies.append(self._reply)
        begin = max(now, self._asked_at + self._profile.reply_after)
        self._playback_end = begin
        self._unsent = deque(lay_out(self._profile, speech, self._speed, transcription=self.transcription))
        for piece in self._unsent:
            self._agenda.add(begin + piece.at, self._send_piece, "reply")

    def plan_cut(self, at: float) -> float:
        """Have the reply cut at that time, unless a cut is planned already; return when the cut will be over."""
        if not self._agenda.has("cut"):
            self.cut_at = at
            self._agenda.add(at, self.cut, "cut")
        return self.cut_at + self._profile.cut_complete_after

    def cut(self, at: float) -> None:
        """Cut whatever reply there is: `interrupted`, and `turnComplete` a moment later."""
        self._agenda.drop("cut")
        if not self.busy:
            return
        self._agenda.drop("reply")
        self._question += 1
        if self.state == "thinking":
            self._unsent.clear()
        self.state = "idle"
        self.cut_at = at
        self.ready_at = at + self._profile.cut_complete_after
        faults = self._faults.strikes("cut")
        content: Message = {"interrupted": True}
        if "bundled-cut" in faults and (late := self._late()):
            self._record(late[0])
            content = late[0].message["serverContent"] | content
            self._unsent = deque(late[1:])
        if "combined-cut" in faults:
            self.send({"serverContent": content | {"turnComplete": True}} | self._usage())
        else:
            self.send({"serverContent": content})
            self._agenda.add(self.ready_at, self._send_turn_complete)
        self._misbehave(at, faults)
        self.memory.end_reply(interrupted=True)
        if self._reply:
            self._reply.outcome = "interrupted"
        self._unsent.clear()
        self._complete_afterwards(self.ready_at)

    def _misbehave(self, at: float, faults: dict[str, Fault]) -> None:
        if burst := faults.get("burst"):
            for time in range(1, burst.count):
                message = {"serverContent": {"interrupted": True}}
                self._agenda.add(at + time * burst.seconds, partial(self.send, message))
        if residue := faults.get("residue"):
            for number, piece in enumerate(self._late()[: residue.count]):
                self._record(piece)
                self._agenda.add(at + residue.seconds + number * 0.01, partial(self.send, piece.message))
        self.muted = self.muted or "silence" in faults

    def _late(self) -> list[Piece]:
        """The words and the audio of the reply that have not gone out."""
        return [piece for piece in self._unsent if piece.text or piece.seconds]

    def _record(self, piece: Piece) -> None:
        self.memory.sent(piece.text)
        self.replies[-1].sent_text += piece.text
        self.replies[-1].sent_seconds += piece.seconds

    def _ask(self, at: float) -> None:
        if self.busy:  # a question that was asked while another was being answered
            self.cut(at)
            at = self.ready_at
        self._question += 1
        self._asked_at = at
        self._reply = None
        self.owed = self.muted = False
        self.state = "thinking"
        self._outbox.append(Ask(self._question, self.memory.entries))

    def _send_piece(self, at: float) -> None:
        piece, reply = self._unsent.popleft(), self.replies[-1]
        self.send(piece.message)
        if piece.seconds and not reply.sent_seconds:
            self._reply_faults = self._faults.strikes("reply")
            if phantom := self._reply_faults.get("phantom"):
                self._agenda.add(at + phantom.seconds, self.cut, "reply")
        if piece.seconds or piece.text:
            self.state = "generating"
        self._record(piece)
        if piece.seconds:
            self._playback_end = max(self._playback_end, at) + piece.seconds
        if piece.last:
            self.state = "waiting for playback"
            if "early-complete" in self._reply_faults:
                self._send_turn_complete(at)
            end = max(at, self._playback_end + self._profile.playback_margin)
            self._agenda.add(end, self._complete, "reply")

    def _complete(self, at: float) -> None:
        self._agenda.drop("cut")
        self._agenda.drop("reply")
        if "early-complete" not in self._reply_faults:
            self._send_turn_complete(at)
        self.memory.end_reply()
        self.replies[-1].outcome = "complete"
        self.state = "idle"
        self._complete_afterwards(at)

    def _complete_afterwards(self, at: float) -> None:
        if self._afterwards:
            self._afterwards = False
            self.ask(at)

    def _send_turn_complete(self, _at: float) -> None:
        self.send({"serverContent": {"turnComplete": True}} | self._usage())

    def _usage(self) -> Message:
        seconds = self._reply.sent_seconds if self._reply else 0.0
        usage = {
            "promptTokenCount": sum(len(entry.text) // 4 + 1 for entry in self.memory.entries),
            "responseTokenCount": round(_TOKENS_A_SECOND * seconds),
        }
        if self._profile.thoughts_token_count:
            usage["thoughtsTokenCount"] = len(self._profile.thought) // 4 + 8
        return {"usageMetadata": usage}
