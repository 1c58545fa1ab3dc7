"""gemini-live-telemetry wraps `AsyncSession._receive`, three methods that send, and `AsyncLive.connect`, with wrapt.

It cannot be switched off. Off stands here for what those do that can: they take the outermost layer off each method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from emulator.talking import in_virtual_time
from gemini_live_telemetry import InstrumentationConfig, instrumentation
from gemini_live_telemetry.store import MetricsStore
from google.genai import live

from copatchers.conversation import FIRST_GOES_FIRST, ORDERS, changed, cut, live_api, sees_each_once, talking
from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

METHODS = [
    (live.AsyncSession, "_receive"),
    (live.AsyncSession, "send_realtime_input"),
    (live.AsyncSession, "send_client_content"),
    (live.AsyncSession, "send_tool_response"),
    (live.AsyncLive, "connect"),
]
BEFORE = live_api()


class Telemetry:
    """The package, with a store that begins anew whenever it is switched on."""

    def __init__(self, folder: Path) -> None:
        self._config = InstrumentationConfig(metrics_dir=str(folder), log_dir=str(folder / "log"))
        self.store = MetricsStore(self._config)

    def on(self) -> None:
        instrumentation.apply_patches(self.store)

    def off(self) -> None:
        for owner, name in METHODS:
            setattr(owner, name, vars(owner)[name].__wrapped__)
        instrumentation._patches_applied = False

    def take_received(self) -> int:
        """How many messages it has seen since it was last asked."""
        received = sum(session.messages_received for session in self.store._sessions.values())
        self.store._sessions.clear()
        return received


@pytest.fixture
def telemetry(tmp_path: Path) -> Iterator[Telemetry]:
    yield Telemetry(tmp_path)
    instrumentation._patches_applied = False
    for owner, name in METHODS:
        setattr(owner, name, BEFORE[f"{owner.__name__}.{name}"])


async def both_do_their_work(telemetry: Telemetry, *, ours: bool, theirs: bool) -> None:
    async with talking() as (emulator, person):
        notes = await cut(emulator, person)
        assert [note.silent for note in notes] == [True] * ours
        assert sees_each_once(emulator, person)
        assert telemetry.take_received() == len(person.messages) * theirs


@pytest.mark.parametrize("order", [each for each in ORDERS if each != FIRST_GOES_FIRST], ids=", ".join)
@in_virtual_time
async def test_in_any_order_each_does_its_work_and_the_app_sees_each_message_once(
    telemetry: Telemetry, order: tuple[str, ...]
) -> None:
    switches = {
        "we on": enable_interrupt_resume,
        "we off": disable_interrupt_resume,
        "they on": telemetry.on,
        "they off": telemetry.off,
    }
    on = {"we": False, "they": False}
    for step in order:
        switches[step]()
        who, _, state = step.partition(" ")
        on[who] = state == "on"
        await both_do_their_work(telemetry, ours=on["we"], theirs=on["they"])
    disable_interrupt_resume()  # where they came above us our layer stayed, inert, until now
    assert changed(BEFORE, live_api()) == set()


@in_virtual_time
async def test_they_stay_when_we_go_whatever_came_first(telemetry: Telemetry) -> None:
    telemetry.on()
    theirs = live_api()
    enable_interrupt_resume()
    disable_interrupt_resume()
    assert changed(theirs, live_api()) == set()
    await both_do_their_work(telemetry, ours=False, theirs=True)


@in_virtual_time
async def test_whoever_takes_off_the_outermost_layer_takes_ours_off_until_it_is_enabled_again(
    telemetry: Telemetry,
) -> None:
    telemetry.on()
    enable_interrupt_resume()
    telemetry.off()  # it takes ours, which are the outermost, and leaves its own
    await both_do_their_work(telemetry, ours=False, theirs=True)
    enable_interrupt_resume()
    async with talking() as (emulator, person):
        assert len(await cut(emulator, person)) == 1
        assert sees_each_once(emulator, person)


def test_it_patches_what_is_said_here_and_nothing_else(
    telemetry: Telemetry, record_property: Callable[[str, object], None]
) -> None:
    telemetry.on()
    patched = changed(BEFORE, live_api())
    record_property("patches", ", ".join(sorted(patched)))
    assert patched == {f"{owner.__name__}.{name}" for owner, name in METHODS}
