"""A session without sockets and without waiting: time is a number."""

from collections.abc import Callable, Iterable
from typing import Any

from gemini_live_interrupt.emulator import FAULTS, Fault, Frame, Told
from gemini_live_interrupt.emulator._actions import Abort, Ask, Close, Hear, Send, SendRaw, Stall
from gemini_live_interrupt.emulator._profiles import Profile, find_profile
from gemini_live_interrupt.emulator._session import Session
from gemini_live_interrupt.emulator._tools import Answer
from gemini_live_interrupt.emulator._voice import Voice, speak_evenly

from .talking import RATE

SETUP: dict[str, Any] = {"model": "models/m", "inputAudioTranscription": {}, "outputAudioTranscription": {}}


class Untimed:
    """Drives a session through time, and keeps what it sent as frames."""

    def __init__(
        self,
        profile: str | Profile,
        model: Callable[[tuple[Told, ...]], Answer] = lambda _: "One two three, four five six.",
        hear: Iterable[str] = (),
        faults: Iterable[Fault | str] = (),
        handles: dict[str, Session] | None = None,
        speed: float = 3.5,
        seed: str = "",
        voice: Voice = speak_evenly,
        **setup: Any,
    ) -> None:
        wanted = tuple(FAULTS[f] if isinstance(f, str) else f for f in faults)
        self.session = Session(
            find_profile(profile), wanted, voice, speed, {} if handles is None else handles, seed=seed
        )
        self.now = 100.0
        self.frames: list[Frame] = []
        self.closed: Close | None = None
        self.trouble: list[tuple[float, SendRaw | Stall | Abort]] = []
        self._model = model
        self._hear = iter(hear)
        self.send(setup=SETUP | setup)

    def send(self, **frame: Any) -> None:
        self.session.receive(frame, self.now)
        self._carry_out()

    def say(self, pcm: bytes) -> None:
        """Stream it: 20 ms every 20 ms."""
        for begin in range(0, len(pcm), 640):
            blob = {"data": pcm[begin : begin + 640], "mimeType": f"audio/pcm;rate={RATE}"}
            self.run(0.02)
            self.send(realtimeInput={"audio": blob})

    def tell(self, text: str, *, turn_complete: bool, role: str = "user") -> None:
        self.send(clientContent={"turns": [{"role": role, "parts": [{"text": text}]}], "turnComplete": turn_complete})

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        while self.session.due is not None and self.session.due <= until:
            self.now = max(self.now, self.session.due)
            self.session.tick(self.now)
            self._carry_out()
        self.now = until

    def run_to(self, kind: str, count: int = 1) -> None:
        """Let time pass until that many frames of the kind have been sent."""
        while len(self.sent(kind)) < count:
            assert self.session.due is not None, f"{kind} never comes; there was {self.kinds()}"
            self.run(max(0.0, self.session.due - self.now))

    def sent(self, *kinds: str) -> list[Frame]:
        return [frame for frame in self.frames if set(kinds) & set(frame.kinds)]

    def kinds(self) -> list[str]:
        """The kinds of all frames, with "audio" and empty frames counted once in a row."""
        names = ["+".join(frame.kinds) for frame in self.frames]
        return [name for at, name in enumerate(names) if at == 0 or name != names[at - 1]]

    def _carry_out(self) -> None:
        while self.session.outbox:
            match self.session.outbox.popleft():
                case Send(message):
                    self.frames.append(Frame(self.now, "server", message))
                case Ask(number, told):
                    self.session.answer(number, self._model(told), self.now)
                case Hear(number, _):
                    self.session.hear(number, next(self._hear, ""), self.now)
                case Close() as close:
                    self.closed = close
                case SendRaw() | Stall() | Abort() as trouble:
                    self.trouble.append((self.now, trouble))
