"""A terminal without a window: a program runs in it, and all that it writes is kept."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def plain(text: str) -> str:
    """Leave out what is not shown."""
    return _CONTROL.sub("", text).replace("\r", "")


class PseudoTerminal:
    """Starts the program with its block, and kills it with its end. `written` is what it has written so far."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int, rows: int, **variables: str
    ) -> None:
        kept = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self._ours, self._theirs = pty.openpty()
        self.resize(columns, rows)
        self._modes = termios.tcgetattr(self._theirs)
        self._process = subprocess.Popen(
            command,
            env=kept | {"TERM": "xterm-256color"} | variables,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is for it
        )
        self._bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    @property
    def written(self) -> str:
        """All of it, with its control sequences."""
        return self._bytes.decode(errors="ignore")

    @property
    def screens(self) -> list[list[str]]:
        """What was drawn on the alternate screen, each time from its top: lines, without control sequences."""
        alone = self.written.partition("\x1b[?1049h")[2].partition("\x1b[?1049l")[0]
        return [plain(drawn).splitlines() for drawn in alone.split("\x1b[H") if plain(drawn).strip()]

    @property
    def afterwards(self) -> str:
        """What was written after the alternate screen."""
        return plain(self.written.rpartition("\x1b[?1049l")[2])

    def is_as_it_was(self) -> bool:
        """Whether screen, cursor and modes are those from before."""
        return (
            self.written.rfind("\x1b[?1049l") >= self.written.rfind("\x1b[?1049h")
            and self.written.rfind("\x1b[?25h") >= self.written.rfind("\x1b[?25l")
            and termios.tcgetattr(self._theirs) == self._modes
        )

    def resize(self, columns: int, rows: int) -> None:
        """Have other columns and rows."""
        termios.tcsetwinsize(self._ours, (rows, columns))

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    def until(self, condition: Callable[[], Any], within: float = 100.0) -> None:
        """Read on until the condition holds."""
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, self.written[-2_000:]
            if select.select([self._ours], [], [], 0.05)[0]:
                self._bytes += os.read(self._ours, 65_536)

    def end(self) -> int:
        """Read on until the program has ended; return its exit status."""
        self.until(lambda: self._process.poll() is not None)
        self.until(lambda: not select.select([self._ours], [], [], 0.0)[0])
        return self._process.wait()
