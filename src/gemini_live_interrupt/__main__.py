"""`python -m gemini_live_interrupt`: the demo, the emulator, the traces, the doctor and the probe."""

import argparse
import os
import sys

from ._extras import KEYS, what_is_missing
from ._settings import Rules

CASES = ("question", "noise", "follow-up")
ALL = "all"
SPEEDS = (0.1, 100.0)
PROFILES = ("2.5-native", "3.8-live")
DISPOSITIONS = ("obeys", "facts", "record", "second-answer", "system-rules")
RULES: dict[str, Rules] = {"note": "note", "system": "system", "none": None}
MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit status: 130 after Ctrl-C, also while modules are imported."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return 130


def _run(given: list[str]) -> int:
    if given[:1] == ["emulator"]:
        return _emulate(given[1:])
    if given[:1] == ["trace"]:
        from .trace._command import main as show_trace

        return show_trace(given[1:])
    if given[:1] == ["doctor"]:
        from .doctor import main as examine

        return examine(given[1:])
    if given[:1] == ["probe"]:
        from .probe import main as probe

        return probe(given[1:])
    parser = _parser()
    options = parser.parse_args(given)
    if options.live and options.speed != 1:
        parser.error("--speed: the real service has its own pace; leave it out with --live")
    if options.disposition != DISPOSITIONS[0] and (options.live or options.web):
        parser.error("--disposition: it is that of the demo's own model, in the terminal")
    if options.web and (options.case != CASES[0] or options.plain or options.speed != 1):
        parser.error("--web: --case, --plain and --speed are for the terminal; the page has buttons")
    if _lacks("demo"):
        return 2
    if options.live and not any(map(os.environ.get, KEYS)):
        sys.stderr.write(
            "--live needs an API key for the Gemini API in GEMINI_API_KEY; without --live, none is needed.\n"
        )
        return 2
    if options.web:
        return _serve(options)
    from .demo._messages import Wish
    from .demo._show import demonstrate

    wish = Wish(
        case=options.case,
        profile=options.profile or PROFILES[0],
        model=options.model or MODEL,
        live=options.live,
        library=True,
        speed=options.speed,
        disposition=options.disposition,
        rules=RULES[options.rules],
    )
    return demonstrate(CASES if options.case == ALL else (options.case,), wish, plain=options.plain)


def _serve(options: argparse.Namespace) -> int:
    from .demo._web import serve

    service = "live" if options.live else options.profile or PROFILES[0]
    return serve(host=options.host, port=options.port, service=service, model=options.model or MODEL)


def _emulate(arguments: list[str]) -> int:
    if _lacks("emulator"):
        return 2
    from .emulator._command import main as run

    return run(arguments)


def _lacks(extra: str) -> bool:
    if missing := what_is_missing(extra):
        sys.stderr.write(f"{missing[0].upper()}{missing[1:]}\n")
    return missing is not None


def _speed(given: str) -> float:
    slowest, fastest = SPEEDS
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not slowest <= speed <= fastest:
        raise argparse.ArgumentTypeError(f"must be a number from {slowest:g} to {fastest:g}; got {given!r}")
    return speed


def _port(given: str) -> int:
    if not (given.isdecimal() and int(given) < 2**16):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535; got {given!r}")
    return int(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gemini_live_interrupt", description="Drop-in interrupt and resume for the Gemini Live API."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="show an interruption without and with the library; needs no key and no sound card",
        description="A model tells a story, and a recorded voice talks over it, without and with the library. "
        "Needs no key and no sound card, and takes about half a minute. "
        "The exit status is 0 if, with the library, the model goes on at the right place and nothing is missed; "
        f"with --case {ALL}, in every case.",
    )
    demo.add_argument(
        "--case", choices=(*CASES, ALL), default=CASES[0], help="how the user breaks in (default: %(default)s)"
    )
    demo.add_argument(
        "--speed",
        metavar="N",
        type=_speed,
        default=1.0,
        help="time passes N times as fast, for the local service, the listener and the library (default: 1)",
    )
    where = demo.add_mutually_exclusive_group()
    where.add_argument("--profile", choices=PROFILES, help=f"what the local service is like (default: {PROFILES[0]})")
    where.add_argument("--live", action="store_true", help="use the real service; needs GEMINI_API_KEY")
    demo.add_argument(
        "--disposition",
        choices=DISPOSITIONS,
        default=DISPOSITIONS[0],
        help="how the local service's model takes a note; the demo says what to do about it (default: %(default)s)",
    )
    demo.add_argument(
        "--rules",
        choices=tuple(RULES),
        default="note",
        help="where the library puts what the model is to do after an interruption (default: %(default)s)",
    )
    demo.add_argument("--model", help=f"with --live: the model (default: {MODEL})")
    demo.add_argument("--plain", action="store_true", help="plain text, without colours and movement")
    web = demo.add_argument_group("in a browser")
    web.add_argument("--web", action="store_true", help="serve a web page on which you interrupt the model yourself")
    web.add_argument("--host", default="127.0.0.1", help="where it listens (default: %(default)s)")
    web.add_argument("--port", type=_port, default=8000, help="0 is any that is free (default: %(default)s)")
    commands.add_parser(
        "emulator", help="run a Live API on this machine, and your program on it; needs no key", add_help=False
    )
    commands.add_parser("trace", help="show the cuts of a trace, as a table or as a page", add_help=False)
    commands.add_parser("doctor", help="say what keeps the library from working, and what to do", add_help=False)
    commands.add_parser("probe", help="find out what the service really does; needs a key", add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
