"""What holds for every test: the SDK is left as it was found, and nothing is complained of in the log unasked."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from google.genai import live

from gemini_live_interrupt import disable_interrupt_resume

ORIGINAL = vars(live.AsyncSession)["_receive"]


@pytest.fixture(autouse=True)
def pristine() -> Iterator[None]:
    assert vars(live.AsyncSession)["_receive"] is ORIGINAL
    yield
    disable_interrupt_resume()
    assert vars(live.AsyncSession)["_receive"] is ORIGINAL


@pytest.fixture(autouse=True)
def complaints(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The warnings and errors that the library logged: a test that expects some takes them out."""

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    found: list[str] = []
    collector = Collector(logging.WARNING)
    logger = logging.getLogger("gemini_live_interrupt")
    logger.addHandler(collector)
    logger.setLevel(logging.DEBUG)
    yield found
    logger.removeHandler(collector)
    assert found == []
