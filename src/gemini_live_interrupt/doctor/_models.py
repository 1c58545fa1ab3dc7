"""Which family a model is of, by its name, and what is known of notes there."""

from __future__ import annotations

import re

from .._settings import Settings
from ._finding import Finding, Level

LAST_EARLY = (2026, 5)
"""Year and month: 3.1 previews up to then take no client content in mid-session (recorded, March to May 2026)."""
KNOWN = ("2.0", "2.5", "3.1", "3.8")

_LIVE = ("live", "native-audio")
"""One of these is in the name of every Live model in Google's documents but the experimental ones of 2.0."""

_VERSION = re.compile(r"\bgemini-(?:live-)?(\d+(?:\.\d+)?)(?![\d.])")
_DATE = re.compile(r"-(\d\d)-(\d{4})\b")


def check_model(name: str, settings: Settings | None) -> Finding:
    """Say what is known of a model; `settings` are the library's, if the app has switched it on."""
    version = _VERSION.search(name.lower())
    family = version[1] if version else ""
    if family not in KNOWN:
        what = f"Nothing is known here of {name!r}: its name shows none of {', '.join(KNOWN)}."
        do = "Try it, and look for an error of the logger gemini_live_interrupt: it names a refusal with 1007."
        return _finding("not checked", what, do=do)
    if not any(word in name.lower() for word in _LIVE):
        what = f"Nothing in the name {name!r} says that it is a Live model."
        why = "A model that is none refuses the connect. The names of Live models have live or native-audio in them."
        return _finding("warning", what, why, "Look the name up in the list of Live models.")
    orders = settings is not None and settings.turn_complete
    if family == "2.0":
        return _live_2_0(orders=orders)
    if family == "3.1" and (refusal := _early_3_1(name)):
        return refusal
    if orders:
        what = f"It is of the family {family}, and the library is enabled with turn_complete=True."
        why = "The server answers the user by itself; a note that orders a reply makes two."
        return _finding("warning", what, why, "Leave turn_complete out.")
    if family == "2.5":
        unknown = "whether it reads a silent note before its very next answer, and whether one can cut a reply."
        return _finding("ok", f"It is of the family 2.5, which takes notes in mid-session. Not known is {unknown}")
    return _finding("ok", f"It is of the family {family}, which takes silent notes and uses them in the next turn.")


def _live_2_0(*, orders: bool) -> Finding:
    if orders:
        return _finding("ok", "It is of the family 2.0, and the library is enabled with turn_complete=True.")
    return _finding(
        "warning",
        "It is of the family 2.0.",
        "After silent content it is reported to leave speech unanswered until content orders a reply; with the default "
        "settings, the answer comes only when the model is asked to go on.",
        "enable_interrupt_resume(turn_complete=True), or use a later model.",
    )


def _early_3_1(name: str) -> Finding | None:
    why = "The previews of March to May 2026 close the session with 1007 when a note comes; later ones take it."
    date = _DATE.search(name)
    if date is None:
        do = "If a session closes with 1007 after an interruption, leave the library off, or use a later model."
        return _finding("warning", "It is of the family 3.1, and its name does not say when it is from.", why, do)
    if (int(date[2]), int(date[1])) > LAST_EARLY:
        return None
    do = "Use a later model, or leave the library off."
    return _finding("error", f"It is an early 3.1 preview, of {date[1]}-{date[2]}.", why, do)


def _finding(level: Level, found: str, why: str = "", do: str = "") -> Finding:
    return Finding(check="model", level=level, about="model", found=found, why=why, do=do)
