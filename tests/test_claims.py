"""What the documents say of the project is so, where that can be asked of the project itself.

What they say of its behaviour under way has tests of its own: see the page of promises.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from documents import ROOT, SPANS, anchors, tokens
from google.genai.live import AsyncSession

import gemini_live_interrupt
from gemini_live_interrupt import Interruption, cut_sentence, default_prompt
from gemini_live_interrupt._interruption import Evidence, Outcome, Phase
from gemini_live_interrupt._states import TRANSITIONS
from gemini_live_interrupt.demo._story import CASES, OPENING, STORY
from gemini_live_interrupt.emulator import FAULTS, PROFILES

README, API, FAQ = ROOT / "README.md", ROOT / "docs" / "api.md", ROOT / "docs" / "faq.md"
HOW = ROOT / "docs" / "how-it-works.md"


def spans(*documents: Path) -> set[str]:
    return {text.strip('"') for document, text in SPANS if document in documents}


def rows(document: Path) -> list[list[str]]:
    """The cells of its tables, as they are written."""
    found: list[list[str]] = []
    for token in tokens(document):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and token.level > 3 and found:
            found[-1].append(token.content)
    return found


@pytest.fixture(scope="module")
def note() -> str:
    """What the model is told in the demo, if the user is heard as its picture and the README's table say."""
    heard, cut, rest = STORY.partition("One night the lamp")
    heard += cut
    interruption = Interruption(
        heard=heard,
        unheard=rest,
        cut_sentence=cut_sentence(heard),
        user_text="",
        history=[("user", OPENING)],
        played=1.0,
        received=2.0,
        evidence="clock",
    )
    return default_prompt(heard, "", interruption.history, interruption)


def test_the_story_in_the_readme_is_that_of_the_demo() -> None:
    told = README.read_text("utf-8").partition("## Install")[0]
    for piece in re.findall(r"(?:Each evening|One night|She woke)[^|*“”\"—…]*", told):
        assert piece.strip() in STORY
    for utterance in (CASES["question"].breaks_in, CASES["question"].then):
        assert utterance
        assert told.count(f"*{utterance.words}*") == 2  # without, and with


def test_what_the_readme_quotes_of_the_note_is_in_it(note: str) -> None:
    quoted = re.findall(r"^> (.*?): “(?:… )?(.*?)(?: …)?”\\?$", README.read_text("utf-8"), re.MULTILINE)
    assert len(quoted) == 3
    for label, text in quoted:
        assert re.search(rf"{re.escape(label)}: “[^”]*{re.escape(text)}[^”]*”", note)


def test_the_drawing_shows_the_note_as_it_is(note: str) -> None:
    drawn = [element.text or "" for element in ET.parse(ROOT / "docs" / "images" / "cut.svg").getroot().iter()]
    quoted = [re.fullmatch(r"(.*?): “(?:… )?(.*?)(?: …)?”", line) for line in drawn]
    shown = [match.groups() for match in quoted if match]
    assert len(shown) == 3
    for label, text in shown:
        assert label.lower() in note.lower()
        assert text in note


def test_a_note_has_about_as_many_tokens_as_is_said(note: str) -> None:
    (said,) = re.findall(r"a note is about (\d+) tokens", README.read_text("utf-8"))
    assert len(note) / 5 < int(said) < len(note) / 4  # characters a token of English, as a rule


def test_what_it_needs_is_what_it_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    genai, python = re.search(r"google-genai>=([\d.]+)", str(project)), project["requires-python"].removeprefix(">=")
    assert genai
    assert f"Python {python} or later, google-genai {genai[1]} or later, wrapt." in README.read_text("utf-8")
    required = {re.split(r"[<>=~!]", name)[0] for name in project["dependencies"]}
    assert required == {"google-genai", "wrapt", "pydantic"}  # the last comes with the first


def test_every_public_name_is_explained() -> None:
    shown = README.read_text("utf-8") + API.read_text("utf-8")
    assert [name for name in gemini_live_interrupt.__all__ if name not in shown] == []


def test_all_fields_and_their_values_are_explained() -> None:
    explained = spans(API)
    values = {str(value) for kind in (Evidence, Phase, Outcome) for value in get_args(kind)}
    assert explained >= {field.name for field in fields(Interruption)} | values
    assert {cells[0].strip("`") for cells in rows(HOW) if '"' in cells[0]} == {
        f'"{name}"' for name in get_args(Evidence)
    }


def test_the_emulators_profiles_are_all_named() -> None:
    assert spans(ROOT / "docs" / "emulator.md") >= set(PROFILES)
    assert spans(ROOT / "docs" / "emulator-behaviour.md") >= set(FAULTS)


def test_every_complaint_is_answered_as_its_table_says() -> None:
    table = [(row[0], row[1].partition(",")[0]) for row in rows(FAQ) if row[0].startswith("[")]
    sections = FAQ.read_text("utf-8").partition("## About the library")[0].split("\n## ")[1:]
    assert len(table) == len(sections) > 10
    for (complaint, answer), section in zip(table, sections, strict=True):
        heading, _, text = section.partition("\n")
        assert complaint.startswith(f"[{heading}](#")
        assert complaint.rpartition("(#")[2].rstrip(")") in anchors(FAQ)
        answers = re.findall(r"^\*\*(\w+)\*\*", text, re.MULTILINE)
        assert [given.lower() for given in answers] == [answer]


def test_functions_that_are_named_exist() -> None:
    """In the project, or in the SDK's session."""
    library = Path(gemini_live_interrupt.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in library.rglob("*.py"))
    defined = set(re.findall(r"^ *(?:async )?(?:def|class) (\w+)", sources, re.MULTILINE)) | set(dir(AsyncSession))
    called = {match[1] for _, text in SPANS if (match := re.match(r"(\w+)\([^)]*\)$", text))}
    assert len(called) > 10
    assert called - defined == set()


def test_the_table_of_states_is_that_of_the_code() -> None:
    states = [cells for cells in rows(ROOT / "CONTRIBUTING.md") if len(cells) == 3 and cells[0] != "state"]
    shown = {(state, event): after for state, event, after in states}
    known = {
        (before.value, event.__name__): {state.value for state in after}
        for before, led in TRANSITIONS.items()
        for event, after in led.items()
    }
    assert {key: set(after.split(", ")) for key, after in shown.items()} == known
