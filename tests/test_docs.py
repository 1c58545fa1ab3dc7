"""What the documents show works: every block of code in them is run as a reader would run it."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Awaitable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from documents import BLOCKS, ROOT, SPANS, Block
from google import genai

import gemini_live_interrupt
from gemini_live_interrupt import cut_sentence, default_prompt, enable_interrupt_resume
from gemini_live_interrupt._sessions import switch
from gemini_live_interrupt.emulator import LiveEmulator, VirtualTimeLoop
from gemini_live_interrupt.emulator._script import load_script
from gemini_live_interrupt.trace import read_trace

pytest_plugins = ["pytester"]

LANGUAGES = {"python", "toml", "console", "sh", "text", "jsonl"}
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers --import-mode=importlib -p no:randomly -p no:hypothesispytest
filterwarnings = error
"""
CONFIG: dict[str, object] = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}
"""What a snippet that has no `config` of its own finds in the session."""

SIGNATURE = re.compile(r"\w+\(\n(    \w+=.*\n)+    \*,")
"""A call with a bare `*` is no call: it shows how a function is declared."""

PYTHON = [block for block in BLOCKS if block.language == "python"]
SIGNATURES = [block for block in PYTHON if SIGNATURE.match(block.text)]
PROGRAMS = [block for block in PYTHON if "asyncio.run(main())" in block.text and not block.name]
COMMANDS = [block for block in BLOCKS if block.language == "console"]
DOCTOR = [block for block in COMMANDS if block.text.startswith("$ python -m gemini_live_interrupt doctor ")]
TESTS = [block for block in PYTHON if block.name.startswith("test_")]
TRACING = [block for block in PYTHON if "gemini_live_interrupt.trace" in block.text]
TRACES = [block for block in BLOCKS if block.language == "jsonl"]
RECIPES = ROOT / "tests" / "frameworks" / "recipes"
"""Files that documents show. They are run by tests of their own, where what they import is installed."""
SNIPPETS = [block for block in PYTHON if block not in (*SIGNATURES, *PROGRAMS, *TRACING) and not block.name]
INLINE = [(document, command) for document, command in SPANS if re.match(r"python (-|\S+\.py)|nox\b", command)]


