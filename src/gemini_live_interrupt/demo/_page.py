"""Where the demo is shown: paragraphs on a console, and what a terminal and plain text do each in its own way."""

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ._messages import Record, Wish
from ._screen import TITLES, WIDEST, Both, Dashboard
from ._stage import Follow
from ._summary import rows, scene

_PLAIN_WIDTH = 80
_FRAMES = 12  # a second


class Page(ABC):
    """Text on a console, in lines no longer than `width`."""

    def __init__(self, console: Console, width: int) -> None:
        self._console = console
        self._widest = width

    @property
    def width(self) -> int:
        """Columns: of a terminal, those that it has now."""
        return min(self._console.width, self._widest)

    def say(self, text: str = "", *, head: str = "", style: str = "") -> None:
        """Write a paragraph; its lines after the first are as far in as `head` is long."""
        lines = textwrap.wrap(text, self.width, initial_indent=head, subsequent_indent=" " * len(head)) or [head]
        self._console.print("\n".join(lines), style=style, markup=False)

    def tabulate(self, rows: Sequence[Sequence[str]]) -> None:
        """Write a table, its head first, and a line after it."""
        head, *others = rows
        table = Table(*head, box=None, padding=(0, 2, 0, 0), header_style="bold")
        for row in others:
            table.add_row(*map(Text, row))
        self._console.print(table, width=self.width)
        self.say()

    @abstractmethod
    def following(self, wish: Wish) -> AbstractContextManager[Follow]:
        """Show two conversations while they go on: call what this provides whenever there is more of one."""

    @abstractmethod
    def show(self, records: Sequence[Record]) -> None:
        """Show how they ended."""


class Terminal(Page):
    """While the conversations go on they have a screen of their own; the terminal is left as it was."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, WIDEST)
        self._both = Both()

    @contextmanager
    def following(self, wish: Wish) -> Iterator[Follow]:
        """Show both, word by word."""
        self._both = Both()
        dashboard = Dashboard(scene(wish), self._both)
        with Live(dashboard, console=self._console, refresh_per_second=_FRAMES, screen=True, redirect_stderr=False):
            yield self._both.follow

    def show(self, records: Sequence[Record]) -> None:
        """Show both, whole."""
        self._both.end(records)
        self._console.print(self._both, width=self.width)
        self.say()


class Plain(Page):
    """Neither colour nor movement: only what came of it."""

    def __init__(self) -> None:
        console = Console(highlight=False, color_system=None, force_terminal=False)
        super().__init__(console, _PLAIN_WIDTH)

    @contextmanager
    def following(self, wish: Wish) -> Iterator[Follow]:  # noqa: ARG002 - the same for every one
        """Show nothing."""
        yield lambda *_: None

    def show(self, records: Sequence[Record]) -> None:
        """Write a block for each."""
        for title, record in zip(TITLES, records, strict=True):
            self.say(f"== {title}")
            for label, text in rows(record):
                for number, line in enumerate(text.splitlines()):
                    self.say(line, head="  " + (label if number == 0 else "").ljust(13))
            self.say()
