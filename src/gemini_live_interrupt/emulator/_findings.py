"""What is asked of an emulator once a conversation has gone: what the model was told, and what a listener heard."""

import array
import math
from abc import ABC, abstractmethod

from ._hearing import INPUT_RATE
from ._memory import Told
from ._playback import PlayedReply


class Findings(ABC):
    """The questions that a `LiveEmulator` and the fixture `live_emulator` answer alike, about the newest session.

    They raise RuntimeError if nobody has connected yet.
    """

    @property
    @abstractmethod
    def context(self) -> tuple[Told, ...]:
        """What the model has been told, in order, and its own replies as far as they were sent."""

    @property
    @abstractmethod
    def replies(self) -> list[PlayedReply]:
        """The model's replies as they were said, sent and heard; the one in progress as far as it is."""

    def told(self, *kinds: str) -> list[str]:
        """Return the texts that the model has been told, in order, without its own; of these kinds, if any are named.

        The kinds are those of `Told`: "instruction", "speech", "text", "content" (`notes` are of this kind), "tool".
        """
        return [
            told.text for told in self.context if (told.kind in kinds if kinds else told.role != "model" and told.text)
        ]

    def notes(self) -> list[str]:
        """Return the client content that came once a reply had been cut: what the model was told about the cut."""
        context = self.context
        cuts = [place for place, told in enumerate(context) if told.kind == "reply" and told.interrupted]
        return [told.text for told in context[min(cuts) :] if told.kind == "content"] if cuts else []

    @property
    def cuts(self) -> list[PlayedReply]:
        """The replies that were cut."""
        return [reply for reply in self.replies if reply.interrupted]

    @property
    def heard(self) -> list[str]:
        """What a listener has heard of each reply who plays the audio as soon as it comes."""
        return [reply.heard for reply in self.replies]

    @staticmethod
    def utterance(seconds: float = 0.6, quiet: float = 0.6, rate: int = INPUT_RATE) -> bytes:
        """Return PCM (16 bit, mono) that the emulator takes for speech, and the quiet that ends it.

        A tenth of a second is a noise, unless `hear` gives it words.
        """
        step = 2 * math.pi * 200 / rate
        voice = array.array("h", (round(6_000 * math.sin(step * at)) for at in range(round(rate * seconds))))
        return voice.tobytes() + bytes(2 * round(rate * quiet))
