"""One conversation on a terminal: the words as they are heard, the cut, the note, and where the story goes on.

A sign stands wherever a colour does: nothing is told by colours alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from ._messages import Line, Record
from ._report import report, so_far, taken_up
from ._summary import BRIEFLY, NOTHING, facts, rows

_LABELS = {"model": "bold", "user": "bold cyan", "note": "bold magenta"}
_RESULTS = ("went on", "missed", "heard twice")
_TOO_NARROW = 30
"""Columns below which words have no room beside the labels."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Stand in the model's words: at the listener's ear, at a cut, and where the story is taken up again."""

    ear: str = "▌"
    cut: str = "╱╱"
    on: str = "→"

    @classmethod
    def of(cls, options: ConsoleOptions) -> "Marks":
        """Return those that can be shown."""
        return cls("|", "//", "->") if options.ascii_only else cls()


class Pane:
    """Shows a conversation: `lines` as far as it has got, and `record` when it is over.

    Where the rows do not hold everything, the last of it is shown.
    """

    def __init__(self, title: str, *, library: bool) -> None:
        self._title = title
        self._library = library
        self.lines: list[Line] = []
        self.record: Record | None = None

    def rows(self, console: Console, options: ConsoleOptions) -> int:
        """Return how many rows all of it takes, with the border."""
        inside = options.update(width=options.max_width - 4, height=None)
        return len(console.render_lines(self._body(inside), inside)) + 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        height = options.height or self.rows(console, options)
        body = self._body(options.update(width=options.max_width - 4))
        yield Panel(
            _Tail(body, height - 2),
            title=Text(self._title, "bold default"),
            title_align="left",
            subtitle=self._state(),
            subtitle_align="left",
            border_style="bright_black",
            height=height,
        )

    def _body(self, options: ConsoleOptions) -> RenderableType:
        beside = options.max_width >= _TOO_NARROW
        grid = Table.grid(padding=(0, 1, 0, 0))
        if beside:
            grid.add_column(no_wrap=True)
        grid.add_column()
        for who, text in self._conversation(Marks.of(options)):
            label = Text.assemble((who, _LABELS[who]))
            grid.add_row(*(label, text) if beside else (Text.assemble(label, " ", text),))
        if not self.lines:
            return Text("(connecting)", "dim")
        return Group(grid, *self._results())

    def _conversation(self, signs: Marks) -> Iterator[tuple[str, Text]]:
        cut = told = False
        for number, line in enumerate(self.lines):
            last = number == len(self.lines) - 1
            if line.who == "model":
                yield "model", self._speech(line, signs, after_cut=cut, playing=last and self.record is None)
                cut = cut or line.cut
            elif line.who == "note":
                yield "note", Text("\n".join(facts(line.words, BRIEFLY)), "magenta")
            else:
                yield "user", Text(line.words if line.words.startswith("(") else f"“{line.words}”", "cyan")
                if cut and not told and not self._library:
                    yield "note", Text("none: what was sent counts as said", "dim")
                told = cut
        if self.record and self.lines and self.lines[-1].who != "model":
            yield "model", Text("(stays silent)", "dim")

    def _speech(self, line: Line, signs: Marks, *, after_cut: bool, playing: bool) -> Text:
        """Return words that were heard, and after a sign those that were not."""
        story = so_far(self.lines).sent
        begin = taken_up(story, line.words + line.unheard) if after_cut else None
        if begin is None:
            text = Text(line.words)
        else:
            before, again = line.words[:begin], line.words[begin:]
            text = Text.assemble(before, (f"{signs.on} ", "bold green"), (again, "green"))
        if line.cut:
            never = Text(line.unheard, "dim")
            never.highlight_regex(r"\S+", "strike")
            text.append(f" {signs.cut}", "bold red").append_text(never)
        elif playing and line.unheard:
            text.append(signs.ear).append(line.unheard, "dim")
        return text

    def _results(self) -> Iterator[Text]:
        if self.record:
            yield Text()
        for label, words in rows(self.record) if self.record else ():
            if label in _RESULTS and words != NOTHING:
                yield Text.assemble((f"{label}: ", "dim"), words)

    def _state(self) -> Text | None:
        """Count the words that the listener has, or lacks."""
        record = self.record or so_far(self.lines)
        if not record.sent:
            return None
        found = report(record)
        missed = sum(len(run.split()) for run in found.missed)
        if self.record:
            lost = Text(f"missed {missed} of {found.words} words", "bold red")
            return lost if missed else Text("missed nothing", "bold green")
        if not record.interrupted:
            return Text(f"heard {len(record.heard.split())} of {found.words} words sent", "default")
        return Text(f"{missed} words sent, not heard", "default")


class _Tail:
    """The last rows of something, as many as there is room for."""

    def __init__(self, whole: RenderableType, height: int) -> None:
        self._whole = whole
        self._height = height

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._whole, options.update(height=None))[-self._height :]:
            yield from line
            yield Segment.line()
