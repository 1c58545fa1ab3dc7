"""`python -m gemini_live_interrupt emulator`, as a newcomer runs it."""

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemini_live_interrupt._cli import main
from gemini_live_interrupt.emulator import LiveEmulator, _run
from gemini_live_interrupt.emulator._utterances import Utterances

from .talking import UTTERANCE, connected, hasty

SOURCE = str(Path(__file__).parents[2] / "src")
COMMAND = [sys.executable, "-W", "error", "-m", "gemini_live_interrupt", "emulator"]  # not -X dev: see demo

PROGRAM = """
import asyncio
import sys

from google import genai


async def main():
    async with genai.Client().aio.live.connect(model="a-live-model") as session:
        await session.send_realtime_input(text="Hello there.")
        async for message in session.receive():
            if message.server_content and message.server_content.generation_complete:
                print("answered")
                break


asyncio.run(main())
sys.exit(3)
"""
"""A program that knows nothing of this project."""

PATIENT = """
import signal
import sys

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: sys.exit(7))
print("ready", flush=True)
while True:
    signal.pause()
"""

SCRIPT = """
[[reply]]
contains = "hello"
say = "Hi."
"""


@contextlib.contextmanager
def started(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, so that no terminal has a say."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=os.environ | {"PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


async def variables() -> list[str]:
    async with LiveEmulator() as live:
        return list(live.environ())


def test_a_program_runs_on_it_unchanged_and_gives_its_exit_status(tmp_path: Path) -> None:
    script, log, program = tmp_path / "talk.toml", tmp_path / "frames.jsonl", tmp_path / "app.py"
    script.write_text(SCRIPT)
    program.write_text(PROGRAM)
    variables = {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_API_KEY": "a real one", "GOOGLE_CLOUD_PROJECT": "mine"}
    arguments = ["--script", str(script), "--log", str(log), "--speed", "20", "--", sys.executable, str(program)]
    with started(*arguments, **variables) as process:
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "answered\n")
    events = [line.split(None, 4) for line in told.splitlines() if line[0] == "1"]
    assert [event[3] for event in events] == ["connected", "profile", "text", "replies"]
    assert [event[4] for event in events[2:]] == ["“Hello there.”", "“Hi.”"]
    frames = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert frames[0]["message"]["setup"]["model"] == "models/a-live-model"
    assert [frame["sender"] for frame in frames[:3]] == ["client", "server", "client"]
    assert frames[-1]["kinds"] == ["generationComplete"]
    assert {frame["session"] for frame in frames} == {1}
    assert "a real one" not in log.read_text("utf-8")
    assert oct(log.stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_by_itself_it_prints_what_to_export_and_runs_until_it_is_told_to_end(name: str, tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(PROGRAM)
    names = asyncio.run(variables())
    assert {"GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"} < set(names)
    with started("--profile", "3.8-live") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in names]
        assert [line.partition("=")[0] for line in lines] == [f"export {name}" for name in names]
        bundle = Path(lines[names.index("SSL_CERT_FILE")].partition("=")[2].strip())
        assert bundle.is_file()
        if name == "SIGINT":
            shell = f"{''.join(lines)} exec {sys.executable} {program}"
            client = subprocess.run(["sh", "-c", shell], capture_output=True, encoding="utf-8", timeout=60)
            assert (client.returncode, client.stdout) == (3, "answered\n")
        process.send_signal(getattr(signal, name))
        out, told = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert told.startswith("The emulator is running, profile 3.8-live. Ctrl-C ends it.\n")
    assert told.endswith("Stopped.\n")
    assert ("“Hello there.”" in told) == (name == "SIGINT")
    assert not bundle.exists()


def test_it_goes_on_when_nobody_looks_on_any_more() -> None:
    with started("--", sys.executable, "-c", PROGRAM) as process:
        assert process.stderr is not None
        process.stderr.close()
        assert process.stdout is not None
        assert process.stdout.read() == "answered\n"
        assert process.wait(timeout=20) == 3


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_ending_it_ends_the_program_too(name: str) -> None:
    with started("--quiet", "--", sys.executable, "-c", PATIENT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 7


def test_a_program_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "_PATIENCE", 0.1)
    stubborn = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.kill(os.getppid(), signal.SIGTERM);"
        "[signal.pause() for _ in range(9)]"
    )
    assert main(["emulator", "--", sys.executable, "-c", stubborn]) == 128 + signal.SIGKILL


def test_quiet_tells_nothing_and_a_program_keeps_its_own_streams(capfd: pytest.CaptureFixture[str]) -> None:
    program = "import sys; print('out'); print('err', file=sys.stderr)"
    assert main(["emulator", "--quiet", "--", sys.executable, "-c", program]) == 0
    assert capfd.readouterr() == ("out\n", "err\n")


@pytest.mark.parametrize(
    ("arguments", "complaint", "status"),
    [
        (["--profile", "9"], "unknown profile '9'; known are '2.", 2),
        (["--fault", "burst", "bursts"], "unknown fault 'bursts'; known are '", 2),
        (["--fault", "phantom", "--fault", "x"], "unknown fault 'x'; known are '", 2),
        (
            ["--script", "stroy"],
            "unknown script 'stroy'; known are 'noise', 'story', 'support-call', and the path of",
            2,
        ),
        (["--script", "no.toml"], "the script no.toml cannot be read: No such file or directory", 2),
        (["--script", "{bad}"], "{bad}, line 2: speed: input should be a valid number; got 'x'", 2),
        (["--speed", "0"], "speed must be positive; got 0.0", 2),
        (["--speed", "x"], "argument --speed: invalid float value: 'x' (--help says more)", 2),
        (["--port", "65536"], "argument --port: a port is a number from 0 to 65535; got '65536' (--help says more)", 2),
        (["--log", "{folder}/no/log"], "cannot write the log {folder}/no/log: No such file or directory", 2),
        (["--log", "{link}"], "cannot write the log {link}: ", 2),
        (["app.py"], "unrecognized arguments: app.py; a program comes after -- (--help says more)", 2),
        (["--"], "name the program after --", 2),
        (["--", "{folder}/app"], "cannot start {folder}/app: No such file or directory", 127),
        (["--", "{bad}"], "cannot start {bad}: Permission denied", 126),
        (
            ["--", "{app}", "x y"],
            "cannot start {app}: Permission denied; put python before it: -- python {app} 'x y'",
            126,
        ),
    ],
)
def test_what_is_wrong_is_said_on_one_line(
    arguments: list[str], complaint: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('about = "x"\nspeed = "x"\n')
    link = tmp_path / "link"
    link.symlink_to(bad)
    app = tmp_path / "app.py"
    app.write_text(PROGRAM)
    found = {"bad": str(bad), "folder": str(tmp_path), "app": str(app), "link": str(link)}
    assert main(["emulator", *(argument.format_map(found) for argument in arguments)]) == status
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith(f"emulator: {complaint.format_map(found)}")
    assert told.count("\n") == 1


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["emulator", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert str(port) in told
    assert "in use" in told


def test_help_names_the_profiles_the_faults_and_the_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["emulator", "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("3.8-live", "late-words", "support-call", "-- PROGRAM"))
    assert max(map(len, out.splitlines())) <= 88


def test_without_the_extra_it_says_in_one_sentence_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert main(["emulator"]) == 2
    complaint = 'emulator: the emulator needs trustme: python -m pip install "gemini-live-interrupt[emulator]"\n'
    assert capsys.readouterr() == ("", complaint)


async def test_each_session_hears_a_script_from_its_beginning_and_a_resumed_one_goes_on() -> None:
    hear = Utterances(["One.", "Two."])
    async with LiveEmulator(hasty("3.8-live"), lambda _: "", hear=hear) as live:
        hear.live = live
        async with connected(live) as person:
            await person.say(UTTERANCE)
            await live.until(lambda: [told.text for told in live.context] == ["One."])
            (update, *_) = await live.until(lambda: live.log.server("sessionResumptionUpdate"))
            handle = update.message["sessionResumptionUpdate"]["newHandle"]
        async with connected(live, session_resumption={"handle": handle}) as person:
            await person.say(UTTERANCE)
            await live.until(lambda: [told.text for told in live.context] == ["One.", "Two."])
            await person.say(UTTERANCE)
            await live.until(lambda: live.context[-1].kind == "noise")
        async with connected(live) as person:
            await person.say(UTTERANCE)
            await live.until(lambda: [told.text for told in live.context] == ["One."])


def test_the_example_with_a_note_of_its_own_shows_one_on_the_usual_script() -> None:
    example = Path(__file__).parents[2] / "examples" / "custom_prompt.py"
    with started("--", sys.executable, str(example)) as process:
        out, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "outcome: noted" in out
    assert out.rstrip().endswith("was eleven. Shall I go on?")


def test_what_the_emulator_tells_is_a_whole_line_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program writes to the same terminal, perhaps in the same moment."""

    class Terminal(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return super().write(text)

    written: list[str] = []
    monkeypatch.setattr(sys, "stderr", Terminal())
    _run.Run(LiveEmulator(), None, log=None, quiet=False)._say("It has begun.")
    assert [text for text in written if text] == ["It has begun.\n"]
