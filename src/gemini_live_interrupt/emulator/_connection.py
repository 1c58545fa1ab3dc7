"""One websocket and its session: frames in, effects out, in real or other time."""

import asyncio
import base64
import contextlib
import inspect
import json
import logging
import math
from collections.abc import Awaitable, Callable
from functools import partial

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ._actions import Abort, Action, Ask, Close, Hear, Send, SendRaw, Stall
from ._clock import Clock
from ._log import Frame, Side, without_media
from ._memory import Told
from ._schema import Message, RefusedError, read_frame
from ._session import Session
from ._tools import Answer
from ._wire import ABNORMAL, INTERNAL
from ._words import Hearing

Model = Callable[[tuple[Told, ...]], Answer | Awaitable[Answer]]
"""The scripted model: what it has been told -> its reply in words ("" is silence), tool calls, or several of both."""

_LONGEST_REASON = 123  # bytes (RFC 6455)
_logger = logging.getLogger("gemini_live_interrupt.emulator")


class Connection:
    """Drives a session until its client or the emulator goes."""

    def __init__(
        self,
        websocket: ServerConnection,
        session: Session,
        clock: Clock,
        model: Model,
        hearing: Hearing,
        changed: Callable[[], None],
    ) -> None:
        self._websocket = websocket
        self._session = session
        self._clock = clock
        self._model = model
        self._hearing = hearing
        self._changed = changed
        self.opened = clock.time()
        self._wake = asyncio.Event()
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, first: str | bytes | None = None) -> None:
        """Serve until the connection is closed; then nothing of it is left running. `first` has been read already."""
        self._start(self._write)
        try:
            if first is not None:
                self._take(first)
            with contextlib.suppress(ConnectionClosed):
                await self._read()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def push(self, message: Message) -> None:
        """Have a message of the caller's own sent."""
        self._session.push(message, self._clock.time())
        self._wake.set()

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._websocket.transport.abort()

    async def _read(self) -> None:
        async for frame in self._websocket:
            await self._flows.wait()
            self._take(frame)

    def _take(self, frame: str | bytes) -> None:
        try:
            message = read_frame(frame)
            logged = without_media(message)
        except RefusedError as refusal:
            self._log("client", {"unreadable": len(frame)})
            self._session.refuse(refusal)
        else:
            self._log("client", logged)
            self._session.receive(message, self._clock.time())
        self._wake.set()

    async def _write(self) -> None:
        while True:
            self._wake.clear()
            self._session.tick(self._clock.time())
            while self._session.outbox:
                await self._carry_out(self._session.outbox.popleft())
                self._session.tick(self._clock.time())
            self._changed()
            await self._clock.wait(self._wake, self._session.due)

    async def _carry_out(self, action: Action) -> None:
        match action:
            case Send(message):
                self._log("server", without_media(message))
                await self._websocket.send(encode(message))
            case Ask(number, told):
                self._start(partial(self._ask, number, told))
            case Hear(number, pcm):
                self._start(partial(self._hear, number, pcm))
            case SendRaw(frame):
                self._log("server", {"raw": len(frame)})
                await self._websocket.send(frame, text=True)
            case Stall(seconds):
                self._stall(seconds)
            case Abort():
                self._log("server", {"close": {"code": ABNORMAL, "reason": ""}})
                self.abort()
            case Close(code, reason):
                self._log("server", {"close": {"code": code, "reason": reason}})
                await self._websocket.close(code, _short(reason))

    async def _ask(self, number: int, told: tuple[Told, ...]) -> None:
        answer = self._model(told)
        answer = await answer if inspect.isawaitable(answer) else answer
        self._session.answer(number, answer, self._clock.time())
        self._wake.set()

    async def _hear(self, number: int, pcm: bytes) -> None:
        answer = self._hearing(pcm)
        text = await answer if inspect.isawaitable(answer) else answer
        self._session.hear(number, text, self._clock.time())
        self._wake.set()

    def _stall(self, seconds: float) -> None:
        """Read nothing for so long, not even a ping: what the client sends fills the buffers between them."""
        self._flows.clear()
        self._websocket.transport.pause_reading()
        if seconds < math.inf:
            asyncio.get_running_loop().call_later(seconds, self._flow)

    def _flow(self) -> None:
        self._flows.set()
        if not self._websocket.transport.is_closing():
            self._websocket.transport.resume_reading()

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run the work; if a script of the user's (or this emulator) fails, say so and close as a server would."""
        try:
            with contextlib.suppress(ConnectionClosed):
                await work()
        except Exception:
            _logger.exception("The session failed, in a script of yours or in the emulator; it is closed with 1011")
            code, reason = INTERNAL
            self._session.refuse(RefusedError(reason, code))
            await self._websocket.close(code, reason)

    def _log(self, sender: Side, message: Message) -> None:
        self._session.log.add(Frame(self._clock.time() - self.opened, sender, message))
        self._changed()


def encode(message: Message) -> bytes:
    """Write a message as the server does: JSON in a binary frame, media in standard base64."""
    return json.dumps(message, ensure_ascii=False, default=lambda data: base64.b64encode(data).decode()).encode()


def _short(reason: str) -> str:
    return reason.encode(errors="replace")[:_LONGEST_REASON].decode(errors="ignore")
