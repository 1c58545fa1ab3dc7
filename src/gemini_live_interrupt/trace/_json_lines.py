"""Interruptions as lines of JSON in a file."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import threading
import time
import weakref
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .._interruption import Interruption
from ._reading import parse, read_line
from ._release import release
from ._shape import VERSION, Line, bounded

_OURS = frozenset({"trace", "interruption"})
_GIVEN = frozenset({"type", "t"})
_HEADER = 4096
"""Bytes within which the first line of a trace ends."""

logger = logging.getLogger("gemini_live_interrupt")


class JsonLines:
    """Appends a line for each phase of each interruption: an `on_interruption` for `enable_interrupt_resume()`.

    May be called from several threads. Each line is in the file when the call returns; a file that can no longer be
    written is one error in the log, and nothing in the session. After `close()`, nothing is written; one that nobody
    holds any longer closes itself. Give each process a file of its own: times count from when it opened the file.
    """

    def __init__(self, path: str | os.PathLike[str], *, content: bool = False) -> None:
        """Open the file, or make it, and begin.

        Args:
            path: of the file; its folder has to exist. A trace that is there already is continued.
            content: write what people said, too; otherwise only how long it was. A file that is made for it may be
                read by its owner only (mode 0600), and one that is a symbolic link is refused.

        Raises:
            TypeError: an argument is of the wrong type.
            ValueError: the file exists, and is not a trace.
            OSError: the file cannot be opened or written, or is a link and `content` is on; `FileNotFoundError` if
                its folder does not exist.
        """
        if not isinstance(content, bool):
            raise TypeError(f"content must be True or False, got {content!r}")
        self._path = Path(path)
        self._content = content
        self._lock = threading.Lock()
        if not self._path.parent.is_dir():
            raise FileNotFoundError(f"the trace {self._path} cannot be made: there is no folder {self._path.parent}")
        if content:
            _refuse_a_link(self._path)
        torn = _look_at(self._path)
        self._file = open(self._path, "ab", opener=_open_for_its_owner if content else None)  # noqa: SIM115 - it stays open
        self._close_file = weakref.finalize(self, self._file.close)  # many have no name by which to close it
        self._began = time.monotonic()
        try:
            self._append((b"\n" if torn else b"") + _encoded(self._header()))
        except OSError:
            self._shut()
            raise

    def __call__(self, interruption: Interruption) -> None:
        """Write a line for this phase of an interruption."""
        note = interruption.note
        line: Line = {
            "number": interruption.number,
            "phase": interruption.phase,
            "outcome": interruption.outcome,
            "cause": interruption.cause,
            "evidence": interruption.evidence,
            "played": bounded(round(interruption.played, 3)),
            "received": bounded(round(interruption.received, 3)),
            "heard_characters": len(interruption.heard),
            "unheard_characters": len(interruption.unheard),
            "user_characters": len(interruption.user_text),
            "note_characters": None if note is None else len(note),
            "note_after": None if interruption.note_after is None else bounded(round(interruption.note_after, 6)),
        }
        if interruption.resumption is not None:
            line["resumption"] = interruption.resumption
        if self._content:
            line |= {
                "heard": interruption.heard,
                "unheard": interruption.unheard,
                "cut_sentence": interruption.cut_sentence,
                "user_text": interruption.user_text,
                "history": interruption.history,
                "note": note,
            }
        self._put("interruption", interruption.session_id, line)

    def write(self, kind: str, /, session: str = "", **fields: Any) -> None:
        """Write a line of another type, for what else is to be seen in the conversation.

        Without `content`, a field `text` is replaced by `characters`, its length; nothing else is looked at.

        Args:
            kind: its type, such as `"text"`, `"user"`, `"audio"`, `"played"` or `"turn_complete"`.
            session: the `session_id` of the interruptions that it belongs to.
            fields: what JSON can hold.

        Raises:
            TypeError: a field is not what JSON can hold, or `text` is not a string.
            ValueError: the type or a field is one that the trace itself writes, a number is not finite, or
                `read_trace` would pass the line over: a field of a known type is not what it should be.
        """
        if kind in _OURS:
            raise ValueError(f"lines of type {kind} are written by the trace itself")
        if taken := sorted(_GIVEN & fields.keys()):
            raise ValueError(f"{taken[0]} is written by the trace itself")
        if "text" in fields:
            if not isinstance(fields["text"], str):
                raise TypeError(f"text must be a string, got {fields['text']!r}")
            if not self._content:
                fields["characters"] = len(fields.pop("text"))
        self._put(kind, session, fields)

    def close(self) -> None:
        """End the trace; what comes later is not written."""
        with self._lock:
            self._shut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _header(self) -> Line:
        started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "type": "trace",
            "version": VERSION,
            "library": release(),
            "started": started,
            "content": self._content,
        }

    def _put(self, kind: str, session: str, fields: Line) -> None:
        with self._lock:
            t = round(time.monotonic() - self._began, 3)
            data = _encoded({"type": kind, "t": t, "session": session, **fields})
            if self._file.closed:
                return
            try:
                self._append(data)
            except OSError:
                logger.exception("the trace %s cannot be written, and ends here", self._path)
                self._shut()

    def _append(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):  # of what could not be written; that has been said
            self._close_file()


def _encoded(line: Line) -> bytes:
    try:
        written = (json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")
    except RecursionError:
        raise ValueError("a field is nested too deeply") from None
    read_line(written)  # nothing is written that would not be read
    return written


def _refuse_a_link(path: Path) -> None:
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a trace with content follows no link; name the file itself", str(path))


def _open_for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)  # Windows has neither


def _look_at(path: Path) -> bool:
    """Return whether a trace that is there ends in the midst of a line; raise `ValueError` if it is no trace."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        try:
            parse([file.readline(_HEADER)])
        except ValueError as error:
            raise ValueError(f"{path} exists, and is not a trace, so nothing is appended to it: {error}") from None
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"
