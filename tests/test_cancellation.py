"""A reader that is cancelled at any point at which it waits, in any of the ways of asyncio and anyio, loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import anyio
import pytest
from google.genai.live import AsyncSession
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Socket, audio, said, session, speech

from gemini_live_interrupt import Interruption, enable_interrupt_resume

MESSAGES = [
    said("Tell me of the tides."),
    *speech("The tide turns twice a day, pulled by the moon."),
    GENERATED,
    INTERRUPTED,
    said("Why?"),
    TURN_COMPLETE,
    audio(0.5),
    *speech("Because it is near."),
    GENERATED,
    TURN_COMPLETE,
]
Cancel = Callable[[], object]


class HesitantSocket(Socket):
    """Waits before it gives a message and before it takes one, so that there are more points at which to cancel."""

    async def recv(self, decode: bool | None = None) -> bytes:
        await asyncio.sleep(0)
        return await super().recv(decode)

    async def send(self, frame: str) -> None:
        await asyncio.sleep(0)
        await super().send(frame)


class Stepped:
    """Awaits a coroutine, and calls `then` at its n-th suspension; `steps` counts them."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], n: int, then: Cancel) -> None:
        self._coroutine = coroutine
        self._n = n
        self._then = then
        self.steps = 0

    def __await__(self) -> Generator[Any, Any, None]:
        inner = self._coroutine.__await__()
        send: Callable[[], Any] = lambda: next(inner)  # noqa: E731
        while True:
            try:
                waits_for = send()
            except StopIteration:
                return
            self.steps += 1
            if self.steps == self._n:
                self._then()
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - handed on
                thrown = error
                send = lambda: inner.throw(thrown)  # noqa: B023, E731
            else:
                send = lambda: inner.send(value)  # noqa: B023, E731


async def by_task(read: Callable[[Cancel], Awaitable[None]]) -> None:
    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        await read(task.cancel)

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.create_task(run())


async def by_timeout(read: Callable[[Cancel], Awaitable[None]]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as timeout:
            await read(lambda: timeout.reschedule(asyncio.get_running_loop().time()))


async def by_wait_for(read: Callable[[Cancel], Awaitable[None]]) -> None:
    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        await asyncio.wait_for(read(task.cancel), 60)

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.create_task(run())


async def by_scope(read: Callable[[Cancel], Awaitable[None]]) -> None:
    with anyio.CancelScope() as scope:
        await read(scope.cancel)


async def by_group(read: Callable[[Cancel], Awaitable[None]]) -> None:
    async def run() -> None:
        await read(tasks.cancel_scope.cancel)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)


WAYS = [by_task, by_timeout, by_wait_for, by_scope, by_group]


async def conversation(way: Callable[..., Awaitable[None]], n: int) -> tuple[int, list[Any], Socket, list[str]]:
    """Read all messages, cancelled once, at the n-th suspension; return how many there were, and what was seen."""
    outcomes: list[str] = []

    async def build(heard: str, user_text: str, history: Any, interruption: Interruption) -> str:
        await asyncio.sleep(0)
        return "They heard some of it."

    def see(interruption: Interruption) -> None:
        outcomes.append(interruption.outcome or interruption.phase)

    enable_interrupt_resume(build, on_interruption=see, resume_after=None)
    socket = HesitantSocket(MESSAGES)
    opened = session(socket)
    got: list[Any] = []
    stepped: list[Stepped] = []

    async def read(cancel: Cancel) -> None:
        stepped.append(Stepped(read_on(opened, got), n, cancel))
        await stepped[0]

    await way(read)
    await read_on(opened, got)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=5)
    return stepped[0].steps, got, socket, outcomes


async def read_on(opened: AsyncSession, got: list[Any]) -> None:
    while len(got) < len(MESSAGES):
        got.append(await opened._receive())


def kinds(messages: list[Any]) -> list[str]:
    """Each message as it stands on the wire."""
    return [message.model_dump_json(exclude_none=True) for message in messages]


def every_point(way: Callable[..., Awaitable[None]], *, eager: bool) -> int:
    async def all_of_them() -> int:
        if eager:
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
        steps, whole, socket, outcomes = await conversation(way, 0)
        assert len(whole) == len(MESSAGES)
        assert len(socket.notes) == 1
        for n in range(1, steps + 1):
            _, got, cut_short, seen = await conversation(way, n)
            assert kinds(got) == kinds(whole), f"at suspension {n} of {steps}"
            assert len(cut_short.notes) == 1
            assert seen == outcomes
            assert not asyncio.all_tasks() - {asyncio.current_task()}
        return steps

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_lost_wherever_the_reader_is_cancelled(way: Callable[..., Awaitable[None]]) -> None:
    assert every_point(way, eager=False) > len(MESSAGES)


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="this Python has no eager tasks")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nor_where_tasks_are_eager(way: Callable[..., Awaitable[None]]) -> None:
    assert every_point(way, eager=True) > len(MESSAGES)
