"""Counters and histograms of cuts, for OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._interruption import Interruption
from ._names import KNOWN, OWN
from ._release import release
from ._told import SentMessages

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

_SECONDS = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0)
_LATENCY = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Meters:
    """The instruments; the names of their attributes are few, and none tells sessions apart."""

    def __init__(self, provider: MeterProvider | None) -> None:
        from opentelemetry.metrics import get_meter

        meter = get_meter(OWN, release(), provider)

        self._cuts = meter.create_counter(f"{OWN}.cuts", "{cut}", "Interruptions of the model that were seen.")
        self._notes = meter.create_counter(f"{OWN}.notes", "{note}", "Notes that were sent when a cut was seen.")
        self._requests = meter.create_counter(
            f"{OWN}.requests", "{request}", "Requests to go on that were sent because nobody spoke after a cut."
        )
        self._skips = meter.create_counter(f"{OWN}.skips", "{cut}", "Cuts of which the model was told nothing.")
        self._refusals = meter.create_counter(f"{OWN}.refusals", "{refusal}", "Notes for which the server closed.")
        self._resumptions = meter.create_counter(
            f"{OWN}.resumptions", "{cut}", "Cuts of which it is known where the model went on, or that it did not."
        )
        self._heard, self._unheard, self._latency = (
            meter.create_histogram(f"{OWN}.{name}", "s", what, explicit_bucket_boundaries_advisory=boundaries)
            for name, what, boundaries in (
                ("heard.duration", "What had been heard of a reply when it was cut.", _SECONDS),
                ("unheard.duration", "What had been received of it beyond that.", _SECONDS),
                ("note.latency", "From the interruption until its note was handed to the socket.", _LATENCY),
            )
        )

    def begin(self, interruption: Interruption) -> None:
        """Count a cut that is seen."""
        self._cuts.add(1, KNOWN | {f"{OWN}.evidence": interruption.evidence})

    def settle(self, interruption: Interruption, told: SentMessages) -> None:
        """Count what became of it."""
        evidence = KNOWN | {f"{OWN}.evidence": interruption.evidence}
        if interruption.received:
            self._heard.record(interruption.played, evidence)
            self._unheard.record(max(interruption.received - interruption.played, 0.0), evidence)
        if told.note is not None:
            self._notes.add(1, KNOWN)
            self._latency.record(told.note.after, KNOWN)
        if told.request is not None:
            self._requests.add(1, KNOWN)
        if not told.messages:
            self._skips.add(1, KNOWN | {f"{OWN}.reason": str(interruption.outcome)})
        elif interruption.outcome == "refused":
            self._refusals.add(1, KNOWN)

    def resume(self, interruption: Interruption) -> None:
        """Count where the model went on."""
        self._resumptions.add(1, KNOWN | {f"{OWN}.resumption": str(interruption.resumption)})
