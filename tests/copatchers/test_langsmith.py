"""LangSmith patches nothing: `wrap_gemini_live` puts a proxy around one session, for as long as its block lasts."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import langsmith
import pytest
from emulator.talking import UTTERANCE, Person, in_virtual_time
from langsmith.integrations.gemini_live import wrap_gemini_live

from copatchers.conversation import ORDERS, changed, cut, live_api, sees_each_once, talking
from gemini_live_interrupt import Interruption, disable_interrupt_resume, enable_interrupt_resume, report_played

BEFORE = live_api()


class Posted(langsmith.Client):
    """LangSmith's client, whose runs stay here."""

    def __init__(self) -> None:
        super().__init__(api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False)
        self.names: list[str] = []

    def create_run(self, name: str, inputs: Any, run_type: Any, **more: Any) -> None:
        self.names.append(name)

    def update_run(self, run_id: Any, **more: Any) -> None:
        pass

    def take(self, name: str) -> int:
        """How many runs of that name were made since the last time."""
        found, self.names = self.names.count(name), []
        return found


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Posted]:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    with contextlib.closing(Posted()) as client:
        yield client


class Wrapping:
    """Switches the proxy on and off around the session of a person who is listening all the while."""

    def __init__(self, person: Person, client: Posted) -> None:
        self._person = person
        self._raw = person.session
        self._client = client
        self._stack = contextlib.AsyncExitStack()

    async def on(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is in beta
            proxy: Any = wrap_gemini_live(self._raw, model="a-live-model", client=self._client)
        self._person.session = await self._stack.enter_async_context(proxy)

    async def off(self) -> None:
        self._person.session = self._raw
        await self._stack.aclose()


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
@in_virtual_time
async def test_in_any_order_each_does_its_work_and_the_app_sees_each_message_once(
    posted: Posted, order: tuple[str, ...]
) -> None:
    on = {"we": False, "they": False}
    async with talking() as (emulator, person):
        wrapping = Wrapping(person, posted)
        for step in order:
            match step:
                case "we on":
                    enable_interrupt_resume()
                case "we off":
                    disable_interrupt_resume()
                case "they on":
                    await wrapping.on()
                case "they off":
                    await wrapping.off()
            who, _, state = step.partition(" ")
            on[who] = state == "on"
            await cut(emulator, person)  # a listener changes over to the proxy at the end of a turn
            posted.take("interrupted")
            assert [note.silent for note in await cut(emulator, person)] == [True] * on["we"]
            assert sees_each_once(emulator, person)
            assert posted.take("interrupted") == on["they"]
    assert changed(BEFORE, live_api()) == set()


@in_virtual_time
async def test_what_was_played_can_be_reported_by_the_proxy(posted: Posted) -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    async with talking() as (emulator, person):
        wrapping = Wrapping(person, posted)
        await wrapping.on()
        await person.say(UTTERANCE)
        await emulator.until(lambda: emulator.log.server("generationComplete"))
        report_played(person.session, 0.5)
        await person.say(UTTERANCE)
        await emulator.until(lambda: person.turns_complete == 2)
        await wrapping.off()
    assert {one.evidence for one in seen} == {"reported"}


@in_virtual_time
async def test_it_patches_nothing(posted: Posted, record_property: Callable[[str, object], None]) -> None:
    async with talking() as (_, person):
        wrapping = Wrapping(person, posted)
        await wrapping.on()
        patched = changed(BEFORE, live_api())
        await wrapping.off()
    record_property("patches", ", ".join(sorted(patched)))
    assert patched == set()
