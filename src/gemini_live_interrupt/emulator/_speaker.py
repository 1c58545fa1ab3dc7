"""The model's side of a session: asked, thinking, generating, waiting for tools or playback; and the cut of each."""

import json
import math
import random
from collections import deque
from dataclasses import replace
from typing import Literal

from ._actions import Action, Ask
from ._agenda import Agenda
from ._ends import Ends
from ._faults import Fault, Misfortune
from ._garble import garble, misspeak
from ._memory import Memory, Told
from ._profiles import Profile
from ._reply import Reply, ReplyOptions, lay_out
from ._shapes import Piece
from ._tools import Answer, Steps, Toolbox, ToolCall, read_answer
from ._turn import Turn
from ._usage import Meter
from ._voice import Speech, Voice
from ._wire import Wire

State = Literal["idle", "thinking", "generating", "waiting for tools", "waiting for playback"]


class Speaker:
    """Replies, one at a time. Times are those of the agenda."""

    def __init__(
        self,
        profile: Profile,
        agenda: Agenda,
        outbox: deque[Action],
        wire: Wire,
        faults: Misfortune,
        voice: Voice,
        wish: ReplyOptions,
        chance: random.Random,
    ) -> None:
        self._profile = profile
        self._agenda = agenda
        self._outbox = outbox
        self._wire = wire
        self._faults = faults
        self._voice = voice
        self._chance = chance
        self._question = 0
        self._asked_at = 0.0
        self._turn: Turn | None = None
        self._turns_left: deque[Steps] = deque()
        self._opened = False
        self._afterwards = False
        self._answer_faults: dict[str, Fault] = {}
        self._reply_faults: dict[str, Fault] = {}
        self.wish = wish
        self.memory = Memory()
        self.meter = Meter()
        self.tools = Toolbox()
        self._ends = Ends(profile, agenda, wire, faults, self.meter, self._record)
        self.replies: list[Reply] = []
        self.state: State = "idle"
        self.cut_at = -math.inf
        self.ready_at = -math.inf
        self.owed = False
        self.muted = False
        self.user_speaks = self.held = False
        self._dropped_calls: list[ToolCall] = []

    @property
    def busy(self) -> bool:
        """Whether there is a reply to cut."""
        return self.state != "idle"

    def tell(self, entry: Told) -> None:
        """Add to what the model knows."""
        self.memory.add(entry)
        self.meter.read(entry.text)

    def ask(self, at: float, *, after_turn: bool = False) -> None:
        """Have the model asked at that time, and not before a cut is over; `after_turn`: nor before the turn is."""
        if after_turn and self.busy:
            self._afterwards = True
            return
        self._agenda.drop("ask")
        self._agenda.add(max(at, self.ready_at), self._ask, "ask")

    def go_on(self, at: float) -> None:
        """Have the model asked again within its turn, if all that it waited for is there and nothing holds it."""
        if self.state == "waiting for tools" and not self.tools.waiting and not self.held:
            self._ask_now(at)

    def release(self, at: float) -> bool:
        """Let go of what was held since a call was answered; say whether the reply goes on with it."""
        held, self.held = self.held, False
        if held:
            self.go_on(at)
        return held and self.state == "thinking"

    def hold(self) -> None:
        """Put off a question that has not been asked yet: the user speaks, and it is answered with what they say."""
        self.user_speaks = True
        self.owed = bool(self._agenda.drop("ask")) or self.owed

    def answer(self, number: int, answer: Answer, now: float) -> None:
        """Take the model's answer and lay it out; an answer that was cut meanwhile is nothing.

        Raises TypeError for an answer that is neither words nor tool calls.
        """
        steps = read_answer(answer)
        if number != self._question or self.state != "thinking":
            return
        if steps.nothing and not self._opened:
            self.state = "idle"
            self._ask_afterwards(now)
            return
        self._turns_left = deque(steps.apart() if self._profile.first_sentence_apart else [steps])
        self._begin_turn(max(now, self._asked_at + self._profile.reply_after))

    def plan_cut(self, at: float) -> float:
        """Have the reply cut at that time, unless it is to be cut sooner; return when the cut will be over."""
        if not self._agenda.has("cut") or at < self.cut_at:
            self._agenda.drop("cut")
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
        turn, self._turn = self._turn, None
        if turn and self.state == "thinking":
            turn.drop()
        self.state = "idle"
        self._turns_left.clear()
        self._opened = self.held = False
        self.cut_at = at
        self.ready_at = at + self._profile.cut_complete_after
        self._cancel_calls(at)
        faults = self._ends.interrupt(at, turn)
        self.muted = self.muted or "silence" in faults
        if turn:
            kept = turn.heard_by(at) if self._profile.remembers == "played" and turn.sounding else None
            self.memory.end_reply(interrupted=True, kept=kept)
            turn.reply.outcome = "interrupted"
        self._ask_afterwards(self.ready_at)

    def _cancel_calls(self, at: float) -> None:
        """Call off what the model waits for: the client is told, or the same calls come again later, or both."""
        profile, cancelled = self._profile, self.tools.cancel()
        if not cancelled:
            return
        if profile.cancels_calls:
            self._wire.send({"toolCallCancellation": {"ids": [*cancelled]}}, at)
        if profile.call_again_after is not None:
            self._dropped_calls += cancelled.values()
            self._agenda.drop("call again")
            self._agenda.add(at + max(0.0, profile.call_again_after - profile.lead), self.call_again, "call again")

    def call_again(self, at: float) -> None:
        """Make the calls again that a cut dropped, once it is time and nobody speaks."""
        waits = self.busy or self.user_speaks or self._agenda.has("ask") or self._agenda.has("call again")
        if self._dropped_calls and not waits:
            calls, self._dropped_calls = tuple(self._dropped_calls), []
            self._question += 1
            self.state = "thinking"
            self._turns_left = deque([Steps(after=calls)])
            self._begin_turn(at)

    def _ask(self, at: float) -> None:
        if self.busy:  # a question that was asked while another was being answered
            self.cut(at)
            at = self.ready_at
        self.owed = self.muted = False
        self._turn = None
        self._ask_now(at)

    def _ask_now(self, at: float) -> None:
        self._question += 1
        self._asked_at = at
        self.held = False
        self.state = "thinking"
        self._outbox.append(Ask(self._question, self.memory.entries))

    def _begin_turn(self, at: float) -> None:
        """Lay out the next of the answer's turns, and send it from that time on."""
        steps = self._turns_left.popleft()
        speech = self._voice(steps.text.lstrip()) if steps.text.strip() else Speech(b"", ())
        faults = self._answer_faults = self._faults.strikes("answer", at)
        speech = misspeak(speech, faults)
        calls = [*steps.before, *steps.after]
        self._dropped_calls = [call for call in self._dropped_calls if call.name not in {new.name for new in calls}]
        waits = [call for call in calls if self.tools.blocks(call)]
        pieces = lay_out(
            self._profile,
            speech,
            replace(self.wish, transcription=self.wish.transcription and "missing-transcript" not in faults),
            before=self.tools.make(call for call in steps.before if call not in waits),
            after=self.tools.make(call for call in steps.after if call not in waits),
            waits=self.tools.make(waits),
            opened=self._opened,
            base=self.meter.said if self._profile.word_offsets == "session" else 0.0,
        )
        pieces = garble(pieces, faults, self._chance)
        self._turn = Turn(Reply(speech), pieces, at)
        self._reply_faults = {}
        if speech.pcm:
            self.replies.append(self._turn.reply)
        for piece in pieces:
            self._agenda.add(at + piece.at, self._send_piece, "reply")

    def _send_piece(self, at: float) -> None:
        turn = self._turn
        begins = turn is not None and not turn.sounding
        if turn is None or (piece := turn.next(at)) is None:
            return
        self._opened = True
        if piece.last and "toolCall" in piece.message:
            self._send_rest(at)
        if not (piece.last and "missing-end" in self._answer_faults and "toolCall" not in piece.message):
            self._wire.send(piece.message, at)
        self._record(piece)
        if begins and turn.sounding:
            self._reply_faults = self._faults.strikes("reply", at)
            if phantom := self._reply_faults.get("phantom"):
                self._agenda.add(at + phantom.seconds, self.cut, "reply")
        if piece.seconds or piece.text:
            self.state = "generating"
        if piece.last and self.tools.waiting:
            self.state = "waiting for tools"
            self.memory.end_reply()
            turn.reply.outcome = "complete"
        elif piece.last:
            self.state = "waiting for playback"
            if "early-complete" in self._reply_faults:
                self._ends.complete(at)
            end = max(at, turn.sounds_until + self._profile.playback_margin)
            self._agenda.add(end, self._complete, "reply")

    def _record(self, piece: Piece) -> None:
        written = self.wish.modality == "TEXT"
        self.memory.sent(piece.text)
        self.meter.say(piece.seconds, piece.text if written else "")
        self.tools.sent(piece.message)
        for call in piece.message.get("toolCall", {}).get("functionCalls", ()):
            self.tell(Told("model", json.dumps({"name": call["name"], "args": call["args"]}), "call"))

    def _send_rest(self, at: float) -> Turn | None:
        """Send what is later than it should be, and let the turn go."""
        turn, self._turn = self._turn, None
        self._agenda.drop("reply")
        while turn and (piece := turn.next(at)):
            self._wire.send(piece.message, at)
            self._record(piece)
        return turn

    def _complete(self, at: float) -> None:
        self._agenda.drop("cut")
        turn = self._send_rest(at)
        if "early-complete" not in self._reply_faults and "missing-end" not in self._answer_faults:
            self._ends.complete(at, more=bool(self._turns_left))
        self.memory.end_reply()
        self._opened = False
        if turn:
            turn.reply.outcome = "complete"
        if self._turns_left:
            self.state = "thinking"
            self._agenda.add(at + self._profile.between_turns, self._begin_turn, "reply")
            return
        self.state = "idle"
        self._ask_afterwards(at)

    def _ask_afterwards(self, at: float) -> None:
        if self._afterwards:
            self._afterwards = False
            self.ask(at)
        self.call_again(at)
