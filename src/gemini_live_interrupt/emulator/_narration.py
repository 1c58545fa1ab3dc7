"""What happens in a session, a line for each event, as it happens: for people who look on."""

from collections.abc import Iterator

from ._log import Frame
from ._memory import Told
from ._playback import playbacks
from ._session import Session

_WIDTH = 72
_USUAL_CLOSES = (1000, 1001)


class Narrator:
    """Tells one session; ask for `news` again and again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._frames = 0
        self._told = 0
        self._begun = 0
        self._ended: set[int] = set()

    def news(self) -> Iterator[str]:
        """Yield a line for each event since the last time. Nothing of it is shortened but what people say."""
        log = self._session.log
        frames = [log[number] for number in range(self._frames, len(log))]
        if not frames:
            return
        self._frames += len(frames)
        at = frames[-1].at
        opening = [event for frame in frames for event in self._opening(frame)]
        closing = [event for frame in frames for event in _closing(frame)]
        for what, detail in [*opening, *self._endings(), *self._context(), *self._beginnings(), *closing]:
            yield f"{self._session.number}  {at:7.2f} s  {what:<10}  {detail}".rstrip()

    def _opening(self, frame: Frame) -> Iterator[tuple[str, str]]:
        if frame.sender == "client" and "setup" in frame.message:
            setup = frame.message["setup"]
            transcripts = [side for side in ("input", "output") if f"{side}AudioTranscription" in setup]
            yield "connected", f"{setup.get('model', 'no model')}; transcription: {' and '.join(transcripts) or 'none'}"
            if why := self._session.why_profile:
                yield "profile", f"{self._session.profile.name}, {why}"

    def _beginnings(self) -> Iterator[tuple[str, str]]:
        for reply in self._session.replies[self._begun :]:
            self._begun += 1
            yield "replies", quote(reply.speech.text)

    def _endings(self) -> Iterator[tuple[str, str]]:
        for number, reply in enumerate(self._session.replies):
            if reply.outcome == "running" or number in self._ended:
                continue
            self._ended.add(number)
            if reply.outcome == "complete":
                yield "complete", f"after {reply.sent_seconds:.1f} s of audio"
                continue
            playback = playbacks(self._session, self._session.log[-1].at)[number]
            heard = f"{playback.heard_seconds:.1f} s can have been heard, {playback.sent_seconds:.1f} s were sent"
            yield "cut", f"{heard}; the last words heard: {quote(playback.heard[-40:].partition(' ')[2])}"

    def _context(self) -> Iterator[tuple[str, str]]:
        entries = self._session.context
        for entry in entries[self._told :]:
            if entry.kind != "reply":
                yield entry.kind, _detail(entry)
        self._told = len(entries)


def quote(text: str) -> str:
    """Return the text on one line, its middle left out if it is long."""
    line = " ".join(text.split())
    if len(line) > _WIDTH:
        line = f"{line[: _WIDTH * 2 // 3].rstrip()} … {line[-_WIDTH // 3 :].lstrip()}"
    return f"“{line}”"


def _detail(entry: Told) -> str:
    if entry.kind == "noise":
        return ""
    silent = f"silent, {len(entry.text)} characters: " if entry.silent else ""
    return f"{silent}{quote(entry.text)}"


def _closing(frame: Frame) -> Iterator[tuple[str, str]]:
    match frame.message:
        case {"close": {"code": code, "reason": reason}} if code not in _USUAL_CLOSES:
            yield "closed", f"{code} {reason}"
        case {"toolCallCancellation": {"ids": ids}}:
            yield "cancels", ", ".join(ids)
        case {"goAway": {"timeLeft": left}}:
            yield "go away", f"{left} left"
        case {"unreadable": size}:
            yield "unreadable", f"a frame of {size} bytes"
        case {"raw": size}:
            yield "garbage", f"a frame of {size} bytes"
