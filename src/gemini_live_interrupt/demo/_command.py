"""`python -m gemini_live_interrupt demo`: what its command line says."""

from __future__ import annotations

import argparse
import os

from .._cli import UsageError
from .._extras import KEYS, what_is_missing
from .._settings import Rules

CASES = ("question", "noise", "follow-up")
ALL = "all"
SPEEDS = (0.1, 100.0)
PROFILES = ("2.5-native", "3.8-live")
DISPOSITIONS = ("obeys", "facts", "record", "second-answer", "system-rules")
RULES: dict[str, Rules] = {"note": "note", "system": "system", "none": None}
MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"


def run(options: argparse.Namespace) -> int:
    """Show the demo, in the terminal or as a page; return the exit status."""
    _check(options)
    if missing := what_is_missing("demo"):
        raise UsageError(missing)
    if options.live and not any(map(os.environ.get, KEYS)):
        raise UsageError(
            "--live needs an API key for the Gemini API in GEMINI_API_KEY; without --live, none is needed."
        )
    profile, model = options.profile or PROFILES[0], options.model or MODEL
    if options.web:
        from ._web import serve

        return serve(host=options.host, port=options.port, service="live" if options.live else profile, model=model)
    from ._messages import Wish
    from ._show import demonstrate

    wish = Wish(
        case=options.case,
        profile=profile,
        model=model,
        live=options.live,
        library=True,
        speed=options.speed,
        disposition=options.disposition,
        rules=RULES[options.rules],
    )
    return demonstrate(CASES if options.case == ALL else (options.case,), wish, plain=options.plain)


def _check(options: argparse.Namespace) -> None:
    if options.live and options.speed != 1:
        options.fail("--speed: the real service has its own pace; leave it out with --live")
    if options.disposition != DISPOSITIONS[0] and (options.live or options.web):
        options.fail("--disposition: it is that of the demo's own model, in the terminal")
    if options.web and (options.case != CASES[0] or options.plain or options.speed != 1):
        options.fail("--web: --case, --plain and --speed are for the terminal; the page has buttons")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "A model tells a story, and a recorded voice talks over it, without and with the library. "
        "Needs no key and no sound card, and takes about half a minute. "
        "The exit status is 0 if, with the library, the model goes on at the right place and nothing is missed; "
        f"with --case {ALL}, in every case."
    )
    parser.add_argument(
        "--case", choices=(*CASES, ALL), default=CASES[0], help="how the user breaks in (default: %(default)s)"
    )
    parser.add_argument(
        "--speed",
        metavar="N",
        type=_speed,
        default=1.0,
        help="time passes N times as fast, for the local service, the listener and the library (default: 1)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--profile", choices=PROFILES, help=f"what the local service is like (default: {PROFILES[0]})")
    where.add_argument("--live", action="store_true", help="use the real service; needs GEMINI_API_KEY")
    parser.add_argument(
        "--disposition",
        choices=DISPOSITIONS,
        default=DISPOSITIONS[0],
        help="how the local service's model takes a note; the demo says what to do about it (default: %(default)s)",
    )
    parser.add_argument(
        "--rules",
        choices=tuple(RULES),
        default="note",
        help="where the library puts what the model is to do after an interruption (default: %(default)s)",
    )
    parser.add_argument("--model", help=f"with --live: the model (default: {MODEL})")
    parser.add_argument("--plain", action="store_true", help="plain text, without colours and movement")
    web = parser.add_argument_group("in a browser")
    web.add_argument("--web", action="store_true", help="serve a web page on which you interrupt the model yourself")
    web.add_argument("--host", default="127.0.0.1", help="where it listens (default: %(default)s)")
    web.add_argument("--port", type="port", default=8000, help="0 is any that is free (default: %(default)s)")


def _speed(given: str) -> float:
    slowest, fastest = SPEEDS
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not slowest <= speed <= fastest:
        raise argparse.ArgumentTypeError(f"must be a number from {slowest:g} to {fastest:g}; got {given!r}")
    return speed
