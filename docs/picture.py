"""Take the README's picture of the web page, from a real run: `python docs/picture.py`.

It needs Chromium on the path, and what the extra `test` installs.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).with_name("images") / "web.png"
SERVER = [sys.executable, "-m", "gemini_live_interrupt", "demo", "--web", "--port", "0"]
HIDDEN = ".run > .more, .run-head button { display: none } .run { min-height: 0; margin: 0 0 22px }"
MARGIN = 18  # pixels around it


def main() -> None:
    """Hold the conversation with the library and without, and write the picture of both."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    server = subprocess.Popen(SERVER, stdout=subprocess.PIPE, encoding="utf-8")
    assert server.stdout is not None
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1180, "height": 1400}, device_scale_factor=1.5, bypass_csp=True)
            page.goto(server.stdout.readline().strip())
            hold(page)
            box = page.locator("#runs").bounding_box()
            assert box is not None
            clip = {"x": box["x"] - MARGIN, "y": box["y"] - MARGIN, "width": box["width"] + 2 * MARGIN}
            page.screenshot(path=PICTURE, clip={**clip, "height": box["height"] + 1.5 * MARGIN})
            browser.close()
    finally:
        server.terminate()
        server.wait()


def hold(page: Page) -> None:
    """Ask into the story without the library, and then with it."""
    page.locator("#connection[data-state=ready]").wait_for()
    page.locator("#both").click()
    page.locator(".run[data-library=on][data-state=over]").wait_for(timeout=180_000)
    page.add_style_tag(content=HIDDEN)
    page.wait_for_timeout(1000)  # the timelines are brought to the same scale


if __name__ == "__main__":
    main()
