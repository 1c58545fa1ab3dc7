"""Has an emulator probed, for the tests."""

from __future__ import annotations

from typing import Any

from gemini_live_interrupt.emulator import Profile
from gemini_live_interrupt.probe._emulated import emulated
from gemini_live_interrupt.probe._experiment import Value
from gemini_live_interrupt.probe._experiments import BY_NAME, EXPERIMENTS
from gemini_live_interrupt.probe._findings import find_answers
from gemini_live_interrupt.probe._mind import Mind
from gemini_live_interrupt.probe._runner import Runner


class Nobody:
    def trial_done(self, experiment: str, number: int, trouble: str) -> None:
        pass


async def probed(profile: Profile, *only: str, mind: Mind | None = None, **options: Any) -> dict[str, Value | None]:
    """Return the answers by the keys of their questions; no trial has had any trouble."""
    experiments = [BY_NAME[name] for name in only] if only else EXPERIMENTS
    async with emulated(profile, mind, **options) as service:
        runner = Runner(service, experiments, repeat=1, at_once=4, progress=Nobody())
        await runner.run()
        assert [trial.trouble for trial in runner.trials if trial.trouble] == []
        return {answer.key: answer.value for answer in find_answers(experiments, runner.trials)}
