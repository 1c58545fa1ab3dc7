"""A trace as a page of its own, in a real browser without a network."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect, sync_playwright

from gemini_live_interrupt.trace._page import page

from .serving import Window, faults, launch

HEADER = {"type": "trace", "version": 1, "library": "0.2.0", "started": "2026-11-22T13:34:52.492Z", "content": True}
EVIL = "</script><script>document.title = 'caught'</script><img src=x onerror=\"document.title = 'caught'\"><!-- "
SAID = ["I went to sea.", " The ship was old.", " It sank."]
Show = Callable[..., Window]


def interruption(number: int, t: float, phase: str = "cut", **fields: Any) -> dict[str, Any]:
    """A line without what people said, unless they say so."""
    return {
        "type": "interruption",
        "t": t,
        "session": "one",
        "number": number,
        "phase": phase,
        "outcome": None,
        "evidence": "clock",
        "played": 3.25,
        "received": 9.5,
        "heard_characters": 40,
        "unheard_characters": 90,
        "user_characters": 0,
        "note_characters": None,
        "note_after": None,
    } | fields


def line(kind: str, t: float, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "t": t, "session": "one"} | fields


def conversation() -> list[dict[str, Any]]:
    """A reply of six seconds in which the user speaks after three, and what came of it."""
    found = [HEADER]
    for number, (text, at) in enumerate(zip(SAID, (0.0, 2.0, 4.0), strict=True)):
        found.append(line("text", 1.0 + number / 10, reply=1, received=at, text=text))
        found.append(line("audio", 1.0 + number / 10, reply=1, seconds=at + 2.0))
    found += [line("played", 1.0 + at, reply=1, seconds=at) for at in (0.5, 1.5, 2.5, 3.0)]
    cut: dict[str, Any] = {
        "played": 3.0,
        "received": 6.0,
        "heard": "I went to sea. The ship",
        "unheard": " was old. It sank.",
    }
    cut |= {"cut_sentence": "The ship", "user_text": "", "history": [], "note": None}
    found += [interruption(1, 4.0, **cut), line("turn_complete", 4.1), line("user", 5.0, text="Wait!")]
    told = {"outcome": "noted", "note": "A note.", "note_characters": 7, "note_after": 0.002, "user_text": "Wait!"}
    found.append(interruption(1, 6.0, "settled", **cut | told))
    found += [line("text", 6.0, reply=2, received=0.0, text="Yes? The ship was old. It sank.")]
    found += [line("audio", 6.0, reply=2, seconds=5.0), line("turn_complete", 11.5)]
    return [*found, interruption(1, 11.5, "resumed", **cut | told, resumption="sentence")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Opens the page of these lines from its file."""
    opened = []

    def show(lines: list[dict[str, Any]], **options: Any) -> Window:
        path = tmp_path / "trace.html"
        path.write_text(page(lines), "utf-8")
        opened.append(Window(browser, path.as_uri(), **options))
        return opened[-1]

    yield show
    for window in opened:
        assert window.complaints == []
        window.context.close()


def cards(window: Window, kind: str) -> list[str]:
    found = window.page.locator(f".tl-card.tl-{kind} .tl-content")
    return [" ".join(text.partition(": ")[2].split()) for text in found.all_text_contents()]


