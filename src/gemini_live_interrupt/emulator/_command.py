"""`python -m gemini_live_interrupt emulator`: what its command line says, and what is wrong with it."""

import argparse
import asyncio
import sys
import textwrap

from ._faults import FAULTS
from ._profiles import PROFILES
from ._run import Run, WrongError
from ._script import SHIPPED, load_script
from ._server import LiveEmulator
from ._sound import SILENCE, SPEECH, sound_variables
from ._utterances import Utterances

_USUAL_SCRIPT = "story"


def run(options: argparse.Namespace) -> int:
    """Run the emulator, and `options.program` against it; return the exit status: the program's, if there is one."""
    try:
        live, utterances = _emulator(options)
        sound = _sound(options.sound, utterances) if options.sound else {}
        emulator = Run(live, options.program, variables=sound, log=options.log, quiet=options.quiet)
        return asyncio.run(emulator.run())
    except WrongError as error:
        sys.stderr.write(f"emulator: {error}\n")
        return error.status


def _emulator(options: argparse.Namespace) -> tuple[LiveEmulator, int]:
    """Return the emulator, and how many utterances its script has for the user."""
    try:
        settings = {"profile": None} | load_script(options.script).options()
        settings["faults"] = [*settings.get("faults", ()), *options.fault]
        given = {name: getattr(options, name) for name in ("profile", "speed", "seed", "keep")}
        settings |= {name: value for name, value in given.items() if value is not None}
        if (heard := settings.get("hear")) is not None:
            settings["hear"] = utterances = Utterances(heard)
            utterances.live = live = LiveEmulator(**settings, port=options.port)
            return live, len(heard)
        return LiveEmulator(**settings, port=options.port), 0
    except OSError as error:
        raise WrongError(f"the script {options.script} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise WrongError(str(error)) from None


def _sound(microphone: str, utterances: int) -> dict[str, str]:
    try:
        return sound_variables(microphone, utterances)
    except OSError as error:
        raise WrongError(f"the microphone {microphone} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise WrongError(str(error)) from None


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 79, break_on_hyphens=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.usage = "%(prog)s [options] [-- PROGRAM ARGUMENTS ...]"
    parser.description = _wrapped(
        "Run a Live API on this machine. With a program: run it, unchanged, against that, and exit with its "
        "status. Without: print the variables that point programs here, and stay until Ctrl-C."
    )
    parser.epilog = "\n".join(
        _wrapped(f"{what}: {', '.join(names)}")
        for what, names in (("Profiles", PROFILES), ("Faults", FAULTS), ("Scripts", SHIPPED))
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--profile",
        metavar="P",
        help="the family of models; default: the script's, else by the name of the model that is asked for",
    )
    parser.add_argument("--port", metavar="N", type="port", default=0, help="default: any that is free")
    parser.add_argument(
        "--script",
        metavar="FILE",
        default=_USUAL_SCRIPT,
        help="the conversation: a TOML file, or the name of one that ships (default: %(default)s)",
    )
    parser.add_argument(
        "--fault",
        metavar="F",
        nargs="+",
        action="extend",
        default=[],
        help="what goes wrong, besides what the script says",
    )
    parser.add_argument("--speed", metavar="X", type=float, help="audio is sent X times faster than it is played")
    parser.add_argument("--seed", metavar="N", type=int, help="another N, another outcome of what is left to chance")
    parser.add_argument("--keep", metavar="N", type=int, help="forget all but N of the sessions that are over")
    parser.add_argument(
        "--sound",
        metavar="MICROPHONE",
        nargs="?",
        const=SPEECH,
        help="give the program a sound card, in the place of pyaudio and sounddevice; the microphone plays a WAV file, "
        f"{SILENCE}, or (default) {SPEECH}: somebody who says the script's utterances, one every six seconds",
    )
    parser.add_argument("--log", metavar="FILE", help="write every frame as it comes, a line of JSON each")
    parser.add_argument("--quiet", action="store_true", help="do not tell on stderr what happens in the sessions")
