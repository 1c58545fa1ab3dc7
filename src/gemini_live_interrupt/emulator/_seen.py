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
    "empty_first": "empty_before_reply",
    "empty_between": "empty_before_audio",
    "model_role": "model_role",
}
"""Questions whose yes and no are those of a field."""
_WORDS: dict[str, tuple[str, dict[Any, Any]]] = {
    "last_number_none": ("remembers", {"later": "sent", "heard": "played"}),
    "open_call": ("silent_content_holds", {"held": True, "answered": False}),
    "word_times_from": ("word_offsets", {"turn": "turn", "session": "session"}),
    "input_words": ("input_words", {"whole": "whole", "in pieces": "each"}),
    "output_words": (
        "transcript",
        {
            "all of them ahead": "ahead",
            "in the audio's messages": "bundled",
            "in messages of their own": "words",
            "in messages of their own, in pieces that split words": "letters",
        },
    ),
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
    "speed": "speed",
    "ordered_to_interrupted": "content_cut_after",
    "words_to_sign": "reply_after",
    "sign_to_audio": "lead",
    "stalled_waits": "stalled_input",
}
"""Questions whose answers are seconds, or how many times faster."""
FIELDS = frozenset(
    {
        *_SAME.values(),
        *(field for field, _ in _WORDS.values()),
        *_SECONDS.values(),
        *(
            "input_words_when",
            "thought",
            "mime_type",
            "content_race",
            "late_after_cut",
            "words_after_cut",
            "requires_role",
        ),
    }
)
"""All that a report can tell."""
_WHEN = {"whole": "after", "in pieces": "after", "in pieces, while it is spoken": "during", "never": "never"}
_THOUGHT = "**Thinking**"
_RACE = 0.05
"""Seconds: the probe's microphone sends every 0.04, so that whatever it orders comes sooner than that after audio."""
_LATER = 0.1
"""Seconds by which words come later after a cut than else, if they are held back."""


def read_report(report: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    """Return a report, from a file if it is a path; ValueError for what is none, OSError for what cannot be read."""
    found = report if isinstance(report, Mapping) else json.loads(Path(report).read_bytes())
    if not isinstance(found, Mapping) or found.get("format") != FORMAT or not isinstance(found.get("answers"), list):
        raise ValueError(f"this is no report of the probe of format {FORMAT}")
    return found


def fields_seen(report: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a profile that the report's answers tell; what stayed open is left out.

    `usual` are the fields of the profile of the model's name.
    """
    seen = {answer["key"]: answer["value"] for answer in report["answers"] if answer.get("value") is not None}
    fields = {field: seen[key] for key, field in _SAME.items() if isinstance(seen.get(key), bool)}
    for key, (field, values) in _WORDS.items():
        if seen.get(key) in values:
            fields[field] = values[seen[key]]
    for key, field in _SECONDS.items():
        if isinstance(seen.get(key), int | float) and seen[key] > 0:
            fields[field] = round(float(seen[key]), 3)
    if fields.get("accepts_content") and isinstance(seen.get("no_role_accepted"), bool):
        fields["requires_role"] = not seen["no_role_accepted"]
    return fields | _of_several(seen, usual)


def _of_several(seen: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that follow from a question in another way, or from several."""
    fields: dict[str, Any] = {}
    if seen.get("input_words") in _WHEN:
        fields["input_words_when"] = _WHEN[seen["input_words"]]
    if isinstance(seen.get("thoughts"), bool):
        fields["thought"] = (usual["thought"] or _THOUGHT) if seen["thoughts"] else ""
    if isinstance(seen.get("mime_type"), str):
        fields["mime_type"] = seen["mime_type"]
    if isinstance(seen.get("content_race"), bool):
        fields["content_race"] = _RACE if seen["content_race"] else None
    if seen.get("stalled_answered") is False:
        fields["stalled_input"] = None
    if isinstance(late := seen.get("late_after_cut"), int | float):
        fields["late_after_cut"] = round(late)
    usually, cutting, held = (seen.get(key) for key in ("speech_to_words", "cutting_to_words", "interrupted_to_words"))
    if isinstance(held, float):
        is_held = usually is not None and cutting is not None and cutting > usually + _LATER
        fields["words_after_cut"] = round(held, 3) if is_held else min(held, usual["words_after_cut"])
    return fields
