"""Whether the SDK can be patched: on its own class, and on what others may have made of it."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import live

from gemini_live_interrupt import enable_interrupt_resume
from gemini_live_interrupt.doctor._patching import check_patch

ORIGINAL = vars(live.AsyncSession)["_receive"]


def test_the_sdk_can_be_and_is_left_as_it_was() -> None:
    assert check_patch(live.AsyncSession).level == "ok"
    assert vars(live.AsyncSession)["_receive"] is ORIGINAL


def test_it_does_not_matter_whether_the_library_is_on() -> None:
    enable_interrupt_resume()
    assert check_patch(live.AsyncSession).level == "ok"
    assert vars(live.AsyncSession)["_receive"] is ORIGINAL


class Renamed:
    async def _read(self) -> None: ...


class Final(type):
    def __setattr__(cls, name: str, value: Any) -> None:
        raise TypeError(f"{name} is final")


class Instrumented(type):
    def __setattr__(cls, name: str, value: Any) -> None:
        async def traced(self: Any) -> Any:
            return await value(self)

        super().__setattr__(name, traced)


class FinalSession(metaclass=Final):
    async def _receive(self) -> None: ...


class InstrumentedSession(metaclass=Instrumented):
    async def _receive(self) -> None: ...


@pytest.mark.parametrize(
    ("session_class", "found"),
    [
        (None, "enable_interrupt_resume() fails: google-genai"),
        (Renamed, "has no AsyncSession._receive"),
        (FinalSession, "enable_interrupt_resume() fails: it raised TypeError: _receive is final."),
        (InstrumentedSession, "is not what it was"),
    ],
)
def test_a_class_that_cannot_be_patched_is_an_error(
    session_class: Any, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AsyncSession", session_class)
    finding = check_patch(session_class)
    monkeypatch.undo()
    assert (finding.level, finding.check) == ("error", "patch")
    assert found in finding.found
    assert finding.why
    assert finding.do
