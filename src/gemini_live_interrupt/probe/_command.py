"""`python -m gemini_live_interrupt probe`: what its command line says, and what is wrong with it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from .._api import disable_interrupt_resume
from .._cli import UsageError
from .._extras import what_is_missing
from ._experiment import Experiment, ProbedService
from ._experiments import BY_NAME, EXPERIMENTS
from ._progress import showing_progress
from ._report import Report, make_report, write_json, write_table
from ._runner import Runner, minutes, tokens
from ._service import MODEL, CannotError, Google, in_words

_NAME = 16


def run(options: argparse.Namespace) -> int:
    """Probe the service, and report; return the exit status."""
    experiments = [BY_NAME[name] for name in options.only] if options.only else list(EXPERIMENTS)
    experiments.sort(key=EXPERIMENTS.index)
    if options.list:
        _list(experiments, options.repeat)
        return 0
    _check_writable(options.json)
    try:
        report = _probe(options, experiments)
    except CannotError as error:
        raise UsageError(str(error)) from None
    _write(report, options.json)
    return report.status


def _probe(options: argparse.Namespace, experiments: list[Experiment]) -> Report:
    disable_interrupt_resume()
    factory = None
    if options.emulator:
        if missing := what_is_missing("emulator"):
            raise CannotError(missing)
        from ..emulator import VirtualTimeLoop

        factory = VirtualTimeLoop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_run(options, experiments))


async def _run(options: argparse.Namespace, experiments: list[Experiment]) -> Report:
    async with _service(options) as service:
        trials = len(experiments) * options.repeat
        _announce(service, options, experiments)
        with showing_progress(sys.stderr, trials) as progress:
            runner = Runner(service, experiments, repeat=options.repeat, at_once=options.at_once, progress=progress)
            stopped = False
            try:
                await runner.try_to_connect()
            except Exception as error:  # noqa: BLE001 - whatever keeps a session from opening
                raise CannotError(f"no session can be opened with {service.model}: {in_words(error)}") from None
            try:
                await runner.run()
            except asyncio.CancelledError:  # Ctrl-C: what was found out is worth having
                stopped = True
        return make_report(service, experiments, runner.trials, repeat=options.repeat, stopped=stopped)


@contextlib.asynccontextmanager
async def _service(options: argparse.Namespace) -> AsyncIterator[ProbedService]:
    if not options.emulator:
        yield Google(options.model, vertexai=options.vertexai)
        return
    from ._emulated import emulated

    try:
        opening = emulated(options.emulator)
        async with opening as service:
            yield service
    except ValueError as error:
        raise CannotError(f"--emulator: {error}") from None


def _announce(service: ProbedService, options: argparse.Namespace, experiments: list[Experiment]) -> None:
    """Say what is going to be sent, before it is."""
    sessions = options.repeat * sum(experiment.sessions for experiment in experiments)
    long = "no time" if options.emulator else _minutes(minutes(experiments, options.repeat, options.at_once))
    cost = tokens(experiments, options.repeat)
    sys.stderr.write(
        f"To the {service.name}, model {service.model}: {sessions} sessions in about {long}, about {cost:,} "
        "tokens, nearly all of audio. They send a synthetic voice's questions, noise, silence, code words and rules, "
        "and nothing of yours. Ctrl-C ends it with the report so far.\n"
    )


def _list(experiments: list[Experiment], repeat: int) -> None:
    for experiment in experiments:
        long, cost = minutes([experiment], repeat, 1), tokens([experiment], repeat)
        margin = " " * _NAME
        sys.stdout.write(
            f"{experiment.name:{_NAME}}  {_minutes(long)}, {cost:,} tokens\n"
            f"{margin}  {experiment.about}\n{margin}  sends {experiment.sends}\n"
        )
    total = minutes(experiments, repeat, 1)
    sys.stdout.write(
        f"{len(experiments)} experiments, {repeat} times each: {_minutes(total)} one after another, "
        f"{tokens(experiments, repeat):,} tokens.\n"
    )


def _minutes(minutes: float) -> str:
    return f"{minutes:.1f} minutes" if minutes < 10 else f"{minutes:.0f} minutes"


def _check_writable(path: str | None) -> None:
    """Complain now about a file that cannot be written, and not when all is done; leave none behind."""
    if path in (None, "-"):
        return
    file = Path(str(path))
    was_there = file.exists()
    try:
        file.open("a").close()
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    if not was_there:
        file.unlink()


def _write(report: Report, path: str | None) -> None:
    if path == "-":
        write_json(report, sys.stdout)
        return
    write_table(report, sys.stdout)
    if path:
        with Path(path).open("w", encoding="utf-8") as file:
            write_json(report, file)


def _positive(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 100):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 100; got {text!r}")
    return int(text)


def _name(text: str) -> str:
    if text not in BY_NAME:
        raise argparse.ArgumentTypeError(f"there is no experiment {text!r}; --list names them")
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Find out what the service really does, by spoken experiments with controls. Needs a key for the "
        "Gemini API in GEMINI_API_KEY, or --vertexai, or no key with --emulator. The exit status is 0 if all was found "
        "out, 1 if something stayed open, and 2 if it could not run."
    )
    parser.add_argument(
        "--list", action="store_true", help="name the experiments, how long they take and what they cost"
    )
    parser.add_argument(
        "--only", metavar="NAME", type=_name, nargs="+", action="extend", help="these experiments, and no others"
    )
    parser.add_argument("--repeat", metavar="N", type=_positive, default=3, help="trials of each (default: 3)")
    parser.add_argument(
        "--at-once", metavar="N", type=_positive, default=1, help="trials that run at the same time (default: 1)"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the report as JSON too; - is standard output, without the table"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--vertexai", action="store_true", help="use Vertex AI, with the environment's project")
    where.add_argument("--emulator", metavar="PROFILE", help="probe an emulator of that profile, in seconds")
    parser.add_argument("--model", metavar="NAME", help=f"the model (default: {MODEL})")
