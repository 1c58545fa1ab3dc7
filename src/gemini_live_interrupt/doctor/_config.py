"""What in a `LiveConnectConfig` keeps the library from working, or makes it do less; and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .._settings import Settings
from ._acceptance import take
from ._finding import Finding, Level

RESUME_AFTER = 4.0
"""Seconds: the default of `enable_interrupt_resume`."""
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


def _adds_transcription(settings: Settings | None) -> bool:
    return settings is None or settings.transcription


def _added(field: str, whose: str) -> Finding:
    """Say that the library asks for a transcription that the configuration lacks."""
    return _finding(
        "hint",
        field,
        f"{field} is missing.",
        f"The words of the {whose} come from the server. The library asks for them by itself when the session is "
        "connected while it is on.",
        f'Add "{field}": {{}} if the app connects earlier, or by another way.',
    )


def _check_output(config: Any, settings: Settings | None) -> Iterator[Finding]:
    if config.output_audio_transcription is not None or _modalities(config) == ["TEXT"]:
        return
    if _adds_transcription(settings):
        yield _added("output_audio_transcription", "model")
    else:
        yield _finding(
            "error",
            "output_audio_transcription",
            "output_audio_transcription is missing.",
            "The words of the model come from the server; without them nothing is known of what was heard, and no "
            "note is sent. With transcription=False the library does not ask for them.",
            'Add "output_audio_transcription": {}.',
        )


def _check_input(config: Any, settings: Settings | None) -> Iterator[Finding]:
    if config.input_audio_transcription is not None or _modalities(config) == ["TEXT"]:
        return
    if _adds_transcription(settings):
        yield _added("input_audio_transcription", "user")
    else:
        yield _finding(
            "hint" if settings is not None and settings.resume_after is None else "warning",
            "input_audio_transcription",
            "input_audio_transcription is missing.",
            "The note holds only the model's side of the conversation: user_text stays empty. A long utterance is told "
            "from silence by the microphone, if the app sends it through google-genai.",
            'Add "input_audio_transcription": {}; if you cannot, and the microphone goes another way, '
            "enable_interrupt_resume(resume_after=None).",
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
    if detection is None:
        return
    if detection.disabled:
        yield _finding(
            "hint",
            "automatic_activity_detection",
            "automatic_activity_detection is disabled.",
            "The model is interrupted when the app sends activity_start, and only then. From there to activity_end the "
            "user counts as speaking, if the app sends both through google-genai.",
            "Send activity_start when the user begins to speak. If they go another way (a framework that writes to the "
            "socket itself), enable_interrupt_resume(resume_after=None).",
        )
    wait = settings.resume_after if settings is not None else RESUME_AFTER
    silence = (detection.silence_duration_ms or 0) / 1000
    if wait is not None and silence >= wait:
        yield _finding(
            "hint",
            "silence_duration_ms",
            f"silence_duration_ms is {silence:g} s, and resume_after {wait:g} s.",
            "The server takes the user's speech for over after that silence, and answers only then. resume_after "
            "counts from its end where the connect is seen; in a session that was connected before the library was "
            "on, the model would be asked to go on before it could answer.",
            f"Enable the library before connecting, or with a resume_after of more than {silence:g}.",
        )


def _check_context(config: Any, _: Settings | None) -> Iterator[Finding]:
    if config.context_window_compression is None:
        yield _finding(
            "hint",
            "context_window_compression",
            "context_window_compression is missing.",
            "A note is about 220 tokens, and stays in the context. A full context is closed with 1007, which within "
            "two seconds of a note is taken for a refusal: no more notes are sent to that model.",
            'For long sessions: "context_window_compression": {"sliding_window": {}}.',
        )


CHECKS: tuple[Callable[[Any, Settings | None], Iterator[Finding]], ...] = (
    _check_modalities,
    _check_output,
    _check_input,
    _check_realtime_input,
    _check_context,
)
