"""Whether the library is on, and what the whole process has to know once: refusals, and what was logged."""

from __future__ import annotations

import logging
import os
import threading
import traceback
import weakref
from collections import deque
from typing import Protocol

from ._agreement import Agreement
from ._pace import Pace, Voices
from ._resumption import Resumption
from ._settings import Settings

logger = logging.getLogger("gemini_live_interrupt")


LOOKED_AT = 8
"""Cuts of a model, the last at which it went on, that say whether its notes are followed."""
ASTRAY = 5
"""At so many of them it went on elsewhere: they are not."""


class Stoppable(Protocol):
    """What waits for something."""

    def stop_soon(self) -> None:
        """Stop waiting, called from any thread."""


class Switch:
    """The one switch. Readers take `settings` once and use it to the end; every change replaces it under the lock.

    A reader needs no lock: it reads one reference, which is atomic also without a global interpreter lock.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.settings: Settings | None = None
        """What the app chose; `None` while the library is off. Written by enable and disable."""
        self.generation = 0
        """Counts how often the library was turned on: a session that missed messages in between starts afresh."""
        self._refused: set[str | None] = set()
        self._logged: set[str] = set()
        self._voices = Voices()
        self._went_on: dict[str | None, deque[Resumption]] = {}
        self._deliveries: weakref.WeakSet[Stoppable] = weakref.WeakSet()
        self._survives_forks = False

    def survive_forks(self) -> None:
        """See to it that a process that is forked while another thread holds the lock can enable and disable."""
        if not self._survives_forks and hasattr(os, "register_at_fork"):  # Windows has none
            self._survives_forks = True
            os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self) -> None:
        self.lock = threading.RLock()

    def set(self, settings: Settings | None) -> None:
        """Turn the library on with these settings, or off; what went wrong before is forgotten."""
        with self.lock:
            if self.settings is None and settings is not None:
                self.generation += 1
            self.settings = settings
            self._refused.clear()
            self._logged.clear()
            self._went_on.clear()
            if settings is None:
                self._voices = Voices()
                for delivery in list(self._deliveries):
                    delivery.stop_soon()

    def may_send(self, model: str | None) -> bool:
        """Whether notes may go to this model: the library is on, and no note to it was refused since."""
        return self.settings is not None and model not in self._refused

    def refuse(self, model: str | None) -> None:
        """The server refused a note: send no more to this model until the app enables the library again."""
        with self.lock:
            if model in self._refused:
                return
            self._refused.add(model)
        logger.error(
            "the server closed a session with 1007 right after an interruption note, so no more notes are sent%s "
            "in this process; this model does not take client content in mid-session: leave the library off for it, "
            "or call enable_interrupt_resume() to try again",
            f" to {model}" if model else "",
        )

    def see_resumption(self, model: str | None, found: Resumption) -> None:
        """The model was told of a cut, and went on: say once if it mostly does so in the wrong place."""
        with self.lock:
            last = self._went_on.setdefault(model, deque(maxlen=LOOKED_AT))
            last.append(found)
            earlier, later, said = last.count("earlier"), last.count("later"), f"notes to {model} are not followed"
            if earlier + later < ASTRAY or said in self._logged:
                return
            self._logged.add(said)
        logger.warning(
            "the notes%s are not followed: of the last %d interruptions at which the model went on, it told again what "
            "had been heard in %d, and left out what had not been in %d; put the rules where models obey them, with "
            'enable_interrupt_resume(rules="system"), or order each reply, with turn_complete=True; '
            '"python -m gemini_live_interrupt probe" finds out what a model takes',
            f" to {model}" if model else "",
            len(last),
            earlier,
            later,
        )

    def add(self, delivery: Stoppable) -> None:
        """A session is followed; what it waits for ends when the library is turned off."""
        with self.lock:
            self._deliveries.add(delivery)

    def pace(self, agreement: Agreement | None) -> Pace:
        """Return the pace with which a session begins: that of its voice, if this process has heard it before."""
        if agreement is None:
            return Pace()
        with self.lock:
            return self._voices.pace(agreement.model, agreement.voice)

    def log_once(self, what: str, *, error: BaseException | None = None, level: int = logging.ERROR) -> None:
        """Log something the first time that it is said since the library was enabled.

        Of an error, its type and where it was raised are logged, never its text, which may quote what people said. With
        `log_errors=True` the app has chosen to have the text and the traceback too.
        """
        with self.lock:
            if what in self._logged:
                return
            self._logged.add(what)
            whole = self.settings is not None and self.settings.log_errors
        if error is None:
            logger.log(level, what)
        elif whole:
            logger.log(level, what, exc_info=error)
        else:
            logger.log(level, "%s (%s)", what, _place(error))


def _place(error: BaseException) -> str:
    """Return the type of an error and the place in which it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{at}"
