"""One session: what the client sends, what the user says, and what the model is told of it.

No sockets, clocks or tasks: it is given frames, answers and the time, and leaves in `outbox` what is to be done.
"""

import re
import uuid
from collections import deque
from functools import partial

from ._agenda import Agenda
from ._effects import Close, Effect
from ._faults import Fault, Misfortune
from ._hearing import INPUT_RATE
from ._listener import Listener
from ._log import Log
from ._memory import Memory, Told
from ._profiles import Profile
from ._reply import Reply
from ._schema import INVALID_ARGUMENT, Message, RefusedError
from ._setup import Setup, read_setup, text_of
from ._speaker import Speaker
from ._voice import Voice

_EXPLICIT_ACTIVITY = "Explicit activity control is not supported when automatic activity detection is enabled."


class Session:
    """One client's session: read `log`, `context`, `replies`, `state`, `setup`, `closed`; the rest is the emulator's.

    `handles` is shared by all sessions of a server, so that one can go on where another was.
    """

    def __init__(
        self, profile: Profile, faults: tuple[Fault, ...], voice: Voice, speed: float, handles: "dict[str, Session]"
    ) -> None:
        self.log = Log()
        self.outbox: deque[Effect] = deque()
        self.setup: Setup | None = None
        self.closed: tuple[int, str] | None = None
        self._profile = profile
        self._faults = Misfortune(faults)
        self._handles = handles
        self._agenda = Agenda()
        self._speaker = Speaker(profile, self._agenda, self.outbox, self._faults, voice, speed)
        self._listener: Listener | None = None
        self._content_pending = False

    @property
    def context(self) -> tuple[Told, ...]:
        """What the model has been told, in order."""
        return self._speaker.memory.entries

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
        if self.closed is None:
            self.closed = (refusal.code, refusal.reason)
            self.outbox.append(Close(refusal.code, refusal.reason))

    def answer(self, number: int, text: str, now: float) -> None:
        """Take the model's answer to the question of that number."""
        self._speaker.answer(number, text, now)

    def hear(self, number: int, text: str, now: float) -> None:
        """Take the words of the utterance of that number; "" is a noise."""
        if self._listener:
            self._listener.hear(number, text, now)

    def push(self, message: Message) -> None:
        """Send a message of the caller's own."""
        self._speaker.send(message)

    def _receive(self, frame: Message, now: float) -> None:
        if self._listener is None:
            self._begin(read_setup(frame, self._profile.modalities), now)
            return
        match frame:
            case {"realtimeInput": realtime}:
                self._realtime(realtime, self._listener, now)
            case {"clientContent": content}:
                self._content(content, now)
            case {"toolResponse": response}:
                self._tool_response(response, now)
            case {"contextUpdate": update}:
                if "systemInstruction" in update:
                    self._speaker.memory.add(Told("system", text_of(update["systemInstruction"]), "instruction"))
            case _:
                raise RefusedError("setup must be the first message and only the first")

    def _begin(self, setup: Setup, now: float) -> None:
        if setup.handle:
            self._speaker.memory = Memory(self._remembered(setup.handle))
        elif setup.instruction:
            self._speaker.memory.add(Told("system", setup.instruction, "instruction"))
        self.setup = setup
        self._listener = Listener(self._profile, self._agenda, self.outbox, self._faults, self._speaker, setup)
        self._speaker.transcription = setup.output_transcription
        self._speaker.send({"setupComplete": {}})
        if setup.resumption or self._profile.unprompted_handle:
            handle = str(uuid.uuid4())[:13]
            self._handles[handle] = self
            update = {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}
            self._agenda.add(now + 0.013, partial(self._speaker.send, update))

    def _remembered(self, handle: str) -> tuple[Told, ...]:
        before = self._handles.get(handle)
        if before is None:
            raise RefusedError("BidiGenerateContent session not found", 1008)
        if before.closed and before.closed[0] == 1007:
            raise RefusedError("Internal error encountered.", 1011)
        return before.context

    def _realtime(self, realtime: Message, listener: Listener, now: float) -> None:
        for blob in [*realtime.get("mediaChunks", []), *filter(None, [realtime.get("audio")])]:
            mime_type = blob.get("mimeType", "audio/pcm")
            if mime_type.startswith("audio/"):
                listener.listen(blob.get("data", b""), _rate(mime_type), now)
        if realtime.get("text"):
            self._speaker.memory.add(Told("user", realtime["text"], "text"))
            if not listener.activity_open:
                self._order(now)
        if {"activityStart", "activityEnd"} & realtime.keys() and not listener.manual:
            raise RefusedError(_EXPLICIT_ACTIVITY)
        if "activityStart" in realtime:
            listener.start_activity(now)
        if "activityEnd" in realtime:
            listener.end_activity()
        if realtime.get("audioStreamEnd"):
            listener.end_stream(now)

    def _content(self, content: Message, now: float) -> None:
        turns, complete = content.get("turns", []), content.get("turnComplete", False)
        if "refuse-content" in self._faults.strikes("content") or not self._profile.accepts_content:
            raise RefusedError(INVALID_ARGUMENT)
        roles = {turn.get("role", "") for turn in turns}
        if roles - {"user", "model", ""} or ("" in roles and self._profile.requires_role):
            raise RefusedError(INVALID_ARGUMENT)
        if complete and not turns and not self._content_pending:
            raise RefusedError("No turn to complete")
        for turn in turns:
            self._speaker.memory.add(Told(turn.get("role") or "user", text_of(turn), "content", silent=not complete))
        self._content_pending = not complete
        if complete:
            self._order(now)
        elif self._profile.silent_content_cuts and self._speaker.busy:
            self._speaker.plan_cut(now + self._profile.content_cut_after)

    def _tool_response(self, response: Message, now: float) -> None:
        for answer in response.get("functionResponses", []):
            result = answer.get("response") or {}
            scheduling = answer.get("scheduling") or (isinstance(result, dict) and result.get("scheduling"))
            self._speaker.memory.add(Told("user", str(result), "tool", silent=scheduling == "SILENT"))
            if scheduling == "WHEN_IDLE":
                self._speaker.ask(now, after_turn=True)
            elif scheduling != "SILENT":
                self._order(now)

    def _order(self, now: float) -> None:
        """Have a reply made at once; one that is running is cut."""
        if self._speaker.busy:
            now = self._speaker.plan_cut(now + self._profile.content_cut_after)
        self._speaker.ask(now)


def _rate(mime_type: str) -> int:
    """Return the samples a second that an audio mime type names; refuse what nobody records at."""
    found = re.search(r"rate=(\d+)", mime_type)
    if found and not (len(found[1]) < 7 and 8_000 <= int(found[1]) <= 192_000):
        raise RefusedError(INVALID_ARGUMENT)
    return int(found[1]) if found else INPUT_RATE
