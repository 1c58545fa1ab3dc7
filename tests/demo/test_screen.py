"""What is drawn on terminals of all sizes."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from gemini_live_interrupt.demo._messages import ConversationProgress, Line, Record, Wish
from gemini_live_interrupt.demo._screen import WIDEST, Both, Dashboard

from .pseudo_terminal import plain

STORY = "It rained all day long. The dog slept by the fire. Then somebody knocked at the door."
HEARD = "It rained all day long. The dog slept by"
NOTE = "the user HEARD: “The dog slept by”\nbut did NOT HEAR: “the fire.”\ntext to continue with: “The dog slept by”"
TOLD = Line(who="model", words=HEARD, unheard=STORY[len(HEARD) :])
CUT = Line(who="model", words=HEARD, unheard=STORY[len(HEARD) :], cut=True)
ASKED = Line(who="user", words="Which dog?")
NOTED = Line(who="note", words=NOTE)
GOING_ON = Line(who="model", words="A brown one. The dog slept by the", unheard=" fire.")
GONE_ON = Line(who="model", words="A brown one. The dog slept by the fire. Then somebody knocked at the door.")
OTHER = Line(who="model", words="A brown one. Anything else?")


def wish(*, library: bool) -> Wish:
    return Wish(case="question", profile="2.5-native", model="m", live=False, library=library)


def record(lines: list[Line]) -> Record:
    return Record(
        story=STORY, sent=STORY, heard=HEARD, told=[], answers=[lines[-1].words], interrupted=True, lines=lines
    )


def both(without: list[Line], with_it: list[Line]) -> Both:
    drawn = Both()
    drawn.follow(wish(library=False), ConversationProgress(at=1.0, lines=without))
    drawn.follow(wish(library=True), ConversationProgress(at=1.0, lines=with_it))
    return drawn


def ended() -> Both:
    drawn = Both()
    drawn.end([record([CUT, ASKED, OTHER]), record([CUT, ASKED, NOTED, GONE_ON])])
    return drawn


def draw(what: RenderableType, columns: int, rows: int | None = None, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding, errors="replace", newline="")
    console = Console(file=file, width=columns, height=rows or 25, force_terminal=True, color_system="truecolor")
    console.print(what, height=rows)
    file.seek(0)
    return plain(file.read()).splitlines()


def said(lines: list[str]) -> str:
    """What stands in the panes, one word after the other."""
    inside = [line.strip("│ ") for line in lines if not line.startswith(("╭", "╰"))]
    return " ".join(" ".join(inside).split())


@pytest.mark.parametrize("columns", [20, 40, 60, 71, 72, 80, 132, 250])
@pytest.mark.parametrize("rows", [4, 12, 24, 60])
def test_a_terminal_of_any_size_is_filled_and_never_overflows(columns: int, rows: int) -> None:
    drawn = draw(Dashboard("What happens.", both([CUT, ASKED], [CUT, ASKED, NOTED, GOING_ON])), columns, rows)
    assert len(drawn) <= rows
    assert max(map(cell_len, drawn)) <= min(columns, WIDEST)


@pytest.mark.parametrize("columns", [20, 40, 60, 71])
def test_in_the_end_nothing_is_left_out_however_narrow_it_is(columns: int) -> None:
    text = said(draw(ended(), columns))
    assert text.count(f"{HEARD} ╱╱{STORY[len(HEARD) :]}") == 2
    assert "note none: what was sent counts as said model A brown one. Anything else?" in text
    assert "went on: nowhere: the story is not taken up again missed: 8 of 17 words: “the fire. Then" in text
    assert "note heard “The dog slept by” not heard “the fire.” go on with “The dog slept by” model A brown" in text
    assert "A brown one. → The dog slept by the fire. Then somebody knocked at the door." in text
    assert "heard twice: 4 of 17 words: “The dog slept by”, as the sentence begins again" in text


@pytest.mark.parametrize("columns", [72, 100, 132])
def test_where_there_is_room_they_stand_side_by_side_and_as_high(columns: int) -> None:
    drawn = draw(ended(), columns)
    width = columns // 2
    assert drawn[0][:width].startswith("╭─ without ──")
    assert drawn[0][width:].startswith("╭─ with enable_interrupt_resume() ─")
    assert drawn[-1][:width].startswith("╰─ missed 8 of 17 words ──")
    assert drawn[-1][width:].startswith("╰─ missed nothing ──")
    left, right = said([line[:width] for line in drawn]), said([line[width:] for line in drawn])
    assert left.startswith(f"model {HEARD} ╱╱ the fire.")
    assert "→" not in left
    assert right.endswith("as the sentence begins again")


def test_the_ear_moves_between_what_was_heard_and_what_was_sent() -> None:
    drawn = draw(Dashboard("What happens.", both([TOLD], [CUT, ASKED, NOTED, GOING_ON])), 60, 34)
    text = said(drawn)
    assert "The dog slept by▌ the fire." in text
    assert "→ The dog slept by the▌ fire." in text
    assert "╰─ heard 9 of 17 words sent ──" in "\n".join(drawn)
    assert "╰─ 7 words sent, not heard ──" in "\n".join(drawn)
    assert drawn[0].startswith("What happens.")
    assert text.endswith("→ goes on with the story")


def test_when_there_are_few_rows_the_newest_words_are_shown_and_nothing_else() -> None:
    drawn = draw(Dashboard("What happens.", both([TOLD], [CUT, ASKED, NOTED, GOING_ON])), 60, 9)
    assert "What happens." not in drawn[0]
    assert said(drawn).endswith("A brown one. → The dog slept by the▌ fire.")


def test_nothing_yet_and_nothing_more_are_said() -> None:
    assert said(draw(both([], []), 60)) == "(connecting) (connecting)"
    silent = Both()
    silent.end([record([CUT, Line(who="user", words="(coughs)")])] * 2)
    assert "user (coughs) note none: what was sent counts as said model (stays silent)" in said(draw(silent, 60))


def test_a_terminal_that_knows_only_ascii_gets_signs_that_it_can_show() -> None:
    text = "\n".join(draw(ended(), 80, encoding="ascii"))
    assert text.isascii()
    assert "slept by // " in text
    assert "-> The dog" in text
    assert "|" in "\n".join(draw(Dashboard("", both([TOLD], [TOLD])), 80, 20, encoding="ascii"))
