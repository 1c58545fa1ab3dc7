"""Importing does nothing; any order of imports works; reloading does not wrap twice. In processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCENE = """
def notes():
    import asyncio
    from google.genai import live
    from wire import GENERATED, INTERRUPTED, Socket, said, session, speech

    async def read():
        cut = [said("Tell me about the tides."), *speech("The tide turns twice a day."), GENERATED, INTERRUPTED]
        socket = Socket(cut)
        opened = session(socket, live.AsyncSession)
        for _ in cut:
            await opened._receive()
        return len(socket.notes)
    return asyncio.run(read())
"""

IMPORTING_DOES_NOTHING = """
import sys
import gemini_live_interrupt
assert "google.genai" not in sys.modules, "the app decides when to import the SDK"
assert not [name for name in sys.modules if name.startswith("gemini_live_interrupt.trace")]
from google.genai import live
assert not hasattr(vars(live.AsyncSession)["_receive"], "__wrapped__")
"""

ENABLED_BEFORE_THE_SDK_IS_IMPORTED = """
import sys
import gemini_live_interrupt
assert "google.genai" not in sys.modules
gemini_live_interrupt.enable_interrupt_resume()
assert notes() == 1
"""

ENABLED_AFTER_THE_CLASS_WAS_IMPORTED_BY_NAME = """
from google.genai.live import AsyncSession
from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
original = vars(AsyncSession)["_receive"]
enable_interrupt_resume()
assert notes() == 1
disable_interrupt_resume()
assert notes() == 0
assert vars(AsyncSession)["_receive"] is original
"""

RELOADED_PACKAGE = """
import importlib
import gemini_live_interrupt as library
library.enable_interrupt_resume()
library = importlib.reload(library)
library.enable_interrupt_resume()
assert notes() == 1
library.disable_interrupt_resume()
assert notes() == 0
"""

RELOADED_PATCH = """
import importlib
import gemini_live_interrupt as library
from gemini_live_interrupt import _api, _patch
library.enable_interrupt_resume()
importlib.reload(_patch)
assert notes() == 0, "the layer of before is inert"
library.enable_interrupt_resume()
assert notes() == 1
"""

IMPORTED_AGAIN = """
import sys
import gemini_live_interrupt as first
first.enable_interrupt_resume()
for name in [name for name in sys.modules if name.startswith("gemini_live_interrupt")]:
    del sys.modules[name]
import gemini_live_interrupt as second
assert second is not first
second.enable_interrupt_resume()
assert notes() == 1, "two copies of the library are not two notes"
second.disable_interrupt_resume()
assert notes() == 0
"""

RELOADED_SDK = """
import importlib
from google.genai import live
from gemini_live_interrupt import enable_interrupt_resume
enable_interrupt_resume()
importlib.reload(live)
assert notes() == 0
enable_interrupt_resume()
assert notes() == 1
"""


@pytest.mark.parametrize(
    "script",
    [
        IMPORTING_DOES_NOTHING,
        ENABLED_BEFORE_THE_SDK_IS_IMPORTED,
        ENABLED_AFTER_THE_CLASS_WAS_IMPORTED_BY_NAME,
        RELOADED_PACKAGE,
        RELOADED_PATCH,
        IMPORTED_AGAIN,
        RELOADED_SDK,
    ],
)
def test_imports_in_any_order(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{SCENE}\n{script}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
