"""What can go wrong with the model's transcript: it is late, shuffled against the audio, or doubled."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ._faults import Fault
from ._shapes import Piece


def garble(pieces: list[Piece], faults: Mapping[str, Fault], chance: random.Random) -> list[Piece]:
    """Return the pieces of a reply as the faults leave them, in the order in which they now go out."""
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
