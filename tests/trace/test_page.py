"""The page's file; what it shows is looked at in a browser, in tests/web."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from gemini_live_interrupt.trace import _page
from gemini_live_interrupt.trace._page import MODULES, page

EVIL = "</script><!-- <script> \u2028 \ud800 😀"


def part(whole: str, begin: str, end: str) -> str:
    return whole.partition(begin)[2].partition(end)[0]


def test_its_data_is_the_trace_whatever_was_said() -> None:
    lines = [{"type": "trace"}, {"type": "text", "text": EVIL}]
    data = part(page(lines), 'id="trace">', "</script>")
    assert "<" not in data
    assert json.loads(data) == lines


def test_its_policy_names_its_own_script_and_style_and_no_others() -> None:
    whole = page([])
    policy = part(whole, 'Content-Security-Policy" content="', '">')
    for kind, begin in (("script", '<script type="module">'), ("style", "<style>")):
        digest = hashlib.sha256(part(whole, begin, f"</{kind}>").encode()).digest()
        assert re.findall(f"{kind}-src ([^;]*)", policy) == [f"'sha256-{base64.b64encode(digest).decode()}'"]
    assert policy.startswith("default-src 'none';")


def test_its_scripts_are_all_there_are_and_need_no_other() -> None:
    folder = Path(_page.__file__).parent / "timeline"
    assert {path.stem for path in folder.glob("*.js")} == set(MODULES)
    script = part(page([]), '<script type="module">', "</script>")
    assert not re.search(r"^import |</", script, re.MULTILINE)
    names = re.findall(r"^(?:export )?(?:function|const|class) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names))


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        page([{"type": "text", "t": float("nan")}])
