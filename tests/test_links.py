"""Links lead somewhere, and pictures can be seen by everybody."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from documents import DOCUMENTS, LINKS, ROOT, Link, anchors

INSIDE = [link for link in LINKS if not urlsplit(link.target).scheme]
OUTSIDE = [link for link in LINKS if urlsplit(link.target).scheme]
PICTURES = sorted((ROOT / "docs" / "images").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def test_every_document_is_found() -> None:
    assert {path.name for path in DOCUMENTS} >= {"README.md", "CHANGELOG.md", "how-it-works.md", "faq.md", "limits.md"}
    assert len(INSIDE) > 30


@pytest.mark.parametrize("link", INSIDE, ids=str)
def test_links_to_files_and_headings_lead_there(link: Link) -> None:
    target = urlsplit(link.target)
    path = (link.document.parent / unquote(target.path)).resolve() if target.path else link.document
    assert path.is_relative_to(ROOT), "outside of the project"
    assert path.exists()
    if target.fragment and path.suffix == ".md":
        assert target.fragment in anchors(path)


@pytest.mark.parametrize("link", OUTSIDE, ids=str)
def test_links_to_elsewhere_are_safe_and_whole(link: Link) -> None:
    target = urlsplit(link.target)
    assert target.scheme == "https"
    assert "." in target.netloc
    named = link.text.rpartition("#")[2]
    if target.netloc == "github.com" and named.isdigit():
        assert target.path.endswith((f"/issues/{named}", f"/pull/{named}"))


@pytest.mark.parametrize("link", [link for link in LINKS if link.is_picture], ids=str)
def test_pictures_say_in_words_what_they_show(link: Link) -> None:
    assert len(link.text.split()) > 3


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_drawings_stand_alone_and_scale(path: Path) -> None:
    drawing = ET.parse(path).getroot()
    assert drawing.tag == f"{SVG}svg"
    assert drawing.get("viewBox")
    names = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    assert not names & {"script", "foreignObject", "image"}
    assert not [value for element in drawing.iter() for value in element.attrib.values() if "//" in value]


def test_headings_are_joined_as_github_does(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# `report_played` & more\n\n## It's 1 %\n\n## A\n\n## A\n\n<a id='here'></a>\n", "utf-8")
    assert anchors(page) == {"report_played--more", "its-1-", "a", "a-1", "here"}
