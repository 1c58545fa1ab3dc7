"""The cuts of a trace as a table that a person can read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from ._cuts import Cut, Part

Span = tuple[str, str]
"""A piece of text, and how it is styled where there are styles."""

_HEADS = ("time", "session", "cut", "heard", "evidence", "outcome", "went on", "note", "after")
_AT = _HEADS.index("went on")
"""A column that is left out where nothing is known of it."""
_TO_THE_RIGHT = frozenset({"cut", "heard", "note", "after"})
_STYLES = {"noted": "green", "asked": "green", "late": "yellow", "failed": "red", "refused": "red"}
_WENT_ON = {"sentence": "right", "none": "no"}
"""Where the model went on, in a word; the other results are words already."""
_NOTHING = "-"
_OPEN = "open"
"""The outcome of a cut that was never settled."""
_SESSION = 8
"""Characters of a session's name, which tell it from the others."""
_WORDS = 60
"""Characters that are shown of what was said."""
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")  # white space, and what steers terminals


def table(parts: list[Part]) -> Iterator[list[Span]]:
    """Lay out the cuts, line by line: a block for each program that wrote the trace, and the totals."""
    for part in parts:
        if part.cuts:
            yield from _block(part)
            yield []
    for line in _totals([cut for part in parts for cut in part.cuts]):
        yield [(line, "")]


def _block(part: Part) -> Iterator[list[Span]]:
    rows = [_HEADS, *(_row(cut, _started(part)) for cut in part.cuts)]
    if not any(map(_went_on, part.cuts)):
        rows = [row[:_AT] + row[_AT + 1 :] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield [(f"Started {_started(part):%Y-%m-%d %H:%M:%S} UTC, release {_visible(part.header['library'])}", "bold")]
    yield [("  ".join(map(_aligned, rows[0], rows[0], widths)), "dim")]
    for row, cut in zip(rows[1:], part.cuts, strict=True):
        yield [(_aligned(*cell) + "  ", _STYLES.get(cell[1], "")) for cell in zip(rows[0], row, widths, strict=True)]
        for label, said in _words(cut):
            yield [(f"    {label:>16}  ", "dim"), (said, "")]


def _row(cut: Cut, started: datetime) -> tuple[str, ...]:
    last, messages, at = cut.last, cut.told.messages, started + timedelta(seconds=cut.t)
    cells = (
        f"{at:%H:%M:%S}" if at.date() == started.date() else f"{at:%m-%d %H:%M:%S}",
        last["session"][:_SESSION],
        str(last["number"]),
        f"{last['played']:.1f} of {last['received']:.1f} s",
        last["evidence"],
        last["outcome"] or _OPEN,
        _went_on(cut),
        " + ".join(f"{message.characters:,}" for message in messages),
        " + ".join(_duration(message.after) for message in messages),
    )
    return tuple(_visible(cell) or _NOTHING for cell in cells)


def _went_on(cut: Cut) -> str:
    found = cut.last.get("resumption") or ""
    return _WENT_ON.get(found, found)


def _words(cut: Cut) -> Iterator[tuple[str, str]]:
    """The last words that were heard, and the sentence that was cut off, if the trace has them."""
    for label, name in (("heard", "heard"), ("cut-off sentence", "cut_sentence")):
        if name in cut.last:
            said = _visible(cut.last[name])
            yield label, f"“{said}”" if len(said) <= _WORDS else f"“…{said[1 - _WORDS :]}”"


def _totals(cuts: list[Cut]) -> Iterator[str]:
    if not cuts:
        yield "No cuts."
        return
    sessions = {cut.last["session"] for cut in cuts}
    outcomes = Counter(_visible(cut.last["outcome"] or _OPEN) for cut in cuts)
    played, received = (sum(cut.last[name] for cut in cuts) for name in ("played", "received"))
    yield (
        f"{_count(len(cuts), 'cut')} in {_count(len(sessions), 'session')}: "
        + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        + f". Heard: {played:.1f} of {received:.1f} s."
    )
    if found := Counter(cut.last["resumption"] for cut in cuts if cut.last.get("resumption") is not None):
        yield _places(found)
    notes = [cut.told.note for cut in cuts if cut.told.note is not None]
    requests = [cut.told.request for cut in cuts if cut.told.request is not None]
    middle = ""
    if notes:
        size, after = median(note.characters for note in notes), median(note.after for note in notes)
        middle = f" (median: {size:,.0f} characters, {_duration(after)} after the cut)"
    yield f"{_count(len(notes), 'note')}{middle} and {_count(len(requests), 'request')} to go on."


def _places(found: Counter[str]) -> str:
    """Say how often the model went on right, of how many times at all, and where it did otherwise."""
    nowhere = found.pop("none", 0)
    others = [f"{_visible(where)} {count}" for where, count in found.most_common() if where != "sentence"]
    said = ", ".join([f"went on right {found['sentence']} of {found.total()}", *others])
    return f"{said[0].upper()}{said[1:]}" + (f"; {nowhere} not at all." if nowhere else ".")


def _started(part: Part) -> datetime:
    return datetime.fromisoformat(part.header["started"]).astimezone(UTC)


def _aligned(head: str, cell: str, width: int) -> str:
    return cell.rjust(width) if head in _TO_THE_RIGHT else cell.ljust(width)


def _visible(text: str) -> str:
    return _UNSEEN.sub(" ", text).strip()


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1.0 else f"{1000.0 * seconds:.1f} ms"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
