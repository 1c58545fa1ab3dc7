"""What a session was set up for, read from its first frame."""

from dataclasses import dataclass, field
from typing import Any

from ._hearing import PREFIX_SECONDS, SILENCES, THRESHOLDS, Ear
from ._profiles import Profile
from ._reply import ReplyOptions
from ._schema import INVALID_ARGUMENT, Message, RefusedError

SETUP_FIRST = "setup must be the first message and only the first"
"""The reason of the close where it is not (assumed)."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The parts of the setup that the emulator acts on; `message` is the whole of it."""

    model: str
    instruction: str = ""
    modality: str = "AUDIO"
    input_transcription: bool = False
    output_transcription: bool = False
    input_word_times: bool = False
    output_word_times: bool = False
    initial_history: bool = False
    compression: bool = False
    manual_activity: bool = False
    interruption: bool = True
    resumption: bool = False
    handle: str = ""
    detection: Message = field(default_factory=dict)
    tools: tuple[Any, ...] = ()
    message: Message = field(default_factory=dict)

    def wish(self, speed: float) -> ReplyOptions:
        """Return what this setup asks of every reply."""
        return ReplyOptions(
            speed=speed,
            modality=self.modality,
            transcription=self.output_transcription,
            word_times=self.output_word_times,
        )

    def ear(self) -> Ear:
        """Return voice activity detection as this setup wants it."""
        detection = self.detection
        start = detection.get("startOfSpeechSensitivity", "")
        end = detection.get("endOfSpeechSensitivity", "")
        prefix = detection.get("prefixPaddingMs")
        silence = detection.get("silenceDurationMs")
        return Ear(
            threshold=THRESHOLDS.get(start, THRESHOLDS["START_SENSITIVITY_HIGH"]),
            prefix=PREFIX_SECONDS if prefix is None else prefix / 1000,
            silence=SILENCES.get(end, SILENCES["END_SENSITIVITY_HIGH"]) if silence is None else silence / 1000,
        )


def read_setup(frame: Message, profile: Profile) -> Setup:
    """Read the first frame of a session; raise `RefusedError` if it is none or asks for what the model has not."""
    setup = frame.get("setup")
    if setup is None:
        raise RefusedError(SETUP_FIRST)
    if not setup.get("model"):
        raise RefusedError(INVALID_ARGUMENT)
    wanted = setup.get("generationConfig", {}).get("responseModalities") or ["AUDIO"]
    if len(wanted) != 1 or wanted[0] not in profile.modalities:
        raise RefusedError(
            f"The requested combination of response modalities ({', '.join(wanted)}) is not supported by the model."
        )
    if not profile.accepts_transcription and setup.keys() & {"inputAudioTranscription", "outputAudioTranscription"}:
        raise RefusedError(INVALID_ARGUMENT)
    realtime = setup.get("realtimeInputConfig", {})
    detection = realtime.get("automaticActivityDetection", {})
    if any(detection.get(name, 0) < 0 for name in ("prefixPaddingMs", "silenceDurationMs")):
        raise RefusedError(INVALID_ARGUMENT)
    return Setup(
        model=setup["model"],
        instruction=text_of(setup.get("systemInstruction", {})),
        modality=wanted[0],
        input_transcription="inputAudioTranscription" in setup,
        output_transcription="outputAudioTranscription" in setup,
        input_word_times=(setup.get("inputAudioTranscription") or {}).get("wordTimestamp", False),
        output_word_times=(setup.get("outputAudioTranscription") or {}).get("wordTimestamp", False),
        initial_history=setup.get("historyConfig", {}).get("initialHistoryInClientContent", False),
        compression="contextWindowCompression" in setup,
        manual_activity=detection.get("disabled", False),
        interruption=realtime.get("activityHandling") != "NO_INTERRUPTION",
        resumption="sessionResumption" in setup,
        handle=setup.get("sessionResumption", {}).get("handle", ""),
        detection=detection,
        tools=tuple(setup.get("tools", [])),
        message=setup,
    )


def text_of(content: Message) -> str:
    """Return the text of a content's parts, without thoughts."""
    return "".join(part.get("text", "") for part in content.get("parts", []) if not part.get("thought"))
