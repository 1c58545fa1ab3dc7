"""How a note reaches the server, and whether the socket can take it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from ._settings import Channel

OURS: ContextVar[bool] = ContextVar("gemini_live_interrupt_note", default=False)
"""Whether what is being sent is a note, and not the app's."""


async def send(session: Any, text: str, *, orders_reply: bool, channel: Channel = "content") -> None:
    """Send a note as content of the user, or as realtime text, which is always answered. Raises what the SDK raises."""
    from google.genai import types

    sendable = text.encode("utf-8", "replace").decode("utf-8")  # the server refuses a lone surrogate
    token = OURS.set(True)
    try:
        if channel == "text":
            await session.send_realtime_input(text=sendable)
        else:  # 3.8 closes with 1007 without the role
            content = types.Content(role="user", parts=[types.Part(text=sendable)])
            await session.send_client_content(turns=content, turn_complete=orders_reply)
    finally:
        OURS.reset(token)


def is_writable(session: Any) -> bool:
    """Whether the socket takes what is written, as far as can be seen: what is queued behind a stall comes too late."""
    transport: Any = getattr(getattr(session, "_ws", None), "transport", None)
    while (size := getattr(transport, "get_write_buffer_size", None)) is not None:
        if transport.is_closing():
            return True  # sending will tell
        if size():
            return False
        transport = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)  # TLS queues, TCP under it
    return True


def has_unread(session: Any) -> bool:
    """Whether messages have come that the app has not read yet, as far as can be seen."""
    connection = getattr(session, "_ws", None)
    frames: Any = getattr(getattr(connection, "recv_messages", None), "frames", None)
    if frames is None:
        frames = getattr(connection, "messages", None)  # of the older client of websockets
    try:
        return len(frames) > 0
    except TypeError:
        return False
