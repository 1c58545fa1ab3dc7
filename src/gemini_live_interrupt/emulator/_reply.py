"""One reply of the model: its speech, laid out as messages in the shape and at the pace of a profile."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ._profiles import Profile
from ._schema import Message
from ._voice import OUTPUT_RATE, Speech, SpokenWord

_STEP = 0.01  # from a word's transcript to its audio (recorded)
_EMPTY_AHEAD = 0.006  # from an empty message to the audio that it announces (recorded)
_GENERATION_END = 0.06  # from the last audio to generationComplete (recorded)
_GROUPS = (3, 2, 1)  # words in a bundled transcript (recorded)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a reply: when it goes out (seconds from the first sign of the reply) and what it carries."""

    at: float
    message: Message
    text: str = ""
    seconds: float = 0.0
    last: bool = False


@dataclass(slots=True)
class Reply:
    """How far a reply got: what the model meant to say, and what was sent of it (`sent_seconds` of audio)."""

    speech: Speech
    sent_text: str = ""
    sent_seconds: float = 0.0
    outcome: Literal["running", "complete", "interrupted"] = "running"


def lay_out(profile: Profile, speech: Speech, speed: float, *, transcription: bool) -> list[Piece]:
    """Return the messages of a reply, from its first sign to `generationComplete`, in their order."""
    pieces = list(_opening(profile))
    shape = {"words": _words, "bundled": _bundled}[profile.transcript]
    for piece in shape(profile, speech, speed, transcription):
        if piece.seconds and profile.empty_before_audio:
            pieces.append(Piece(piece.at - _EMPTY_AHEAD, {}))
        pieces.append(piece)
    end = profile.lead + (speech.seconds + profile.trailing_silence) / speed + _GENERATION_END
    pieces.append(Piece(end, {"serverContent": {"generationComplete": True}}, last=True))
    return pieces


def _opening(profile: Profile) -> Iterator[Piece]:
    if profile.thought:
        part = {"text": profile.thought, "thought": True}
        yield Piece(0.0, {"serverContent": {"modelTurn": {"parts": [part]}}})
    if profile.empty_before_reply:
        yield Piece(0.0, {})
        yield Piece(0.0, {"serverContent": {}})


def _words(profile: Profile, speech: Speech, speed: float, transcription: bool) -> Iterator[Piece]:
    """A transcript message a word, then its audio, in messages that belong to it alone."""
    text = ""
    for word in speech.words:
        at = profile.lead + word.start / speed
        if transcription:
            yield Piece(at, {"serverContent": {"outputTranscription": {"text": word.text}}}, text=word.text)
        else:
            text += word.text
        for start, pcm in _chunks(_audio(speech, word.start, word.end), profile.chunk):
            yield _sound(profile, at + _STEP + start / speed, pcm, text)
            text = ""
    at = profile.lead + _STEP + speech.seconds / speed
    for start, pcm in _chunks(_silence(profile), profile.chunk):
        yield _sound(profile, at + start / speed, pcm)


def _bundled(profile: Profile, speech: Speech, speed: float, transcription: bool) -> Iterator[Piece]:
    """Audio messages of one length; the one in which a group of words begins brings their transcript."""
    groups = list(_word_groups(speech.words))
    for start, pcm in _chunks(speech.pcm + _silence(profile), profile.chunk):
        text = ""
        while groups and groups[0][0] < start + len(pcm) / 2 / OUTPUT_RATE - 1e-6:
            text += groups.pop(0)[1]
        piece = _sound(profile, profile.lead + start / speed, pcm, text)
        if text and transcription:
            piece.message["serverContent"]["outputTranscription"] = {"text": text}
        yield piece


def _word_groups(words: tuple[SpokenWord, ...]) -> Iterator[tuple[float, str]]:
    """Yield start and text of each group. The space between two belongs to the first, then to the next, by turns."""
    whole: list[tuple[float, str]] = []
    for word in words:
        if whole and not any(letter.isalnum() for letter in word.text):
            whole[-1] = (whole[-1][0], whole[-1][1] + word.text)
        else:
            whole.append((word.start, word.text))
    carried, number = 0, 0
    while whole:
        size = _GROUPS[number % len(_GROUPS)]
        group, whole = whole[:size], whole[size:]
        text = "".join(part for _, part in group)[carried:]
        carried = 0
        if whole and number % 2 == 0:
            following = whole[0][1]
            carried = len(following) - len(following.lstrip())
            text += following[:carried]
        yield group[0][0], text
        number += 1


def _sound(profile: Profile, at: float, pcm: bytes, text: str = "") -> Piece:
    turn: Message = {"parts": [{"inlineData": {"mimeType": profile.mime_type, "data": pcm}}]}
    if profile.model_role:
        turn["role"] = "model"
    return Piece(at, {"serverContent": {"modelTurn": turn}}, text=text, seconds=len(pcm) / 2 / OUTPUT_RATE)


def _audio(speech: Speech, start: float, end: float) -> bytes:
    return speech.pcm[2 * round(start * OUTPUT_RATE) : 2 * round(end * OUTPUT_RATE)]


def _silence(profile: Profile) -> bytes:
    return bytes(2 * round(profile.trailing_silence * OUTPUT_RATE))


def _chunks(pcm: bytes, longest: float) -> Iterator[tuple[float, bytes]]:
    """Yield start in seconds and PCM of equal parts, none longer than `longest` seconds."""
    size = 2 * round(longest * OUTPUT_RATE)
    for begin in range(0, len(pcm), size):
        yield begin / 2 / OUTPUT_RATE, pcm[begin : begin + size]
