"""Spans and metrics, with the SDK of OpenTelemetry behind them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from traced import HEARD, NOTE, REQUEST, UNHEARD, asked, interruption, noted, resumed

from gemini_live_interrupt.trace import Telemetry
from gemini_live_interrupt.trace._telemetry import MOST_OPEN

SOURCE = str(Path(__file__).parents[2] / "src")
OWN = "gemini_live_interrupt."


class Backend:
    """Where telemetry goes to."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader])

    def telemetry(self, **options: Any) -> Telemetry:
        return Telemetry(tracer_provider=self.tracers, meter_provider=self.meters, **options)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def attributes(self) -> list[dict[str, Any]]:
        return [dict(span.attributes or {}) for span in self.spans]

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data is not None else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == OWN + name
            for point in metric.data.data_points
        ]

    def count(self, name: str, **attributes: str) -> int:
        wanted = {(OWN + key, value) for key, value in attributes.items()}
        return sum(point.value for point in self.points(name) if wanted <= set(point.attributes.items()))

    def close(self) -> None:
        self.tracers.shutdown()
        self.meters.shutdown()


@pytest.fixture
def backend() -> Iterator[Backend]:
    backend = Backend()
    yield backend
    backend.close()


# Spans


def test_a_span_lasts_from_the_cut_until_it_is_settled_and_says_what_is_known(backend: Backend) -> None:
    telemetry = backend.telemetry()
    cut, settled, known = resumed("sentence")
    times = [time.time_ns()]
    for phase in (cut, settled):
        telemetry(phase)
        times.append(time.time_ns())
    assert backend.spans == [], "it is not known yet where the model went on"
    telemetry(known)
    (span,) = backend.spans
    assert (span.name, span.kind, span.status.status_code) == (
        "interruption",
        trace.SpanKind.INTERNAL,
        StatusCode.UNSET,
    )
    assert span.start_time is not None
    assert span.end_time is not None
    assert times[0] <= span.start_time <= times[1] <= span.end_time <= times[2]
    assert backend.attributes() == [
        {
            "gen_ai.operation.name": "interruption",
            "gen_ai.provider.name": "gcp.gen_ai",
            "gen_ai.output.type": "speech",
            OWN + "session.id": "3f2a9c1d00b1e2f4",
            OWN + "number": 1,
            OWN + "cause": "user",
            OWN + "evidence": "clock",
            OWN + "outcome": "noted",
            OWN + "resumption": "sentence",
            OWN + "heard.duration": 3.2104,
            OWN + "received.duration": 9.8765,
            OWN + "heard.characters": len(HEARD),
            OWN + "unheard.characters": len(UNHEARD),
            OWN + "user.characters": len("Which fox?"),
            OWN + "note.characters": len(NOTE),
            OWN + "note.latency": 0.0004321,
        }
    ]
    scope = span.instrumentation_scope
    assert scope is not None
    assert scope.name == "gemini_live_interrupt"


