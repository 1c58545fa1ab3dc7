"""What the handler wants done: the delivery runs these in the order in which they are given."""

from __future__ import annotations

from dataclasses import dataclass

from ._interruption import Interruption


@dataclass(slots=True, eq=False)
class Note:
    """Something to tell the model about an interruption. Never changed; what becomes of it comes back as an event."""

    interruption: Interruption
    orders_reply: bool
    """Whether the model is to speak now. A silent note is read with the user's next words."""


@dataclass(slots=True, eq=False)
class SendNote:
    """Build this note and send it; one that is still under way is dropped."""

    note: Note


@dataclass(slots=True, eq=False)
class DropNote:
    """Do not send the note that is under way: it is no longer of use."""


@dataclass(slots=True, eq=False)
class ReportInterruption:
    """Tell the app what is known of an interruption now."""

    interruption: Interruption


@dataclass(slots=True, eq=False)
class WakeAt:
    """Hand a `Woken` to the handler at this time, or soon after. An earlier `WakeAt` stays good."""

    at: float


@dataclass(slots=True, eq=False)
class WarnNoTranscription:
    """Warn that the session has no transcription of the model's speech, so that no interruption can be described."""


@dataclass(slots=True, eq=False)
class StopNotes:
    """The server refused a note: send no more to this model."""


@dataclass(slots=True, eq=False)
class KeepState:
    """Keep what is known of the session for the connection that goes on with it by this handle."""

    handle: str


Action = SendNote | DropNote | ReportInterruption | WakeAt | WarnNoTranscription | StopNotes | KeepState
