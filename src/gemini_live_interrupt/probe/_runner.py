"""Runs experiments: each so many times, several at once, and whatever goes wrong in one is its own affair."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ._experiment import Bench, Experiment, ProbedService, Seen
from ._service import in_words

LONGEST_TRIAL = 180.0
"""Seconds until a trial that does not end is given up."""


class TrialProgress(Protocol):
    """Is told how far it is."""

    def trial_done(self, experiment: str, number: int, trouble: str) -> None:
        """Another trial of the experiment is over; `trouble` is "" or what went wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one trial: what was seen, or the trouble that there was, as a clause."""

    experiment: str
    number: int
    seen: Seen
    trouble: str = ""


class Runner:
    """`trials` holds what is done so far, also when the rest is cancelled."""

    def __init__(
        self,
        service: ProbedService,
        experiments: Iterable[Experiment],
        *,
        repeat: int,
        at_once: int,
        progress: TrialProgress,
    ) -> None:
        self._service = service
        self._experiments = tuple(experiments)
        self._repeat = repeat
        self._at_once = at_once
        self._progress = progress
        self.trials: list[Trial] = []

    async def try_to_connect(self) -> None:
        """Open one session and close it; raise whatever is in the way."""
        async with Bench(self._service).talk(microphone=False) as talk:
            await talk.wait(0.5)

    async def run(self) -> None:
        """Run all trials."""
        turns = asyncio.Semaphore(self._at_once)
        async with asyncio.TaskGroup() as group:
            for experiment in self._experiments:
                for number in range(self._repeat):
                    group.create_task(self._run(experiment, number, turns))

    async def _run(self, experiment: Experiment, number: int, turns: asyncio.Semaphore) -> None:
        async with turns:
            seen: Seen = {}
            trouble = ""
            try:
                async with asyncio.timeout(LONGEST_TRIAL):
                    seen = await experiment.trial(Bench(self._service, number))
            except Exception as error:  # noqa: BLE001 - a trial that fails is a result
                trouble = in_words(error)
        self.trials.append(Trial(experiment.name, number, seen, trouble))
        self._progress.trial_done(experiment.name, number, trouble)


def tokens(experiments: Iterable[Experiment], repeat: int) -> int:
    """Estimate the tokens of a run: 25 a second of audio (documented), heard all the time and spoken half of it."""
    return round(repeat * sum(37 * experiment.seconds * experiment.sessions for experiment in experiments))


def minutes(experiments: Iterable[Experiment], repeat: int, at_once: int) -> float:
    """Estimate how long a run takes."""
    return repeat * sum(experiment.seconds for experiment in experiments) / 60 / at_once
