"""The reader: everything that was written, or which line is wrong and why."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traced import asked, noted

from gemini_live_interrupt.trace import JsonLines, read_trace
from gemini_live_interrupt.trace._reading import parse, passed_over
from gemini_live_interrupt.trace._release import release

HEADER: dict[str, Any] = {
    "type": "trace",
    "version": 1,
    "library": "0.2.0",
    "started": "2026-11-22T13:04:05.123Z",
    "content": False,
}
CUT: dict[str, Any] = {
    "type": "interruption",
    "t": 12.3,
    "session": "3f2a9c1d00b1e2f4",
    "number": 1,
    "phase": "cut",
    "outcome": None,
    "evidence": "clock",
    "played": 3.2,
    "received": 9.9,
    "heard_characters": 42,
    "unheard_characters": 28,
    "user_characters": 0,
    "note_characters": None,
    "note_after": None,
}


def raw(*lines: object) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in lines]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with JsonLines(path, content=True) as trace:
        for phase in [*noted(), *asked(number=2)]:
            trace(phase)
        trace.write("audio", session="s", reply=1, seconds=0.04)
    found = read_trace(str(path))
    assert found == [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["type"] for line in found] == ["trace", *["interruption"] * 5, "audio"]


def test_lines_of_an_unknown_type_and_fields_that_nobody_knows_are_kept() -> None:
    lines = [HEADER | {"host": "a"}, {"type": "weather", "t": "soon"}, CUT | {"mood": ["calm"]}]
    assert parse(raw(*lines)) == lines


@pytest.mark.parametrize("kind", ["text", "user", "audio", "played", "turn_complete"])
def test_fields_of_the_known_types_may_be_missing(kind: str) -> None:
    assert parse(raw(HEADER, {"type": kind}))[1] == {"type": kind}


def test_empty_lines_are_passed_over() -> None:
    assert parse([*raw(HEADER), b"\n", b"  \r\n", *raw(CUT), b"\n"]) == [HEADER, CUT]


def test_numbers_without_a_fraction_are_numbers() -> None:
    assert parse(raw(HEADER, CUT | {"played": 3, "note_after": 0, "note_characters": 12}))[1]["played"] == 3


@pytest.mark.parametrize("end", [1, 20, 90])
def test_a_last_line_that_was_cut_short_is_told_and_left_out(end: int) -> None:
    assert parse([*raw(HEADER, CUT), raw(CUT)[0][:end]]) == [HEADER, CUT, {"type": "truncated", "line": 3}]


def test_a_line_cut_short_in_the_midst_of_a_character_is_left_out() -> None:
    line = json.dumps(CUT | {"heard": "日本"}, ensure_ascii=False).encode()
    assert parse([*raw(HEADER), line[:-4]])[1] == {"type": "truncated", "line": 2}


def test_a_line_cut_short_before_the_next_program_wrote_is_left_out() -> None:
    lines = [*raw(HEADER), raw(CUT)[0][:50] + b"\n", *raw(HEADER, CUT)]
    assert parse(lines) == [HEADER, {"type": "truncated", "line": 2}, HEADER, CUT]


def without(name: str) -> dict[str, Any]:
    return {field: value for field, value in CUT.items() if field != name}


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "there is nothing in it; a trace begins"),
        ([b"\n"], "there is nothing in it"),
        ([b"import sys\n"], "line 1: not a trace, which begins with a line of type trace"),
        ([b"\x89PNG\r\n", b"\x1a\n"], "line 1: not a trace"),
        (raw(CUT), "line 1: not a trace"),
        (raw([HEADER]), "line 1: not a trace"),
        (raw("trace"), "line 1: not a trace"),
        ([b'{"type": "trace", "ver'], "line 1: not a trace"),
        (raw(HEADER | {"version": 2}), "line 1: a trace of version 2; this library reads version 1"),
        (raw(HEADER | {"version": "1"}), 'line 1: version of trace should be a whole number, 0 or more, and is "1"'),
        (raw(HEADER | {"version": True}), "version of trace should be a whole number, 0 or more, and is true"),
        (raw(HEADER | {"started": "today"}), "started of trace should be a date and time with a time zone"),
        (raw(HEADER | {"started": "2026-11-22T13:04:05"}), "started of trace should be"),
        (raw(HEADER | {"started": "9999-12-31T23:59:59Z"}), "started of trace should be"),
        (raw(HEADER | {"started": 12}), "started of trace should be .*, and is 12"),
        (raw(HEADER | {"content": 1}), "content of trace should be true or false, and is 1"),
        (raw(HEADER, CUT, HEADER | {"version": 2}), "line 3: a trace of version 2"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_line_and_the_reason(lines: list[bytes], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(lines)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([*raw(HEADER), b"what?\n"], "not JSON: Expecting value, at character 1"),
        ([*raw(HEADER), b"{what?}\n", *raw(CUT)], "not JSON: Expecting property name"),
        ([*raw(HEADER), b"{what?}\n"], "not JSON"),
        ([*raw(HEADER), b"{what?}\n", b"{what?"], "not JSON"),
        ([*raw(HEADER), b"\xff\xfe\n"], "not text in UTF-8"),
        ([*raw(HEADER), b"[" * 100_000], "not a line of a trace: nested too deeply"),
        ([*raw(HEADER), b'{"type": "sky", "height": NaN}\n', *raw(CUT)], "not JSON: NaN is no number"),
        (raw(HEADER, ["cut"]), "not an object with a type"),
        (raw(HEADER, {"type": 3}), "not an object with a type"),
        (raw(HEADER, CUT, without("evidence")), "interruption without evidence"),
        (raw(HEADER, CUT | {"played": "3.2"}), 'played of interruption should be .*, and is "3.2"'),
        (raw(HEADER, CUT | {"played": -1}), "played of interruption should be a number, 0 or more, and is -1"),
        ([*raw(HEADER), b'{"type": "sky", "height": -1e999}\n'], "not JSON: -1e999 is no number"),
        (raw(HEADER, CUT | {"t": 1e10}), "t of interruption should be a number"),
        (raw(HEADER, CUT | {"number": 1.5}), "number of interruption should be a whole number"),
        (raw(HEADER, CUT | {"note_after": "soon"}), "note_after of interruption should be a number, 0 or more or null"),
        (raw(HEADER, CUT | {"history": [["user"]]}), "history of interruption should be a list of pairs of strings"),
        (raw(HEADER, CUT | {"heard": ["x" * 99]}), r'and is \["x{37}…$'),
        (raw(HEADER, {"type": "audio", "seconds": None}), "seconds of audio should be .*, and is null"),
        (raw(HEADER, CUT, {"type": "truncated"}), "lines of type truncated are what a reader says of other lines"),
        (raw(HEADER, CUT, {"type": "unreadable", "line": 1}), "lines of type unreadable are what"),
    ],
)
def test_a_line_that_is_wrong_is_passed_over_and_the_others_are_read(lines: list[bytes], why: str) -> None:
    wrong = next(line for line in parse(lines) if line["type"] == "unreadable")
    assert re.search(why, wrong["why"])
    assert lines[wrong["line"] - 1] not in raw(HEADER, CUT)
    assert parse([*lines, b"\n", *raw(CUT)])[-1] == CUT
    (said,) = (said for said in passed_over(parse(lines)) if "cannot be read" in said)
    assert said.startswith(f"line {wrong['line']} cannot be read (")


def test_a_file_that_is_missing_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_trace(tmp_path / "trace.jsonl")


@settings(deadline=None)
@given(st.integers(min_value=0))
def test_a_trace_may_end_anywhere_after_its_first_line(end: int) -> None:
    whole = b"".join(raw(HEADER, CUT, {"type": "text", "text": "日本"}, CUT | {"phase": "settled"}))
    first = len(raw(HEADER)[0])
    part = whole[: first + end % (len(whole) - first + 1)]
    found = parse(part.splitlines(keepends=True))
    assert found[0] == HEADER
    assert len(found) == len(part.splitlines())
    assert [line["type"] for line in found[1:-1]] == ["interruption", "text", "interruption"][: len(found[1:-1])]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@settings(deadline=None)
@given(st.lists(st.binary() | st.sampled_from(raw(HEADER, CUT, {"type": "text"})), max_size=5))
def test_whatever_a_file_holds_it_is_read_or_refused(lines: list[bytes]) -> None:
    try:
        found = parse(lines)
    except ValueError:
        return
    assert found[0]["type"] == "trace"


@settings(deadline=None)
@given(st.sampled_from([*CUT, *HEADER, "history", "heard", "note"]), json_values)
def test_whatever_a_field_holds_it_is_read_or_refused(name: str, value: Any) -> None:
    line = (HEADER if name in HEADER else CUT) | {name: value}
    try:
        found = parse(raw(HEADER, line))
    except ValueError:
        return
    if found[1]["type"] != "unreadable":
        assert json.dumps(found[1]) == json.dumps(line)


def test_the_release_is_that_of_the_installed_package() -> None:
    assert release("pytest") == pytest.__version__


def test_code_that_was_never_installed_has_no_release() -> None:
    assert release("gemini-live-interrupt-that-nobody-has-installed") == "unknown"
