"""The emulator itself: a TLS websocket server on this machine, and what its users see of it."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, Self, TypeVar

from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ._certificate import Certificate
from ._clock import Clock, RealClock
from ._connection import Connection, Model
from ._door import Door
from ._entrance import answer_other_requests, credential_of, is_vertex
from ._faults import Fault, find_faults
from ._findings import Findings
from ._log import Log
from ._memory import Told
from ._playback import PlayedReply, playbacks
from ._profiles import Profile, find_profile, profile_of_model
from ._schema import Message
from ._session import Session
from ._surroundings import KEY, Surroundings
from ._uneven import speak
from ._voice import Voice
from ._words import Hearing, find_words

T = TypeVar("T")

_LONGEST_FRAME = 16 * 2**20  # bytes; a longer one closes with 1009 (assumed)
_PATIENCE = 1.0  # seconds, with a client that does not answer a close
_HANDSHAKE = 5.0  # seconds, for one that connects and says nothing
_POLL = 0.02  # seconds


class LiveEmulator(Findings):
    """A Live API on this machine, for as long as its `async with` block lasts.

    `profile` is the family of models, a name of `PROFILES`, a `Profile` of your own, or None: then the name of the
    model that a client asks for chooses it. `model` is called with what the model has been told (a tuple of `Told`) and
    returns what it says, "" for silence, a `ToolCall`, or several of both; it may be a coroutine function. `hear` gives
    the user's words: a function of their PCM (16 bit mono), or the utterances in their order (after the last: ""); ""
    is a noise, which interrupts but says nothing. Without it, four tenths of a second of voice are "[speech]" and less
    is a noise. `speed` is how many times faster than it is played audio is sent, if not as the profile says. `faults`
    are names of `FAULTS` or faults of your own. `voice` makes the model's audio: tones as uneven as speech (`speak`),
    `speak_evenly` or `espeak`. `clock` is another clock than the event loop's. `port` 0 is any free one. `seed` decides
    what is left to chance. `keep` is how many of the sessions that are over are kept, for you to read and for clients
    to resume; None keeps all.

    It must run in the event loop in which it is entered. Raises ValueError for an unknown profile or fault or a `speed`
    that is not positive, TypeError for a `hear` of another kind, OSError when the port is taken.
    """

    def __init__(
        self,
        profile: str | Profile | None = "2.5-native",
        model: Model = lambda _: "This is the emulator speaking.",
        *,
        hear: Hearing | Iterable[str] | None = None,
        speed: float | None = None,
        faults: Iterable[str | Fault] = (),
        voice: Voice = speak,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        keep: int | None = None,
    ) -> None:
        if speed is not None and not speed > 0:
            raise ValueError(f"speed must be positive; got {speed!r}")
        if keep is not None and (isinstance(keep, bool) or not isinstance(keep, int) or keep < 0):
            raise ValueError(f"keep must be the number of sessions to keep, or None for all; got {keep!r}")
        self.profile: Profile | None = None if profile is None else find_profile(profile)
        self._faults = find_faults(faults)
        self._model = model
        self._hearing = find_words(hear)
        self._speed = speed
        self._voice = voice
        self._clock = clock or RealClock()
        self._host = host
        self._port = port
        self._seed = seed
        self._keep = keep
        self._count = 0
        self._sessions: list[Session] = []
        self._connections: dict[Session, Connection] = {}
        self._began: dict[Session, float] = {}
        self._ended_at: float | None = None
        self._handles: dict[str, Session] = {}
        self._changed = asyncio.Event()
        self._certificate = Certificate()
        self._surroundings = Surroundings(self._certificate)
        self._server: Server | None = None
        self._plain_server: Server | None = None

    async def __aenter__(self) -> Self:
        """Listen. The clients may connect at once."""
        secure = {"ssl": self._certificate.server_context(), "ssl_handshake_timeout": _HANDSHAKE}
        self._server = await self._listen(self._port, **secure)
        self._plain_server = await self._listen(0)
        return self

    async def _listen(self, port: int, **options: Any) -> Server:
        return await serve(
            self._serve,
            self._host,
            port,
            process_request=answer_other_requests,
            create_connection=Door,
            compression=None,
            max_size=_LONGEST_FRAME,
            close_timeout=_PATIENCE,
            ping_interval=None,
            **options,
        )

    async def __aexit__(self, *_: object) -> None:
        """Close every connection with 1001 and wait until nothing is left running. The log stays readable.

        A client that neither reads nor answers is dropped after a second.
        """
        servers = [server for server in (self._server, self._plain_server) if server]
        self._server = self._plain_server = None
        if not servers:
            return
        for server in servers:
            server.close()
        closed = asyncio.gather(*(server.wait_closed() for server in servers))
        try:
            await asyncio.wait_for(asyncio.shield(closed), _PATIENCE)
        except TimeoutError:
            for connection in self._connections.values():
                connection.abort()
            await closed
        self._ended_at = self._clock.time()
        self._surroundings.close()

    @property
    def url(self) -> str:
        """The base URL to give to a client; RuntimeError unless the emulator is running."""
        return f"https://{self._host}:{_port_of(self._server)}"

    @property
    def plain_url(self) -> str:
        """The URL of a door without TLS, for websocket clients of all kinds; RuntimeError as with `url`.

        The SDK always brings a TLS context (seen in 3.4), with which websockets refuses such a URL.
        """
        return f"ws://{self._host}:{_port_of(self._plain_server)}"

    def client_options(self, *, vertexai: bool = False) -> dict[str, Any]:
        """Return keyword arguments for `google.genai.Client`: of the Gemini API, or of Vertex AI without a project."""
        arguments: dict[str, Any] = {"ssl": self._certificate.client_context()}
        if "proxy" in signature(connect.__init__).parameters:  # since websockets 15
            arguments["proxy"] = None  # the environment's is for the way out
        options = {"base_url": self.url, "async_client_args": arguments}
        if vertexai:
            return {"vertexai": True, "http_options": options | {"base_url": self.url.replace("https", "wss")}}
        return {"api_key": KEY, "http_options": options}

    def environ(self) -> dict[str, str]:
        """Return environment variables that point an unchanged program here, while the emulator runs.

        The certificates that SSL_CERT_FILE names are this emulator's and the machine's own. The keys are made up; the
        SDK says that both are set. GOOGLE_APPLICATION_CREDENTIALS names credentials for Vertex AI that are good for
        nothing but this emulator. NO_PROXY is added to: no proxy leads here.
        """
        return self._surroundings.variables(self.url, self.plain_url)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Every session that was connected, oldest first, also those that are over, as far as they are kept."""
        return tuple(self._sessions)

    @property
    def session(self) -> Session:
        """The newest session; RuntimeError if nobody has connected yet."""
        if not self._sessions:
            raise RuntimeError("no client has connected to the emulator yet")
        return self._sessions[-1]

    @property
    def log(self) -> Log:
        """The frames of the newest session."""
        return self.session.log

    @property
    def context(self) -> tuple[Told, ...]:
        """What the model of the newest session has been told."""
        return self.session.context

    @property
    def replies(self) -> list[PlayedReply]:
        """The replies of the newest session as they were said, sent and heard; the one in progress as far as it is."""
        session = self.session
        now = self._clock.time() if self._ended_at is None else self._ended_at
        return list(playbacks(session, now - self._began[session]))

    def push(self, message: Message) -> None:
        """Send a message of your own to the newest session, as it is; bytes become base64.

        RuntimeError if nobody is connected to it any more.
        """
        if self.session not in self._connections:
            raise RuntimeError("the newest session is over: there is nobody to push a message to")
        self._connections[self.session].push(message)

    async def until(self, condition: Callable[[], T], within: float = 10.0) -> T:
        """Wait until the condition holds, and return its value; TimeoutError after `within` seconds.

        It is asked again whenever a frame has gone either way, and every 20 ms: it may look at the client, too.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            while not (value := condition()):
                again = loop.call_later(_POLL, self._notify)
                await self._changed.wait()
                again.cancel()
            return value

    async def eventually(self, condition: Callable[[], T], within: float = 10.0) -> T:
        """Wait as `until` does; the fixture's name for it in coroutines."""
        return await self.until(condition, within)

    async def _serve(self, websocket: ServerConnection) -> None:
        first, profile, why = None, self.profile, ""
        if profile is None:
            try:
                first = await websocket.recv()
            except ConnectionClosed:
                return
            profile, why = profile_of_model(_model_of(first), vertex=is_vertex(websocket.request))
        session = Session(
            profile,
            self._faults,
            self._voice,
            profile.speed if self._speed is None else self._speed,
            self._handles,
            credential=credential_of(websocket.request),
            seed=f"{self._seed}/{self._count}",
            why_profile=why,
            number=self._count + 1,
        )
        self._count += 1
        connection = Connection(websocket, session, self._clock, self._model, self._hearing, self._notify)
        self._sessions.append(session)
        self._began[session] = connection.opened
        self._connections[session] = connection
        try:
            await connection.run(first)
        finally:
            del self._connections[session]
            session.ended = True
            self._notify()
            asyncio.get_running_loop().call_soon(self._forget)  # after those who are waiting have looked

    def _forget(self) -> None:
        """Let the oldest sessions go that are over, beyond those that are to be kept, and their handles."""
        over = [session for session in self._sessions if session.ended]
        for session in over[: max(len(over) - self._keep, 0) if self._keep is not None else 0]:
            self._sessions.remove(session)
            del self._began[session]
            for handle in [handle for handle, of in self._handles.items() if of is session]:
                del self._handles[handle]

    def _notify(self) -> None:
        self._changed.set()
        self._changed.clear()


def _port_of(server: Server | None) -> int:
    if server is None:
        raise RuntimeError("the emulator is not running: enter its `async with` block first")
    port: int = server.sockets[0].getsockname()[1]
    return port


def _model_of(frame: str | bytes) -> str:
    """Return the name of the model in a setup; "" if there is none. What is wrong with the frame is the session's."""
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        return str(json.loads(frame)["setup"]["model"])
    return ""