def left(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"]


def test_it_shows_what_was_heard_and_what_was_not(show: Show) -> None:
    window = show(conversation())
    assert cards(window, "heard") == ["I went to sea. The ship"]  # a part that is too narrow shares a card
    assert " ".join(cards(window, "unheard")) == "was old. It sank."
    assert " ".join(cards(window, "open")) == "Yes? The ship was old. It sank."
    assert window.page.locator(".tl-said").all_inner_texts() == ["Wait!"]
    expect(window.page.locator(".tl-join")).to_have_count(1)
    expect(window.page.locator(".tl-again")).not_to_have_count(0)
    expect(window.page.locator(".tl-outcome")).to_have_text("The model was told before it spoke again")
    expect(window.page.locator(".tl-cut-label")).to_have_text("heard 3.0 s")
    expect(window.page.locator(".tl-received-label")).to_have_text("received 6.0 s")
    assert window.page.locator(".tl-note-text").text_content() == "A note."
    expect(window.page.locator("h1")).to_have_text("1 interruption in 1 session")


@pytest.mark.parametrize(
    ("where", "words"), [("earlier", "too early"), ("later", "too late"), ("none", "not with what was cut off")]
)
def test_where_the_model_went_on_is_what_the_library_found(show: Show, where: str, words: str) -> None:
    *lines, resumed = conversation()
    window = show([*lines, resumed | {"resumption": where}])
    expect(window.page.locator(".tl-facts")).to_contain_text(words)
    expect(window.page.locator(".tl-join")).to_have_count(0)


def test_time_runs_evenly_from_left_to_right(show: Show) -> None:
    window = show(conversation())
    ticks = window.page.locator(".tl-tick")
    second = left(ticks.nth(1)) - left(ticks.nth(0))
    heard, unheard = window.page.locator(".tl-heard").first, window.page.locator(".tl-unheard.tl-card").first
    assert left(unheard) - left(heard) == pytest.approx(3.0 * second, abs=3)
    assert left(window.page.locator(".tl-open").first) - left(heard) == pytest.approx(5.5 * second, abs=0.6 * second)


@pytest.mark.parametrize("content", [True, False])
def test_interruptions_alone_are_enough(show: Show, content: bool) -> None:
    words: dict[str, Any] = {
        "heard": "It was a dark",
        "unheard": " night.",
        "cut_sentence": "It was a dark",
        "note": "Go on.",
    }
    said = words | {"history": [], "user_text": "Hm?"} if content else {}
    told = {"outcome": "noted", "user_characters": 3, "note_characters": 6, "note_after": 0.5}
    lines = [HEADER | {"content": content}]
    for number, t in ((1, 10.0), (2, 25.0)):
        lines += [interruption(number, t, **said), interruption(number, t + 2, "settled", **said | told)]
    window = show(lines)
    expect(window.page.locator(".tl-cut")).to_have_count(2)
    expect(window.page.locator(".tl-cut-label")).to_have_text(["heard 3.3 s"] * 2)
    assert cards(window, "heard") == (["It was a dark"] * 2 if content else ["3.3 s"] * 2)
    assert cards(window, "unheard") == (["night."] * 2 if content else ["6.3 s"] * 2)
    assert window.page.locator(".tl-said").all_inner_texts() == (["Hm?"] * 2 if content else ["3 characters"] * 2)
    note = window.page.locator(".tl-note-text").first.text_content()
    assert note == ("Go on." if content else "The trace was written without what people said.")


def test_what_people_said_is_text_and_nothing_else(show: Show) -> None:
    words = dict.fromkeys(("heard", "unheard", "cut_sentence", "user_text", "note", "outcome", "evidence"), EVIL)
    lines = [HEADER | {"library": EVIL, "started": EVIL}, interruption(1, 5.0, "settled", **words)]
    said = {"text": EVIL, "reply": 2, "received": 0.0, "service": EVIL, "session": EVIL}
    lines += [line(kind, 20.0, **said) for kind in ("text", "user", "conversation", "ended", EVIL)]
    window = show(lines)
    expect(window.page).to_have_title("Interruptions")
    expect(window.page.locator("img")).to_have_count(0)
    assert EVIL.strip() in window.page.locator("main").inner_text()


def test_only_its_own_script_runs(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "trace.html"
    whole = page(conversation())
    path.write_text(whole.replace("</main>", "</main><script>document.title = 'caught'</script>"), "utf-8")
    window = Window(browser, path.as_uri())
    expect(window.page).to_have_title("Interruptions")
    expect(window.page.locator(".tl-cut")).to_have_count(1)
    assert "Content Security Policy" in " ".join(window.complaints)
    window.context.close()


def test_an_interruption_far_away_is_brought_into_view(show: Show) -> None:
    window = show([HEADER, interruption(1, 10.0), interruption(2, 600.0)])
    far = window.page.locator(".tl-heard").last
    expect(far).not_to_be_in_viewport()
    window.page.get_by_role("button", name="Interruption 2").click()
    expect(far).to_be_in_viewport()


def test_the_labels_of_a_cut_near_the_beginning_are_whole(show: Show) -> None:
    lines = [HEADER, line("text", 0.1, reply=1, text="Once upon a time.", received=0.0)]
    lines += [line("audio", 0.1, reply=1, seconds=1.5), line("played", 0.3, reply=1, seconds=0.2)]
    window = show([*lines, line("interrupted", 0.3, reply=1)])
    edge = left(window.page.locator(".tl-scroll"))
    title = window.page.locator(".tl-row-unheard .tl-label").bounding_box()
    assert title is not None
    assert left(window.page.locator(".tl-cut-label")) >= edge
    assert left(window.page.locator(".tl-received-label")) >= title["x"] + title["width"]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("connection", "the end of the connection, not by the user"),
        ("app", "what the app sent, not by the user"),
        ("tool", "a tool’s response, not by the user"),
    ],
)
def test_what_the_user_did_not_cut_off_is_told_apart(show: Show, cause: str, words: str) -> None:
    window = show([HEADER, interruption(1, 10.0, cause="user"), interruption(2, 30.0, cause=cause)])
    cuts = window.page.locator(".tl-cut")
    expect(cuts.first).not_to_contain_text("not by the user")
    expect(cuts.last).to_contain_text(words)


