"""The demo from its beginning to its end: every case without and with the library, and whether it went right."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from ._messages import Record, Wish
from ._page import Page, Plain, Terminal
from ._report import fault, report
from ._stage import FailedError, hold_both
from ._summary import ADVICE, caution, overview, scene, twice, verdict


def demonstrate(cases: Sequence[str], wish: Wish, *, plain: bool = False) -> int:
    """Show the cases one after the other, each held as wished; return the exit status: 0 if every one went right."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show quotation marks
    wishes = [replace(wish, case=case) for case in cases]
    try:
        return asyncio.run(_until_stopped(_run(_page(plain=plain), wishes)))
    except FailedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # nobody looks on any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 128 + signal.SIGINT


def _page(*, plain: bool) -> Page:
    console = Console(highlight=False)
    if plain or not sys.stdout.isatty() or console.is_dumb_terminal:
        return Plain()
    return Terminal(console)


async def _until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Return its exit status, or that of a process which SIGTERM or SIGHUP has ended: they cancel it."""
    task = asyncio.create_task(work)
    stopped_by: list[int] = []

    def stop(number: int) -> None:
        stopped_by.append(number)
        task.cancel()

    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(AttributeError, NotImplementedError):  # Windows
            number = getattr(signal, name)
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not stopped_by:
            raise
        sys.stderr.write("Stopped.\n")
        return 128 + stopped_by[0]


async def _run(page: Page, wishes: Sequence[Wish]) -> int:
    records: dict[str, list[Record]] = {}
    for wish in wishes:
        page.say(scene(wish) if records else f"{scene(wish)} {twice(wish)}")
        page.say()
        records[wish.case] = await _hold(page, wish)
    if len(wishes) > 1:
        page.tabulate(overview(records))
    page.say(caution(wishes[0], records), style="dim")
    page.say()
    return _judge(page, wishes[0], {case: with_it for case, (_, with_it) in records.items()})


async def _hold(page: Page, wish: Wish) -> list[Record]:
    with page.following(wish) as follow:
        records, complaints = await hold_both(wish, follow)
    sys.stderr.write(complaints)
    page.show(records)
    return records


def _judge(page: Page, wish: Wish, records: Mapping[str, Record]) -> int:
    faults = {case: fault(record) for case, record in records.items()}
    if wish.live:
        page.say(verdict(faults, live=True))
        return 0 if all(any(record.answers) for record in records.values()) else 1
    wrong = any(faults.values())
    seamless = any(found.went_on != found.cut for found in map(report, records.values()))
    page.say(verdict(faults, live=False, seamless=seamless), style="bold red" if wrong else "bold green")
    if wish.disposition in ADVICE:
        page.say()
        page.say(ADVICE[wish.disposition])
    return 1 if wrong else 0
