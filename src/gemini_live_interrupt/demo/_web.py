"""`demo --web`: the web page of examples/web, and the service that it talks to, on this machine."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

HERE = Path(__file__).parent
FOLDERS = (HERE / "web", HERE.parents[2] / "examples" / "web")
"""Where the app is: in an installed package, in a checkout."""
PATIENCE = 3
"""Seconds for conversations to end when the server does."""


def serve(*, host: str, port: int, service: str, model: str) -> int:
    """Serve the page until Ctrl-C; return the exit status.

    `service` is "live" or a profile of the emulator. Port 0 is any that is free.
    """
    folder = next((folder for folder in FOLDERS if folder.is_dir()), None)
    if folder is None:
        sys.stderr.write(f"The web page is not where it should be, in {FOLDERS[0]}: install the package again.\n")
        return 2
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]
        sys.stderr.write(f"{host}:{port} cannot be listened on: {why}. --host and --port take another.\n")
        return 1
    hosts = ",".join(filter(None, (os.environ.get("WEB_HOSTS"), host)))
    os.environ |= {"LIVE_SERVICE": service, "GEMINI_LIVE_MODEL": model, "WEB_HOSTS": hosts}
    sys.path.insert(0, str(folder))
    config = uvicorn.Config(
        "app:app", ws="websockets-sansio", ws_max_size=2**16, log_level="warning", timeout_graceful_shutdown=PATIENCE
    )
    server = _Server(config)
    try:
        server.run([listening])
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to be ended
        listening.close()
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Says where it is once it is there, and ends in its own time: a second Ctrl-C changes nothing."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            sys.stdout.write(f"http://{address}\nOpen this address in a browser. Ctrl-C ends it.\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            super().handle_exit(sig, frame)
