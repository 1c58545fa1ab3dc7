"""A trace as one self-contained HTML file: the timeline of each session, and what is known of each interruption."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import resources
from typing import Any

MODULES = ("conversation", "pieces", "timeline", "cuts", "sessions")
"""In the order in which they need each other: in one file, they share their names."""
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
START = """
showTrace(document.getElementById("page"), JSON.parse(document.getElementById("trace").textContent));
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{script_hash}'; \
style-src '{style_hash}'; img-src data:">
<title>Interruptions</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main id="page" class="tl-page"><noscript>The timeline needs JavaScript.</noscript></main>
<script type="application/json" id="trace">{trace}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page(lines: list[dict[str, Any]]) -> str:
    """Return the page. It runs without network, and nothing but its own script can run in it.

    Args:
        lines: of a trace, in their order. Those of types that it does not know are skipped.

    Raises:
        TypeError: a line holds what JSON cannot.
        ValueError: a number in a line is not finite.
    """
    folder = resources.files(__package__) / "timeline"
    style = "body { margin: 0; background: var(--paper); color: var(--ink); }\n"
    style += (folder / "timeline.css").read_text("utf-8")
    modules = [(folder / f"{name}.js").read_text("utf-8") for name in MODULES]
    script = "".join(IMPORT.sub("", module) for module in modules) + START
    return PAGE.format(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        trace=_as_data(lines),
    )


def _as_data(lines: list[dict[str, Any]]) -> str:
    """JSON in which nothing can end the element that it stands in."""
    return json.dumps(lines, allow_nan=False).replace("<", "\\u003c")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
