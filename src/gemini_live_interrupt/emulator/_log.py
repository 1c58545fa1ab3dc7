"""Every frame of a session, both ways, with its time; media as byte counts, credentials never."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ._schema import Message

Side = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: `at` in seconds since its session was connected, who sent it, and the message.

    Where the message held media, it holds `{"mimeType": ..., "bytes": count}`. A close is `{"close": {"code": ...,
    "reason": ...}}`, a client frame that could not be read is `{"unreadable": bytes}`.
    """

    at: float
    sender: Side
    message: Message

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the frame holds, in the order in which it stands there.

        Of server content: "audio", "thought", "text" and the names of its fields ("outputTranscription",
        "interrupted", ...); of realtime input the names of its fields; else the top-level names. A frame that
        holds nothing is "empty".
        """
        return tuple(_kinds(self.message)) or ("empty",)


class Log:
    """The frames of one session, oldest first; iterate it, or ask for a kind."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Frame:
        return self._frames[index]

    def add(self, frame: Frame) -> None:
        """Append a frame. For the emulator; the message is not copied."""
        self._frames.append(frame)

    def server(self, *kinds: str) -> list[Frame]:
        """Return the server's frames that hold any of the kinds; all of them if none is named."""
        return self._pick("server", kinds)

    def client(self, *kinds: str) -> list[Frame]:
        """Return the client's frames that hold any of the kinds; all of them if none is named."""
        return self._pick("client", kinds)

    def _pick(self, sender: Side, kinds: tuple[str, ...]) -> list[Frame]:
        return [f for f in self._frames if f.sender == sender and (not kinds or set(kinds) & set(f.kinds))]


def without_media(message: Any) -> Any:
    """Return a copy of the message in which media is a byte count."""
    match message:
        case {"data": bytes() as data}:
            rest = {name: value for name, value in message.items() if name != "data"}
            return rest | {"bytes": len(data)}
        case bytes():
            return {"bytes": len(message)}
        case Mapping():
            return {name: without_media(value) for name, value in message.items()}
        case list():
            return [without_media(item) for item in message]
        case _:
            return message


def _kinds(message: Message) -> Iterator[str]:
    for name, value in message.items():
        match name, value:
            case "serverContent", dict():
                yield from _content_kinds(value)
            case "realtimeInput", dict():
                yield from value
            case _:
                yield name


def _content_kinds(content: Message) -> Iterator[str]:
    for name, value in content.items():
        if name != "modelTurn":
            yield name
            continue
        for part in value["parts"]:
            yield "audio" if "inlineData" in part else "thought" if part.get("thought") else "text"
