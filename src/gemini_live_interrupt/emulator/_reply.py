"""One reply of the model: what it says and calls, laid out as messages in the shape and at the pace of a profile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from ._profiles import Profile
from ._schema import Message, duration
from ._shapes import EMPTY_AHEAD, SHAPES, Piece, written
from ._voice import Speech, SpokenWord

_STEP = 0.01  # between a reply's transcript messages (recorded)
_GENERATION_END = 0.06  # from the last audio to generationComplete (recorded)


@dataclass(slots=True)
class Reply:
    """How far a reply got: what the model meant to say, and what was sent of it (`sent_seconds` of audio)."""

    speech: Speech
    sent_text: str = ""
    sent_seconds: float = 0.0
    outcome: Literal["running", "complete", "interrupted"] = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOptions:
    """What a session asks of every reply."""

    speed: float
    modality: str = "AUDIO"
    transcription: bool = False
    word_times: bool = False


def lay_out(
    profile: Profile,
    speech: Speech,
    wish: ReplyOptions,
    *,
    before: Iterable[Message] = (),
    after: Iterable[Message] = (),
    waits: Iterable[Message] = (),
    opened: bool = False,
    base: float = 0.0,
) -> list[Piece]:
    """Return the messages of a reply, from its first sign to `generationComplete`, in their order.

    `before` and `after` are sent around the words. `waits` is sent in the place of `generationComplete`. A reply that
    has `opened` before goes on without a first sign. Word times count from `base` seconds.
    """
    pieces = [] if opened else list(_opening(profile))
    pieces += [Piece(0.0, message) for message in before]
    if wish.modality == "TEXT":
        pieces += written(profile, speech, wish.speed)
        seconds = speech.seconds
    else:
        pieces += _spoken(profile, speech, wish, base)
        seconds = speech.seconds + (profile.trailing_silence if speech.words else 0.0)
    end = profile.lead + seconds / wish.speed + _GENERATION_END
    pieces += [Piece(end, message) for message in after]
    last = next(iter(waits), {"serverContent": {"generationComplete": True}})
    return [*pieces, Piece(end, last, last=True)]


def _opening(profile: Profile) -> Iterator[Piece]:
    if profile.thought:
        part = {"text": profile.thought, "thought": True}
        yield Piece(0.0, {"serverContent": {"modelTurn": {"parts": [part]}}})
    if profile.empty_before_reply:
        yield Piece(0.0, {})
        yield Piece(0.0, {"serverContent": {}})


def _spoken(profile: Profile, speech: Speech, wish: ReplyOptions, base: float) -> Iterator[Piece]:
    if not speech.pcm:
        return
    shaped = SHAPES[profile.transcript](profile, speech, wish.speed)
    pieces = list(_timed(shaped, base) if wish.word_times else shaped)
    if not wish.transcription:
        pieces = list(_untranscribed(pieces))
    elif profile.finished:
        pieces = list(_bracketed(pieces))
    for piece in pieces:
        if piece.seconds and profile.empty_before_audio:
            yield Piece(piece.at - EMPTY_AHEAD, {})
        yield piece


def _timed(pieces: Iterable[Piece], base: float) -> Iterator[Piece]:
    """Add the time of each word to the transcripts."""
    for piece in pieces:
        words = [word for word in piece.words if any(letter.isalnum() for letter in word.text)]
        if words:
            content = piece.message["serverContent"]
            transcription = content["outputTranscription"] | {"words": word_infos(words, base)}
            piece = replace(piece, message={"serverContent": content | {"outputTranscription": transcription}})
        yield piece


def word_infos(words: Iterable[SpokenWord], base: float) -> list[dict[str, Any]]:
    """Return `words` of a transcription; times count from `base` seconds."""
    return [
        {
            "word": word.text.strip(),
            "startOffset": duration(base + word.start),
            "endOffset": duration(base + word.end),
        }
        for word in words
    ]


def _untranscribed(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Leave transcripts out; their text goes with the audio after it, because the model remembers it all the same."""
    text = ""
    left = list(pieces)
    last = max((at for at, piece in enumerate(left) if piece.seconds), default=-1)
    for at, piece in enumerate(left):
        text += piece.text
        if piece.seconds:
            content = {name: value for name, value in piece.message["serverContent"].items() if name == "modelTurn"}
            rest = "".join(later.text for later in left[at + 1 :]) if at == last else ""
            yield replace(piece, message={"serverContent": content}, text=text + rest)
            text = ""


def _bracketed(pieces: list[Piece]) -> Iterator[Piece]:
    """Open the transcript with an empty one, and close it with one that says `finished`."""
    said = [at for at, piece in enumerate(pieces) if piece.text]
    for at, piece in enumerate(pieces):
        if said and at == said[0]:
            yield Piece(piece.at - _STEP, {"serverContent": {"outputTranscription": {}}})
        yield piece
        if said and at == said[-1]:
            yield Piece(piece.at + _STEP, {"serverContent": {"outputTranscription": {"finished": True}}})
