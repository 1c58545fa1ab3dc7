"""The families of models, each as data: how their messages look, when they come, and what they refuse.

Each default says where it comes from: recorded traffic, Google's documents, users' reports, or an assumption;
docs/emulator-behaviour.md has them all in a table.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ._seen import fields_seen, read_report

Transcript = Literal["words", "letters", "bundled", "ahead"]
"""Output transcript: "words", a message a word just before its audio; "letters", the same in pieces of three characters
that split words; "bundled", one to three words in an audio message; "ahead", all of it before any audio."""

_GEMINI_USAGE = ("promptTokenCount", "responseTokenCount", "thoughtsTokenCount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One family. Times are seconds. Every field may be replaced with `dataclasses.replace`."""

    name: str

    # Output, as it looks on the wire.
    transcript: Transcript
    finished: bool = False  # `{}` opens a transcript, a text-less `{"finished": true}` ends it: Vertex (recorded)
    mime_type: str = "audio/pcm;rate=24000"  # recorded
    model_role: bool = False  # `"role": "model"` in modelTurn: 3.8 and Vertex (recorded)
    chunk: float = 0.24  # the longest audio message (recorded: 0.04 to 0.24)
    thought: str = ""  # a thought part before the reply: 2.5 (recorded)
    empty_before_reply: bool = False  # `{}` and `{"serverContent": {}}`: 3.8 (recorded)
    empty_before_audio: bool = False  # `{}` before each audio message: 3.8 (recorded)
    trailing_silence: float = 0.0  # after the last word, before generationComplete (recorded: 0 to 0.96)
    modalities: frozenset[str] = frozenset({"AUDIO"})  # native audio speaks and nothing else (documented)
    word_offsets: Literal["turn", "session"] = "turn"  # what word times count from (assumed; the types say "the audio")

    # The end of a turn.
    usage: tuple[str, ...] = _GEMINI_USAGE  # fields of usageMetadata beside turnComplete (recorded)
    grounding_metadata: bool = False  # an empty one beside turnComplete: Vertex (recorded)
    interaction_status: bool = False  # IN_PROGRESS or IDLE beside turnComplete: extended thinking (documented)
    first_sentence_apart: bool = False  # it is a turn of its own, and the rest follows (assumed; documented: turns do)
    between_turns: float = 0.5  # from such a turn's turnComplete to the next turn's first sign (assumed)

    # Input, as it is reported.
    input_words: Literal["each", "whole"] = "each"  # a message a word, or the utterance in one (recorded)
    interim_words: bool = False  # guesses before the words, each replaces the last (typed by the SDK, never recorded)
    input_words_when: Literal["after", "during", "never"] = (
        "after"  # the utterance ends (recorded); it is spoken; never
    )
    voice_activity: bool = False  # ACTIVITY_START and ACTIVITY_END: 3.1 early (recorded); not 3.8 (python-genai #2981)

    # Other messages.
    session_id: bool = False  # in setupComplete: Vertex (recorded)
    unprompted_handle: bool = False  # sessionResumptionUpdate without being asked: 3.x (recorded)
    connection_seconds: float | None = 600.0  # until it is closed with 1008 (documented: about 10 minutes)
    go_away_before: float = 50.0  # that end, goAway comes (reported: `"timeLeft": "50s"`)
    resumes_while_open: bool = True  # a handle whose connection is still open; False: 1011 (reported once)

    # Times.
    interrupted_after: float = 0.2  # from the start of speech to `interrupted` (recorded; reported: 0.05 to 0.4)
    cut_complete_after: float = 0.036  # from `interrupted` to `turnComplete` (recorded)
    words_after_cut: float = 0.5  # at the least, from `interrupted` to the user's words (recorded: 0.5 to 3)
    reply_after: float = 0.5  # from the user's last word to the first sign of a reply (recorded)
    lead: float = 0.1  # from that sign to the first audio (recorded)
    content_cut_after: float = 0.15  # from client content to `interrupted` (recorded for a tool response)
    speed: float = 3.5  # times real time at which audio is sent (reported: 3 to 4, sometimes slower than speech)
    playback_margin: float = 0.15  # from the end of estimated playback to turnComplete (recorded)
    stalled_input: float | None = 1.0  # no audio for so long ends speech; None: never (assumed)

    accepts_transcription: bool = True  # else a setup that asks for it is closed with 1007 (assumed)

    # Client content in mid-session.
    accepts_content: bool = True  # else close 1007, but for the initial history of a setup that announces it (recorded)
    requires_role: bool = False  # content without a role: close 1007 (recorded for 3.8)
    silent_content_cuts: bool = False  # by `turn_complete: false`. Sources disagree on 2.5; a client relies on no
    silent_content_mutes: bool = False  # after it, speech gets no answer until content with `true` (reported on 2.0)
    content_race: float | None = None  # closes with 1007 if `true` comes so soon after audio (reported on 2.5, rarely)

    silent_content_holds: bool = False  # while a call is open: what follows its response waits (seen by one client)

    # Tool calls that are cut.
    cancels_calls: bool = True  # toolCallCancellation (documented); never on 3.8 (reported)
    call_again_after: float | None = None  # from the cut to the same call under a new id: 3.8 (reported: 2.6 to 3.6)

    # What stays of a reply that is cut.
    remembers: Literal["sent", "played"] = "sent"  # documented; one report says the server's estimate of what is played
    late_after_cut: int = 0  # messages of the reply that still follow `interrupted`; sources disagree (recorded: none)

    # Replies that nobody asked for in words, and the end of the model's memory.
    answers_noise: bool = True  # is the model asked after voice activity without words? (assumed)
    context_window: int | None = 128_000  # tokens; then close 1007, unless the setup compresses them (documented)

    @classmethod
    def from_probe(cls, report: Mapping[str, Any] | str | Path) -> "Profile":
        """Return a profile that behaves as the service did that the probe has reported on.

        What stayed open in the report, or is none of its questions, is as in the profile of that model's name.

        Args:
            report: what `python -m gemini_live_interrupt probe --json FILE` has written: the path, or the object.

        Raises:
            ValueError: it is no such report.
            OSError: the file cannot be read.
        """
        found = read_report(report)
        model, service = str(found.get("model", "")), str(found.get("service", ""))
        base, _ = profile_of_model(model, vertex=service.startswith("Vertex"))
        return replace(base, name=f"probed: {model}", **fields_seen(found, asdict(base)))


