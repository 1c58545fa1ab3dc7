"""The demo on a terminal, as somebody sees it who runs it there."""

from __future__ import annotations

import re
import signal

import pytest
from rich.cells import cell_len

from .pseudo_terminal import PseudoTerminal
from .test_command import COMMAND, environment
from .test_screen import said

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10[0-7])(?:;\d+)*m")
CUT = "words sent, not heard"


def demo(*arguments: str, columns: int = 100, rows: int = 30, **variables: str) -> PseudoTerminal:
    return PseudoTerminal([*COMMAND, *arguments], environment(), columns=columns, rows=rows, **variables)


def heard(screen: list[str]) -> list[int]:
    """How many words had been heard of each reply that was being told."""
    return [int(count) for count in re.findall(r"heard (\d+) of \d+ words sent", "\n".join(screen))]


def fits(lines: list[str], columns: int) -> bool:
    return max(map(cell_len, lines)) <= columns


def test_both_conversations_are_shown_word_by_word_and_then_whole() -> None:
    with demo("--case", "follow-up", "--speed", "6") as terminal:
        terminal.until(lambda: CUT in terminal.written)
        *first, _ = terminal.screens
        terminal.resize(60, 20)
        assert terminal.end() == 0
        *_, last = terminal.screens
        afterwards, as_it_was = terminal.afterwards, terminal.is_as_it_was()
    counts = [max(found) for found in map(heard, first) if found]
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert all(len(screen) == 30 and fits(screen, 100) for screen in first)
    assert re.search(r"╭─ without ─+╮╭─ with enable_interrupt_resume\(\) ─+╮", first[0][1])
    assert any("▌" in line for screen in first for line in screen[2:-1])
    assert len(last) == 20
    assert fits(last, 60)
    assert any(line.startswith("╭─ with enable_interrupt_resume() ─") for line in last)
    assert "safely home." in "\n".join(last)
    assert fits(afterwards.splitlines(), 60)
    assert re.search(r"─ missed \d\d of 53 words ─(.|\n)*─ missed nothing ─", afterwards)
    text = said(afterwards.splitlines())
    assert len(re.findall(r"One night the lamp (would )?(not )?╱╱ (would )?(not )?burn, and", text)) == 2
    assert "note none: what was sent counts as said model All alone, but for her cat. went on: nowhere" in text
    assert "go on with “One night the lamp" in text
    assert "model All alone, but for her cat. → One night the lamp would not burn, and" in text
    assert "Right: with the library" in text
    assert COLOUR.search(terminal.written)
    assert as_it_was


def test_ctrl_c_leaves_the_terminal_as_it_was_and_no_color_is_heeded() -> None:
    with demo("--speed", "6", NO_COLOR="1") as terminal:
        terminal.until(lambda: CUT in terminal.written)
        terminal.press(b"\x03")
        assert terminal.end() == 130
        assert terminal.afterwards.strip() == "Stopped."
        assert terminal.is_as_it_was()
    assert any("╱╱ " in line for screen in terminal.screens for line in screen[:-1])
    assert not COLOUR.search(terminal.written)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(number: int) -> None:
    with demo() as terminal:
        terminal.until(lambda: terminal.screens)
        terminal.signal(number)
        assert terminal.end() == 128 + number
        assert terminal.afterwards.strip() == "Stopped."
        assert terminal.is_as_it_was()


@pytest.mark.parametrize(("arguments", "kind"), [(["--plain"], "xterm"), ([], "dumb")])
def test_it_is_plain_if_it_is_asked_to_or_the_terminal_cannot(arguments: list[str], kind: str) -> None:
    with demo(*arguments, TERM=kind) as terminal:
        terminal.until(lambda: "half a minute" in terminal.written)
        terminal.press(b"\x03")
        assert terminal.end() == 130
    assert terminal.written.splitlines()[-1].endswith("Stopped.")
    assert "\x1b" not in terminal.written
