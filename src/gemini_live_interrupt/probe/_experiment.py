"""An experiment as data: what it asks, what it does, and what each outcome means to the library."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ._talk import Talk

Value = bool | int | float | str
"""What is seen in one trial: yes or no, a number, or one of a few words."""
Seen = dict[str, Value | None]
"""What one trial saw, by the keys of its questions; `None` is what it could not tell."""

WORDS = ("pineapple", "umbrella", "elephant", "butterfly", "telephone")
"""Code words: nobody says one by chance, and a transcript spells them in one way only."""


class ProbedService(Protocol):
    """What the probe talks to."""

    name: str
    model: str

    def connect(self, config: Mapping[str, Any]) -> contextlib.AbstractAsyncContextManager[Any]:
        """Open a session of google-genai."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What a trial works with. `number` counts trials from 0: each has a code word of its own."""

    service: ProbedService
    number: int = 0

    @property
    def word(self) -> str:
        """The code word of this trial."""
        return WORDS[self.number % len(WORDS)]

    @contextlib.asynccontextmanager
    async def talk(self, *, microphone: bool = True, **config: Any) -> AsyncIterator[Talk]:
        """Open a session with audio and transcripts both ways; `config` is added to that. A field of `None` goes."""
        wanted = {
            "response_modalities": ["AUDIO"],
            "input_audio_transcription": {},
            "output_audio_transcription": {},
        } | config
        setup = {name: value for name, value in wanted.items() if value is not None}
        async with self.service.connect(setup) as session, Talk(session).going_on(microphone=microphone) as talk:
            yield talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a trial's value of the name `key` answers.

    `says` has words for the values that are no numbers, `library` what the library does about it, and `option` what to
    set for which value ("*" for all). If the observation `control` is ever true, the answer is worth nothing.
    """

    key: str
    asks: str
    unit: str = ""
    says: Mapping[Value, str] = field(default_factory=dict)
    library: str = ""
    option: Mapping[Value, str] = field(default_factory=dict)
    control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One experiment. `seconds` is about how long one trial takes, over all of its `sessions`, which may overlap."""

    name: str
    about: str
    sends: str
    seconds: float
    sessions: int
    trial: Callable[[Bench], Awaitable[Seen]]
    questions: tuple[Question, ...]
