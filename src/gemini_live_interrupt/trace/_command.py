"""`python -m gemini_live_interrupt trace`: what its command line says, and what is wrong with it."""

import argparse
import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from .._cli import UsageError
from ._cuts import parts
from ._page import page
from ._reading import parse, passed_over, read_trace
from ._shape import Line
from ._table import Span, table


def run(options: argparse.Namespace) -> int:
    """Show the cuts; return the exit status."""
    lines = _read(options.file)
    if options.html is not None:
        _write_page(lines, options.html, options.file)
    sys.stderr.writelines(f"trace: {said}\n" for said in passed_over(lines))
    return _print(lines, plain=options.plain)


def _read(file: str) -> list[Line]:
    try:
        return parse(sys.stdin.buffer) if file == "-" else read_trace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{'standard input' if file == '-' else file}: {error}") from None


def _write_page(lines: list[Line], out: str, file: str) -> None:
    path = Path(out)
    if file != "-" and path.exists() and path.samefile(file):
        raise UsageError(f"{out} is the trace itself; name another file for the page")
    try:
        path.write_text(page(lines), "utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None


def _print(lines: list[Line], *, plain: bool) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show quotation marks
    shown = table(parts(lines))
    try:
        if plain or os.environ.get("NO_COLOR") or not sys.stdout.isatty() or find_spec("rich") is None:
            sys.stdout.writelines("".join(text for text, _ in line).rstrip() + "\n" for line in shown)
        else:
            _print_in_colours(shown)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _print_in_colours(shown: Iterable[list[Span]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in shown:
        console.print(Text.assemble(*line), soft_wrap=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Show the cuts of a trace, as trace.JsonLines has written it, in a table: when each was, how much "
        "of the reply had been heard, how that is known, what became of it, and how long and how late the note was."
    )
    parser.add_argument("file", metavar="FILE", help="the trace; - reads standard input")
    parser.add_argument("--html", metavar="OUT", help="also write the timeline, as a page of its own")
    parser.add_argument("--plain", action="store_true", help="without colours, also on a terminal")
