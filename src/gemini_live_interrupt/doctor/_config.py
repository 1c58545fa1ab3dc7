"""What in a `LiveConnectConfig` keeps the library from working, or makes it do less; and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .._settings import Settings
from ._acceptance import take
from ._finding import Finding, Level

NOTHING = "Nothing in it keeps the library from working."


def check_config(config: Any, settings: Settings | None) -> list[Finding]:
    """Look at a dict or a `LiveConnectConfig`; `settings` are the library's, if the app has switched it on."""
    accepted, findings = take(config)
    if accepted is not None:
        findings += [finding for check in CHECKS for finding in check(accepted, settings)]
    if not any(finding.level in ("error", "warning") for finding in findings):
        findings.insert(0, _finding("ok", "config", NOTHING))
    return findings


def _finding(level: Level, about: str, found: str, why: str = "", do: str = "") -> Finding:
    return Finding(check="config", level=level, about=about, found=found, why=why, do=do)


def _modalities(config: Any) -> list[str]:
    wanted = config.response_modalities
    if not wanted and config.generation_config is not None:
        wanted = config.generation_config.response_modalities
    return [str(getattr(modality, "value", modality)).upper() for modality in wanted or ["AUDIO"]]


def _check_modalities(config: Any, _: Settings | None) -> Iterator[Finding]:
    about, wanted = "response_modalities", _modalities(config)
    named = ", ".join(wanted)
    if len(wanted) > 1:
        yield _finding(
            "error",
            about,
            f"response_modalities names {len(wanted)}: {named}.",
            "The service takes one, and refuses such a session.",
            'Use ["AUDIO"]; the words of what is said come with output_audio_transcription.',
        )
    elif wanted == ["TEXT"]:
        yield _finding(
            "warning",
            about,
            "response_modalities is TEXT: the session has no audio.",
            "All text that was received counts as read. The model is told so when it is cut off in mid-generation; "
            "a cut after that leaves nothing to tell, and sends no note.",
            'If the app speaks the text itself, use ["AUDIO"] with output_audio_transcription: nobody can tell here '
            "what was heard of it. If it shows the text, leave it so.",
        )
    elif wanted != ["AUDIO"]:
        yield _finding("not checked", about, f"response_modalities is {named}: nothing is known of such sessions.")


def _check_output(config: Any, _: Settings | None) -> Iterator[Finding]:
    if config.output_audio_transcription is None and _modalities(config) != ["TEXT"]:
        yield _finding(
            "error",
            "output_audio_transcription",
            "output_audio_transcription is missing.",
            "The words of the model come from the server; without them nothing is known of what was heard, and no "
            "note is sent.",
            'Add "output_audio_transcription": {}.',
        )


def _check_input(config: Any, settings: Settings | None) -> Iterator[Finding]:
    if config.input_audio_transcription is None:
        yield _finding(
            _unless_told_not_to_ask(settings),
            "input_audio_transcription",
            "input_audio_transcription is missing.",
            "The note holds only the model's side of the conversation: user_text stays empty. And a user who speaks "
            "for longer than resume_after (4 seconds unless you say otherwise) looks silent, if the server sends no "
            "voice activity (3.x does, but not always): the model is then asked to go on while they speak.",
            'Add "input_audio_transcription": {}; if you cannot, enable_interrupt_resume(resume_after=None).',
        )


def _check_realtime_input(config: Any, settings: Settings | None) -> Iterator[Finding]:
    realtime = config.realtime_input_config
    if realtime is None:
        return
    if getattr(realtime.activity_handling, "value", realtime.activity_handling) == "NO_INTERRUPTION":
        yield _finding(
            "error",
            "activity_handling",
            "activity_handling is NO_INTERRUPTION.",
            "The server never interrupts the model: there is nothing for the library to do.",
            "Leave activity_handling out, or set START_OF_ACTIVITY_INTERRUPTS; else leave the library off.",
        )
    detection = realtime.automatic_activity_detection
    if detection is not None and detection.disabled:
        yield _finding(
            _unless_told_not_to_ask(settings),
            "automatic_activity_detection",
            "automatic_activity_detection is disabled.",
            "The model is interrupted when the app sends activity_start, and only then. The library does not see what "
            "the app sends: a user who speaks for longer than resume_after, and of whom no words come meanwhile, looks "
            "silent, and the model is asked to go on while they speak.",
            "Send activity_start when the user begins to speak, and enable_interrupt_resume(resume_after=None).",
        )


def _unless_told_not_to_ask(settings: Settings | None) -> Level:
    return "hint" if settings is not None and settings.resume_after is None else "warning"


def _check_context(config: Any, _: Settings | None) -> Iterator[Finding]:
    if config.context_window_compression is None:
        yield _finding(
            "hint",
            "context_window_compression",
            "context_window_compression is missing.",
            "A note is about 350 tokens, and stays in the context. A full context is closed with 1007, which within "
            "two seconds of a note is taken for a refusal: no more notes are sent in the process.",
            'For long sessions: "context_window_compression": {"sliding_window": {}}.',
        )


CHECKS: tuple[Callable[[Any, Settings | None], Iterator[Finding]], ...] = (
    _check_modalities,
    _check_output,
    _check_input,
    _check_realtime_input,
    _check_context,
)
