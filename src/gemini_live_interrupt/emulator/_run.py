"""One run of the emulator's command: from its start to its end, with or without a program around which it is."""

import asyncio
import contextlib
import json
import math
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TextIO

from ._narration import Narrator
from ._server import LiveEmulator
from ._session import Session

_PATIENCE = 5.0  # seconds, with a program that has been asked to end
_NOT_FOUND, _NOT_STARTED = 127, 126  # as shells have it


class WrongError(Exception):
    """What the user has to put right, on one line, and the exit status."""

    def __init__(self, what: str, status: int = 2) -> None:
        super().__init__(what)
        self.status = status


class Run:
    """Runs an emulator that has not been entered yet: `log` names the file for the frames.

    The program gets the `variables` besides those that lead it to the emulator.
    """

    def __init__(
        self,
        live: LiveEmulator,
        program: list[str] | None,
        *,
        variables: dict[str, str] | None = None,
        log: str | None,
        quiet: bool,
    ) -> None:
        self._live = live
        self._variables = variables or {}
        self._program = program
        self._log_path = log
        self._quiet = quiet
        self._seen: dict[Session, tuple[Narrator, int]] = {}
        self._child: asyncio.subprocess.Process | None = None
        self._stopped = asyncio.Event()

    async def run(self) -> int:
        """Return the exit status once Ctrl-C, SIGTERM or the end of the program has ended it. Raises WrongError."""
        if self._program == []:
            raise WrongError("name the program after --")
        self._heed_signals()
        with _writing(self._log_path) as log:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    await stack.enter_async_context(self._live)
                except OSError as error:
                    raise WrongError(f"cannot listen: {error.strerror or error}") from None
                watching = asyncio.create_task(self._live.until(lambda: self._tell(log), within=math.inf))
                try:
                    return await (self._serve() if self._program is None else self._run_program(self._program))
                finally:
                    watching.cancel()
                    await asyncio.gather(watching, return_exceptions=True)
                    self._tell(log)

    async def _serve(self) -> int:
        variables = (self._live.environ() | self._variables).items()
        with contextlib.suppress(BrokenPipeError):
            print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables), flush=True)
        profile = self._live.profile.name if self._live.profile else "by the name of the model"
        self._say(f"The emulator is running, profile {profile}. Ctrl-C ends it.")
        await self._stopped.wait()
        self._say("Stopped.")
        return 0

    async def _run_program(self, program: list[str]) -> int:
        try:
            environment = os.environ | self._live.environ() | self._variables
            self._child = await asyncio.create_subprocess_exec(*program, env=environment)
        except OSError as error:
            status = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_STARTED
            hint = f"; put python before it: -- python {shlex.join(program)}" if program[0].endswith(".py") else ""
            raise WrongError(f"cannot start {program[0]}: {error.strerror}{hint}", status) from None
        ended = asyncio.create_task(self._child.wait())
        stopped = asyncio.create_task(self._stopped.wait())
        await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        try:
            status = await asyncio.wait_for(ended, _PATIENCE)
        except TimeoutError:
            self._child.kill()
            status = await self._child.wait()
        return status if status >= 0 else 128 - status

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            with contextlib.suppress(AttributeError, NotImplementedError):  # Windows
                loop.add_signal_handler(getattr(signal, name), self._stop, getattr(signal, name))

    def _stop(self, number: int) -> None:
        """End, and the program too. Ctrl-C has reached it already if the terminal has this process in front."""
        self._stopped.set()
        if self._child and self._child.returncode is None and not (number == signal.SIGINT and _in_front()):
            self._child.send_signal(number)

    def _tell(self, log: TextIO | None) -> None:
        """Write what has happened since the last time: lines for people, and the frames."""
        seen, self._seen = self._seen, {}
        for session in self._live.sessions:
            narrator, logged = seen.get(session) or (Narrator(session), 0)
            for line in narrator.news():
                self._say(line)
            frames = [session.log[place] for place in range(logged, len(session.log))]
            self._seen[session] = narrator, logged + len(frames)
            for frame in frames if log else ():
                entry = {"session": session.number, "at": round(frame.at, 4), "sender": frame.sender}
                rest = {"kinds": frame.kinds, "message": frame.message}
                print(json.dumps(entry | rest, ensure_ascii=False), file=log, flush=True)

    def _say(self, line: str) -> None:
        if self._quiet:
            return
        try:
            print(f"{line}\n", end="", file=sys.stderr, flush=True)  # in one piece: the program writes there too
        except BrokenPipeError:  # nobody looks on any more; the sessions go on
            self._quiet = True


def _writing(path: str | None) -> contextlib.AbstractContextManager[TextIO | None]:
    if path is None:
        return contextlib.nullcontext()
    try:
        return open(path, "w", encoding="utf-8", opener=_open_for_its_owner)
    except OSError as error:
        raise WrongError(f"cannot write the log {path}: {error.strerror}") from None


def _open_for_its_owner(path: str, flags: int) -> int:
    """Make a file that its owner alone may read, because people's words are in it, and follow no link to another."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)  # Windows has neither


def _in_front() -> bool:
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except (OSError, AttributeError):
        return False
