"""What came from the service: the words and the audio of a reply, when they came, and how far a player has got."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from google.genai.types import LiveServerContent, LiveServerMessage

OUTPUT_RATE = 24_000
"""Samples a second of the model's audio (documented)."""
_NOTHING = LiveServerContent()


@dataclass(frozen=True)
class Came:
    """A message, and when it came. Whoever waits looks at all that came again and again, so each fact is read once."""

    at: float
    message: LiveServerMessage

    @property
    def content(self) -> LiveServerContent:
        """What it says of the conversation; empty if nothing."""
        return self.message.server_content or _NOTHING

    @cached_property
    def words(self) -> str:
        """The model's words in it."""
        transcription = self.content.output_transcription
        return (transcription.text if transcription else None) or ""

    @property
    def user_words(self) -> str:
        """The user's words in it."""
        transcription = self.content.input_transcription
        return (transcription.text if transcription else None) or ""

    @cached_property
    def audio(self) -> bytes:
        """The PCM in it."""
        turn = self.content.model_turn
        blobs = (part.inline_data for part in (turn.parts if turn and turn.parts else ()))
        return b"".join(blob.data for blob in blobs if blob and blob.data)

    @property
    def mime_type(self) -> str | None:
        """What the audio in it is called."""
        turn = self.content.model_turn
        blobs = (part.inline_data for part in (turn.parts if turn and turn.parts else ()))
        return next((blob.mime_type for blob in blobs if blob and blob.data), None)

    @property
    def thought(self) -> bool:
        """Whether it brings text of the model's that is not spoken."""
        turn = self.content.model_turn
        return any(part.text for part in (turn.parts if turn and turn.parts else ()))

    @cached_property
    def turn_is_over(self) -> bool:
        """Whether nothing more follows by itself: an extended-thinking model may go on after `turnComplete`."""
        status = self.content.interaction_status
        return bool(self.content.turn_complete) and str(getattr(status, "value", status)) != "IN_PROGRESS"


def is_empty(came: Came) -> bool:
    """Say whether nothing at all is in it."""
    return not any(value for value in came.message.model_dump(exclude_none=True).values())


def is_sign(came: Came) -> bool:
    """Say whether it shows that a reply is on its way: a thought, words, audio, or a message without anything."""
    return bool(came.thought or came.words or came.audio) or is_empty(came)


def said_by_the_model(came: Came) -> bool:
    """Say whether the model spoke in this message, or called a tool."""
    return bool(came.words or came.audio or came.message.tool_call)


@dataclass(frozen=True)
class SpokenReply:
    """Messages of the service, one after another."""

    messages: tuple[Came, ...]

    @cached_property
    def text(self) -> str:
        """The model's words."""
        return "".join(came.words for came in self.messages)

    @cached_property
    def sounds(self) -> tuple[tuple[float, float], ...]:
        """When each piece of audio came, and its length, in seconds."""
        return tuple((came.at, len(pcm) / 2 / OUTPUT_RATE) for came in self.messages if (pcm := came.audio))

    @property
    def seconds(self) -> float:
        """The length of the audio that has come."""
        return sum(seconds for _, seconds in self.sounds)

    @property
    def began(self) -> float | None:
        """When its first audio came."""
        return self.sounds[0][0] if self.sounds else None

    @property
    def empty(self) -> bool:
        """Whether the model said nothing."""
        return not (self.sounds or self.text)

    @property
    def plays_until(self) -> float:
        """When a player that starts each piece as it comes, or when the one before has ended, is done."""
        end = 0.0
        for at, seconds in self.sounds:
            end = max(end, at) + seconds
        return end

    def played(self, now: float) -> float:
        """Return how many seconds such a player has played."""
        end = played = 0.0
        for at, seconds in self.sounds:
            begin = max(end, at)
            end = begin + seconds
            played += min(max(0.0, now - begin), seconds)
        return played

    def first(self, field: str) -> float | None:
        """Return when the first message came whose content has the field, by its name in the SDK."""
        return next((came.at for came in self.messages if getattr(came.content, field, None)), None)

    def count(self, field: str) -> int:
        """Return how many messages have the field."""
        return sum(bool(getattr(came.content, field, None)) for came in self.messages)
