"""What the model was told of one cut: the note, and the request to go on if nobody spoke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Message(NamedTuple):
    """A text that was sent to the model."""

    characters: int
    after: float
    """Seconds from `interrupted` until it was sent: no two of one cut have the same."""
    text: str = ""
    """Itself, where it is wanted."""


@dataclass(slots=True, eq=False)
class SentMessages:
    """Follows the phases of a cut, each of which knows only the message that was sent last."""

    note: Message | None = None
    request: Message | None = None
    _nobody_spoke: bool = False

    @property
    def messages(self) -> list[Message]:
        """What was sent, in that order."""
        return [message for message in (self.note, self.request) if message is not None]

    def follow(self, phase: str, sent: Message | None) -> None:
        """Take in the next phase, and what had been sent last by then."""
        if sent is not None and sent not in (self.note, self.request):
            if self._nobody_spoke:
                self.request = sent
            else:
                self.note = sent
        self._nobody_spoke = self._nobody_spoke or phase == "silence"
