"""A voice app in the browser: microphone up, the model's voice down, over one websocket. FastAPI and google-genai.

    python -m uvicorn --app-dir examples/web app:app

Two lines are there for gemini-live-interrupt, and marked: the one that switches it on, here, and in conversation.py the
one that tells it what the browser has played.

Binary frames are PCM: 16 kHz from the page, 24 kHz to it. Text frames to the page are the lines of a trace, as they
happen, so that it can show what is going on; those from the page are `start`, `played` and `voice`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from conversation import Conversation, Tab
from door import LONGEST_FRAME, MOST_TABS, OwnHostsOnly, is_of_this_page
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from interruptions import note, show
from service import Service, find_service

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume

LONGEST_REPLY = 3600.0  # seconds that a page may claim to have played


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Find the service, and switch the library on, for as long as the server runs."""
    enable_interrupt_resume(note, on_interruption=show)  # <- for gemini-live-interrupt; with no page to feed, ()
    async with find_service() as app.state.service:
        yield
    disable_interrupt_resume()


app = FastAPI(lifespan=lifespan, openapi_url=None)
app.add_middleware(OwnHostsOnly)
app.state.tabs = 0
HERE = Path(__file__).parent
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@app.get("/")
async def index() -> FileResponse:
    """Send the page."""
    return FileResponse(HERE / "static" / "index.html", headers={"Content-Security-Policy": POLICY})


app.mount("/static", StaticFiles(directory=HERE / "static"))
app.mount("/timeline", StaticFiles(packages=[("gemini_live_interrupt.trace", "timeline")]))
app.mount("/sounds", StaticFiles(packages=[("gemini_live_interrupt.demo", "assets")]))


@app.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Serve one tab: conversations one after the other, each begun by the page."""
    if not is_of_this_page(websocket.headers):
        await websocket.close(1008)
        return
    await websocket.accept()
    if app.state.tabs >= MOST_TABS:
        await websocket.close(1013, f"{MOST_TABS} tabs are open already")
        return
    app.state.tabs += 1
    try:
        await serve(websocket)
    finally:
        app.state.tabs -= 1


async def serve(websocket: WebSocket) -> None:
    """Do what the page asks for, until it goes or sends more than a page does."""
    tab, holding, too_long = Tab(websocket), None, False
    conversation: Conversation | None = None
    service: Service = websocket.app.state.service
    tab.send(json.dumps({"type": "hello", "service": service.name, "voice": service.voice}))
    writing = asyncio.create_task(tab.write())
    try:
        while True:
            frame = await websocket.receive()
            if frame["type"] == "websocket.disconnect":
                break
            too_long = len(frame.get("bytes") or frame.get("text") or "") > LONGEST_FRAME
            if too_long:
                break
            order = read(frame.get("text"))
            match order:
                case {"type": "start", "library": bool(library)}:
                    await end(holding)
                    conversation = Conversation(tab, service, library=library)
                    holding = conversation.begin()
                case {"type": "played", "reply": int(reply), "seconds": int(seconds) | float(seconds)} if conversation:
                    if 0 <= seconds <= LONGEST_REPLY:
                        conversation.played(reply, float(seconds))
                case {"type": "voice", "speaking": bool(speaking)} if conversation:
                    conversation.voice(speaking=speaking)
                case _ if conversation and frame.get("bytes"):
                    conversation.hear(frame["bytes"])
    except WebSocketDisconnect:
        pass
    finally:
        await end(writing)  # the first: nobody reads any more
        await end(holding)
    if too_long:
        await websocket.close(1009)


def read(text: str | None) -> Any:
    """Return what a text frame says, or `None` for a binary frame and for what is not JSON."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text or "")
    return None


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it has ended, however it does."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
