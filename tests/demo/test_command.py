"""The command itself, as a newcomer runs it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemini_live_interrupt.__main__ import CASES

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-W", "error", "-m", "gemini_live_interrupt", "demo"]  # not -X dev: it reports slow machines
RUNS = {case: ["--case", case] for case in CASES} | {"silence": ["--case", "noise", "--profile", "3.8-live"]}


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("GEMINI_API_KEY", "GOOGLE_API_KEY")}
    environment = kept | {"PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"} | variables
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """All of them at the same time, because they take real time."""
    started = {name: start(*arguments) for name, arguments in RUNS.items()}
    yield started
    for process in started.values():
        process.terminate()
        process.communicate()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "without", "with_it"),
    [
        (
            "question",
            "Please go on. model: That was the whole story.",
            "Shall I go on? user: Please go on. model: One night",
        ),
        ("follow-up", "model: All alone, but for her cat. went on", "model: All alone, but for her cat. One night"),
        ("noise", "user: (coughs) model: That was the whole story.", "user: (coughs) model: One night the lamp would"),
        (
            "silence",
            "user: (coughs) model: (stays silent)",
            "after a silence the same again: go on now then user: (coughs)",
        ),
    ],
)
def test_the_listener_misses_nothing_with_the_library(
    runs: dict[str, subprocess.Popen[str]], name: str, without: str, with_it: str
) -> None:
    out, complaints = runs[name].communicate(timeout=100)
    assert (runs[name].returncode, complaints) == (0, "")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    text = flat(out)
    off, _, on = text.partition("== with enable_interrupt_resume()")
    assert without in off
    assert "told nothing" in off
    assert "nowhere: the story is not taken up again" in off
    assert "of 53 words: “" in off.partition("missed")[2]
    assert with_it in on
    assert "went on at “One night the lamp …”, the beginning of the cut-off sentence missed nothing" in on
    assert "The model is scripted" in on
    assert "Right: with the library" in on


def test_interrupting_the_demo_itself_ends_it_cleanly() -> None:
    process = start()
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (130, "Stopped.\n")


def test_live_without_a_key_says_what_is_missing() -> None:
    process = start("--live")
    out, complaints = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert "GEMINI_API_KEY" in complaints
    assert complaints.count("\n") == 1


def test_a_service_that_cannot_be_reached_is_named() -> None:
    process = start("--live", GEMINI_API_KEY="none", GOOGLE_GEMINI_BASE_URL="https://127.0.0.1:1")
    out, complaints = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "gemini-2.5-flash-native-audio" in out
    assert complaints.startswith("The conversation with")
    assert "library failed: ConnectionRefusedError" in complaints
    assert complaints.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--case", "sneeze"], "invalid choice: 'sneeze'"),
        (["--profile", "1.0"], "invalid choice: '1.0'"),
        (["--live", "--profile", "3.8-live"], "not allowed with argument --live"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], complaint: str) -> None:
    process = start(*arguments)
    out, complaints = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert complaint in complaints
    assert "Traceback" not in complaints


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['rich'] = None\n"
        "from gemini_live_interrupt.__main__ import main\n"
        "sys.exit(main(['demo']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": SOURCE}, capture_output=True, encoding="utf-8"
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == 'The demo needs rich: python -m pip install "gemini-live-interrupt[demo]"\n'
