"""What can go wrong with a reply: its transcript, its end, and what sounds or is written beside its words."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ._faults import Fault
from ._shapes import Piece
from ._voice import Speech, with_tail

_ASIDE = "**Finding the answer** I will look for it first, and then say it aloud."


def garble(pieces: list[Piece], faults: Mapping[str, Fault], chance: random.Random) -> list[Piece]:
    """Return the pieces of a reply as the faults leave them, in the order in which they now go out."""
    pieces = _at_the_edges(pieces, faults)
    if not any(name.endswith("-transcript") for name in faults):
        return pieces
    apart = [part for piece in pieces for part in _apart(piece)]
    rest = [piece for piece in apart if not _is_transcript(piece)]
    transcript = [piece for piece in apart if _is_transcript(piece)]
    if late := faults.get("late-transcript"):
        transcript = [replace(piece, at=piece.at + late.seconds) for piece in transcript]
    if shuffled := faults.get("shuffled-transcript"):
        transcript = list(_shuffled(transcript, shuffled.seconds, chance))
    if "repeated-transcript" in faults:
        transcript = [one for piece in transcript for one in (piece, replace(piece, text=""))]
    return sorted([*rest, *transcript], key=lambda piece: piece.at)


def misspeak(speech: Speech, faults: Mapping[str, Fault]) -> Speech:
    """Return the speech with what the faults leave of it, or add after its words."""
    if tiny := faults.get("tiny-reply"):
        return Speech(speech.pcm[: tiny.count - tiny.count % 2], ())
    for name in ("silent-tail", "tone-tail"):
        if (tail := faults.get(name)) and speech.words:
            speech = with_tail(speech, tail.seconds, tone=name == "tone-tail")
    return speech


def _at_the_edges(pieces: list[Piece], faults: Mapping[str, Fault]) -> list[Piece]:
    """Have the end late, and put a text part before the beginning."""
    *rest, last = pieces
    if late := faults.get("late-end"):
        last = replace(last, at=last.at + late.seconds)
    if ahead := faults.get("text-part"):
        rest = [replace(piece, at=piece.at + ahead.seconds) for piece in rest]
        last = replace(last, at=last.at + ahead.seconds)
        rest.insert(0, Piece(0.0, {"serverContent": {"modelTurn": {"parts": [{"text": _ASIDE}]}}}))
    return [*rest, last]


def _is_transcript(piece: Piece) -> bool:
    return "outputTranscription" in piece.message.get("serverContent", {})


def _apart(piece: Piece) -> Iterator[Piece]:
    """Divide a message that brings both transcript and audio."""
    content = piece.message.get("serverContent", {})
    if not {"modelTurn", "outputTranscription"} <= content.keys():
        yield piece
        return
    transcript = {"serverContent": {"outputTranscription": content["outputTranscription"]}}
    yield Piece(piece.at, transcript, piece.text, words=piece.words)
    yield replace(piece, message={"serverContent": {"modelTurn": content["modelTurn"]}}, text="", words=())


def _shuffled(pieces: list[Piece], most: float, chance: random.Random) -> Iterator[Piece]:
    earliest = 0.0
    for piece in pieces:
        earliest = max(earliest, piece.at + chance.uniform(-most, most))
        yield replace(piece, at=earliest)