_LIVE_2_0 = Profile(
    name="2.0-flash",
    transcript="letters",  # recorded
    modalities=frozenset({"AUDIO", "TEXT"}),  # documented
    usage=_GEMINI_USAGE[:2],  # it does not think (documented)
    silent_content_cuts=True,  # the SDK's documentation
    silent_content_mutes=True,  # web-console #60
    context_window=32_000,  # documented
)

_NATIVE_2_5 = Profile(
    name="2.5-native",
    transcript="words",
    thought="**Considering The Reply**",
    trailing_silence=0.48,  # the mean of 0.96 and 0 in the recording
)

_VERTEX_2_5 = Profile(
    name="2.5-vertex",
    transcript="ahead",
    finished=True,
    mime_type="audio/pcm",  # recorded
    model_role=True,
    chunk=0.16,  # recorded
    modalities=frozenset({"AUDIO", "TEXT"}),  # half-cascade (documented)
    usage=("candidatesTokenCount",),  # recorded
    grounding_metadata=True,
    session_id=True,
    lead=0.05,  # recorded
    playback_margin=0.03,  # recorded
    context_window=32_000,  # documented
)

_LIVE_3_8 = Profile(
    name="3.8-live",
    transcript="bundled",
    model_role=True,
    chunk=0.16,  # recorded
    empty_before_reply=True,
    empty_before_audio=True,
    input_words="whole",
    unprompted_handle=True,
    interrupted_after=0.64,  # reported: 0.44 to 2.97
    cancels_calls=False,
    call_again_after=3.1,
    reply_after=1.07,  # recorded: ACTIVITY_END to the empty messages
    lead=0.57,  # recorded: those to the first audio
    playback_margin=0.84,  # recorded
    requires_role=True,
    answers_noise=False,  # proactive audio is always on, silence after side talk is legal (documented)
)

_EARLY_3_1 = replace(
    _LIVE_3_8,
    name="3.1-early",
    accepts_content=False,  # recorded, March to May 2026
    answers_noise=True,  # proactive audio came later (documented)
    voice_activity=True,
    interrupted_after=0.2,
    cancels_calls=True,
    call_again_after=None,
)

_THINKING_3_8 = replace(
    _LIVE_3_8,
    name="3.8-thinking",
    interaction_status=True,
    first_sentence_apart=True,
)

PROFILES = {
    profile.name: profile for profile in (_LIVE_2_0, _NATIVE_2_5, _VERTEX_2_5, _EARLY_3_1, _LIVE_3_8, _THINKING_3_8)
}
"""The profiles by name, oldest first."""

_VERSION = re.compile(r"(?<=-)(\d+)(?:\.(\d+))?(?=-|$)")


def find_profile(profile: str | Profile) -> Profile:
    """Return the profile of that name; raise ValueError, naming the known ones, if there is none."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; known are {', '.join(map(repr, PROFILES))}")
    return PROFILES[profile]


def profile_of_model(name: str, *, vertex: bool = False) -> tuple[Profile, str]:
    """Return the profile for a model of that name, and why, for people; `vertex`: it is asked for by Vertex AI's path.

    The names are those that Google's documents and public clients use; a version between two is taken for the earlier.
    """
    found = _VERSION.search(name.lower())
    if found is None:
        return PROFILES["2.5-native"], "the usual one: the model's name has no version"
    version = (int(found[1]), int(found[2] or 0))
    why = f"for the {found[0]} in the model's name"
    if version < (2, 5):
        return PROFILES["2.0-flash"], why
    if version < (3, 1):
        half_cascade = vertex and "native-audio" not in name.lower()
        return PROFILES["2.5-vertex" if half_cascade else "2.5-native"], why
    if version < (3, 8):
        return PROFILES["3.1-early"], why
    return PROFILES["3.8-thinking" if "thinking" in name.lower() else "3.8-live"], why
