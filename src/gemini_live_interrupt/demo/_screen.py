"""Both conversations on a terminal, side by side, or one above the other where that would be too narrow."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.layout import Layout
from rich.text import Text

from ._messages import ConversationProgress, Record, Wish
from ._pane import Marks, Pane

TITLES = ("without", "with enable_interrupt_resume()")
WIDEST = 132
"""Columns beyond which lines are not easily read."""
_SIDE_BY_SIDE = 72  # columns, at least
_HIGHEST = 34  # rows
_LOWEST = 10


class Both:
    """The conversations without and with the library, as high as is asked for, or as they are.

    `follow` and `end` say how far they have got.
    """

    def __init__(self) -> None:
        self._panes = [Pane(title, library=number == 1) for number, title in enumerate(TITLES)]

    def follow(self, wish: Wish, progress: ConversationProgress) -> None:
        """Show more of a conversation."""
        self._panes[wish.library].lines = progress.lines

    def end(self, records: Sequence[Record]) -> None:
        """Show how they ended."""
        for pane, record in zip(self._panes, records, strict=True):
            pane.lines, pane.record = record.lines, record

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw them."""
        beside = options.max_width >= _SIDE_BY_SIDE
        each = options.update(width=options.max_width // 2 if beside else options.max_width, height=None)
        rows = [pane.rows(console, each) for pane in self._panes]
        layout = Layout()
        if beside:
            layout.split_row(*self._panes)
        elif options.height is None:
            layout.split_column(*(Layout(pane, size=size) for pane, size in zip(self._panes, rows, strict=True)))
        else:
            layout.split_column(*self._panes)
        yield from console.render(layout, options.update(height=options.height or (max(rows) if beside else sum(rows))))


class Dashboard:
    """Fills a terminal of any size while the conversations go on: what happens, both of them, what the signs mean.

    Where rows are few there are only the conversations.
    """

    def __init__(self, heading: str, both: Both) -> None:
        self._heading = heading
        self._both = both

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        options = options.update(width=min(options.max_width, WIDEST))
        rows = min(options.height or console.height, _HIGHEST)
        texts = [Text(self._heading, "bold"), legend(Marks.of(options))]
        above, below = (Layout(text, size=len(text.wrap(console, options.max_width))) for text in texts)
        roomy = rows - (above.size or 0) - (below.size or 0) >= _LOWEST
        layout = Layout()
        layout.split_column(*(above, self._both, below) if roomy else (self._both,))
        yield from console.render(layout, options.update(height=rows))


def legend(signs: Marks) -> Text:
    """Show what the signs mean."""
    never = Text.assemble(("never", "dim strike"), " ", ("heard", "dim strike"))
    return Text.assemble(
        *("heard", (signs.ear, "bold"), (" not yet heard", "dim"), "   "),
        *("cut off ", (signs.cut, "bold red"), " ", never, "   "),
        *((signs.on, "bold green"), " goes on with the story"),
    )
