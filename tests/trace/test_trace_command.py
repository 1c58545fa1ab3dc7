"""`python -m gemini_live_interrupt trace`: a trace as a person reads it."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from traced import asked, interruption, noted, resumed

from gemini_live_interrupt._cli import main
from gemini_live_interrupt.trace import JsonLines, read_trace

SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.jsonl"


def write(path: Path, *phases: Any, content: bool = False) -> None:
    """Write a trace that began at a known time, with a phase every 2.5 seconds."""
    with JsonLines(path, content=content) as trace:
        for phase in phases:
            trace(phase)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for index, line in enumerate(lines):
        line |= {"t": 2.5 * index} if index else {"started": "2026-11-22T23:59:55.123Z", "library": "0.2.0"}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def show(*arguments: object) -> int:
    return main(["trace", *map(str, arguments)])


def test_the_cuts_are_shown_in_a_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted(), *asked(number=2), interruption(session_id="77aa0000ffff0000", evidence="reported"))
    assert show(path) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines() == [
        "Started 2026-11-22 23:59:55 UTC, release 0.2.0",
        "time            session   cut         heard  evidence  outcome     note           after",
        "23:59:57        3f2a9c1d    1  3.2 of 9.9 s  clock     noted         40          0.4 ms",
        "11-23 00:00:02  3f2a9c1d    2  3.2 of 9.9 s  clock     asked    40 + 26  0.4 ms + 4.0 s",
        "11-23 00:00:10  77aa0000    1  3.2 of 9.9 s  reported  open           -               -",
        "",
        "3 cuts in 2 sessions: 1 noted, 1 asked, 1 open. Heard: 9.6 of 29.6 s.",
        "2 notes (median: 40 characters, 0.4 ms after the cut) and 1 request to go on.",
    ]


def test_it_says_how_often_the_model_went_on_right(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = ["sentence"] * 3 + ["later", "none", "later", "earlier"]
    phases = [phase for number, where in enumerate(results, 1) for phase in resumed(where, number=number)]
    write(path, *phases, *noted(number=8))
    assert show(path) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "outcome  went on  note" in shown[1]
    assert [line.split()[-4] for line in shown[2:10]] == ["right"] * 3 + ["later", "no", "later", "earlier", "-"]
    assert "Went on right 3 of 6, later 2, earlier 1; 1 not at all." in shown


def test_a_line_may_say_that_nothing_is_known_of_where_the_model_went_on(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(path, *noted())
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rest = [line | {"resumption": None} for line in lines[1:]]
    path.write_text("".join(json.dumps(line) + "\n" for line in [lines[0], *rest]), "utf-8")
    assert show(path) == 0
    shown = capsys.readouterr()
    assert "1 cut in 1 session: 1 noted." in shown.out
    assert "ent on" not in shown.out + shown.err


def test_the_words_are_shown_if_the_trace_has_them(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "And so it went on, and on, and on, and on, and on, without an end. It waited"
    write(path, *noted(), interruption(number=2, heard=long, session_id=""), content=True)
    assert show("--plain", path) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if "“" in line] == [
        "               heard  “Once there was a fox by the sea. It waited”",
        "    cut-off sentence  “It waited”",
        "               heard  “…, and on, and on, and on, and on, without an end. It waited”",
        "    cut-off sentence  “It waited”",
    ]


def test_what_is_in_a_trace_does_not_steer_the_terminal(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        path,
        interruption(
            heard="a\x1b[2Jb\r\nc\u202ed", cut_sentence="\x9b31m", session_id="\x1b]0;x\x07", evidence="\x08x"
        ),
        content=True,
    )
    assert show(path) == 0
    shown = capsys.readouterr().out
    assert "“a [2Jb c d”" in shown
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown) == []


def test_each_program_that_wrote_a_trace_has_a_table_of_its_own(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    once = path.read_text("utf-8")
    empty, *_ = once.splitlines(keepends=True)
    path.write_text(once + empty + once.replace("0.2.0", "0.3.0"), "utf-8")
    assert show(path) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"release (\S+)", shown) == ["0.2.0", "0.3.0"]
    assert "2 cuts in 1 session: 2 noted." in shown


def test_times_are_told_in_utc(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    path.write_text(path.read_text("utf-8").replace("22T23:59:55.123Z", "23T01:59:55+02:00"), "utf-8")
    assert show(path) == 0
    assert "Started 2026-11-22 23:59:55 UTC" in capsys.readouterr().out


@pytest.mark.parametrize("phases", [[], [interruption()]])
def test_a_trace_without_notes_says_so(path: Path, capsys: pytest.CaptureFixture[str], phases: list[Any]) -> None:
    write(path, *phases)
    assert show(path) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == ("0 notes and 0 requests to go on." if phases else "No cuts.")


def test_a_line_that_was_cut_short_is_told(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    path.write_bytes(path.read_bytes()[:-9])
    assert show(path) == 0
    shown = capsys.readouterr()
    assert shown.err == "trace: line 3 was cut short, and is left out\n"
    assert "1 cut in 1 session: 1 open." in shown.out


def test_a_line_that_is_wrong_is_told_and_the_cuts_are_shown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    assert show(path) == 0
    whole = capsys.readouterr().out
    with path.open("a") as file:
        file.write('{"type": "played", "seconds": -0.01}\n{"type": "truncated"}\n')
    assert show(path) == 0
    shown = capsys.readouterr()
    assert shown.out == whole
    assert shown.err.splitlines() == [
        "trace: line 4 cannot be read (seconds of played should be a number, 0 or more, and is -0.01), and is left out",
        "trace: line 5 cannot be read (lines of type truncated are what a reader says of other lines), and is left out",
    ]


def test_standard_input_is_read(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, *noted())
    with path.open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert show("-") == 0
    assert "1 cut in 1 session" in capsys.readouterr().out


# Terminals


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    """Run it with a terminal as its output; return what the terminal got."""
    ours, its = pty.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert show(*arguments) == 0
    monkeypatch.undo()
    got = b""
    try:
        while block := os.read(ours, 4096):
            got += block
    except OSError:
        """Linux says so when all has been read."""
    os.close(ours)
    return got.decode().replace("\r\n", "\n")


@pytest.fixture
def colourful(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in (("TERM", "xterm-256color"), ("COLUMNS", "60")):
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_terminal_gets_the_same_in_colours(
    path: Path, capsys: pytest.CaptureFixture[str], colourful: pytest.MonkeyPatch
) -> None:
    write(path, *noted(heard="[bold]not a style[/bold]"), *asked(number=2), content=True)
    show(path)
    plain = capsys.readouterr().out
    got = on_a_terminal(colourful, path)
    assert "\x1b[32mnoted" in got
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", got).splitlines()] == plain.splitlines()


@pytest.mark.parametrize("why", ["--plain", "NO_COLOR", "no rich"])
def test_a_terminal_gets_plain_text_if_it_has_to_be(path: Path, colourful: pytest.MonkeyPatch, why: str) -> None:
    write(path, *noted())
    options = [why] if why == "--plain" else []
    if why == "NO_COLOR":
        colourful.setenv("NO_COLOR", "1")
    if why == "no rich":
        colourful.setitem(sys.modules, "rich", None)
    got = on_a_terminal(colourful, *options, path)
    assert "\x1b" not in got
    assert "1 cut in 1 session: 1 noted." in got


def test_an_output_of_another_kind_gets_plain_text(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, *noted())
    stdout = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    assert show(path) == 0
    assert "1 cut in 1 session: 1 noted." in stdout.getvalue()


def test_a_reader_who_has_seen_enough_is_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, *noted())
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert show(path) == 1


def test_an_output_that_knows_no_quotation_marks_gets_something_else(path: Path) -> None:
    write(path, *noted(), content=True)
    done = run(path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "?It waited?" in done.stdout


# The page


def test_the_page_is_written(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted(), content=True)
    out = tmp_path / "cuts.html"
    assert show(path, "--html", out) == 0
    assert "It waited" in out.read_text("utf-8")
    assert "1 cut in 1 session" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_is_named(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    assert show(path, "--html", tmp_path / "no" / "cuts.html") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"trace: \S+cuts\.html cannot be written: No such file or directory\n", shown.err)


def test_the_page_does_not_take_the_place_of_its_trace(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(path, *noted())
    assert show(path, "--html", path.parent / "." / path.name) == 2
    assert "is the trace itself; name another file for the page" in capsys.readouterr().err
    assert len(read_trace(path)) == 3


# What is wrong


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "there is nothing in it; a trace begins with a line of type trace"),
        (b"import sys\n", "line 1: not a trace, which begins with a line of type trace"),
        (b"\x7fELF\x02\x00\xff\n\x00", "line 1: not a trace, which begins with a line of type trace"),
        (
            b'{"type": "trace", "version": 7, "library": "9", "started": "2040-01-01T00:00:00Z"}',
            "line 1: a trace of ve",
        ),
    ],
)
def test_a_file_that_is_no_trace_is_one_sentence(
    path: Path, capsys: pytest.CaptureFixture[str], found: bytes | None, complaint: str
) -> None:
    if found is not None:
        path.write_bytes(found)
    assert show(path) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"trace: {path}")
    assert complaint in shown.err
    assert shown.err.count("\n") == 1


def test_a_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(tmp_path) == 2
    assert capsys.readouterr().err == f"trace: {tmp_path} cannot be read: Is a directory\n"


def run(*arguments: object, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gemini_live_interrupt", "trace", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"} | variables,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_itself_reads_and_complains() -> None:
    done = run("-", stdin="Hello\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "trace: standard input: line 1: not a trace, which begins with a line of type trace\n"


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--colour", "a"]])
def test_wrong_arguments_are_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(*arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("trace: ")
    assert told.count("\n") == 1


def test_the_command_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert re.search(r"^    trace +show the cuts of a trace", capsys.readouterr().out, re.MULTILINE)