def test_sessions_and_continued_traces_are_apart(show: Show) -> None:
    one = [HEADER, interruption(1, 10.0), interruption(1, 10.0, session="two")]
    window = show([*one, HEADER, interruption(1, 3.0)])
    expect(window.page.locator("h1")).to_have_text("3 interruptions in 3 sessions")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [HEADER],
        [{"type": "truncated", "line": 3}],
        [line("constructor", 1.0), line("__proto__", 1.0), {"type": None}, {}],
        [line("text", 1.0, reply=1, text="Words alone.", received=0.0)],
        [line("text", 1.0, reply=1, characters=12, received=0.0), line("audio", 1.0, reply=1, seconds=2.0)],
        [line("played", 1.0, reply=1, seconds=4.0), line("turn_complete", 2.0), line("user", 3.0, text="Hm?")],
        [line("interrupted", 1.0, reply=9), line("voice", 2.0, speaking=True), line("ended", 3.0, text="Gone.")],
        [interruption(1, 0.0, played=0.0, received=0.0)],
        [
            line("text", 0.0, reply=1, text="Words.", received=0.0),
            line("voice", 0.0, speaking=True),
            line("played", 0.0, reply=1, seconds=0.0),
            line("interrupted", 0.0, reply=1),
            interruption(1, 0.0, played=0.0, received=0.0),
        ],
    ],
    ids=str,
)
def test_any_trace_has_a_page(show: Show, lines: list[dict[str, Any]]) -> None:
    window = show(lines)
    expect(window.page.locator("h1")).to_contain_text("interruption")
    assert "NaN" not in window.page.locator("main").inner_html()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(show: Show, scheme: Any) -> None:
    assert faults(show(conversation(), color_scheme=scheme).page) == []


def test_a_narrow_screen_shows_all_of_it(show: Show) -> None:
    window = show(conversation(), viewport={"width": 360, "height": 740})
    assert window.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_file_is_all_there_is() -> None:
    whole = page(conversation())
    assert "http:" not in whole.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in whole
    assert json.dumps(SAID[1])[1:-1] in whole
