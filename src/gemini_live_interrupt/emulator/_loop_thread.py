"""An event loop in a thread of its own, and how others talk to what runs in it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs `main(started)` until it returns; it calls `started()` once others may talk to it."""

    def __init__(
        self,
        main: Callable[[Callable[[], None]], Coroutine[Any, Any, None]],
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    ) -> None:
        self._main = main
        self._loop_factory = loop_factory
        self._thread = threading.Thread(target=self._run, name="live-emulator", daemon=True)
        self._loop: Future[asyncio.AbstractEventLoop] = Future()

    def start(self) -> None:
        """Return once it has started; raise what it raised before."""
        self._thread.start()
        try:
            self._loop.result()
        except BaseException:
            self.join()
            raise

    def join(self) -> None:
        """Wait until it has returned."""
        self._thread.join()

    @property
    def is_here(self) -> bool:
        """Whether the caller is in this thread."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Have the work done in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop.result())

    def ask(self, question: Callable[[], T]) -> T:
        """Answer in the thread, so that nothing changes meanwhile; when it is over, here."""
        if self.is_here or not self._thread.is_alive():
            return question()

        async def answer() -> T:
            return question()

        return self.submit(answer()).result()

    def call(self, function: Callable[[], object]) -> None:
        """Have the function called in the loop, and do not wait for it."""
        self._loop.result().call_soon_threadsafe(function)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._main(lambda: self._loop.set_result(asyncio.get_running_loop())))
        except BaseException as error:
            if self._loop.done():
                raise
            self._loop.set_exception(error)
