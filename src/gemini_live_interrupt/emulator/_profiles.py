"""The families of models, each as data: how their messages look, when they come, and what they refuse.

Each default says where it comes from: recorded traffic, Google's documents, users' reports, or an assumption.
"""

from dataclasses import dataclass
from typing import Literal

Transcript = Literal["words", "bundled"]
"""Output transcript: "words", a message a word just before its audio; "bundled", one to three in an audio message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One family. Times are seconds. Every field may be replaced with `dataclasses.replace`."""

    name: str

    # Output, as it looks on the wire.
    transcript: Transcript
    mime_type: str = "audio/pcm;rate=24000"  # recorded
    model_role: bool = False  # `"role": "model"` in modelTurn: 3.8 and Vertex (recorded)
    chunk: float = 0.24  # the longest audio message (recorded: 0.04 to 0.24)
    thought: str = ""  # a thought part before the reply: 2.5 (recorded)
    empty_before_reply: bool = False  # `{}` and `{"serverContent": {}}`: 3.8 (recorded)
    empty_before_audio: bool = False  # `{}` before each audio message: 3.8 (recorded)
    trailing_silence: float = 0.0  # after the last word, before generationComplete (recorded: 0 to 0.96)
    modalities: frozenset[str] = frozenset({"AUDIO"})  # native audio speaks and nothing else (documented)

    # Input, as it is reported.
    input_words: Literal["each", "whole"] = "each"  # a message a word, or the utterance in one (recorded)
    voice_activity: bool = False  # ACTIVITY_START and ACTIVITY_END: 3.8 (recorded, "not always")

    # Other messages.
    unprompted_handle: bool = False  # sessionResumptionUpdate without being asked: 3.x (recorded)
    thoughts_token_count: bool = True  # in usageMetadata (recorded)

    # Times.
    interrupted_after: float = 0.2  # from the start of speech to `interrupted` (recorded; reported: 0.05 to 0.4)
    cut_complete_after: float = 0.036  # from `interrupted` to `turnComplete` (recorded)
    words_after_cut: float = 0.5  # at the least, from `interrupted` to the user's words (recorded: 0.5 to 3)
    reply_after: float = 0.5  # from the user's last word to the first sign of a reply (recorded)
    lead: float = 0.1  # from that sign to the first audio (recorded)
    content_cut_after: float = 0.15  # from client content to `interrupted` (recorded for a tool response)
    playback_margin: float = 0.15  # from the end of estimated playback to turnComplete (recorded)
    stalled_input: float | None = 1.0  # no audio for so long ends speech; None: never (assumed)

    # Client content in mid-session.
    accepts_content: bool = True  # else close 1007 (recorded)
    requires_role: bool = False  # content without a role: close 1007 (recorded for 3.8)
    silent_content_cuts: bool = False  # by `turn_complete: false` (2.5: unknown; 3.8: documented)

    # Replies that nobody asked for in words.
    answers_noise: bool = True  # is the model asked after voice activity without words? (assumed)


_NATIVE_2_5 = Profile(
    name="2.5-native",
    transcript="words",
    thought="**Considering The Reply**",
    trailing_silence=0.48,  # the mean of 0.96 and 0 in the recording
)

_LIVE_3_8 = Profile(
    name="3.8-live",
    transcript="bundled",
    model_role=True,
    chunk=0.16,  # recorded
    empty_before_reply=True,
    empty_before_audio=True,
    input_words="whole",
    voice_activity=True,
    unprompted_handle=True,
    reply_after=1.07,  # recorded: ACTIVITY_END to the empty messages
    lead=0.57,  # recorded: those to the first audio
    playback_margin=0.84,  # recorded
    requires_role=True,
    answers_noise=False,  # proactive audio is always on, silence after side talk is legal (documented)
)

PROFILES = {profile.name: profile for profile in (_NATIVE_2_5, _LIVE_3_8)}
"""The profiles by name."""


def find_profile(profile: str | Profile) -> Profile:
    """Return the profile of that name; raise ValueError, naming the known ones, if there is none."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; known are {', '.join(map(repr, PROFILES))}")
    return PROFILES[profile]
