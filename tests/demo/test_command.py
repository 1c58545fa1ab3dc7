"""The command itself, as a newcomer runs it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gemini_live_interrupt._cli import main

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-W", "error", "-m", "gemini_live_interrupt", "demo"]  # not -X dev: it reports slow machines
NOISE = ("--case", "noise", "--speed", "20")
CASES_IN_WORDS = {
    "question": (
        "Please go on. model: That was the whole story.",
        "Shall I go on? user: Please go on. model: One night",
    ),
    "noise": ("user: (coughs) model: That was the whole story.", "user: (coughs) model: One night the lamp would"),
    "silence": (
        "user: (coughs) model: (stays silent)",
        "after a silence the same again: go on now then user: (coughs)",
    ),
}

FORGETFUL = """
from gemini_live_interrupt.demo import _story

def tell(context, tell=_story.tell):
    asked = any(told.text == "Was she all alone up there?" for told in context)
    return tell([told for told in context if not (asked and told.silent)])

_story.tell = tell
"""
"""Has the scripted model of every process follow no note once it is asked about the story."""


def environment() -> dict[str, str]:
    """A newcomer's, without keys."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GEMINI_API_KEY", "GOOGLE_API_KEY")}
    return kept | {"PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"}


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment() | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def flat(text: str) -> str:
    return " ".join(text.split())


def shown(*arguments: str, status: int = 0, **variables: str) -> str:
    """What the demo writes, which ends with this status."""
    process = start(*arguments, **variables)
    try:
        out, complaints = process.communicate(timeout=110)
    finally:
        process.kill()
    assert (process.returncode, complaints) == (status, "")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    return flat(out)


def assert_shown(text: str, case: str) -> None:
    """The conversations of a case stand in the text, and the listener missed nothing with the library."""
    without, with_it = CASES_IN_WORDS[case]
    off, _, on = text.partition("== with enable_interrupt_resume()")
    assert without in off
    assert "told nothing" in off
    assert "nowhere: the story is not taken up again" in off
    assert "of 53 words: “" in off.partition("missed")[2]
    assert with_it in on
    assert "went on at “One night the lamp …”, the beginning of the cut-off sentence missed nothing" in on


def test_the_listener_misses_nothing_with_the_library() -> None:
    text = shown()
    assert "in real time; this takes about half a minute" in text
    assert_shown(text, "question")
    assert "The model is scripted" in text
    assert "Right: with the library, the model went on" in text


def test_a_model_that_stays_silent_is_asked_to_go_on() -> None:
    text = shown(*NOISE, "--profile", "3.8-live")
    assert "20 times as fast" in text
    assert_shown(text, "silence")
    assert "emulator (3.8-live)" in text


@pytest.mark.parametrize(
    ("options", "status", "said", "advice"),
    [
        (["facts"], 0, "went on within the sentence that was cut off", "nothing has to be done"),
        (["second-answer"], 1, "Wrong, with the library", "With turn_complete=True the note orders the reply"),
        (
            ["system-rules", "--rules", "system"],
            0,
            "went on at the beginning of the sentence that was cut off",
            'rules="system" puts the rules',
        ),
    ],
)
def test_a_model_of_another_disposition_is_shown_with_what_to_do_about_it(
    options: list[str], status: int, said: str, advice: str
) -> None:
    text = shown(*NOISE, "--disposition", *options, status=status)
    assert said in text
    assert advice in text.partition("What to do: ")[2]


def test_all_cases_are_shown_and_summed_up_and_one_that_went_wrong_is_the_exit_status(
    tmp_path: Path,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(FORGETFUL, "utf-8")
    text = shown("--case", "all", "--speed", "20", status=1, PYTHONPATH=f"{tmp_path}{os.pathsep}{SOURCE}")
    *parts, _ = filter(None, re.split(r"(?=A model tells a story;)|(?=case missed)", text))
    for case, part in zip(("question", "noise"), parts, strict=False):
        assert_shown(part, case)
    assert "asks about the story" in parts[2]
    assert parts[2].count("nowhere: the story is not taken up again") == 2
    assert re.search(
        r"case missed without missed with went on question \d+ words nothing right noise \d+ words nothing right "
        r"follow-up \d+ words \d+ words the model did not go on with the story The model is scripted",
        text,
    )
    assert "After a noise it has the model speak" in text
    assert text.endswith("Wrong, with the library, in 1 of 3 cases: follow-up.")


def test_interrupting_the_demo_itself_ends_it_cleanly() -> None:
    process = start()
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (130, "Stopped.\n")


def test_it_ends_quietly_when_nobody_reads_on() -> None:
    process = start("--speed", "50")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == ("", 1)
    process.stderr.close()


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
        (["--speed", "fast"], "argument --speed: must be a number from 0.1 to 100; got 'fast'"),
        (["--speed", "0"], "argument --speed: must be a number from 0.1 to 100; got '0'"),
        (["--speed", "-3"], "argument --speed: must be a number from 0.1 to 100; got '-3'"),
        (["--speed", "101"], "argument --speed: must be a number from 0.1 to 100; got '101'"),
        (["--speed", "nan"], "argument --speed: must be a number from 0.1 to 100; got 'nan'"),
        (["--speed"], "argument --speed: expected one argument"),
        (["--disposition", "kind"], "invalid choice: 'kind'"),
        (["--rules", "both"], "invalid choice: 'both'"),
        (["--live", "--disposition", "facts"], "--disposition: it is that of the demo's own model, in the terminal"),
        (["--live", "--speed", "2"], "--speed: the real service has its own pace; leave it out with --live"),
        (["--profile", "1.0"], "invalid choice: '1.0'"),
        (["--live", "--profile", "3.8-live"], "not allowed with argument --live"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", *arguments]) == 2
    out, complaints = capsys.readouterr()
    assert out == ""
    assert complaint in complaints
    assert complaints.count("\n") == 1


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['rich'] = None\nfrom gemini_live_interrupt._cli import main\nsys.exit(main(['demo']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": SOURCE}, capture_output=True, encoding="utf-8"
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == 'demo: the demo needs rich: python -m pip install "gemini-live-interrupt[demo]"\n'


@pytest.mark.parametrize(
    ("command", "module"),
    [(["demo", "--web"], "uvicorn"), (["demo"], "rich"), (["emulator"], "trustme"), (["doctor"], "google")],
)
def test_ctrl_c_while_modules_are_imported_shows_no_traceback(command: list[str], module: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass")
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-m", "gemini_live_interrupt", *command],
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), source))},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "")
