"""Who may come in: the paths of the Live API, and credentials of any kind, which are never looked at."""

import http
import re
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

_PATHS = re.compile(
    r"/?|/ws/google\.ai\.generativelanguage\.v\w+\.GenerativeService\.BidiGenerateContent(Constrained)?"
    r"|/ws/google\.cloud\.aiplatform\.v\w+\.LlmBidiService/BidiGenerateContent"
)


def refuse_unknown_path(connection: ServerConnection, request: Request) -> Response | None:
    """Answer a request for any other path with 404."""
    if _PATHS.fullmatch(urlsplit(request.path).path):
        return None
    return connection.respond(http.HTTPStatus.NOT_FOUND, "The emulator knows the paths of the Live API only.\n")


def credential_of(request: Request | None) -> str:
    """Return the kind of the credential: "ephemeral token", "bearer", "api key" or "none". Any value will do."""
    if request is None:
        return "none"
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    query = parse_qs(urlsplit(request.path).query)
    if scheme == "token" or "access_token" in query:
        return "ephemeral token"
    if scheme == "bearer":
        return "bearer"
    return "api key" if "x-goog-api-key" in request.headers or "key" in query else "none"
