"""Who may come in: the paths of the Live API, and credentials of any kind, which are never looked at.

Beside the Live API there are tokens, for servers that make ephemeral ones and for Vertex AI's credentials. Any other
request is refused in the service's form, so that a client says what was wrong.
"""

import http
import json
import re
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from ._door import METHOD

TOKEN_PATH = "/token"
"""Where the credentials of `environ()` ask for an access token."""

_PATHS = re.compile(
    r"/?|/ws/google\.ai\.generativelanguage\.v\w+\.GenerativeService\.BidiGenerateContent(Constrained)?"
    r"|/ws/google\.cloud\.aiplatform\.v\w+\.LlmBidiService/BidiGenerateContent"
)
_EPHEMERAL = re.compile(r"/v\w+/(auth_tokens|authTokens)")


def answer_other_requests(connection: ServerConnection, request: Request) -> Response | None:
    """Answer whatever is not the Live API: a token where one is to be had, else 404, as JSON."""
    path = urlsplit(request.path).path
    method = request.headers.get(METHOD, "GET")
    if method == "GET" and _PATHS.fullmatch(path):
        return None
    if method == "POST" and _EPHEMERAL.fullmatch(path):
        return _json(connection, http.HTTPStatus.OK, {"name": f"auth_tokens/emulator-{uuid.uuid4().hex}"})
    if method == "POST" and path == TOKEN_PATH:
        token = {"access_token": "emulator", "token_type": "Bearer", "expires_in": 3600}
        return _json(connection, http.HTTPStatus.OK, token)
    status = http.HTTPStatus.NOT_FOUND
    what = f"The emulator serves the Live API and auth_tokens.create only; it does not know {method} {path}"
    return _json(connection, status, {"error": {"code": status.value, "message": what, "status": status.name}})


def _json(connection: ServerConnection, status: http.HTTPStatus, content: dict[str, Any]) -> Response:
    response = connection.respond(status, json.dumps(content) + "\n")
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    return response


def is_vertex(request: Request | None) -> bool:
    """Whether it asks for the path of Vertex AI."""
    return request is not None and "google.cloud.aiplatform" in request.path


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
