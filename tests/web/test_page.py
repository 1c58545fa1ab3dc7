"""The page in a real browser: what it shows is what was heard, and what was told."""

import itertools
import json
import re
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from gemini_live_interrupt._cli import main as show_trace
from gemini_live_interrupt.demo._sound import recording
from gemini_live_interrupt.demo._story import STORY

from .serving import NETWORK, Server, Window, faults, launch

SAMPLE = 2  # bytes
CARD = 48_000  # samples a second of a sound card
NO_SOUND = "delete window.AudioContext"
NO_MICROPHONE = """navigator.mediaDevices.getUserMedia =
    () => Promise.reject(new DOMException("Permission denied", "NotAllowedError"))"""
Open = Callable[..., Window]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a person says into the browser's microphone: nothing for five seconds, and then a question."""
    path = tmp_path_factory.mktemp("sound") / "microphone.wav"
    narrow = struct.unpack(f"<{len(recording('question')) // SAMPLE}h", recording("question"))
    samples = [sample for sample in narrow for _ in range(CARD // 16_000)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, SAMPLE, CARD, 0, "NONE", ""))
        file.writeframes(bytes(5 * CARD * SAMPLE))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
        file.writeframes(bytes(60 * CARD * SAMPLE))
    return path


@pytest.fixture(scope="module")
def browser(spoken: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(
            playwright,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={spoken}%noloop",
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server("--port", "0")
    yield server
    assert server.stop() == (0, "")


@pytest.fixture(scope="module")
def long_ones(browser: Browser, server: Server) -> Iterator[dict[str, Window]]:
    """The conversations that take longest: they go on while the others are held."""
    windows = {name: Window(browser, server.address) for name in ("question", "correction", "microphone")}
    for name, window in windows.items():
        window.ready()
        if name == "question":
            window.page.locator("#both").click()
        else:
            window.press(name)
        if name == "microphone":
            window.press("start")
    yield windows
    for window in windows.values():
        assert window.complaints == []
        window.context.close()


@pytest.fixture
def window(browser: Browser, server: Server, long_ones: object) -> Iterator[Open]:
    """Opens tabs, each with a profile of its own."""
    opened = []

    def open_window(**options: Any) -> Window:
        window = Window(browser, server.address, **options)
        opened.append(window)
        window.ready()
        return window

    yield open_window
    for window in opened:
        assert window.complaints == []
        window.context.close()


def words(run: Any, state: str) -> str:
    """The words of the cards of this kind, in their order."""
    return " ".join(" ".join(run.locator(f".tl-{state} .tl-word").all_inner_texts()).split())


def model_says(run: Any) -> str:
    """All that was heard or is being said, in order."""
    return " ".join(" ".join(run.locator(".tl-row-model .tl-word").all_inner_texts()).split())


def of_type(lines: list[dict[str, Any]], kind: str, **wanted: Any) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind and wanted.items() <= line.items()]


def settled(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What the library said of the first interruption in the end."""
    return of_type(lines, "interruption", phase="settled")[0]


def heard_by(lines: list[dict[str, Any]], seconds: float) -> list[str]:
    """The words of the first reply that had sounded to their end then, by the audio that was sent before each."""
    texts = of_type(lines, "text", reply=1)
    return [text["text"].strip() for text, after in itertools.pairwise(texts) if after["received"] <= seconds]


def received(lines: list[dict[str, Any]]) -> str:
    """What had come of the story when it was cut, which is all of it unless the machine is slow."""
    text = "".join(line["text"] for line in of_type(lines, "text", reply=1))
    assert STORY.startswith(text)
    return text


def clock_at(lines: list[dict[str, Any]], t: float) -> float:
    """What of the first reply a player that plays at once has played then."""
    end = before = left = 0.0
    for line in of_type(lines, "audio", reply=1):
        end = max(end, line["t"]) + line["seconds"] - before
        before = line["seconds"]
        left = max(0.0, end - t)
    return before - left


@pytest.mark.parametrize("name", ["question", "correction", "noise"])
def test_the_cut_is_at_the_word_that_was_heard_last_and_the_sentence_is_taken_up_again(
    long_ones: dict[str, Window], window: Open, name: str
) -> None:
    if name in long_ones:
        tab = long_ones[name]
    else:
        tab = window(script=NO_SOUND, viewport={"width": 360, "height": 740})
        tab.press(name)
    run = tab.run()
    run.locator(".tl-resumed").wait_for(timeout=90_000)
    run.locator(".tl-outcome[data-state=noted]").wait_for(state="attached")
    lines = tab.trace()
    shown = words(run, "heard").split()
    assert " ".join(shown) == settled(lines)["heard"].strip()
    truth = heard_by(lines, settled(lines)["played"])
    assert abs(len("".join(shown)) - len("".join(truth))) <= len("ninety-nine steps")  # it aims a little early
    assert f"{words(run, 'heard')} {words(run, 'unheard')}" == received(lines)
    begin = " ".join(settled(lines)["cut_sentence"].split()[:3])
    again = words(run, "resumed")
    assert again.startswith((begin, begin.replace("she", "he").replace("She", "He").replace("woman", "man")))
    assert (" he " in model_says(run)) == (name == "correction")
    expect(run.locator(".tl-join")).to_have_count(1)
    assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_stop_means_stop(window: Open) -> None:
    tab = window()
    tab.press("stop")
    run = tab.run()
    run.locator(".tl-row-model .tl-card", has_text="All right.").wait_for(timeout=60_000)
    expect(run.locator(".tl-resumed")).to_have_count(0)


def test_one_button_leads_and_all_others_are_behind_it(window: Open) -> None:
    page = window().page
    shown = [button.inner_text() for button in page.get_by_role("button").all() if button.is_visible()]
    assert shown == ["Play it without the library, then with it", "Mute"]
    expect(page.locator("#more [data-say=question]")).to_be_hidden()
    page.locator("#more > summary").click()
    expect(page.locator("#more [data-say=question]")).to_be_visible()


def test_the_one_button_plays_both_one_after_the_other_and_they_differ_as_they_should(
    long_ones: dict[str, Window],
) -> None:
    tab = long_ones["question"]
    off = tab.over("off")
    on = tab.over("on")
    assert tab.page.locator(".run h2").all_inner_texts() == ["Without the library", "With the library"]
    for library, run in (("off", off), ("on", on)):
        assert run.locator(".tl-said").all_inner_texts() == ["How tall is a lighthouse?", "Please go on."]
        assert f"{words(run, 'heard')} {words(run, 'unheard')}" == received(tab.trace(library))

    assert of_type(tab.trace("off"), "interruption") == []
    assert "Anything else?" in model_says(off)
    assert model_says(off).endswith("That was the whole story.")
    missed, rest = off.locator(".verdict").inner_text().split(maxsplit=1)
    assert rest == "words were received, never heard, and not said again."
    unheard = len(words(off, "unheard").split())
    assert unheard <= int(missed) <= unheard + 15  # the sentence that was cut
    expect(off.locator(".tl-join")).to_have_count(0)
    expect(off.locator(".tl-outcome")).to_have_text("The model was told nothing")

    assert "Shall I go on?" in model_says(on)
    assert model_says(on).endswith("A hundred little flames led the ship safely home.")
    expect(on.locator(".verdict")).to_have_text("The sentence that was cut off is taken up again from its beginning.")
    said = f"Never heard, and not said again: {missed} words without the library, none with it."
    expect(tab.page.locator("#status")).to_have_text(said)


def test_nothing_is_called_lost_while_the_model_may_still_say_it(window: Open) -> None:
    tab = window()
    tab.press("start")
    tab.run().locator(".tl-heard-word", has_text="world.").wait_for()
    tab.press("question")
    run = tab.over()  # the model has offered to go on, and waits
    assert "Shall I go on?" in model_says(run)
    assert re.fullmatch(r"\d+\.\d s were received and not heard\.", run.locator(".verdict").inner_text())
    expect(tab.page.locator("#status")).to_have_text("The model was told what you had heard.")
    tab.press("go-on")
    taken_up = "The sentence that was cut off is taken up again from its beginning."
    expect(run.locator(".verdict")).to_have_text(taken_up, timeout=60_000)
    expect(tab.page.locator("#status")).to_have_text(taken_up)


def test_the_note_is_shown_as_it_was_sent_and_the_estimate_beside_what_was_played(long_ones: dict[str, Window]) -> None:
    tab = long_ones["question"]
    run = tab.over()
    lines = tab.trace()
    summary = run.locator(".tl-note summary")
    if not run.locator(".tl-note[open]").count():
        summary.focus()
        tab.page.keyboard.press("Enter")
    note = settled(lines)["note"]
    assert run.locator(".tl-note-text").inner_text() == note
    assert "<interruption_note>" in note
    assert f"{len(note):,} characters" in summary.inner_text()
    facts = dict(zip(run.locator("dt").all_inner_texts(), run.locator("dd").all_inner_texts(), strict=True))
    played = of_type(lines, "played", reply=1)[-1]["seconds"]
    estimate = clock_at(lines, of_type(lines, "interrupted")[0]["t"])
    assert facts["Heard"].startswith(f"{played:.2f} s of {settled(lines)['received']:.2f} s received")
    shown, _, off = facts["Own estimate"].partition(" s by the clock, had the player not reported: ")
    assert float(shown) == pytest.approx(estimate, abs=0.011)
    if off != "exact":
        amount, *_, way = off.split()
        assert float(amount) == pytest.approx(abs(estimate - played), abs=0.011)
        assert way == ("much" if estimate > played else "little")


def test_its_trace_shows_the_same_on_a_page_of_its_own(
    long_ones: dict[str, Window], browser: Browser, tmp_path: Path
) -> None:
    live = long_ones["question"]
    run = live.over()
    trace, out = tmp_path / "trace.jsonl", tmp_path / "trace.html"
    trace.write_text("".join(f"{json.dumps(line)}\n" for line in live.trace()), "utf-8")
    assert show_trace(["trace", str(trace), "--html", str(out)]) == 0
    alone = Window(browser, out.as_uri())
    session = alone.page.locator(".tl-session")
    for part in (".tl-heard .tl-word", ".tl-unheard .tl-word", ".tl-open .tl-word", ".tl-said", ".tl-outcome", "dd"):
        assert session.locator(part).all_inner_texts() == run.locator(part).all_inner_texts()
        assert session.locator(part).count()
    assert alone.complaints == []
    alone.context.close()


def test_a_microphone_interrupts_as_a_button_does(long_ones: dict[str, Window]) -> None:
    tab = long_ones["microphone"]
    run = tab.over()
    assert run.locator(".tl-said").first.inner_text() == "[speech]"
    assert "I hear you, but not the words." in model_says(run)
    assert settled(tab.trace())["outcome"] == "noted"

    tab.press("microphone")
    expect(tab.page.locator("#microphone")).to_have_attribute("aria-pressed", "false")
    tab.choose("off")  # what was said is said again
    again = "The model speaks again. As far as it knows, you heard all "
    expect(tab.page.locator("#status")).to_contain_text(again, timeout=60_000)
    tab.run("off").locator(".tl-cut-line").wait_for(state="attached")
    expect(tab.run("off").locator(".tl-said").first).to_have_text("[speech]")


def test_two_tabs_are_two_sessions(long_ones: dict[str, Window]) -> None:
    for window in long_ones.values():
        window.run().locator(".tl-cut-line").wait_for(state="attached", timeout=60_000)
    sessions = [{line["session"] for line in window.trace() if "session" in line} for window in long_ones.values()]
    assert [len(found) for found in sessions] == [1] * len(long_ones)
    assert len(set.union(*sessions)) == len(long_ones)


def test_the_microphone_alone_begins_nothing(window: Open) -> None:
    tab = window()
    tab.press("microphone")
    expect(tab.page.locator("#microphone")).to_have_attribute("aria-pressed", "true")
    expect(tab.page.locator("#status")).to_have_text("The microphone is on. Have the story told, and talk over it.")
    expect(tab.page.locator(".run")).to_have_count(0)
    tab.press("microphone")
    expect(tab.page.locator("#status")).to_have_text("The microphone is off.")
    expect(tab.page.locator(".run")).to_have_count(0)


def test_it_is_said_where_words_sound_as_tones(browser: Browser) -> None:
    server = Server("--port", "0", PATH="")  # where no espeak-ng is found
    tab = Window(browser, server.address)
    tab.ready()
    expect(tab.page.locator("#voice")).to_contain_text("The model’s words sound as tones here.")
    tab.context.close()
    assert server.stop() == (0, "")


LABELS = """async () => {
    const { Timeline } = await import("/timeline/timeline.js");
    const timeline = new Timeline(document.body.appendChild(document.createElement("div")));
    timeline.take({ type: "text", t: 0.1, reply: 1, received: 0, text: "Once upon a time" });
    timeline.take({ type: "audio", t: 0.1, reply: 1, seconds: 0.4 });
    timeline.draw(0.2);
    const { left } = timeline.scroll.getBoundingClientRect();
    return [...timeline.scroll.querySelectorAll(".tl-cursor-label")]
        .map((label) => label.getBoundingClientRect()).flatMap((box) => [box.left - left, box.right - left]);
}"""


def test_the_labels_of_the_first_second_are_whole_and_apart(window: Open) -> None:
    heard, heard_end, received, received_end = window().page.evaluate(LABELS)
    assert 0 <= heard < heard_end <= received < received_end


def test_a_microphone_that_is_refused_is_explained(window: Open) -> None:
    tab = window(script=NO_MICROPHONE)
    tab.press("microphone")
    expect(tab.page.locator("#status")).to_have_text("No microphone: Permission denied. The buttons work without one.")


def test_the_keyboard_is_enough(window: Open) -> None:
    tab = window()
    keyboard, focus = tab.page.keyboard, "document.activeElement"
    keyboard.press("Tab")
    assert tab.page.evaluate(f"{focus}.id") == "both"
    while tab.page.evaluate(f"{focus}.localName") != "summary":
        keyboard.press("Tab")
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert tab.page.evaluate(f"{focus}.value") == "on"
    keyboard.press("ArrowLeft")
    keyboard.press("Tab")
    assert tab.page.evaluate(f"{focus}.id") == "start"
    keyboard.press("Enter")
    tab.run("off").locator(".tl-card").first.wait_for()
    while tab.page.evaluate(f"{focus}.dataset.say") != "stop":
        keyboard.press("Tab")
    keyboard.press(" ")
    tab.run("off").locator(".tl-cut-line").wait_for(state="attached")
    while not tab.page.evaluate(f"{focus}.classList.contains('tl-scroll')"):
        keyboard.press("Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(long_ones: dict[str, Window], window: Open, scheme: Any) -> None:
    fresh = window(color_scheme=scheme)
    fresh.unfold()
    fresh.page.locator("#knowledge > summary").click()
    assert faults(fresh.page) == []
    tab = long_ones["question"]
    tab.over()
    tab.page.emulate_media(color_scheme=scheme)
    assert faults(tab.page) == []


def test_the_page_survives_a_restart_of_the_server(browser: Browser) -> None:
    server = Server("--port", "0")
    tab = Window(browser, server.address)
    tab.ready()
    tab.press("start")
    tab.run().locator(".tl-heard-word").first.wait_for()
    assert server.stop() == (0, "")
    expect(tab.page.locator("#connection")).to_have_text("The server is gone. Reconnecting …")
    expect(tab.run().locator(".verdict")).to_have_text("The server went away, and the conversation with it.")
    expect(tab.page.locator("#both")).to_be_disabled()
    expect(tab.page.locator("#start")).to_be_disabled()
    server = Server("--port", server.port)
    tab.ready()
    tab.press("start")
    tab.run().and_(tab.page.locator("[data-state=live]")).locator(".tl-heard-word").first.wait_for()
    assert [complaint for complaint in tab.complaints if not NETWORK.match(complaint)] == []
    tab.context.close()
    assert server.stop() == (0, "")
