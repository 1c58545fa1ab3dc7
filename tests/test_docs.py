"""What the documents show works: every block of code in them is run as a reader would run it."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import gemini_live_interrupt
from gemini_live_interrupt.emulator._script import load_script
from gemini_live_interrupt.trace import read_trace

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LANGUAGES = {"python", "toml", "console", "sh", "jsonl"}
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers --import-mode=importlib -p no:randomly -p no:hypothesispytest
filterwarnings = error
"""


SIGNATURE = re.compile(r"\w+\(\n(    \w+=.*\n)+    \*,")
"""A call with a bare `*` is no call: it shows how a function is declared."""


class Block(NamedTuple):
    document: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """The name of the file, if the first line of the block is a comment that names one."""
        named = re.match(r"# (\w+\.py)\n", self.text)
        return named[1] if named else ""

    def __str__(self) -> str:
        return f"{self.document.stem}:{self.line}"


def blocks(document: Path) -> list[Block]:
    text = document.read_text("utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(document, text[: match.start()].count("\n") + 1, match[1], match[2]) for match in found]


BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
PROGRAMS = [block for block in PYTHON if "asyncio.run(main())" in block.text and not block.name]
COMMANDS = [block for block in BLOCKS if block.language == "console"]
TESTS = [block for block in PYTHON if block.name.startswith("test_")]
TRACING = [block for block in PYTHON if "gemini_live_interrupt.trace" in block.text]
TRACES = [block for block in BLOCKS if block.language == "jsonl"]


def environment() -> dict[str, str]:
    """A reader's, without keys."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEMINI_", "GOOGLE_"))}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}


def each(wanted: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", wanted, ids=str)


def test_every_block_says_its_language_and_is_of_a_kind_that_is_run() -> None:
    assert {block.language for block in BLOCKS} <= LANGUAGES, [
        block for block in BLOCKS if block.language not in LANGUAGES
    ]
    assert TESTS
    assert PROGRAMS


@each([block for block in PYTHON if not SIGNATURE.match(block.text)])
def test_python_compiles_and_the_names_that_it_imports_exist(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text, str(block))):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            assert [name.name for name in node.names if not hasattr(module, name.name)] == []


@each([block for block in PYTHON if SIGNATURE.match(block.text)])
def test_signatures_are_those_of_the_library(block: Block) -> None:
    shown = ast.parse(re.sub(r"^(\w+)\((.*?)\)$", r"def \1(\2): ...", block.text, flags=re.MULTILINE | re.DOTALL))
    for function in shown.body:
        assert isinstance(function, ast.FunctionDef)
        real = inspect.signature(getattr(gemini_live_interrupt, function.name))
        plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in real.parameters.values()]
        assert f"({ast.unparse(function.args)})" == str(inspect.Signature(plain))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Block, subprocess.Popen[str]]]:
    """Every program and every command, at the same time, because they take real time."""
    folder = tmp_path_factory.mktemp("reader")
    for block in PYTHON:
        (folder / (block.name or f"program{block.line}.py")).write_text(block.text, "utf-8")
    for block in TRACES:
        (folder / "trace.jsonl").write_text(block.text, "utf-8")
    started = {}
    for block in (*PROGRAMS, *COMMANDS):
        around = f"python -m gemini_live_interrupt emulator -- python program{block.line}.py"
        line = around if block in PROGRAMS else block.text.partition("\n")[0].removeprefix("$ ")
        words = [sys.executable if word == "python" else word for word in shlex.split(line)]
        if "--port" in words:
            words[words.index("--port") + 1] = "0"
        started[block] = subprocess.Popen(
            words,
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


@each(PROGRAMS)
def test_programs_run_on_the_emulator(block: Block, running: dict[Block, subprocess.Popen[str]]) -> None:
    said, _ = running[block].communicate(timeout=100)
    assert running[block].returncode == 0, said
    assert "complete" in said
    assert "Traceback" not in said


@each(COMMANDS)
def test_commands_say_what_is_shown(block: Block, running: dict[Block, subprocess.Popen[str]]) -> None:
    command, *shown = block.text.splitlines()
    assert command.startswith(
        ("$ python -m gemini_live_interrupt emulator ", "$ python -m gemini_live_interrupt trace ")
    )
    process = running[block]
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in shown]
    if " emulator " in command and " -- " not in command:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert sorted(without_chance(line) for line in said) == sorted(without_chance(line) for line in shown)


def test_traces_can_be_read(tmp_path: Path) -> None:
    (block,) = TRACES
    path = tmp_path / "trace.jsonl"
    path.write_text(block.text, "utf-8")
    assert {line["type"] for line in read_trace(path)} == {"trace", "interruption"}


@each(TRACING)
def test_what_traces_runs_as_it_stands(block: Block, tmp_path: Path) -> None:
    (tmp_path / "trace.jsonl").write_text(TRACES[0].text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.text],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for path in tmp_path.iterdir():
        assert read_trace(path)


def test_tests_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.makefile(".ini", pytest=INI)
    for block in PYTHON:
        if block.name.startswith(("test_", "conftest")):
            assert not (pytester.path / block.name).exists()
            (pytester.path / block.name).write_text(block.text, "utf-8")
    result = pytester.runpytest()
    result.assert_outcomes(passed=sum(block.text.count("\ndef test_") for block in TESTS) + 1)  # one has two parameters


@each([block for block in BLOCKS if block.language == "toml"])
def test_scripts_can_be_loaded(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "talk.toml"
    path.write_text(block.text, "utf-8")
    assert load_script(path).rules


def without_chance(line: str) -> str:
    """The line without what differs from time to time: times, ports, folders."""
    line = re.sub(r"(live-emulator-)\w+|(127\.0\.0\.1:)\d+", r"\1\2", line.strip())
    return re.sub(r" +\d+\.\d+ s", " s", line)


@each([block for block in BLOCKS if block.language == "sh"])
def test_shell_lines_install_what_there_is_or_run_what_there_is(block: Block) -> None:
    extras = set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE))
    for line in block.text.splitlines():
        for command in line.split(" && "):
            assert command.startswith(
                ("python -m pip install ", "python -m gemini_live_interrupt demo", "python -m pytest")
            )
            assert set(re.findall(r"\[(\w+)\]", command)) <= extras
