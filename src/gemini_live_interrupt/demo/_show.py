"""The demo on a terminal: words as they are heard, then both conversations side by side; plain text anywhere else."""

import asyncio
import os
import sys
import textwrap

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ._messages import Line, Record, Wish
from ._report import fault
from ._stage import FailedError, hold_both
from ._summary import NOTHING, caution, introduction, rows

KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
TITLES = ("without", "with enable_interrupt_resume()")
_WIDTH = 80
_NARROWEST = 70
"""Columns below which the conversations are shown one below the other."""
_STYLES = {"missed": "red", "heard twice": "yellow"}


def demonstrate(*, case: str, profile: str, model: str, live: bool, plain: bool) -> int:
    """Show both conversations, and return the exit status: 0 if the model went on as it should with the library."""
    if live and not any(map(os.environ.get, KEYS)):
        sys.stderr.write(
            "--live needs an API key for the Gemini API in GEMINI_API_KEY; without --live, none is needed.\n"
        )
        return 2
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show quotation marks
    show = _Show(plain=plain)
    wishes = [Wish(case=case, profile=profile, model=model, live=live, library=library) for library in (False, True)]
    try:
        return asyncio.run(show.run(wishes))
    except FailedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130


class _Show:
    def __init__(self, *, plain: bool) -> None:
        console = Console(highlight=False, soft_wrap=False)
        self._plain = plain or not console.is_terminal or console.is_dumb_terminal
        if self._plain:
            console = Console(
                highlight=False, color_system=None, force_terminal=False, width=min(_WIDTH, console.width)
            )
        self._console = console
        self._heard: dict[bool, list[Line]] = {False: [], True: []}

    async def run(self, wishes: list[Wish]) -> int:
        self._paragraph(introduction(wishes[1]))
        self._console.print()
        if self._plain:
            self._paragraph("Both are running, in real time; this takes about half a minute.")
            records = await hold_both(wishes, lambda *_: None)
        else:
            with Live(console=self._console, get_renderable=self._progress, refresh_per_second=10, transient=True):
                records = await hold_both(wishes, self._follow)
        self._summarise(records)
        self._paragraph(caution(wishes[1]), style="dim")
        self._console.print()
        return self._judge(wishes[1], records[1])

    def _follow(self, wish: Wish, lines: list[Line]) -> None:
        self._heard[wish.library] = lines

    def _progress(self) -> Table:
        """One line for each conversation: the newest of what has been heard."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(no_wrap=True)
        room = self._console.width - 12
        for library, label in ((False, "without"), (True, "with")):
            text = Text(" ").join(
                Text(words) if who == "model" else Text(words if words[0] == "(" else f"[{words}]", style="cyan")
                for who, words in self._heard[library]
            )
            if not text:
                text = Text("(connecting)", style="dim")
            grid.add_row(label, text if len(text) <= room else Text("…") + text[len(text) - room + 1 :])
        return grid

    def _summarise(self, records: list[Record]) -> None:
        if self._plain or self._console.width < _NARROWEST:
            for title, record in zip(TITLES, records, strict=True):
                self._block(title, record)
            self._console.print()
            return
        table = Table(box=None, padding=(0, 2, 1, 0), width=min(self._console.width, 110))
        table.add_column(style="dim", no_wrap=True)
        for title in TITLES:
            table.add_column(title, ratio=1, header_style="bold")
        for (label, without), (_, with_it) in zip(*map(rows, records), strict=True):
            style = _STYLES.get(label, "")
            table.add_row(
                label,
                *(Text(text, style="green" if style and text == NOTHING else style) for text in (without, with_it)),
            )
        self._console.print(table)

    def _block(self, title: str, record: Record) -> None:
        self._console.print()
        self._console.print(f"== {title}")
        for label, text in rows(record):
            for number, line in enumerate(text.splitlines()):
                head = "  " + (label if number == 0 else "").ljust(13)
                self._paragraph(line, head=head)

    def _paragraph(self, text: str, *, head: str = "", style: str = "") -> None:
        width = min(self._console.width, 110)
        lines = textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head)) or [head]
        self._console.print("\n".join(lines), style=style, markup=False)

    def _judge(self, wish: Wish, record: Record) -> int:
        wrong = fault(record)
        if wish.live:
            self._paragraph("As the listener heard it: " + (wrong or "the model went on right") + ".")
            return 0 if any(record.answers) else 1
        if wrong:
            self._paragraph(f"Wrong, with the library: {wrong}.", style="bold red")
            return 1
        self._paragraph(
            "Right: with the library, the model went on at the beginning of the sentence that was cut off, "
            "and the listener missed nothing.",
            style="bold green",
        )
        return 0
