"""Who may come in: pages of this server, under a name that it was started for, and no more of them than it can serve.

The service is reached with your key. Another site's page can connect to a server on your machine, and one whose name
was made to point at your machine (DNS rebinding) even looks as if it came from it; so the name is looked at, too.
"""

from __future__ import annotations

import contextlib
import os
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_TABS = 32
"""Websockets that are open at once. Each may hold a conversation, and a service has its limits."""
LONGEST_FRAME = 2**16
"""Bytes of a frame from the page; it sends two seconds of sound in as many, and a frame each 40 ms."""


class OwnHostsOnly:
    """Middleware that refuses a request whose `Host` is none of the server's own.

    Its own are `localhost`, the address at which the connection arrived, and those that WEB_HOSTS names, between
    commas: a server behind a proxy, or one that others reach by a name, has to be told so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of one of the server's own names, and refuse any other with 403."""
        if scope["type"] in ("http", "websocket") and host_of(Headers(scope=scope).get("host", "")) not in own(scope):
            why = "This server does not go by that name. WEB_HOSTS tells it the names that it is to go by.\n"
            if scope["type"] == "http":
                await PlainTextResponse(why, 403)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)


def own(scope: Scope) -> set[str]:
    """Return the names that a connection's server goes by."""
    named = {name.strip().lower() for name in os.environ.get("WEB_HOSTS", "").split(",")} - {""}
    arrived = scope.get("server")
    return named | {"localhost"} | ({str(arrived[0]).lower()} if arrived else set())


def host_of(netloc: str) -> str | None:
    """Return the host of `host:port`, or `None` if there is none to be made out."""
    with contextlib.suppress(ValueError):
        return urlsplit(f"//{netloc}").hostname
    return None


def is_of_this_page(headers: Headers) -> bool:
    """Whether a websocket is opened by a page of this server, or by what is no browser."""
    origin = headers.get("origin")
    if origin is None:
        return True
    with contextlib.suppress(ValueError):
        return urlsplit(origin).netloc == headers.get("host")
    return False
