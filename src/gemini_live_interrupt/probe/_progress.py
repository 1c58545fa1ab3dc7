"""How far the probe is: a bar where there is a terminal and rich, else a line for each trial."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TextIO

from ._runner import TrialProgress


@contextlib.contextmanager
def showing_progress(stream: TextIO, trials: int, *, plain: bool = False) -> Iterator[TrialProgress]:
    """Show it on the stream for as long as the block lasts."""
    if plain or not stream.isatty() or find_spec("rich") is None:
        yield _Lines(stream, trials)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        yield _RichBar(bar, trials)


class _Lines:
    def __init__(self, stream: TextIO, trials: int) -> None:
        self._stream = stream
        self._trials = trials
        self._done = 0

    def trial_done(self, experiment: str, number: int, trouble: str) -> None:
        self._done += 1
        said = f": {trouble}" if trouble else ""
        self._stream.write(f"{self._done:3} of {self._trials}  {experiment}, trial {number + 1}{said}\n")
        self._stream.flush()


class _RichBar:
    def __init__(self, bar: object, trials: int) -> None:
        from rich.progress import Progress as Bar

        assert isinstance(bar, Bar)
        self._bar = bar
        self._task = bar.add_task("connecting", total=trials)

    def trial_done(self, experiment: str, number: int, trouble: str) -> None:
        if trouble:
            self._bar.console.print(f"{experiment}, trial {number + 1}: {trouble}", markup=False, highlight=False)
        self._bar.update(self._task, advance=1, description=experiment)
