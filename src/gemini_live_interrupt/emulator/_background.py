"""An emulator in a thread of its own, so that any code can use it, whatever event loop it has, or none."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from ._findings import Findings
from ._log import Log
from ._loop_thread import LoopThread
from ._memory import Told
from ._narration import Narrator
from ._playback import PlayedReply
from ._schema import Message
from ._server import LiveEmulator
from ._session import Session
from ._virtual import VirtualTimeLoop

_POLL = 0.05  # seconds

T = TypeVar("T")


class BackgroundEmulator(Findings):
    """Takes what `LiveEmulator` takes, and runs it for as long as its `with` block lasts.

    With `virtual` nobody waits for time to pass: apps that are started with `run`, and no others, talk to it then.
    Everything here may be used from any thread but the emulator's own, in which a `model` or `hear` that you give it
    runs: there the properties can be read, and nothing can be waited for. `told`, `notes`, `replies`, `heard`, `cuts`
    are those of the newest session, and raise RuntimeError if nobody has connected yet.
    """

    def __init__(self, *, virtual: bool = False, **options: Any) -> None:
        self._virtual = virtual
        self._live: LiveEmulator
        self._options = options
        self._thread = LoopThread(self._serve, VirtualTimeLoop if virtual else None)
        self._stop = asyncio.Event()
        self._narrators: dict[Session, Narrator] = {}
        self._story: list[str] = []

    def __enter__(self) -> Self:
        """Start it. Raises what `LiveEmulator` raises."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection, and wait until nothing is left running. What was told stays readable."""
        self._thread.call(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return self._thread.ask(lambda: self._live.url)

    @property
    def plain_url(self) -> str:
        """The URL of a door without TLS, for websocket clients of all kinds."""
        return self._thread.ask(lambda: self._live.plain_url)

    def client_options(self, *, vertexai: bool = False) -> dict[str, Any]:
        """Return keyword arguments for `google.genai.Client`: of the Gemini API, or of Vertex AI without a project."""
        return self._thread.ask(lambda: self._live.client_options(vertexai=vertexai))

    def environ(self) -> dict[str, str]:
        """Return environment variables that point an unchanged program here, while the emulator runs."""
        return self._thread.ask(lambda: self._live.environ())

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Every session that was connected, oldest first."""
        return self._thread.ask(lambda: self._live.sessions)

    @property
    def session(self) -> Session:
        """The newest session."""
        return self._thread.ask(lambda: self._live.session)

    @property
    def log(self) -> Log:
        """The frames of the newest session, both ways; it grows while the session goes on."""
        return self.session.log

    @property
    def context(self) -> tuple[Told, ...]:
        """What the model has been told, in order, and its own replies as far as they were sent."""
        return self._thread.ask(lambda: self._live.context)

    @property
    def replies(self) -> list[PlayedReply]:
        """The model's replies as they were said, sent and heard; the one in progress as far as it is."""
        return self._thread.ask(lambda: self._live.replies)

    @property
    def story(self) -> list[str]:
        """What has happened in all sessions, a line for each event."""
        return self._thread.ask(lambda: [*self._story])

    def push(self, message: Message) -> None:
        """Send a message of your own to the newest session, as it is; bytes become base64."""
        self._thread.ask(lambda: self._live.push(message))

    def until(self, condition: Callable[[], T], within: float = 10.0) -> T:
        """Wait until the condition holds, and return its value; TimeoutError, with the story so far, if it does not.

        It is asked in the emulator's thread after every frame and every 20 ms. RuntimeError where an event loop runs,
        which would stand still meanwhile: there, `await eventually(...)`.
        """
        __tracebackhide__ = True
        _refuse_loops()
        return self._thread.submit(self._until(condition, within)).result()

    async def eventually(self, condition: Callable[[], T], within: float = 10.0) -> T:
        """Wait as `until` does, in a coroutine."""
        __tracebackhide__ = True
        if self._thread.is_here:
            return await self._until(condition, within)
        return await asyncio.wrap_future(self._thread.submit(self._until(condition, within)))

    def run(self, app: Coroutine[Any, Any, T]) -> T:
        """Run the app in the emulator's event loop, as `asyncio.run` does in one of its own; return what it returns.

        With `virtual`, time passes in here and nowhere else. RuntimeError where an event loop runs, as for `until`.
        """
        __tracebackhide__ = True
        try:
            _refuse_loops()
        except RuntimeError:
            app.close()
            raise
        return self._thread.submit(self._watched(app)).result()

    async def _serve(self, started: Callable[[], None]) -> None:
        async with LiveEmulator(**self._options) as self._live:
            started()
            await (self._stop.wait() if self._virtual else self._watched(self._stop.wait()))

    async def _watched(self, work: Coroutine[Any, Any, T]) -> T:
        watching = asyncio.create_task(self._watch())
        try:
            return await work
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            self._listen()

    async def _watch(self) -> None:
        while True:
            self._listen()
            await asyncio.sleep(_POLL)

    def _listen(self) -> None:
        told, self._narrators = self._narrators, {}
        for session in self._live.sessions:
            self._narrators[session] = narrator = told.get(session) or Narrator(session)
            self._story += narrator.news()

    async def _until(self, condition: Callable[[], T], within: float) -> T:
        __tracebackhide__ = True
        try:
            return await self._live.until(condition, within)
        except TimeoutError:
            self._listen()
            story = "\n".join(self._story) or "nobody has connected"
            raise TimeoutError(f"not within {within:g} seconds; what has happened:\n{story}") from None


def _refuse_loops() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("an event loop is running here, and would stand still: await live_emulator.eventually(...)")
