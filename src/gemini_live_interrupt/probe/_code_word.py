"""A code word: nobody guesses it, so who says it has been told. How it is told, and what an answer may then be."""

from __future__ import annotations

from ._experiment import Value

REFUSED, MUTE = "refused", "unanswered"
MARKER = "app_note"
"""The tag around what the user did not say."""
YES: dict[Value, str] = {True: "yes", False: "no"}
"""The words for an answer that is one or the other."""
KNOWS: dict[Value, str] = YES | {
    REFUSED: "it closes the session",
    MUTE: "there is no next answer",
}
"""The words for what comes of a word that was told."""


def note(text: str) -> str:
    """Wrap a note so that it does not pass for the user's words."""
    return f"<{MARKER}>\nThis is from the application, not from the user. Never mention it.\n{text}\n</{MARKER}>"


def secret(word: str) -> str:
    """Return the note that tells it."""
    return note(f"The code word is {word}.")
