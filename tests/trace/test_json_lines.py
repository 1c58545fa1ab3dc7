"""The writer: a line for each phase, at once, and nothing that could hurt the session."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traced import HEARD, NOTE, UNHEARD, asked, interruption, noted, resumed

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt.trace import JsonLines, read_trace

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]
SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_line_for_each_phase_says_what_is_known_and_not_what_was_said(path: Path) -> None:
    before = datetime.now(UTC)
    with JsonLines(path) as trace:
        for phase in noted():
            trace(phase)
    header, cut, settled = lines(path)
    started = datetime.fromisoformat(header.pop("started"))
    assert before - timedelta(seconds=0.001) <= started <= datetime.now(UTC)
    assert isinstance(header.pop("library"), str)
    assert header == {"type": "trace", "version": 1, "content": False}
    assert 0.0 <= cut.pop("t") <= settled.pop("t")
    known = {
        "type": "interruption",
        "session": "3f2a9c1d00b1e2f4",
        "number": 1,
        "cause": "user",
        "evidence": "clock",
        "played": 3.21,
        "received": 9.877,
        "heard_characters": len(HEARD),
        "unheard_characters": len(UNHEARD),
    }
    assert cut == known | {
        "phase": "cut",
        "outcome": None,
        "user_characters": 0,
        "note_characters": None,
        "note_after": None,
    }
    assert settled == known | {
        "phase": "settled",
        "outcome": "noted",
        "user_characters": len("Which fox?"),
        "note_characters": len(NOTE),
        "note_after": 0.000432,
    }


def test_where_the_model_went_on_is_in_a_line_of_its_own(path: Path) -> None:
    with JsonLines(path) as trace:
        for phase in resumed("later"):
            trace(phase)
    assert [(line["phase"], line.get("resumption")) for line in lines(path)[1:]] == [
        ("cut", None), ("settled", None), ("resumed", "later")
    ]  # fmt: skip


def test_what_was_said_is_written_if_it_is_wanted(path: Path) -> None:
    with JsonLines(path, content=True) as trace:
        trace(noted()[1])
    header, settled = lines(path)
    assert header["content"] is True
    said = ("heard", "unheard", "cut_sentence", "user_text", "history", "note")
    assert [settled[name] for name in said] == [
        HEARD,
        UNHEARD,
        "It waited",
        "Which fox?",
        [["user", "A story, please!"]],
        NOTE,
    ]


def test_no_word_of_anybody_is_in_a_trace_without_content(path: Path) -> None:
    with JsonLines(path) as trace:
        for phase in asked(user_text="Hmm."):
            trace(phase)
        trace.write("text", session="3f2a9c1d00b1e2f4", text="waited for a fox", reply=1, received=0.4)
        trace.write("user", session="3f2a9c1d00b1e2f4", text="A story, please!")
    written = path.read_text("utf-8")
    for word in ("fox", "waited", "ship", "story", "Hmm"):
        assert word not in written
    assert [line.get("characters") for line in lines(path)[-2:]] == [16, 16]


def test_a_line_is_in_the_file_when_the_call_returns(path: Path) -> None:
    with JsonLines(path) as trace:
        for count, phase in enumerate(asked(), 2):
            trace(phase)
            assert len(lines(path)) == count


def test_text_of_every_kind_comes_back_as_it_was(path: Path) -> None:
    words = "Zwölf\u2028Boxkämpfer\n“日本語” \x00 \U0001f98a"
    with JsonLines(path, content=True) as trace:
        trace(interruption(heard=words))
        trace.write("text", session="s", text=words)
    assert [line.get("heard") or line.get("text") for line in read_trace(path)[1:]] == [words, words]
    assert "日本語" in path.read_text("utf-8")


def test_text_that_cannot_be_written_hurts_nobody(path: Path) -> None:
    with JsonLines(path, content=True) as trace:
        trace(interruption(heard="half a pair: \ud83e"))
    assert read_trace(path)[1]["heard"] == "half a pair: ?"


def test_other_programs_write_lines_of_their_own(path: Path) -> None:
    with JsonLines(path, content=True) as trace:
        trace.write("text", session="s", text=" fox", reply=2, received=1.5)
        trace.write("weather", sky="blue")
    text, weather = [{name: value for name, value in line.items() if name != "t"} for line in read_trace(path)[1:]]
    assert text == {"type": "text", "session": "s", "text": " fox", "reply": 2, "received": 1.5}
    assert weather == {"type": "weather", "session": "", "sky": "blue"}


@pytest.mark.parametrize(
    ("kind", "fields", "error", "complaint"),
    [
        ("trace", {}, ValueError, "lines of type trace are written by the trace itself"),
        ("interruption", {"number": 1}, ValueError, "lines of type interruption are"),
        ("text", {"type": "user"}, ValueError, "type is written by the trace itself"),
        ("text", {"t": 1.0}, ValueError, "t is written by the trace itself"),
        ("user", {"text": b"Hm."}, TypeError, "text must be a string, got b'Hm.'"),
        ("sky", {"colour": {"blue"}}, TypeError, "set is not JSON serializable"),
        ("sky", {"height": float("inf")}, ValueError, "not JSON compliant"),
        ("played", {"seconds": -0.01}, ValueError, "seconds of played should be a number, 0 or more, and is -0.01"),
        ("played", {"seconds": float("nan")}, ValueError, "not JSON compliant"),
        ("audio", {"reply": 1.5}, ValueError, "reply of audio should be a whole number"),
        ("user", {"session": 3}, ValueError, "session of user should be a string, and is 3"),
        ("truncated", {"line": 3}, ValueError, "lines of type truncated are what a reader says"),
        ("sky", {"clouds": DEEP}, ValueError, "nested too deeply"),
        ("sky", {"height": 10**5000}, ValueError, "limit"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_and_not_written(
    path: Path, kind: str, fields: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with JsonLines(path) as trace, pytest.raises(error, match=complaint):
        trace.write(kind, **fields)
    assert len(lines(path)) == 1


def test_an_interruption_beyond_the_bounds_is_written_within_them(path: Path) -> None:
    with JsonLines(path) as trace:
        trace(interruption(played=-0.01, received=1e12, note_after=1.7e9))
        trace(interruption(note_after=-1.0))
    first, second = read_trace(path)[1:]
    assert [first[name] for name in ("played", "received", "note_after")] == [0.0, 1e9, 1e9]
    assert second["note_after"] == 0.0


@settings(deadline=None)
@given(
    st.sampled_from(["text", "user", "audio", "played", "turn_complete", "voice", "sky", "truncated"]),
    st.dictionaries(
        st.sampled_from(["reply", "seconds", "received", "text", "characters", "session"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.integers()),
    ),
)
def test_whatever_is_written_is_read(kind: str, fields: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        with JsonLines(path, content=True) as trace, contextlib.suppress(TypeError, ValueError):
            trace.write(kind, **fields)
        assert {line["type"] for line in read_trace(path)} <= {"trace", kind} - {"truncated"}


@pytest.mark.skipif(os.name != "posix", reason="needs the modes of files")
def test_a_trace_with_content_is_made_for_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        JsonLines(path, content=True).close()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", [True, False])
def test_a_trace_with_content_follows_no_link(path: Path, there: bool) -> None:
    target = path.with_name("elsewhere.jsonl")
    if there:
        JsonLines(target).close()
    before = target.read_bytes() if there else None
    path.symlink_to(target)
    with pytest.raises(OSError, match="a trace with content follows no link; name the file itself"):
        JsonLines(path, content=True)
    assert (target.read_bytes() if target.exists() else None) == before
    JsonLines(path).close()  # without content, there is nothing to hide


def test_threads_do_not_tear_each_others_lines(path: Path) -> None:
    with JsonLines(path, content=True) as trace:
        together = threading.Barrier(8)

        def work(name: str) -> None:
            together.wait()
            for number in range(1, 101):
                trace(interruption(session_id=name, number=number, heard=name * 2000))

        threads = [threading.Thread(target=work, args=(str(index),)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = read_trace(path)[1:]
    for index in range(8):
        own = [line for line in found if line["session"] == str(index)]
        assert [line["number"] for line in own] == list(range(1, 101))
        assert {line["heard"] for line in own} == {str(index) * 2000}
    assert [line["t"] for line in found] == sorted(line["t"] for line in found)


def test_each_process_begins_anew_in_the_same_file(path: Path) -> None:
    code = "import sys; from gemini_live_interrupt.trace import JsonLines; JsonLines(sys.argv[1]).write('sky')"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, path], env=os.environ | {"PYTHONPATH": SOURCE}, check=True)
    assert [line["type"] for line in read_trace(path)] == ["trace", "sky", "trace", "sky"]


def test_a_trace_that_ends_in_the_midst_of_a_line_is_continued_on_the_next(path: Path) -> None:
    with JsonLines(path) as trace:
        trace(interruption())
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with JsonLines(path) as trace:
        trace(interruption())
    assert [line["type"] for line in read_trace(path)] == ["trace", "truncated", "trace", "interruption"]


def test_one_that_the_library_lets_go_of_closes_its_file(path: Path) -> None:
    enable_interrupt_resume(on_interruption=JsonLines(path))
    disable_interrupt_resume()
    gc.collect()
    open_files = Path("/proc/self/fd")
    assert not open_files.exists() or path not in {file.resolve() for file in open_files.iterdir()}


def test_an_empty_file_becomes_a_trace(path: Path) -> None:
    path.touch()
    JsonLines(path).close()
    assert [line["type"] for line in read_trace(path)] == ["trace"]


# What goes wrong


def test_a_folder_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*logs"):
        JsonLines(tmp_path / "logs" / "trace.jsonl")


def test_a_path_that_is_a_folder_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        JsonLines(tmp_path)


def test_a_content_that_is_no_truth_value_is_refused(path: Path) -> None:
    with pytest.raises(TypeError, match="content must be True or False, got 'no'"):
        JsonLines(path, content="no")  # type: ignore[arg-type]
    assert not path.exists()


@pytest.mark.parametrize("found", [b"import sys\n", b"\x7fELF\x02" + bytes(9000), b'{"type": "text"}\n', b'["trace"]'])
def test_a_file_that_is_no_trace_is_left_alone(path: Path, found: bytes) -> None:
    path.write_bytes(found)
    with pytest.raises(ValueError, match=r"trace\.jsonl exists, and is not a trace, so nothing is appended"):
        JsonLines(path)
    assert path.read_bytes() == found


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_from_the_beginning_is_said_at_once() -> None:
    with pytest.raises(OSError, match="No space left on device"):
        JsonLines("/dev/full")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_file_that_can_no_longer_be_written_is_one_error_in_the_log(
    path: Path, complaints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    trace = JsonLines(path)
    os.close(reader)  # from now on, writing is an error of the system's
    for phase in noted():
        trace(phase)
    trace.write("sky")
    trace.close()
    assert complaints == [f"the trace {path} cannot be written, and ends here"]
    complaints.clear()
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], BrokenPipeError)


def test_what_comes_after_the_end_is_not_written(path: Path) -> None:
    trace = JsonLines(path)
    trace.close()
    trace.close()
    trace(interruption())
    trace.write("sky")
    assert len(lines(path)) == 1
