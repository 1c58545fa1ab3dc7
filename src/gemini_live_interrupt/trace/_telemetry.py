"""Interruptions as OpenTelemetry's spans and metrics."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .._interruption import Interruption
from ._meters import Meters
from ._names import CONVERSATION, FAILURES, OPERATION, OWN, attributes, content
from ._release import release
from ._told import Message, SentMessages

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

MOST_OPEN = 10_000
"""Cuts that may be open at a time; beyond that, the oldest is given up."""
LONGEST_OPEN = 600.0
"""Seconds after which an open cut is given up: no connection lives longer."""
_FOLLOWED_BY_NOTHING = frozenset({"closed", "refused"})
"""Outcomes after which the session is over, so that no reply is waited for."""


@dataclass(slots=True, eq=False)
class _Open:
    """A cut of which not all is known. Its span is made when it is, so that one which never is can leak none."""

    context: Context
    """That in which it was seen: a span of the app that is current there becomes the parent."""
    since: int
    until: int
    last: Interruption
    told: SentMessages = field(default_factory=SentMessages)


class Telemetry:
    """One span for each cut, from `interrupted` until it is settled, and counters and histograms of cuts.

    An `on_interruption` for `enable_interrupt_resume()`. May be called from several threads. The span is made when it
    is known where the model went on. Where that never is, since its session was dropped, the cut is given up when the
    session is cut again, after ten minutes, when 10,000 others are open, or with `close()`: its span says what was
    known by then, and ends when the cut was settled, or last heard of.
    """

    def __init__(
        self,
        *,
        content: bool = False,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        """Make the tracer and the instruments.

        Args:
            content: add what people said to the spans.
            tracer_provider: where the spans go; without it, the process's own.
            meter_provider: where the metrics go; without it, the process's own.

        Raises:
            ImportError: OpenTelemetry's API is not installed.
            TypeError: `content` is neither True nor False.
        """
        if not isinstance(content, bool):
            raise TypeError(f"content must be True or False, got {content!r}")
        try:
            from opentelemetry.trace import get_tracer
        except ImportError:
            raise ImportError(
                'Telemetry needs opentelemetry-api: python -m pip install "gemini-live-interrupt[otel]"'
            ) from None
        self._content = content
        self._tracer = get_tracer(OWN, release(), tracer_provider)
        self._meters = Meters(meter_provider)
        self._clock = time.time_ns
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}  # by session, the oldest first

    def __call__(self, interruption: Interruption) -> None:
        """Take in a phase of an interruption."""
        now = self._clock()
        if interruption.phase == "cut":
            self._meters.begin(interruption)
            self._begin(interruption, now)
        else:
            self._go_on(interruption, now)

    def close(self) -> None:
        """Give up the cuts that are open; to be called before the providers are shut down."""
        with self._lock:
            left = list(self._open.values())
            self._open.clear()
        for opened in left:
            self._end(opened)

    def _begin(self, interruption: Interruption, now: int) -> None:
        from opentelemetry.context import get_current

        opened = _Open(get_current(), now, now, interruption)
        opened.told.follow(interruption.phase, self._message(interruption))
        with self._lock:
            given_up = self._give_up(interruption.session_id, now)
            self._open[interruption.session_id] = opened
        for each in given_up:
            self._end(each)

    def _give_up(self, session: str, now: int) -> list[_Open]:
        """Take out the cuts that are not waited for any longer, now that this session has another one."""
        given_up = [self._open.pop(session)] if session in self._open else []
        while self._open:
            name, oldest = next(iter(self._open.items()))
            if len(self._open) < MOST_OPEN and now - oldest.since < LONGEST_OPEN * 1e9:
                break
            given_up.append(self._open.pop(name))
        return given_up

    def _go_on(self, interruption: Interruption, now: int) -> None:
        phase = interruption.phase
        over = phase == "resumed" or interruption.outcome in _FOLLOWED_BY_NOTHING
        with self._lock:
            opened = self._open.get(interruption.session_id)
            if opened is None or opened.last.number != interruption.number:
                return  # it was given up, or began before this was told of interruptions
            opened.last = interruption
            if phase != "resumed":
                opened.until = now
            opened.told.follow(phase, self._message(interruption))
            if over:
                del self._open[interruption.session_id]
        if phase == "settled":
            self._meters.settle(interruption, opened.told)
        elif phase == "resumed":
            self._meters.resume(interruption)
        if over:
            self._end(opened)

    def _message(self, interruption: Interruption) -> Message | None:
        text, after = interruption.note, interruption.note_after
        return None if text is None or after is None else Message(len(text), after, text if self._content else "")

    def _end(self, opened: _Open) -> None:
        """Make the span of a cut that is over."""
        from opentelemetry.baggage import get_baggage
        from opentelemetry.trace import StatusCode

        found = attributes(opened.last, opened.told)
        if isinstance(conversation := get_baggage(CONVERSATION, opened.context), str):
            found[CONVERSATION] = conversation
        if self._content:
            found |= content(opened.last, opened.told)
        span = self._tracer.start_span(OPERATION, opened.context, attributes=found, start_time=opened.since)
        if opened.last.outcome in FAILURES:
            span.set_status(StatusCode.ERROR)
        span.end(opened.until)
