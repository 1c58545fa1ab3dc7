"""An event loop whose clock jumps: what waits for time need not take it.

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())

Its time stands still while anything is to be done, and jumps to the next timer when nothing is. That is safe only if no
byte is on its way while nothing seems to be. A byte on a TCP connection may be, even on one machine; one in a socket
pair is not: what one end has written the other can read at once. So a connection to a server of the same loop is made
of a socket pair. One to anywhere else works as ever, but its other end lives in real time, and the clock does not wait.

With a `speed` it goes on as a clock does, only faster or slower than the wall's, for somebody who looks on.
"""

import asyncio
import math
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_LAG = 0.2  # seconds of the wall's clock that are made up for, after there was more to do than there was time


@dataclass(frozen=True, slots=True)
class _Door:
    """A server of this loop, and what its connections need."""

    server: asyncio.Server
    protocol_factory: Callable[[], asyncio.BaseProtocol]
    ssl: Any
    patience: dict[str, Any]


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer whenever there is nothing else to do. It begins at second 0.

    `speed` is how many of its seconds pass in one of the wall's, at the most: without end, it waits for nothing. What
    there is to do takes none of its time at any speed, so what happens, and in what order, is the same at all of them.
    While a thread of `run_in_executor` is at work time passes as it does outside. Threads that call in from elsewhere,
    signals and other processes come at no particular time of this clock.
    """

    def __init__(self, speed: float = math.inf) -> None:
        super().__init__(_Selector(self, speed))
        if not speed > 0:
            self.close()
            raise ValueError(f"speed must be positive; got {speed!r}")
        self._clock_resolution = 0.0  # who is called a hair early sets the same timer again, for ever
        self._virtual_now = 0.0
        self._threads_at_work = 0
        self._doors: dict[tuple[str, int], _Door] = {}
        self._accepting: set[asyncio.Task[Any]] = set()

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._virtual_now

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on to just past so many seconds from now. For the selector."""
        self._virtual_now = math.nextafter(self._virtual_now + seconds, math.inf)

    @property
    def has_work(self) -> bool:
        """Whether callbacks are ready, whatever the time."""
        return bool(self._ready)  # type: ignore[attr-defined]

    @property
    def time_is_real(self) -> bool:
        """Whether a thread is at work, which takes the time that it takes."""
        return self._threads_at_work > 0

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run in a thread; until it is done time is real."""
        future: asyncio.Future[Any] = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, *timeout: Any) -> None:
        """Wait for the threads: in real time, or the wait would seem to be too long at once."""
        self._threads_at_work += 1
        try:
            await super().shutdown_default_executor(*timeout)
        finally:
            self._threads_at_work -= 1

    def _thread_done(self, _: object) -> None:
        self._threads_at_work -= 1

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        """Listen, for clients in this loop and elsewhere."""
        server = await super().create_server(protocol_factory, host, port, **options)
        patience = {name: value for name, value in options.items() if name.startswith("ssl_") and options.get("ssl")}
        for listening in server.sockets:
            door = _Door(server, protocol_factory, options.get("ssl"), patience)
            self._doors[listening.getsockname()[:2]] = door
        return server

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        """Connect; to a server of this loop over a socket pair."""
        door = self._door(host, port)
        if door is None:
            return await super().create_connection(protocol_factory, host, port, **options)
        if options.get("ssl") and options.get("server_hostname") is None:
            options["server_hostname"] = host
        near, far = socket.socketpair()
        for end in (near, far):
            end.setblocking(False)
        accepting = self.create_task(
            self.connect_accepted_socket(door.protocol_factory, far, ssl=door.ssl, **door.patience)
        )
        self._accepting.add(accepting)
        accepting.add_done_callback(self._accepted)
        try:
            return await super().create_connection(protocol_factory, sock=near, **options)
        except BaseException:
            near.close()
            raise

    def _door(self, host: Any, port: Any) -> _Door | None:
        names = ("127.0.0.1", "::1") if host == "localhost" else (host,)
        for name in names:
            door = self._doors.get((name, port))
            if door and door.server.is_serving():
                return door
        return None

    def _accepted(self, accepting: asyncio.Task[Any]) -> None:
        self._accepting.discard(accepting)
        if not accepting.cancelled():
            accepting.exception()  # a handshake that failed: the other end says why


class _Selector(selectors.DefaultSelector):
    """Waits for a timer no longer than the speed demands, and lets the loop's clock go there."""

    def __init__(self, loop: VirtualTimeLoop, speed: float) -> None:
        super().__init__()
        self._loop = loop
        self._speed = speed
        self._due = time.monotonic()  # by the wall's clock, when the loop's may show what it shows

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or self._loop.has_work:
            return ready
        if timeout is None:
            return super().select(None)
        if self._loop.time_is_real:
            began = time.monotonic()
            ready = super().select(timeout)
            self._loop.pass_time(min(timeout, time.monotonic() - began))
            return ready
        return self._wait(timeout)

    def _wait(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the clock go on by `timeout`, or as far as it gets until there is something to read."""
        self._due = max(self._due, time.monotonic() - _LAG)
        wait = self._due + timeout / self._speed - time.monotonic()
        ready = super().select(wait) if wait > 0 else []
        passed = (time.monotonic() - self._due) * self._speed if ready else timeout
        passed = max(0.0, min(timeout, passed))
        self._due += passed / self._speed
        self._loop.pass_time(passed)
        return ready
