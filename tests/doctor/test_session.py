"""The session on the emulator: real sockets, the real SDK, and whatever lies on it."""

from __future__ import annotations

import functools
import re
import sys
from typing import Any

import pytest
from google.genai import live

import gemini_live_interrupt.emulator
from gemini_live_interrupt import enable_interrupt_resume
from gemini_live_interrupt.doctor import _rehearsal
from gemini_live_interrupt.doctor._rehearsal import check_session
from gemini_live_interrupt.emulator import LiveEmulator

ORIGINAL = vars(live.AsyncSession)["_receive"]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"},
        {"GOOGLE_GEMINI_BASE_URL": "https://127.0.0.1:9", "GOOGLE_API_KEY": "another"},
    ],
    ids=["plain", "proxy", "vertex", "elsewhere"],
)
def test_it_gets_its_note_whatever_the_environment_says(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    finding = check_session()
    assert finding.level == "ok", finding.found
    assert re.search(r"heard \d+ ms after the interruption", finding.found)
    assert vars(live.AsyncSession)["_receive"] is ORIGINAL


def test_settings_of_the_app_are_not_in_its_way() -> None:
    enable_interrupt_resume(lambda heard, user_text, history: "", resume_after=None)
    assert check_session().level == "ok"


def test_a_layer_that_swallows_the_interruption_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(self: Any) -> Any:
        while True:
            message = await ORIGINAL(self)
            if not (message.server_content and message.server_content.interrupted):
                return message

    monkeypatch.setattr(live.AsyncSession, "_receive", deaf)
    monkeypatch.setattr(_rehearsal, "PATIENCE", 2.0)
    finding = check_session()
    monkeypatch.undo()
    assert (finding.level, finding.found) == ("error", "No note came within 2 seconds.")
    assert "who else wraps" in finding.do


def test_what_a_layer_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Any) -> Any:
        await ORIGINAL(self)
        raise LookupError("no such span")

    monkeypatch.setattr(live.AsyncSession, "_receive", broken)
    finding = check_session()
    monkeypatch.undo()
    assert (finding.level, finding.found) == ("error", "It failed with LookupError: no such span.")


@pytest.mark.parametrize("missing", [["trustme"], ["websockets"], ["trustme", "websockets"]])
def test_without_the_extra_it_is_said_to_be_not_checked(missing: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    finding = check_session()
    assert finding.level == "not checked"
    assert f"the emulator needs {' and '.join(missing)}." in finding.found
    assert finding.do == 'python -m pip install "gemini-live-interrupt[emulator]"'


def test_where_nothing_can_listen_it_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = functools.partial(LiveEmulator, host="203.0.113.1")  # an address for documents: it is no machine's
    monkeypatch.setattr(gemini_live_interrupt.emulator, "LiveEmulator", elsewhere)
    finding = check_session()
    assert finding.level == "not checked"
    assert "the emulator cannot listen on this machine (" in finding.found
