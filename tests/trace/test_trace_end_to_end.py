"""Real conversations, traced: the real client and SDK, a TLS websocket, a local Live API, and OpenTelemetry's SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from emulator.talking import NOISE, UTTERANCE, connected, hasty, in_virtual_time, teller
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Sum
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gemini_live_interrupt import Interruption, enable_interrupt_resume
from gemini_live_interrupt._cli import main
from gemini_live_interrupt.emulator import LiveEmulator
from gemini_live_interrupt.trace import JsonLines, Telemetry, read_trace

OWN = "gemini_live_interrupt."


class Watch:
    """Both kinds of trace of the same conversations."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])
        self.lines = JsonLines(path, content=True)
        self.telemetry = Telemetry(tracer_provider=self.tracers, meter_provider=self.meters)
        self.phases: list[Interruption] = []

    def __call__(self, interruption: Interruption) -> None:
        self.lines(interruption)
        self.telemetry(interruption)
        self.phases.append(interruption)

    @property
    def is_settled(self) -> bool:
        return bool(self.phases) and self.phases[-1].phase == "settled"

    def spans(self) -> list[dict[str, Any]]:
        found = self.exporter.get_finished_spans()
        return [dict(span.attributes or {}) for span in found if span.name == "interruption"]

    def counts(self) -> dict[str, int]:
        data = self.reader.get_metrics_data()
        metrics = data.resource_metrics[0].scope_metrics[0].metrics if data is not None else []
        return {
            metric.name.removeprefix(OWN): sum(int(point.value) for point in metric.data.data_points)
            for metric in metrics
            if isinstance(metric.data, Sum)
        }


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path / "trace.jsonl")
    yield watch
    watch.lines.close()
    watch.tracers.shutdown()
    watch.meters.shutdown()


@in_virtual_time
async def converse(
    watch: Watch,
    heard: str = "Really?",
    pcm: bytes = UTTERANCE,
    *,
    builder: Callable[..., str] | None = None,
    faults: Sequence[str] = (),
    until: Callable[[], object] | None = None,
) -> None:
    """Have a story told and speak into it; go when the interruption is settled, or when `until` holds."""
    enable_interrupt_resume(builder, on_interruption=watch)
    live = LiveEmulator(hasty("2.5-native"), teller, hear=["A story!", heard], faults=faults)
    async with live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("generationComplete"))
        await person.say(pcm)
        await live.until(until or (lambda: watch.is_settled))


def agree(watch: Watch) -> None:
    """What the file says and what the span says is what was reported."""
    watch.telemetry.close()
    last = watch.phases[-1]
    line = read_trace(watch.path)[-1]
    (span,) = watch.spans()
    said = ("heard", "unheard", "cut_sentence", "user_text", "note", "outcome", "evidence", "number")
    assert [line[name] for name in said] == [getattr(last, name) for name in said]
    assert line["session"] == span[OWN + "session.id"] == last.session_id
    assert line["played"] == pytest.approx(span[OWN + "heard.duration"], abs=0.001) != 0.0
    assert line["received"] == pytest.approx(span[OWN + "received.duration"], abs=0.001)
    assert span[OWN + "outcome"] == last.outcome


def test_a_question_becomes_a_line_a_phase_and_a_span_below_that_of_the_app(watch: Watch) -> None:
    with watch.tracers.get_tracer("app").start_as_current_span("call"):
        converse(watch)
    agree(watch)
    assert [line.get("phase") for line in read_trace(watch.path)] == [None, "cut", "settled"]
    span = watch.spans()[0]
    assert span[OWN + "note.characters"] == len(watch.phases[-1].note or "")
    assert 0.0 <= span[OWN + "note.latency"] < 1.0
    assert watch.counts() == {"cuts": 1, "notes": 1}
    finished = {span.name: span for span in watch.exporter.get_finished_spans()}
    assert finished["interruption"].parent == finished["call"].context


def test_a_noise_after_which_nobody_speaks_becomes_a_request(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    converse(watch, "", NOISE)
    agree(watch)
    assert [line.get("phase") for line in read_trace(watch.path)] == [None, "cut", "silence", "settled"]
    span = watch.spans()[0]
    assert span[OWN + "request.latency"] == pytest.approx(4.0, abs=0.5)
    assert watch.counts() == {"cuts": 1, "notes": 1, "requests": 1}
    assert main(["trace", str(watch.path)]) == 0
    shown = capsys.readouterr().out
    assert f"“{watch.phases[-1].cut_sentence}”" in shown
    assert "1 cut in 1 session: 1 asked." in shown
    assert "1 note (median: " in shown
    assert " and 1 request to go on." in shown


def test_a_note_for_which_the_server_closes_is_a_refusal(watch: Watch, complaints: list[str]) -> None:
    converse(watch, faults=["refuse-content"])
    agree(watch)
    complaints.clear()
    assert watch.spans()[0]["error.type"] == "refused"
    assert watch.counts() == {"cuts": 1, "notes": 1, "refusals": 1}


def test_a_cut_of_which_nothing_is_told_is_a_skip(watch: Watch) -> None:
    converse(watch, builder=lambda heard, user_text, history: "")
    agree(watch)
    assert watch.counts() == {"cuts": 1, "skips": 1}


def test_a_session_that_is_dropped_leaves_a_line_and_no_span_until_the_end(watch: Watch) -> None:
    converse(watch, until=lambda: watch.phases)
    assert watch.spans() == []
    watch.telemetry.close()
    (span,) = watch.spans()
    assert OWN + "outcome" not in span
    assert read_trace(watch.path)[-1]["phase"] == "cut"