def environment() -> dict[str, str]:
    """A reader's, without keys and proxies."""
    others = ("GEMINI_", "GOOGLE_", "NO_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(others)}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}


def is_recipe(block: Block) -> bool:
    return (RECIPES / block.name).is_file()


def each(wanted: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", wanted, ids=str)


def test_every_block_says_its_language_and_is_of_a_kind_that_is_run() -> None:
    assert [block for block in BLOCKS if block.language not in LANGUAGES] == []
    assert SIGNATURES
    assert TESTS
    assert PROGRAMS
    assert COMMANDS
    assert SNIPPETS
    commands = " ".join(block.text for block in COMMANDS)
    named = {block.name for block in PYTHON if block.name} - {block.name for block in TESTS} - {"conftest.py"}
    named -= {block.name for block in PYTHON if is_recipe(block)}
    assert [name for name in named if name.removesuffix(".py") not in commands] == [], "a file that nothing runs"


@each([block for block in PYTHON if block not in SIGNATURES and not is_recipe(block)])
def test_python_compiles_and_the_names_that_it_imports_exist(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text, str(block))):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            assert [name.name for name in node.names if not hasattr(module, name.name)] == []


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*_played.py")), ids=lambda path: path.stem)
def test_recipes_are_shown_as_they_are_tested(recipe: Path) -> None:
    assert [block.text for block in PYTHON if block.name == recipe.name] == [recipe.read_text("utf-8")]
    tests = [path.read_text("utf-8") for path in RECIPES.parent.glob("test_*.py")]
    assert sum(f"recipes.{recipe.stem} import" in test for test in tests) == 1


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*_played.py")), ids=lambda path: path.stem)
def test_recipes_reach_for_nothing_in_private(recipe: Path) -> None:
    for node in ast.walk(ast.parse(recipe.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert "._" not in f".{node.module}", node.module
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and node.attr != "__init__":
            assert ast.unparse(node.value) == "self", ast.unparse(node)


@each(SIGNATURES)
def test_signatures_are_those_of_the_library(block: Block) -> None:
    shown = ast.parse(re.sub(r"^(\w+)\((.*?)\)$", r"def \1(\2): ...", block.text, flags=re.MULTILINE | re.DOTALL))
    for function in shown.body:
        assert isinstance(function, ast.FunctionDef)
        real = inspect.signature(getattr(gemini_live_interrupt, function.name))
        plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in real.parameters.values()]
        assert f"({ast.unparse(function.args)})" == str(inspect.Signature(plain))


@each(SNIPPETS)
def test_snippets_run_in_an_app_and_leave_it_working(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that speaks of a `session` runs in the middle of a reply, any other before it connects. Then it is cut."""
    monkeypatch.chdir(tmp_path)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        told = runner.run(interrupt(block))
    assert [note for note in told if note.startswith("<interruption_note>")], told


async def interrupt(block: Block) -> list[str]:
    """Run the snippet in an app whose user interrupts the model; return the content that the model got."""
    code = compile(block.text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    names: dict[str, Any] = {"config": CONFIG, "seconds": 1.0}
    live = LiveEmulator(model=lambda context: "Once upon a time, there was a fox by the sea. It waited for a ship.")
    async with live:
        names["client"] = client = genai.Client(**live.client_options())
        if "session" not in code.co_names:
            await run(code, names)
        if switch.settings is None:
            enable_interrupt_resume()
        async with client.aio.live.connect(model="any", config=names["config"]) as session:
            listening = asyncio.create_task(listen(session))
            await session.send_realtime_input(text="A story, please.")
            await asyncio.sleep(2.0)
            if "session" in code.co_names:
                names["session"] = session
                await run(code, names)
            await session.send_realtime_input(text="Where?")
            await live.until(lambda: len(live.log.server("turnComplete")) == 2)
            listening.cancel()
        return [told.text for told in live.context if told.kind == "content"]


async def run(code: Any, names: dict[str, Any]) -> None:
    done = eval(code, names)
    if isinstance(done, Awaitable):
        await done


async def listen(session: Any) -> None:
    while True:
        async for _ in session.receive():
            """Here an app would play the audio."""


@each([block for block in BLOCKS if block.language == "text"])
def test_a_note_that_is_shown_is_the_one_that_is_sent(block: Block) -> None:
    """But for the lines, which may be folded."""
    shown = " ".join(block.text.split())
    heard, unheard, question = (
        re.findall(f"{before}: “(.*?)”", shown) for before in ("user HEARD", "did NOT HEAR", "User")
    )
    interruption = gemini_live_interrupt.Interruption(
        heard=heard[0],
        unheard=unheard[0],
        cut_sentence=cut_sentence(heard[0]),
        user_text="",
        history=[("user", text) for text in question],
        played=1.0,
        received=2.0,
        evidence="clock",
    )
    sent = default_prompt(interruption.heard, interruption.user_text, interruption.history, interruption)
    assert shown == " ".join(sent.split())


@pytest.fixture
def process(block: Block, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The block's program or command, which has begun."""
    for program in PYTHON:
        (tmp_path / (program.name or f"{program}.py")).write_text(program.text, "utf-8")
    for trace in TRACES:
        (tmp_path / "trace.jsonl").write_text(trace.text, "utf-8")
    around = f"python -m gemini_live_interrupt emulator -- python {block}.py"
    line = around if block in PROGRAMS else block.text.partition("\n")[0].removeprefix("$ ")
    words = [sys.executable if word == "python" else word for word in shlex.split(line)]
    if "--port" in words:
        words[words.index("--port") + 1] = "0"
    started = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    yield started
    started.kill()
    started.communicate()


@each(PROGRAMS)
def test_programs_run_on_the_emulator(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 0, said
    assert "complete" in said
    assert "Traceback" not in said


@each(DOCTOR)
def test_the_doctor_says_what_is_shown(block: Block, process: subprocess.Popen[str]) -> None:
    _, *shown = block.text.splitlines()
    said, _ = process.communicate(timeout=100)
    assert process.returncode == int("does not work" in shown[-1])
    assert shown[0] == "..."  # what differs from machine to machine
    assert said.endswith("\n".join(shown[1:]) + "\n")


@each([block for block in COMMANDS if block not in DOCTOR])
def test_commands_say_what_is_shown(block: Block, process: subprocess.Popen[str]) -> None:
    command, *shown = block.text.splitlines()
    assert command.startswith("$ python -m gemini_live_interrupt ")
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
    line = re.sub(r"\S*/(?=live-emulator-)", "", line.strip().replace("=/", "= /"))
    line = re.sub(r"(live-emulator-)\w+|(127\.0\.0\.1:)\d+", r"\1\2", line)
    return re.sub(r" +\d+\.\d+ s", " s", line)


@each([block for block in BLOCKS if block.language == "sh"])
def test_shell_lines_run_what_there_is(block: Block) -> None:
    for line in block.text.splitlines():
        for command in line.split(" && "):
            check(shlex.split(command))


@pytest.mark.parametrize("command", sorted({command for _, command in INLINE}))
def test_commands_in_a_line_run_what_there_is(command: str) -> None:
    check(shlex.split(command))


def check(words: list[str]) -> None:
    """Fail unless the command is one that this project has, with options that it takes."""
    match words:
        case ["python", "-m", "pip", "install", *rest]:
            extras = set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE))
            assert set(re.findall(r"\[(\w+)\]", " ".join(rest))) <= extras
        case ["python", "-m", "pytest", "-m", "not slow"] | ["python", "-m", "pytest", "-n", "0", "-m", "browser"]:
            assert f'"{words[-1].removeprefix("not ")}: ' in (ROOT / "pyproject.toml").read_text("utf-8")
        case ["python", "-m", "pytest", *rest]:
            assert all((ROOT / word).exists() for word in rest)
        case ["python", "-m", "gemini_live_interrupt", command, *rest]:
            own = rest[: rest.index("--")] if "--" in rest else rest
            assert {word for word in own if word.startswith("--")} <= options("-m", "gemini_live_interrupt", command)
        case ["python", "-m", "uvicorn", "--app-dir", folder, app]:
            assert (ROOT / folder / f"{app.partition(':')[0]}.py").is_file()
        case ["python", "-X", "importtime", "-c", *_] as timed:
            done = subprocess.run([sys.executable, *timed[1:]], env=environment(), capture_output=True, check=False)
            assert done.returncode == 0
        case ["nox", "--noxfile", noxfile, *rest]:
            check_nox(ROOT / noxfile, rest)
        case ["nox", *rest]:
            check_nox(ROOT / "noxfile.py", rest)
        case ["python", program, *rest]:
            assert {word for word in rest if word.startswith("--")} <= options(str(ROOT / program))
        case [program, *_]:
            assert os.access(ROOT / program, os.X_OK)


def check_nox(noxfile: Path, rest: list[str]) -> None:
    defined = r"^@nox\.session.*\n(?:@.*\n)*def (\w+)|^    \"(\w+)\": \("  # the latter are keys of a table of sessions
    sessions = {name for found in re.findall(defined, noxfile.read_text("utf-8"), re.MULTILINE) for name in found}
    match rest:
        case [] | ["--list"]:
            pass
        case ["--session", name, *more]:
            assert name in sessions
            assert all((ROOT / word).exists() for word in more[1:])
        case _:
            pytest.fail(f"nox with {rest}")


@cache
def options(*program: str) -> frozenset[str]:
    """The options in the program's help."""
    asked = [sys.executable, *program, "--help"]
    shown = subprocess.run(asked, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert shown.returncode == 0, shown.stderr
    return frozenset(re.findall(r"--[\w-]+", shown.stdout))
