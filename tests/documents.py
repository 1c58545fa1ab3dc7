"""The project's documents, and what is in them: blocks of code, commands in a line, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "examples", "benchmarks", "tests", "src", ".github")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *chain(*(sorted((ROOT / name).rglob("*.md")) for name in FOLDERS))]

_ADDRESS = re.compile(r"\b(?:href|src|srcset)=[\"']([^\"' ]+)")
_ANCHOR = re.compile(r"\b(?:id|name)=[\"']([^\"']+)")


class Block(NamedTuple):
    """A block of code."""

    document: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """The name of the file, if the first line of the block is a comment that names one."""
        named = re.match(r"# (\w+\.py)\n", self.text)
        return named[1] if named else ""

    def __str__(self) -> str:
        return f"{self.document.stem}_{self.line}"


class Link(NamedTuple):
    """A link to something, or a picture of it."""

    document: Path
    target: str
    text: str
    is_picture: bool

    def __str__(self) -> str:
        return f"{self.document.stem}:{self.target}"


@cache
def tokens(document: Path) -> tuple[Token, ...]:
    """The document as GitHub reads it, near enough: CommonMark with tables."""
    return tuple(MarkdownIt("commonmark").enable("table").parse(document.read_text("utf-8")))


def blocks(document: Path) -> Iterator[Block]:
    """Every block of code, be it fenced or only indented."""
    for token in tokens(document):
        if token.type in ("fence", "code_block"):
            yield Block(document, token.map[0] + 1 if token.map else 0, token.info, token.content)


def inline(document: Path) -> Iterator[Token]:
    """What paragraphs, headings and table cells are made of."""
    for token in tokens(document):
        yield from token.children or ()


def links(document: Path) -> Iterator[Link]:
    """Every link and picture, those in HTML too."""
    text, opened = "", ""
    for token in inline(document):
        if token.type == "link_open":
            text, opened = "", str(token.attrs["href"])
        elif token.type == "link_close":
            yield Link(document, opened, text, is_picture=False)
        elif token.type == "image":
            yield Link(document, str(token.attrs["src"]), token.content, is_picture=True)
        text += token.content
    for html in (token for token in (*tokens(document), *inline(document)) if token.type.startswith("html")):
        for target in _ADDRESS.findall(html.content):
            yield Link(document, target, html.content, is_picture=False)


@cache
def anchors(document: Path) -> frozenset[str]:
    """What can follow `#`: a heading's words, as GitHub joins them, and the ids of HTML."""
    found: list[str] = []
    everything = tokens(document)
    for before, token in pairwise(everything):
        if before.type == "heading_open":
            words = "".join(child.content for child in token.children or ())
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            again = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other) is not None for other in found)
            found.append(f"{slug}-{again}" if again else slug)
        for html in (token, *(token.children or ())):
            found += _ANCHOR.findall(html.content) if html.type.startswith("html") else []
    return frozenset(found)


BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
LINKS = [link for document in DOCUMENTS for link in links(document)]
SPANS = [
    (document, token.content) for document in DOCUMENTS for token in inline(document) if token.type == "code_inline"
]
"""Every piece of code within a line, and where it stands."""