def test_a_request_to_go_on_has_attributes_of_its_own(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for phase in asked():
        telemetry(phase)
    telemetry.close()
    (found,) = backend.attributes()
    assert found[OWN + "outcome"] == "asked"
    assert (found[OWN + "note.characters"], found[OWN + "note.latency"]) == (len(NOTE), 0.0004321)
    assert (found[OWN + "request.characters"], found[OWN + "request.latency"]) == (len(REQUEST), 4.0005)


def test_a_session_without_audio_puts_out_text(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for phase in noted(evidence="text", played=0.0, received=0.0):
        telemetry(phase)
    telemetry.close()
    assert backend.attributes()[0]["gen_ai.output.type"] == "text"
    assert backend.points("heard.duration") == []


@pytest.mark.parametrize("outcome", ["failed", "refused"])
def test_what_went_wrong_is_an_error(backend: Backend, outcome: str) -> None:
    telemetry = backend.telemetry()
    for phase in (interruption(), interruption(phase="settled", outcome=outcome)):
        telemetry(phase)
    telemetry.close()
    (span,) = backend.spans
    assert span.status.status_code is StatusCode.ERROR
    assert backend.attributes()[0]["error.type"] == outcome


def test_the_span_of_the_app_is_the_parent_and_its_conversation_is_named(backend: Backend) -> None:
    telemetry = backend.telemetry()
    cut, settled = noted()
    with backend.tracers.get_tracer("app").start_as_current_span("call") as call:
        token = context.attach(baggage.set_baggage("gen_ai.conversation.id", "call-17"))
        telemetry(cut)
        context.detach(token)
    telemetry(settled)
    telemetry.close()
    span = backend.spans[-1]
    assert span.parent == call.get_span_context()
    assert (span.attributes or {})["gen_ai.conversation.id"] == "call-17"


def test_no_conversation_is_made_up(backend: Backend) -> None:
    telemetry = backend.telemetry()
    token = context.attach(baggage.set_baggage("gen_ai.conversation.id", 17))
    for phase in noted():
        telemetry(phase)
    context.detach(token)
    for phase in noted():
        telemetry(phase)
    telemetry.close()
    assert ["gen_ai.conversation.id" in found for found in backend.attributes()] == [False, False]


# What people said


def test_no_word_of_anybody_is_told_unless_it_is_wanted(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for phase in asked(user_text="Hmm."):
        telemetry(phase)
    told = json.dumps(backend.attributes()) + str([backend.points(name) for name in ("cuts", "skips", "notes")])
    for word in ("fox", "waited", "ship", "story", "Hmm"):
        assert word not in told


def test_what_was_said_is_told_in_the_form_of_the_conventions(backend: Backend) -> None:
    telemetry = backend.telemetry(content=True)
    history = [("user", "A story, please!"), ("model", "Später “日本”?")]
    for phase in asked(history=history, user_text="Hmm."):
        telemetry(phase)
    telemetry.close()
    (found,) = backend.attributes()
    assert json.loads(found["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "A story, please!"}]},
        {"role": "assistant", "parts": [{"type": "text", "content": "Später “日本”?"}]},
    ]
    assert "日本" in found["gen_ai.input.messages"]
    assert json.loads(found["gen_ai.output.messages"]) == [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": HEARD}, {"type": "text", "content": UNHEARD}],
            "finish_reason": "interrupted",
        }
    ]
    said = ("cut_sentence", "user.text", "note.text", "request.text")
    assert [found[OWN + name] for name in said] == ["It waited", "Hmm.", NOTE, REQUEST]


def test_a_cut_of_which_the_model_was_told_nothing_has_no_text_of_a_note(backend: Backend) -> None:
    telemetry = backend.telemetry(content=True)
    for phase in (interruption(), interruption(phase="settled", outcome="skipped")):
        telemetry(phase)
    telemetry.close()
    assert OWN + "note.text" not in backend.attributes()[0]


def test_a_content_that_is_no_truth_value_is_refused() -> None:
    with pytest.raises(TypeError, match="content must be True or False, got 1"):
        Telemetry(content=1)  # type: ignore[arg-type]


# Cuts that are never settled, or of which it is never known where the model went on


def test_a_cut_that_is_settled_keeps_its_end_when_it_is_given_up(backend: Backend) -> None:
    now = 10**18
    telemetry = backend.telemetry()
    telemetry._clock = lambda: now
    for phase in noted():
        telemetry(phase)
        now += 10**9
    telemetry(interruption(number=2))
    (span,), (found,) = backend.spans, backend.attributes()
    assert (span.start_time, span.end_time) == (10**18, 10**18 + 10**9)
    assert found[OWN + "outcome"] == "noted"
    assert OWN + "resumption" not in found


@pytest.mark.parametrize("outcome", ["closed", "refused"])
def test_nothing_is_waited_for_after_the_end_of_a_session(backend: Backend, outcome: str) -> None:
    telemetry = backend.telemetry()
    for phase in (interruption(), interruption(phase="settled", outcome=outcome)):
        telemetry(phase)
    assert len(backend.spans) == 1


def test_a_cut_that_was_never_settled_ends_when_its_session_is_cut_again(backend: Backend) -> None:
    telemetry = backend.telemetry()
    telemetry(interruption(number=1))
    telemetry(interruption(number=2))
    telemetry(interruption(number=1, phase="settled", outcome="noted"))  # too late
    (span,) = backend.spans
    (found,) = backend.attributes()
    assert found[OWN + "number"] == 1
    assert OWN + "outcome" not in found
    assert span.end_time == span.start_time


def test_a_cut_that_was_never_settled_ends_with_the_last_that_was_heard_of_it(backend: Backend) -> None:
    now = 10**18
    telemetry = backend.telemetry()
    telemetry._clock = lambda: now
    telemetry(interruption(session_id="dropped"))
    now += 4 * 10**9
    telemetry(asked(session_id="dropped")[1])
    now += 595 * 10**9
    telemetry(interruption(session_id="other"))
    assert backend.spans == []
    now += 2 * 10**9
    telemetry(interruption(session_id="third"))
    (span,) = backend.spans
    assert (span.start_time, span.end_time) == (10**18, 10**18 + 4 * 10**9)
    assert backend.attributes()[0][OWN + "note.characters"] == len(NOTE)


def test_cuts_that_are_never_settled_do_not_pile_up(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for index in range(MOST_OPEN + 3):
        telemetry(interruption(session_id=str(index)))
    assert [found[OWN + "session.id"] for found in backend.attributes()] == ["0", "1", "2"]
    telemetry.close()
    assert len(backend.spans) == MOST_OPEN + 3
    telemetry.close()
    assert len(backend.spans) == MOST_OPEN + 3


def test_a_cut_whose_beginning_was_not_seen_is_passed_over(backend: Backend) -> None:
    telemetry = backend.telemetry()
    telemetry(noted()[1])
    assert backend.spans == []
    assert backend.points("notes") == []


# Metrics


def test_cuts_and_what_became_of_them_are_counted(backend: Backend) -> None:
    telemetry = backend.telemetry()

    def settle(outcome: str, **changes: Any) -> None:
        telemetry(interruption())
        telemetry(interruption(phase="settled", outcome=outcome, **changes))

    for phase in [*noted(), *noted(evidence="reported"), *asked()]:
        telemetry(phase)
    for outcome in ("late", "late", "skipped", "failed", "closed", "refused"):
        settle(outcome)
    settle("refused", note=NOTE, note_after=0.001)
    settle("closed", note=NOTE, note_after=0.001)
    telemetry(interruption(session_id="dropped"))
    telemetry.close()
    assert (backend.count("cuts"), backend.count("cuts", evidence="reported")) == (12, 1)
    assert (backend.count("notes"), backend.count("requests"), backend.count("refusals")) == (5, 1, 1)
    reasons = {"late": 2, "skipped": 1, "failed": 1, "closed": 1, "refused": 1}
    assert {reason: backend.count("skips", reason=reason) for reason in reasons} == reasons
    assert backend.count("skips") == 6


def test_where_the_model_went_on_is_counted(backend: Backend) -> None:
    telemetry = backend.telemetry()
    results = ("sentence", "sentence", "sentence", "later", "earlier", "none")
    for phase in [phase for where in results for phase in resumed(where)]:
        telemetry(phase)
    found = {where: backend.count("resumptions", resumption=where) for where in results}
    assert found == {"sentence": 3, "later": 1, "earlier": 1, "none": 1}
    assert (backend.count("cuts"), backend.count("notes")) == (6, 6)


def test_a_request_that_was_not_sent_is_not_counted(backend: Backend) -> None:
    telemetry = backend.telemetry()
    cut, silence, _ = asked()
    for phase in (cut, silence, noted()[1]):
        telemetry(phase)
    assert (backend.count("notes"), backend.count("requests")) == (1, 0)


def test_seconds_are_spread_over_buckets_that_can_tell_them_apart(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for phase in [*noted(), *noted(played=30.0, received=29.0), *asked()]:
        telemetry(phase)
    (heard,), (unheard,), (latency,) = (
        backend.points(name) for name in ("heard.duration", "unheard.duration", "note.latency")
    )
    assert (heard.count, unheard.count, latency.count) == (3, 3, 3)
    assert heard.sum == pytest.approx(3.2104 * 2 + 30.0)
    assert unheard.sum == pytest.approx((9.8765 - 3.2104) * 2)
    assert latency.max == pytest.approx(0.0004321)
    assert sum(count > 0 for count in heard.bucket_counts) == 2
    assert 0.0005 in latency.explicit_bounds


def test_no_metric_tells_sessions_apart(backend: Backend) -> None:
    telemetry = backend.telemetry()
    for index in range(20):
        for phase in noted(session_id=str(index)):
            telemetry(phase)
    for name in ("cuts", "notes", "heard.duration", "unheard.duration", "note.latency"):
        (point,) = backend.points(name)
        assert point.attributes["gen_ai.provider.name"] == "gcp.gen_ai"


def test_threads_do_not_lose_cuts(backend: Backend) -> None:
    telemetry = backend.telemetry()
    together = threading.Barrier(8)

    def work(name: str) -> None:
        together.wait()
        for number in range(1, 51):
            for phase in resumed("sentence", session_id=name, number=number):
                telemetry(phase)

    threads = [threading.Thread(target=work, args=(str(index),)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(backend.spans) == backend.count("notes") == backend.count("resumptions", resumption="sentence") == 400


# Without the SDK, and without the API


def run(code: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {SOURCE!r})\n{code}"
    return subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)


def test_without_an_sdk_nothing_happens() -> None:
    telemetry = Telemetry()
    for phase in asked():
        telemetry(phase)


def test_the_api_alone_is_enough() -> None:
    code = (
        "sys.modules['opentelemetry.sdk'] = None\n"
        "from gemini_live_interrupt import Interruption\n"
        "from gemini_live_interrupt.trace import Telemetry\n"
        "cut = dict(heard='', unheard='', cut_sentence='', user_text='', history=[], played=1.0, received=2.0)\n"
        "telemetry = Telemetry(content=True)\n"
        "telemetry(Interruption(evidence='clock', **cut))\n"
        "telemetry(Interruption(evidence='clock', phase='settled', outcome='late', **cut))\n"
    )
    done = run(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_api_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(ImportError, match=r'pip install "gemini-live-interrupt\[otel\]"'):
        Telemetry()


def test_importing_the_traces_imports_neither_the_api_nor_the_sdk_of_gemini() -> None:
    done = run(
        "import gemini_live_interrupt.trace\n"
        "assert not {'opentelemetry', 'rich', 'google.genai'} & set(sys.modules), sorted(sys.modules)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
