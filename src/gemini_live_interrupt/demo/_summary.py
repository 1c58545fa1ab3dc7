"""A conversation in words: what was sent, heard, told, and missed."""

import re

from ._messages import Record, Wish
from ._report import Report, report

NOTHING = "nothing"
_QUOTATIONS = (
    ("they heard", re.compile(r"the user HEARD: “(.*)”"), (0, 4)),
    ("they did not hear", re.compile(r"did NOT HEAR: “(.*)”"), (3, 2)),
    ("continue with", re.compile(r"text to continue with: “(.*)”"), (4, 4)),
)
_NOISE = {
    "2.5-native": "After a noise it has the model speak; real ones are known to stay silent now and then.",
    "3.8-live": "After a noise it stays silent, as the real one may; the library then asks the model to go on.",
}
_ASKED = "What to do now:"
"""Stands in a note that asks the model to speak."""


def rows(record: Record) -> list[tuple[str, str]]:
    """Return what is to be shown of a conversation: label and text."""
    found = report(record)
    return [
        ("sent", _extent(record.sent)),
        ("heard", _extent(record.heard)),
        ("told", "\n".join(map(shorten_note, record.told)) or NOTHING),
        ("then", _dialogue(record)),
        ("went on", _place(record)),
        ("missed", _run(found.missed, found.words)),
        ("heard twice", _run(found.heard_twice, found.words) + _excuse(found)),
    ]


def shorten_note(note: str) -> str:
    """Return the facts of a note, quoted by their edges; of a note without them, its beginning."""
    if _ASKED in note:
        return "and after a silence the same again: go on now"
    quoted = [(name, pattern.search(note), edges) for name, pattern, edges in _QUOTATIONS]
    facts = [f"{name} “{abridge(match[1], *edges)}”" for name, match, edges in quoted if match]
    return f"a note ({len(note):,} characters): {', '.join(facts) or abridge(note, 12, 0)}"


def abridge(text: str, first: int, last: int) -> str:
    """Return the first and the last words of a text, or all of it if little would be left out."""
    words = text.split()
    if len(words) <= first + last + 1:
        return " ".join(words)
    return " ".join([*words[:first], "…", *words[len(words) - last :]])


def introduction(wish: Wish) -> str:
    """Say what is going to happen."""
    deed = {"question": "asks something new", "noise": "coughs", "follow-up": "asks about the story"}[wish.case]
    model = f"{wish.model} tells" if wish.live else "A model tells"
    return (
        f"{model} a story; in its third sentence the user {deed}. The same conversation is held twice, "
        "at the same time: without and with enable_interrupt_resume()."
    )


def caution(wish: Wish) -> str:
    """Say what is not real, and what a real service may do otherwise."""
    if wish.live:
        return "The listener's clock is simulated; what was heard is estimated from when the transcript came."
    noise = f" {_NOISE[wish.profile]}" if wish.case == "noise" else ""
    return (
        "The model is scripted: it follows the note in its context and nothing else, and without one it goes on from "
        f"what was sent. The service is this package's emulator ({wish.profile}). The listener's clock is simulated: a "
        f"word is heard when its audio would have been played.{noise}"
    )


def _extent(text: str) -> str:
    return f"{len(text.split())} words, to “{abridge(text, 0, 6)}”" if text else NOTHING


def _dialogue(record: Record) -> str:
    """Return what was said after the interruption."""
    lines = record.lines[1:]
    if lines and lines[-1][0] == "user":
        lines = [*lines, ("model", "(stays silent)")]
    return "\n".join(f"{who}: {abridge(words, 10, 4)}" for who, words in lines)


def _place(record: Record) -> str:
    found = report(record)
    if found.went_on is None:
        return "nowhere: the story is not taken up again"
    place = abridge(found.resumed, 4, 0)
    if found.went_on == found.cut:
        return f"at “{place}”, the beginning of the cut-off sentence"
    if found.went_on == len(record.sent.split()):
        return f"at “{place}”, where sending had got to"
    return f"at “{place}”"


def _run(runs: list[str], of: int) -> str:
    if not runs:
        return NOTHING
    count = sum(len(run.split()) for run in runs)
    return f"{count} of {of} words: " + ", ".join(f"“{abridge(run, 9, 5)}”" for run in runs)


def _excuse(found: Report) -> str:
    return ", as the sentence begins again" if found.heard_twice and found.went_on == found.cut else ""
