"""What a report of the probe has seen of a service, as fields of a profile."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMAT = 1
"""Of the report's JSON."""
_SAME = {
    "silent_accepted": "accepts_content",
    "silent_mutes": "silent_content_mutes",
    "running_cuts": "silent_content_cuts",
    "voice_activity": "voice_activity",
    "interim_words": "interim_words",
    "unprompted_handle": "unprompted_handle",
    "finished": "finished",
    "interaction_status": "interaction_status",
}
"""Questions whose yes and no are those of a field."""
_WORDS: dict[str, tuple[str, dict[Any, Any]]] = {
    "last_number_none": ("remembers", {"later": "sent", "heard": "played"}),
    "open_call": ("silent_content_holds", {"held": True, "answered": False}),
    "word_times_from": ("word_offsets", {"turn": "turn", "session": "session"}),
    "input_words": ("input_words", {"whole": "whole", "in pieces": "each"}),
    "cough_none": (
        "answers_noise",
        {"unanswered": False, "later": True, "heard": True, "earlier": True, "not at all": True},
    ),
}
"""Questions whose answers are words: the field, and its value for each."""
_SECONDS = {
    "speech_to_interrupted": "interrupted_after",
    "interrupted_to_complete": "cut_complete_after",
    "playback_to_complete": "playback_margin",
    "chunk": "chunk",
}
"""Questions whose answers are seconds."""


def read_report(report: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    """Return a report, from a file if it is a path; ValueError for what is none, OSError for what cannot be read."""
    found = report if isinstance(report, Mapping) else json.loads(Path(report).read_bytes())
    if not isinstance(found, Mapping) or found.get("format") != FORMAT or not isinstance(found.get("answers"), list):
        raise ValueError(f"this is no report of the probe of format {FORMAT}")
    return found


def fields_seen(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a profile that the report's answers tell; what stayed open is left out."""
    seen = {answer["key"]: answer["value"] for answer in report["answers"] if answer.get("value") is not None}
    fields = {field: seen[key] for key, field in _SAME.items() if isinstance(seen.get(key), bool)}
    for key, (field, values) in _WORDS.items():
        if seen.get(key) in values:
            fields[field] = values[seen[key]]
    for key, field in _SECONDS.items():
        if isinstance(seen.get(key), float) and seen[key] > 0:
            fields[field] = seen[key]
    if fields.get("accepts_content") and isinstance(seen.get("no_role_accepted"), bool):
        fields["requires_role"] = not seen["no_role_accepted"]
    return fields
