"""Whether the library is on, and what the whole process has to know once: refusals, and complaints made."""

from __future__ import annotations

import logging
import threading

from ._settings import Settings

logger = logging.getLogger("gemini_live_interrupt")


class Switch:
    """The one switch. Readers take `settings` once and use it to the end; every change replaces it under the lock.

    A reader needs no lock: it reads one reference, which is atomic also without a global interpreter lock.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.settings: Settings | None = None
        """What the app chose; `None` while the library is off. Written by enable and disable."""
        self._refused = False
        self._complaints: set[str] = set()

    def turn(self, settings: Settings | None) -> None:
        """Turn the library on with these settings, or off; what went wrong before is forgotten."""
        with self.lock:
            self.settings = settings
            self._refused = False
            self._complaints.clear()

    def may_send(self) -> bool:
        """Whether notes may go out: the library is on, and no note was refused since it was enabled."""
        return self.settings is not None and not self._refused

    def refuse(self) -> None:
        """The server refused a note: send no more in this process until the app enables the library again."""
        with self.lock:
            first, self._refused = not self._refused, True
        if first:
            logger.error(
                "the server closed a session with 1007 right after an interruption note, so no more notes are sent in "
                "this process; this model does not take client content in mid-session: leave the library off for it, "
                "or call enable_interrupt_resume() to try again"
            )

    def complain(self, what: str, *, error: BaseException | None = None, level: int = logging.ERROR) -> None:
        """Log a complaint the first time that it is made since the library was enabled."""
        with self.lock:
            if what in self._complaints:
                return
            self._complaints.add(what)
        logger.log(level, what, exc_info=error)
