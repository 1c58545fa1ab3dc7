"""Tracers that patch google-genai, but nothing of its Live API: each is switched on, and a conversation is held.

The day on which one of them begins to patch the Live API its test fails, and it wants a module of its own.
Run with `-k` and a name: they are installed one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from emulator.talking import in_virtual_time
from google.genai import models

from copatchers.conversation import changed, cut, live_api, sees_each_once, talking
from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

Switch = Callable[[], object]


def opentelemetry() -> tuple[Switch, Switch]:
    from opentelemetry.instrumentation.google_genai import GoogleGenAiSdkInstrumentor

    instrumentor = GoogleGenAiSdkInstrumentor()
    return instrumentor.instrument, instrumentor.uninstrument


def openinference() -> tuple[Switch, Switch]:
    from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor

    instrumentor = GoogleGenAIInstrumentor()
    return instrumentor.instrument, instrumentor.uninstrument


def langfuse() -> tuple[Switch, Switch]:
    """It has no instrumentation of its own for google-genai, and takes the spans of OpenInference's."""
    from langfuse import Langfuse

    client = Langfuse(public_key="pk", secret_key="sk", base_url="http://127.0.0.1:9", tracing_enabled=False)
    on, off = openinference()
    return on, lambda: (off(), client.shutdown())


def traceloop() -> tuple[Switch, Switch]:
    from opentelemetry.instrumentation.google_generativeai import GoogleGenerativeAiInstrumentor

    instrumentor = GoogleGenerativeAiInstrumentor()
    return instrumentor.instrument, instrumentor.uninstrument


def sentry() -> tuple[Switch, Switch]:
    """Its patches are made once, and stay; off, they find that the integration is not wanted."""
    import sentry_sdk
    from sentry_sdk.integrations.google_genai import GoogleGenAIIntegration

    def on() -> None:
        sentry_sdk.init(traces_sample_rate=1.0, integrations=[GoogleGenAIIntegration()])

    def off() -> None:
        sentry_sdk.init(disabled_integrations=[GoogleGenAIIntegration])

    return on, off


def generating() -> dict[str, Any]:
    """What each of them patches."""
    owners = (models.Models, models.AsyncModels)
    return {f"{owner.__name__}.{name}": value for owner in owners for name, value in vars(owner).items()}


TRACERS = [opentelemetry, openinference, langfuse, traceloop, sentry]


@pytest.mark.parametrize("tracer", TRACERS, ids=[tracer.__name__ for tracer in TRACERS])
@in_virtual_time
async def test_it_leaves_the_live_api_alone_and_the_model_gets_its_note(
    tracer: Callable[[], tuple[Switch, Switch]], record_property: Callable[[str, object], None]
) -> None:
    api, other = live_api(), generating()
    on, off = tracer()
    for switches, notes in (([on, enable_interrupt_resume], 1), ([off], 1), ([on, disable_interrupt_resume], 0)):
        for switch in switches:
            switch()
        async with talking() as (emulator, person):
            assert len(await cut(emulator, person)) == notes
            assert sees_each_once(emulator, person)
    patched = changed(api, live_api())
    record_property("patches", ", ".join(sorted(patched)))
    assert patched == set()
    assert "AsyncModels.generate_content" in changed(other, generating())  # else it would not be on at all
    off()
