"""The shapes of a spoken reply: in which messages its words and its audio go out, and when."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ._profiles import Profile, Transcript
from ._schema import Message
from ._voice import OUTPUT_RATE, Speech, SpokenWord

_STEP = 0.01  # from a word's transcript to its audio, and between transcripts without audio (recorded)
EMPTY_AHEAD = 0.006
"""Seconds from an empty message to the audio that it announces (recorded)."""
_GROUPS = (3, 2, 1)  # words in a bundled transcript (recorded)
_LETTERS = 3  # characters in a piece of one (recorded)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a reply: when it goes out (seconds from the first sign of the reply) and what it carries."""

    at: float
    message: Message
    text: str = ""
    seconds: float = 0.0
    words: tuple[SpokenWord, ...] = ()
    last: bool = False


def _words(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """A transcript message a word, then its audio, in messages that belong to it alone."""
    for word, until in _until_the_next(speech):
        at = profile.lead + word.start / speed
        yield _said(at, word.text, (word,))
        yield from _sounds(profile, _audio(speech, word.start, until), at + _STEP, speed)
    yield from _tail(profile, speech, speed)


def _letters(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """As words, but each transcript message has three characters, wherever they end."""
    whole, sent, begun = speech.text, 0, 0
    for word, until in _until_the_next(speech):
        begun += len(word.text)
        at = profile.lead + word.start / speed
        while sent < begun:
            piece = whole[sent : sent + _LETTERS]
            yield _said(at, piece, _beginning_in(speech, sent, sent + len(piece)))
            sent += len(piece)
        yield from _sounds(profile, _audio(speech, word.start, until), at + _STEP, speed)
    yield from _tail(profile, speech, speed)


def _until_the_next(speech: Speech) -> Iterator[tuple[SpokenWord, float]]:
    """Yield each word with the time at which the next one begins: the pause between goes out with the first."""
    for word, following in itertools.zip_longest(speech.words, speech.words[1:]):
        yield word, following.start if following else word.end


def _beginning_in(speech: Speech, begin: int, end: int) -> tuple[SpokenWord, ...]:
    found, at = [], 0
    for word in speech.words:
        if begin <= at < end:
            found.append(word)
        at += len(word.text)
    return tuple(found)


def _bundled(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """Audio messages of one length; the one in which a group of words begins brings their transcript."""
    groups = list(_word_groups(speech.words))
    for start, pcm in _chunks(speech.pcm + _silence(profile, speech), profile.chunk):
        text = ""
        words: tuple[SpokenWord, ...] = ()
        while groups and groups[0][0] < start + len(pcm) / 2 / OUTPUT_RATE - 1e-6:
            _, more, timed = groups.pop(0)
            text, words = text + more, (*words, *timed)
        content = _sound(profile, pcm) | ({"outputTranscription": {"text": text}} if text else {})
        yield Piece(profile.lead + start / speed, {"serverContent": content}, text, _seconds(pcm), words)


def _word_groups(words: tuple[SpokenWord, ...]) -> Iterator[tuple[float, str, tuple[SpokenWord, ...]]]:
    """Yield start, text and words of each group. The space between belongs to the first, then to the next, by turns."""
    whole: list[tuple[str, tuple[SpokenWord, ...]]] = []
    for word in words:
        if whole and not any(letter.isalnum() for letter in word.text):
            whole[-1] = (whole[-1][0] + word.text, (*whole[-1][1], word))
        else:
            whole.append((word.text, (word,)))
    carried, number = 0, 0
    while whole:
        size = _GROUPS[number % len(_GROUPS)]
        group, whole = whole[:size], whole[size:]
        text = "".join(part for part, _ in group)[carried:]
        carried = 0
        if whole and number % 2 == 0:
            following = whole[0][0]
            carried = len(following) - len(following.lstrip())
            text += following[:carried]
        timed = tuple(word for _, spoken in group for word in spoken)
        yield timed[0].start, text, timed
        number += 1


def _ahead(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """The first word, the rest of the words, and then the audio."""
    at = max(0.0, profile.lead - 5 * _STEP)
    for words in filter(None, (speech.words[:1], speech.words[1:])):
        at += _STEP
        yield _said(at, "".join(word.text for word in words), words)
    yield from _sounds(profile, speech.pcm + _silence(profile, speech), profile.lead, speed)


Shape = Callable[[Profile, Speech, float], Iterator[Piece]]
SHAPES: dict[Transcript, Shape] = {"words": _words, "letters": _letters, "bundled": _bundled, "ahead": _ahead}
"""The spoken shapes by name. Each yields pieces that carry the transcript, wanted or not."""


def written(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """Yield a reply in text, a message a word, at the pace at which it would be spoken."""
    role = {"role": "model"} if profile.model_role else {}
    for word in speech.words:
        content = {"modelTurn": {"parts": [{"text": word.text}]} | role}
        yield Piece(profile.lead + word.start / speed, {"serverContent": content}, word.text)


def _tail(profile: Profile, speech: Speech, speed: float) -> Iterator[Piece]:
    """What sounds after the last word."""
    end = speech.words[-1].end if speech.words else 0.0
    pcm = _audio(speech, end, speech.seconds) + _silence(profile, speech)
    yield from _sounds(profile, pcm, profile.lead + _STEP + end / speed, speed)


def _said(at: float, text: str, words: tuple[SpokenWord, ...]) -> Piece:
    return Piece(at, {"serverContent": {"outputTranscription": {"text": text}}}, text, words=words)


def _sounds(profile: Profile, pcm: bytes, at: float, speed: float) -> Iterator[Piece]:
    for start, chunk in _chunks(pcm, profile.chunk):
        yield Piece(at + start / speed, {"serverContent": _sound(profile, chunk)}, seconds=_seconds(chunk))


def _sound(profile: Profile, pcm: bytes) -> Message:
    turn: Message = {"parts": [{"inlineData": {"mimeType": profile.mime_type, "data": pcm}}]}
    return {"modelTurn": turn | ({"role": "model"} if profile.model_role else {})}


def _seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / OUTPUT_RATE


def _audio(speech: Speech, start: float, end: float) -> bytes:
    return speech.pcm[2 * round(start * OUTPUT_RATE) : 2 * round(end * OUTPUT_RATE)]


def _silence(profile: Profile, speech: Speech) -> bytes:
    return bytes(2 * round(profile.trailing_silence * OUTPUT_RATE) if speech.words else 0)


def _chunks(pcm: bytes, longest: float) -> Iterator[tuple[float, bytes]]:
    """Yield start in seconds and PCM of equal parts, none longer than `longest` seconds."""
    size = 2 * round(longest * OUTPUT_RATE)
    for begin in range(0, len(pcm), size):
        yield begin / 2 / OUTPUT_RATE, pcm[begin : begin + size]
