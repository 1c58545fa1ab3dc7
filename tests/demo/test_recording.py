"""The picture in the README, and the program that makes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from .test_command import environment

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recording") / "demo.svg"
    subprocess.run([sys.executable, ROOT / "docs" / "record_demo.py", file], env=environment(), check=True)
    return file


@pytest.fixture(params=["in the README", "recorded now"])
def picture(request: pytest.FixtureRequest) -> Path:
    if request.param == "in the README":
        return ROOT / "docs" / "demo.svg"
    recorded: Path = request.getfixturevalue("recorded")
    return recorded


def test_it_is_small_and_stands_for_itself(picture: Path) -> None:
    text = picture.read_text("utf-8")
    assert len(text.encode()) < 100_000
    assert re.findall(r"https?://|url\(|href|<script|@import", text) == ["http://"]  # the name space
    assert "docs/demo.svg" in (ROOT / "README.md").read_text("utf-8")


def test_it_moves_and_ends_with_both_conversations_whole(picture: Path) -> None:
    svg = ET.parse(picture).getroot()
    style = (svg.findtext(f"{SVG}style") or "").replace("%", "")
    runs = [(run.get("class", "").split(), run.text or "") for run in svg.iter(f"{SVG}text")]
    moving = {name for classes, _ in runs for name in classes if name.startswith("m")}
    assert moving
    assert moving == set(re.findall(r"@keyframes (m\d+)", style))
    assert any("h" in classes and text.endswith("▌") for classes, text in runs)
    last = " ".join(text.replace("\N{NO-BREAK SPACE}", " ") for classes, text in runs if "h" not in classes)
    assert "without" in last
    assert "with enable_interrupt_resume()" in last
    assert last.count("“How tall is a lighthouse?”") == last.count("“Please go on.”") == 2
    assert "go on with “One night the lamp" in last
    assert "That was the whole story." in last
    assert re.search(r"missed \d+ of 53 words .*missed nothing", last)
