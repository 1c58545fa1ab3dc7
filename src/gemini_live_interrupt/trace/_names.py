"""The names under which telemetry tells what it knows of a cut.

Those that begin with `gen_ai` or `error` are of OpenTelemetry's semantic conventions for generative AI; the others are
this library's own, since the conventions have none for an interruption. They forbid to make up a conversation id where
the app has none; and an interruption is no operation of theirs, since it generates nothing.
"""

from __future__ import annotations

import json

from .._interruption import Interruption
from ._told import SentMessages

OWN = "gemini_live_interrupt"
OPERATION = "interruption"
CONVERSATION = "gen_ai.conversation.id"
KNOWN = {"gen_ai.operation.name": OPERATION, "gen_ai.provider.name": "gcp.gen_ai"}
"""What the conventions want for every span and metric; which of Google's endpoints it is, is not known here."""
FAILURES = frozenset({"failed", "refused"})

Attributes = dict[str, str | int | float]


def attributes(interruption: Interruption, told: SentMessages) -> Attributes:
    """Return what a span says of a cut, without what people said."""
    own: Attributes = {
        "session.id": interruption.session_id,
        "number": interruption.number,
        "cause": interruption.cause,
        "evidence": interruption.evidence,
        "heard.duration": interruption.played,
        "received.duration": interruption.received,
        "heard.characters": len(interruption.heard),
        "unheard.characters": len(interruption.unheard),
        "user.characters": len(interruption.user_text),
    }
    for name, message in (("note", told.note), ("request", told.request)):
        if message is not None:
            own |= {f"{name}.characters": message.characters, f"{name}.latency": message.after}
    if interruption.resumption is not None:
        own["resumption"] = interruption.resumption
    found: Attributes = {"gen_ai.output.type": "text" if interruption.evidence == "text" else "speech", **KNOWN}
    if (outcome := interruption.outcome) is not None:
        own["outcome"] = outcome
        found |= {"error.type": outcome} if outcome in FAILURES else {}
    return found | _named(own)


def content(interruption: Interruption, told: SentMessages) -> Attributes:
    """Return what people said, as far as a cut knows it; messages as JSON, in the form of the conventions."""
    history = [
        {"role": "assistant" if role == "model" else role, "parts": [_part(text)]}
        for role, text in interruption.history
    ]
    reply: dict[str, object] = {"role": "assistant", "parts": [_part(interruption.heard), _part(interruption.unheard)]}
    said: Attributes = {"cut_sentence": interruption.cut_sentence, "user.text": interruption.user_text}
    for name, message in (("note", told.note), ("request", told.request)):
        if message is not None:
            said[f"{name}.text"] = message.text
    said = _named(said)
    said["gen_ai.input.messages"] = json.dumps(history, ensure_ascii=False)
    said["gen_ai.output.messages"] = json.dumps([reply | {"finish_reason": "interrupted"}], ensure_ascii=False)
    return said


def _named(own: Attributes) -> Attributes:
    return {f"{OWN}.{name}": value for name, value in own.items()}


def _part(text: str) -> dict[str, str]:
    return {"type": "text", "content": text}
