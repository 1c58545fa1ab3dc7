"""`python -m gemini_live_interrupt doctor`: what its command line says, and what is wrong with it."""

from __future__ import annotations

import argparse
import sys

from ._examination import examine
from ._report import Printer, as_json, status_of


def run(options: argparse.Namespace) -> int:
    """Examine, and report; return the exit status."""
    examination = examine(modules=options.modules, config=options.config, model=options.model, probe=options.probe)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show what a module is called
    if options.json:
        sys.stdout.write(as_json(examination, strict=options.strict) + "\n")
    else:
        Printer(sys.stdout).write(examination, strict=options.strict)
    return status_of(examination, strict=options.strict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Say what keeps the library from working here, and what to do about it. "
        "The exit status is 0 if nothing does, 1 if something does, and 2 if this command was used wrongly."
    )
    parser.add_argument(
        "--config",
        metavar="C",
        help="look at a LiveConnectConfig: a JSON file, - for standard input, or package.module:ATTRIBUTE, "
        "which may be a dict, a LiveConnectConfig, or a function that returns one",
    )
    parser.add_argument("--model", metavar="NAME", help="say what is known of notes in sessions of this model")
    parser.add_argument(
        "--probe", metavar="JSON", help="hold a report of the probe against the options that your app has chosen"
    )
    parser.add_argument(
        "--import",
        dest="modules",
        metavar="MODULE",
        action="append",
        default=[],
        help="import a module of your app first, so that what it patches is seen; may be given again",
    )
    parser.add_argument("--strict", action="store_true", help="warnings make the exit status 1 too")
    parser.add_argument("--json", action="store_true", help="write the report as JSON")
