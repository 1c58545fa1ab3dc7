"""What holds for every test: the SDK is left as it was found, and nothing is complained of in the log unasked."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.genai import live

from gemini_live_interrupt import disable_interrupt_resume

WRAPPED = ("_receive", "send", "send_client_content", "send_realtime_input", "send_tool_response")


def wrapped() -> list[object]:
    return [*(vars(live.AsyncSession)[name] for name in WRAPPED), vars(live.AsyncLive)["connect"]]


ORIGINAL = wrapped()
SLOW = (
    *("demo/test_command.py", "demo/test_conversation.py", "demo/test_recording.py", "demo/test_terminal.py"),
    *("doctor/test_command.py", "doctor/test_probed.py", "doctor/test_session.py"),
    *("emulator/test_command.py", "emulator/test_entrance.py", "emulator/test_independence.py"),
    *("emulator/test_pytest_plugin.py", "emulator/test_server.py", "emulator/test_sound.py"),
    *("emulator/test_virtual.py", "probe", "test_apps.py", "test_docs.py", "test_end_to_end.py", "test_fork.py"),
    *("test_import.py", "test_notebook.py", "test_reconnect.py", "test_sockets.py", "web"),
)
"""What runs in real time, in processes or in a browser: `-m "not slow"` leaves it out."""


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores, since some tests wait."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(SLOW):
            item.add_marker("slow")
        if item.path.parent.name == "web" and "page" in item.path.stem:
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """Spare collections of garbage what modules hold: it is most of the heap, and lives as long as the process."""
    gc.collect()
    gc.freeze()


if os.environ.get("EVENT_LOOP") == "uvloop":  # the loop that servers such as uvicorn run on
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


@pytest.fixture(autouse=True)
def pristine() -> Iterator[None]:
    assert wrapped() == ORIGINAL
    yield
    disable_interrupt_resume()
    assert wrapped() == ORIGINAL


@pytest.fixture(autouse=True)
def complaints(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The warnings and errors that the library logged: a test that expects some takes them out."""

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage().partition(" (")[0])  # without the place of an error

    found: list[str] = []
    collector = Collector(logging.WARNING)
    logger = logging.getLogger("gemini_live_interrupt")
    logger.addHandler(collector)
    logger.setLevel(logging.DEBUG)
    yield found
    logger.removeHandler(collector)
    assert found == []
