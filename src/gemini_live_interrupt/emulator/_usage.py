"""Tokens: what a session has used, as `usageMetadata` reports it."""

from ._schema import Message

_AUDIO = 25  # tokens a second of audio, either way (documented)
_CHARACTERS = 4  # of text to a token (documented: about four)


class Meter:
    """Counts for one session; `prompt` is what the model has to read by now."""

    def __init__(self) -> None:
        self._heard = 0.0
        self._said = 0.0
        self._text = 0
        self._turn = 0.0
        self._written = 0

    @property
    def prompt(self) -> int:
        """The tokens of the context."""
        return self._text + round(_AUDIO * (self._heard + self._said))

    @property
    def said(self) -> float:
        """Seconds of audio that the model has sent."""
        return self._said

    def read(self, text: str) -> None:
        """Count text that the model is told."""
        self._text += len(text) // _CHARACTERS + 1

    def hear(self, seconds: float) -> None:
        """Count audio of the user's."""
        self._heard += seconds

    def say(self, seconds: float, text: str = "") -> None:
        """Count audio, or text in its place, that the model has sent."""
        self._said += seconds
        self._turn += seconds
        if text and not seconds:
            self._written += len(text)

    def take_turn(self, fields: tuple[str, ...], thoughts: int) -> Message:
        """Return `usageMetadata` of the turn that is over, with those fields, and begin the next."""
        response = round(_AUDIO * self._turn) + self._written // _CHARACTERS
        counts = {
            "promptTokenCount": self.prompt,
            "responseTokenCount": response,
            "candidatesTokenCount": response,
            "thoughtsTokenCount": thoughts,
            "totalTokenCount": self.prompt + response + thoughts,
        }
        self._turn, self._written = 0.0, 0
        return {"usageMetadata": {name: counts[name] for name in fields}}
