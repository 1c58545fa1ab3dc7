"""What the page shows of the library's work, and its switch *off / on*. An app of your own needs nothing of it.

The library calls back in the context of the task that reads a session's messages, so `CURRENT` tells whose they are.
"""

from __future__ import annotations

from dataclasses import asdict

from conversation import CURRENT

from gemini_live_interrupt import Interruption, default_prompt

COUNTED = {"heard": "heard", "unheard": "unheard", "user": "user_text", "note": "note"}


def note(heard: str, user_text: str, history: list[tuple[str, str]], interruption: Interruption) -> str | None:
    """Write the library's usual note, or none for a page on which it is switched off."""
    return default_prompt(heard, user_text, history, interruption) if CURRENT.get().library else None


def show(interruption: Interruption) -> None:
    """Tell the page of a phase of an interruption, as a trace has it."""
    conversation = CURRENT.get()
    if not conversation.library:
        if interruption.resumption is not None:  # also without a note, it is seen where the model went on
            conversation.tell("resumption", resumption=interruption.resumption)
        return
    told = asdict(interruption)
    del told["session_id"]  # the lines have the conversation's own
    if told["resumption"] is None:  # a trace has it in the phase "resumed" only
        del told["resumption"]
    for name, field in COUNTED.items():
        told[f"{name}_characters"] = None if told[field] is None else len(told[field])
    conversation.tell("interruption", **told)
