"""The command line. Each command is a module with `add_arguments(parser)` and `run(options)`, imported when it runs.

`run` returns the exit status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from ._extras import what_is_missing

COMMANDS = {
    "demo": "show an interruption without and with the library; needs no key and no sound card",
    "emulator": "run a Live API on this machine, and your program on it; needs no key",
    "trace": "show the cuts of a trace, as a table or as a page",
    "doctor": "say what keeps the library from working, and what to do",
    "probe": "find out what the service really does; needs a key",
}
"""What each does. The module is `_command` in the package of that name."""
RUNS_PROGRAMS = "emulator"
"""What follows `--` is here a program and its arguments (`options.program`); this package needs its extra at once."""
STOPPED = 130
"""The exit status after Ctrl-C, also while modules are imported."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = _parser().parse_args(given)
        return int(options.run(options))
    except UsageError as error:
        sys.stderr.write(f"{given[0]}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return STOPPED


class UsageError(Exception):
    """What the user of a command has to put right, on one line."""


class _Command(argparse.ArgumentParser):
    """The parser of one command: it imports the command when it is given, and complains on one line."""

    @property
    def command(self) -> str:
        return self.prog.rsplit(maxsplit=1)[-1]

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        command, hint, program = self.command, "", None
        if command == RUNS_PROGRAMS:
            if missing := what_is_missing(command):
                raise UsageError(missing)
            hint = "; a program comes after --"
            args, program = _divide(list(args))
        module = import_module(f".{command}._command", __package__)
        self.register("type", "port", _port)
        module.add_arguments(self)
        self.set_defaults(run=module.run, fail=self.error, program=program)
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (--help says more)")


def _port(given: str) -> int:
    if not (given.isdecimal() and int(given) < 2**16):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535; got {given!r}")
    return int(given)


def _divide(arguments: list[str]) -> tuple[list[str], list[str] | None]:
    if "--" not in arguments:
        return arguments, None
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gemini_live_interrupt", description="Drop-in interrupt and resume for the Gemini Live API."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for name, what in COMMANDS.items():
        commands.add_parser(name, help=what)
    return parser
