"""Time, as the emulator asks for it: replaceable, so that a conversation need not take as long as it lasts."""

import asyncio
from typing import Protocol


class Clock(Protocol):
    """What the emulator needs of time."""

    def time(self) -> float:
        """Return the time in seconds; only differences matter."""
        ...

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when `event` is set or the time `until` has come, whichever is first; `None` waits for the event."""
        ...


class RealClock:
    """The time of the running event loop: the wall's, unless the loop is a `VirtualTimeLoop`."""

    def time(self) -> float:
        """Return seconds of the loop's clock."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Wait for the event or the time; cancelling it leaves the event as it is."""
        if event.is_set():
            return
        try:
            async with asyncio.timeout(None if until is None else max(0.0, until - self.time())):
                await event.wait()
        except TimeoutError:
            return
