"""The page's server, as a user starts it, and a browser to look at it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-W", "error", "-m", "gemini_live_interrupt", "demo", "--web"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BOTH_KEYS = "Both GOOGLE_API_KEY and GEMINI_API_KEY are set. Using GOOGLE_API_KEY.\n"
"""What the SDK says where the emulator's environment is."""

NETWORK = re.compile(r"WebSocket connection to .* failed: ")
"""What the browser itself says where there is no server."""


class Server:
    """`demo --web` in a process of its own; `address` is where it is."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEMINI_", "GOOGLE_"))}
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=kept | {"PYTHONPATH": SOURCE} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        self.port = self.address.rpartition(":")[2]

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C, and return the exit status and what was complained of."""
        self.interrupt()
        _, complaints = self._process.communicate(timeout=20)
        return self._process.returncode, complaints


def find_chromium() -> str:
    """Return the browser; without one, skip, or fail in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        why = "no Chromium on the path: these tests look at the page in a real one (apt-get install chromium)"
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(why)
    return found


def launch(playwright: Playwright, *flags: str) -> Browser:
    return playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])


class Window:
    """One tab in a profile of its own, and all that its console complained of."""

    def __init__(self, browser: Browser, address: str, *, script: str = "", **options: Any) -> None:
        usual: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        self.context: BrowserContext = browser.new_context(**usual | options)
        if script:
            self.context.add_init_script(script)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def ready(self) -> None:
        """Wait until the page is connected."""
        self.page.locator("#connection[data-state=ready]").wait_for()

    def unfold(self) -> None:
        """Show what is behind the page's one button."""
        if not self.page.locator("#more[open]").count():
            self.page.locator("#more > summary").click()

    def press(self, name: str) -> None:
        """Press one of the buttons behind it: a way to break in, or another by its id."""
        self.unfold()
        self.page.locator(f"[data-say={name}], #{name}").click()

    def choose(self, library: str) -> None:
        """Switch the library "on" or "off"."""
        self.unfold()
        self.page.locator("#more").get_by_label(library, exact=True).check()

    def run(self, library: str = "on") -> Locator:
        """Return the part of the page that shows the last conversation with or without the library."""
        return self.page.locator(f".run[data-library={library}]")

    def over(self, library: str = "on") -> Locator:
        """Wait until that conversation is over."""
        self.page.locator(f".run[data-library={library}][data-state=over]").wait_for(timeout=90_000)
        for summary in self.run(library).locator("> details:not([open]) > summary").all():
            summary.click()
        return self.run(library)

    def trace(self, library: str = "on") -> list[dict[str, Any]]:
        """Download its trace."""
        with self.page.expect_download() as download:
            self.run(library).get_by_text("Download trace").click()
        return [json.loads(line) for line in Path(download.value.path()).read_text("utf-8").splitlines()]


def faults(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core calls a serious or critical fault of accessibility: its name, and the first place."""
    found = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")]
