"""One session: what the client sends, what the user says, and what the model is told of it.

No sockets, clocks or tasks: it is given frames, answers and the time, and leaves in `outbox` what is to be done.
"""

import random
import uuid
from collections import deque
from functools import partial

from ._actions import Abort, Action, Close
from ._agenda import Agenda
from ._faults import Fault, Misfortune
from ._hearing import rate_of
from ._listener import Listener
from ._log import Log
from ._memory import Told
from ._profiles import Profile
from ._reply import Reply, ReplyOptions
from ._schema import INVALID_ARGUMENT, Message, RefusedError
from ._setup import SETUP_FIRST, Setup, read_setup, text_of
from ._speaker import Speaker
from ._tools import Answer
from ._voice import Voice
from ._wire import ABNORMAL, INTERNAL, Wire

_EXPLICIT_ACTIVITY = "Explicit activity control is not supported when automatic activity detection is enabled."


class Session:
    """One client's session: read its fields and properties; the rest is the emulator's.

    `closed` is code and reason if the emulator closed it, `ended` whether the connection is over, `credential` the kind
    of the client's ("api key", "ephemeral token", "bearer" or "none"), `log` every frame. `why_profile` says why it has
    its profile where nobody chose one, `number` counts a server's sessions, from 1.
    `handles` is shared by all sessions of a server, so that one can go on where another was.
    """

    def __init__(
        self,
        profile: Profile,
        faults: tuple[Fault, ...],
        voice: Voice,
        speed: float,
        handles: "dict[str, Session]",
        *,
        credential: str = "none",
        seed: str = "",
        why_profile: str = "",
        number: int = 1,
    ) -> None:
        self.log: Log = Log()
        self.outbox: deque[Action] = deque()
        self.setup: Setup | None = None
        self.closed: tuple[int, str] | None = None
        self.ended = False
        self.credential = credential
        self.why_profile = why_profile
        self.number = number
        self._profile = profile
        self._handles = handles
        self._agenda = Agenda()
        chance = random.Random(seed)
        self._wire = Wire(self._agenda, self.outbox, chance, self._close)
        self._faults = Misfortune(faults, chance, self._wire.break_down)
        self._speaker = Speaker(
            profile, self._agenda, self.outbox, self._wire, self._faults, voice, ReplyOptions(speed=speed), chance
        )
        self._listener: Listener | None = None
        self._content_pending = False

    @property
    def profile(self) -> Profile:
        """The family of models that it is of."""
        return self._profile

    @property
    def context(self) -> tuple[Told, ...]:
        """What the model has been told, in order."""
        return self._speaker.memory.entries

    @property
    def left(self) -> tuple[Told, ...]:
        """The context as a session finds it that resumes this one: a reply in progress was broken off."""
        return self._speaker.memory.left

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The model's replies, with what each was to say and how much of it was sent."""
        return tuple(self._speaker.replies)

    @property
    def state(self) -> str:
        """ "user speaking", or the model's: "idle", "thinking", "generating", "waiting for playback"."""
        speaks = self._listener is not None and self._listener.active
        return "user speaking" if speaks and not self._speaker.busy else self._speaker.state

    @property
    def due(self) -> float | None:
        """When `tick` is next to be called, or `None`."""
        return self._agenda.due if self.closed is None else None

    def tick(self, now: float) -> None:
        """Do what the time has come for."""
        if self.closed is None:
            self._agenda.run(now)

    def receive(self, frame: Message, now: float) -> None:
        """Take a frame that has been read; what may not be sent closes the session."""
        if self.closed is not None:
            return
        try:
            self._receive(frame, now)
        except RefusedError as refusal:
            self.refuse(refusal)

    def refuse(self, refusal: RefusedError) -> None:
        """Close the session for that reason."""
        self._close(refusal.code, refusal.reason)

    def answer(self, number: int, answer: Answer, now: float) -> None:
        """Take the model's answer to the question of that number; TypeError if it is none."""
        self._speaker.answer(number, answer, now)

    def hear(self, number: int, text: str, now: float) -> None:
        """Take the words of the utterance of that number; "" is a noise."""
        if self._listener:
            self._listener.hear(number, text, now)

    def push(self, message: Message, now: float) -> None:
        """Send a message of the caller's own."""
        self._wire.send(message, now)

    def _close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = (code, reason)
            self.outbox.append(Abort() if code == ABNORMAL else Close(code, reason))

    def _receive(self, frame: Message, now: float) -> None:
        if self._listener is None:
            self._begin(read_setup(frame, self._profile), now)
            return
        match frame:
            case {"realtimeInput": realtime}:
                self._realtime(realtime, self._listener, now)
            case {"clientContent": content}:
                self._content(content, self._listener, now)
            case {"toolResponse": response}:
                self._tool_response(response, self._listener, now)
            case {"contextUpdate": update}:
                self._update(update)
            case _:
                raise RefusedError(SETUP_FIRST)
        window = self._profile.context_window
        if window is not None and self._speaker.meter.prompt > window and not (self.setup and self.setup.compression):
            raise RefusedError(INVALID_ARGUMENT)

    def _begin(self, setup: Setup, now: float) -> None:
        profile, speaker = self._profile, self._speaker
        if setup.handle:
            for told in self._remembered(setup.handle):
                speaker.tell(told)
        elif setup.instruction:
            speaker.tell(Told("system", setup.instruction, "instruction"))
        self.setup = setup
        self._listener = Listener(profile, self._agenda, self.outbox, self._wire, self._faults, speaker, setup)
        speaker.tools.declare(setup.tools)
        speaker.wish = setup.wish(speaker.wish.speed)
        identity = {"sessionId": str(uuid.uuid4())[:8]} if profile.session_id else {}
        self._wire.send({"setupComplete": identity}, now)
        if setup.resumption or profile.unprompted_handle:
            handle = str(uuid.uuid4())[:13]
            self._handles[handle] = self
            update = {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}
            self._agenda.add(now + 0.013, partial(self._wire.send, update))
        if profile.connection_seconds is not None:
            before = min(profile.go_away_before, profile.connection_seconds)
            self._agenda.add(now + profile.connection_seconds - before, lambda at: self._wire.go_away(at, before))
        self._faults.strikes("connect", now)

    def _remembered(self, handle: str) -> tuple[Told, ...]:
        before = self._handles.get(handle)
        if before is None:
            raise RefusedError("BidiGenerateContent session not found", 1008)
        still_open = not before.ended and not self._profile.resumes_while_open
        if still_open or (before.closed and before.closed[0] == 1007):
            raise RefusedError(INTERNAL[1], INTERNAL[0])
        return before.left

    def _realtime(self, realtime: Message, listener: Listener, now: float) -> None:
        for blob in [*realtime.get("mediaChunks", []), *filter(None, [realtime.get("audio")])]:
            mime_type = blob.get("mimeType", "audio/pcm")
            if mime_type.startswith("audio/"):
                listener.listen(blob.get("data", b""), rate_of(mime_type), now)
        if realtime.get("text"):
            self._speaker.tell(Told("user", realtime["text"], "text"))
            if "ignore-text" not in self._faults.strikes("text", now):
                if listener.activity_open:
                    self._speaker.owed = True  # it is answered with what is spoken
                else:
                    self._order(listener, now)
        if {"activityStart", "activityEnd"} & realtime.keys() and not listener.manual:
            raise RefusedError(_EXPLICIT_ACTIVITY)
        if "activityStart" in realtime:
            listener.start_activity(now)
        if "activityEnd" in realtime:
            listener.end_activity(now)
        if realtime.get("audioStreamEnd"):
            listener.end_stream(now)

    def _content(self, content: Message, listener: Listener, now: float) -> None:
        turns, complete = content.get("turns", []), content.get("turnComplete", False)
        profile = self._profile
        if "refuse-content" in self._faults.strikes("content", now) or not self._takes_content:
            raise RefusedError(INVALID_ARGUMENT)
        roles = {turn.get("role", "") for turn in turns}
        if roles - {"user", "model", ""} or ("" in roles and profile.requires_role):
            raise RefusedError(INVALID_ARGUMENT)
        if complete and profile.content_race is not None and now - listener.heard_at < profile.content_race:
            raise RefusedError(INVALID_ARGUMENT)
        if complete and not turns and not self._content_pending:
            raise RefusedError("No turn to complete")
        for turn in turns:
            self._speaker.tell(Told(turn.get("role") or "user", text_of(turn), "content", silent=not complete))
        self._content_pending = not complete
        if complete:
            self._order(listener, now)
            return
        listener.unheard = listener.unheard or profile.silent_content_mutes
        self._speaker.held = self._speaker.held or (profile.silent_content_holds and self._speaker.tools.open)
        if profile.silent_content_cuts and self._speaker.busy:
            self._speaker.plan_cut(now + profile.content_cut_after)

    @property
    def _takes_content(self) -> bool:
        """Whether content is accepted; where it is not, the history before the first turn still is, if announced."""
        announced = self.setup is not None and self.setup.initial_history
        return self._profile.accepts_content or (announced and not self._speaker.busy and not self.replies)

    def _tool_response(self, response: Message, listener: Listener, now: float) -> None:
        self._faults.strikes("tool", now)
        for answer in response.get("functionResponses", []):
            result = answer.get("response") or {}
            scheduling = answer.get("scheduling") or (isinstance(result, dict) and result.get("scheduling"))
            call = self._speaker.tools.respond(answer.get("id", ""))
            if call == "cancelled":
                continue
            silent = scheduling == "SILENT" and call == "non-blocking"
            self._speaker.tell(Told("user", str(result), "tool", silent=silent))
            if call == "blocking":
                self._speaker.go_on(now)
            elif self._speaker.held and not silent:
                continue
            elif scheduling == "WHEN_IDLE":
                self._speaker.ask(now, after_turn=True)
            elif not silent:
                self._order(listener, now)

    def _update(self, update: Message) -> None:
        if "systemInstruction" in update:
            self._speaker.tell(Told("system", text_of(update["systemInstruction"]), "instruction"))
        if "tools" in update:
            self._speaker.tools.declare(update["tools"].get("tools", []))

    def _order(self, listener: Listener, now: float) -> None:
        """Have a reply made at once; one that is running is cut."""
        listener.unheard = False
        if self._speaker.release(now):
            return
        if self._speaker.busy:
            now = self._speaker.plan_cut(now + self._profile.content_cut_after)
        self._speaker.ask(now)
