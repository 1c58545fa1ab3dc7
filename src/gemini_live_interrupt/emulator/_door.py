"""Lets plain HTTP requests reach `process_request`, which websockets keeps for GET without a body."""

import re
from typing import Any

from websockets.asyncio.server import ServerConnection

METHOD = "X-Emulator-Method"
"""The header that names the method with which a request came."""

_LONGEST_HEAD = 64 * 2**10  # bytes; websockets refuses what is longer
_REQUEST_LINE = re.compile(rb"([A-Z]{3,16}) (\S+ HTTP/1\.1\r\n)")
_BODY_HEADERS = re.compile(rb"(?im)^(?:content-length|transfer-encoding):[^\n]*\n")
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,15})[ \t]*\r?$")
_LAST_CHUNK = b"0\r\n\r\n"


class Door(ServerConnection):
    """Hands a request of another method than GET to websockets as a GET that names the method in a header of its own.

    The request's body is read to its end, and thrown away: nothing here needs it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._begun: bytes | None = b""
        self._head = b""
        self._missing = 0
        self._chunked = False

    def data_received(self, data: bytes) -> None:
        """Take what comes; once the head is complete and the body is over, it is all websockets'."""
        if self._begun is None:
            super().data_received(data)
        elif self._head:
            self._take_body(self._begun, data)
        else:
            self._take_head(self._begun + data)

    def _take_head(self, begun: bytes) -> None:
        head, end, body = begun.partition(b"\r\n\r\n")
        other = head[:1].isupper() and not head.startswith(b"GET ") and len(head) < _LONGEST_HEAD
        if other and not end:
            self._begun = begun
            return
        line = _REQUEST_LINE.match(head + b"\r\n")
        if line is None or not other:
            self._pass(begun)
            return
        headers = head[line.end() :] + b"\r\n"
        length = _LENGTH.search(headers)
        self._chunked = b"transfer-encoding:" in headers.lower()
        self._missing = int(length[1]) if length else 0
        self._head = b"".join(
            (b"GET ", line[2], f"{METHOD}: ".encode(), line[1], b"\r\n", _BODY_HEADERS.sub(b"", headers), b"\r\n")
        )
        self._take_body(b"", body)

    def _take_body(self, before: bytes, data: bytes) -> None:
        """Count what came of the body; of a chunked one, keep its end only."""
        self._missing -= len(data)
        self._begun = (before + data)[-len(_LAST_CHUNK) :]
        if self._begun == _LAST_CHUNK if self._chunked else self._missing <= 0:
            self._pass(self._head)

    def _pass(self, data: bytes) -> None:
        self._begun = None
        super().data_received(data)
