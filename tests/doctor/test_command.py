"""`python -m gemini_live_interrupt doctor`, as a newcomer and a CI run it: exit statuses, output, bad inputs."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from google.genai import live
from google.genai.types import LiveConnectConfig

import gemini_live_interrupt
from gemini_live_interrupt._cli import main
from gemini_live_interrupt.doctor import _command
from gemini_live_interrupt.doctor._examination import Examination
from gemini_live_interrupt.doctor._finding import Finding
from gemini_live_interrupt.doctor._report import Printer
from gemini_live_interrupt.doctor._source import load_config

PACKAGE = Path(gemini_live_interrupt.__file__).parent
COMMAND = ["-W", "error", "-m", "gemini_live_interrupt", "doctor"]
GOOD = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
    "context_window_compression": {"sliding_window": {}},
}
PATCHES = """
from functools import wraps

import wrapt
from google.genai import live

print("hello from the app")


def tracing(wrapped, session, args, kwargs):
    return wrapped(*args, **kwargs)


def put_on(original):
    @wraps(original)
    async def counted(self):
        return await original(self)

    async def plain(self):
        return await counted(self)

    return plain


live.AsyncSession._receive = put_on(live.AsyncSession._receive)
wrapt.wrap_function_wrapper("google.genai.live", "AsyncSession._receive", tracing)
"""
SETTINGS = """
from google.genai import types

CONFIG = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}


class Settings:
    live = types.LiveConnectConfig(**CONFIG)


def build():
    print("building")
    return CONFIG | {"inputAudioTranscription": {}}
"""
WRONG = """
WHAT = [1]


def build(language):
    return {}


async def later():
    return {}


def fail():
    raise LookupError("no such tenant")


def nothing():
    return None
"""


def run(folder: Path, *arguments: str, given: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own, in which the app's modules lie."""
    return subprocess.run(
        [sys.executable, *COMMAND, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PYTHONIOENCODING": "utf-8"} | variables,
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return name


def test_all_right_is_0(tmp_path: Path) -> None:
    config = written(tmp_path, "live.json", json.dumps(GOOD))
    model = "gemini-2.5-flash-native-audio-preview-12-2025"
    done = run(tmp_path, "--config", config, "--model", model)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles == [
        "Versions",
        "The patch",
        "Who wraps AsyncSession._receive, the outermost first",
        "A session",
        "The configuration live.json",
        f"The model {model}",
        "All right.",
    ]
    assert {line[2:13].strip() for line in lines if re.match(r"  \S", line)} == {"ok"}
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in done.stdout


def test_warnings_are_0_unless_they_are_counted(tmp_path: Path) -> None:
    config = json.dumps({"responseModalities": ["TEXT"]})
    for strict, status in (([], 0), (["--strict"], 1)):
        done = run(tmp_path, "--config", "-", *strict, given=config)
        assert (done.returncode, done.stderr) == (status, "")
        assert (
            "The configuration -\n  warning      response_modalities is TEXT: the session has no audio.\n"
            in done.stdout
        )
        assert ("counts as errors" in done.stdout) == bool(strict)
        assert done.stdout.splitlines()[-1].startswith("1 warning")


def test_what_keeps_it_from_working_is_1_and_says_what_to_do(tmp_path: Path) -> None:
    config = written(tmp_path, "live.json", '\ufeff{"realtimeInputConfig": {"activityHandling": "NO_INTERRUPTION"}}')
    done = run(tmp_path, "--config", config)
    assert (done.returncode, done.stderr) == (1, "")
    found = done.stdout.partition("The configuration live.json\n")[2].splitlines()
    assert "  error        activity_handling is NO_INTERRUPTION." in found
    assert any("Why: The server never interrupts the model" in line for line in found)
    assert done.stdout.endswith("1 error: like this, the library does not work.\n")


def test_wrong_use_is_2_on_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--config", written(tmp_path, "live.json", "{,}"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("doctor: live.json, line 1, column 2: not JSON: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("extensions", ["", "true"], ids=["wrapt in C", "wrapt in Python"])
def test_the_layers_that_an_app_brings_are_named_and_the_session_goes_through_them(
    extensions: str, tmp_path: Path
) -> None:
    written(tmp_path, "voice_app.py", PATCHES)
    done = run(tmp_path, "--import", "voice_app", "--json", WRAPT_DISABLE_EXTENSIONS=extensions)
    assert (done.returncode, done.stderr) == (0, "hello from the app\n")
    report = json.loads(done.stdout)
    assert [(layer["name"], layer["kind"]) for layer in report["layers"]] == [
        ("voice_app.tracing", "wrapt"),
        ("voice_app.put_on.<locals>.plain", "function"),
        ("voice_app.put_on.<locals>.counted", "functools.wraps"),
    ]
    assert report["layers"][0]["place"].endswith("voice_app.py:10")
    told = {finding["check"]: finding for finding in report["findings"]}
    assert told["session"]["level"] == "ok"
    assert "1. voice_app.tracing (wrapt), " in str(report["findings"])


def test_a_configuration_may_be_what_a_function_of_the_app_returns(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    written(tmp_path, "shop/voice.py", PATCHES + SETTINGS)
    done = run(tmp_path, "--config", "shop.voice:build", "--json")
    assert (done.returncode, done.stderr) == (0, "hello from the app\nbuilding\n")
    report = json.loads(done.stdout)
    assert (report["format"], report["status"], report["config"]) == (1, 0, "shop.voice:build")
    about = [finding["about"] for finding in report["findings"] if finding["check"] == "config"]
    assert about == ["config", "context_window_compression"]


def test_an_app_that_has_switched_the_library_on_is_asked_what_it_chose(tmp_path: Path) -> None:
    enable = "import gemini_live_interrupt as g\ng.enable_interrupt_resume(turn_complete=True)\n"
    written(tmp_path, "voice_app.py", enable)
    done = run(tmp_path, "--import", "voice_app", "--model", "gemini-2.0-flash-live-001")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. gemini_live_interrupt._patch._wrap_receive.<locals>.receive (this library)," in done.stdout
    assert "the library is enabled with turn_complete=True." in done.stdout


def stripped(folder: Path, *without: str) -> dict[str, str]:
    """An installation in which there is everything but these."""
    site = folder / "site"
    site.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.lower().replace("-", "_").startswith(without):
            (site / path.name).symlink_to(path)
    if not (site / PACKAGE.name).exists():
        (site / PACKAGE.name).symlink_to(PACKAGE)
    return {"PYTHONPATH": str(site), "PYTHONSAFEPATH": ""}


def bare(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", "-m", "gemini_live_interrupt", "doctor", *arguments],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )


def test_without_the_emulators_extra_the_session_is_not_checked_and_never_passed(tmp_path: Path) -> None:
    done = bare(tmp_path, "--json", **stripped(tmp_path, "trustme"))
    assert (done.returncode, done.stderr) == (0, "")
    told = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert told["patch"]["level"] == "ok"
    assert told["session"]["level"] == "not checked"
    assert told["session"]["found"] == "Whether a session gets its note: the emulator needs trustme."
    assert told["session"]["do"] == 'python -m pip install "gemini-live-interrupt[emulator]"'


def test_without_the_sdk_it_says_so(tmp_path: Path) -> None:
    done = bare(tmp_path, "--config", "none.json", **stripped(tmp_path, "google", "websockets"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "error        google-genai is not installed." in done.stdout
    assert "error        google-genai cannot be imported: ModuleNotFoundError" in done.stdout
    assert done.stdout.count("not checked") == 4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--config", "none.json"], "none.json cannot be read: No such file or directory"),
        (["--config", "."], ". cannot be read: Is a directory"),
        (["--config", "latin.json"], "latin.json is not UTF-8: byte 0xe9 at 1"),
        (["--config", "list.json"], "list.json must hold a JSON object, the fields of a LiveConnectConfig; got a list"),
        (["--config", "null.json"], "null.json must hold a JSON object, the fields of a LiveConnectConfig; got null"),
        (["--config", "two.json"], "two.json must hold a JSON object, the fields of a LiveConnectConfig; got a number"),
        (["--config", "cut.json"], "cut.json, line 2, column 1: not JSON: Expecting"),
        (["--config", "deep.json"], "deep.json is nested too deeply"),
        (["--config", "no_such_app:CONFIG"], "'no_such_app' cannot be imported: ModuleNotFoundError: No module named"),
        (["--config", "wrong_app:WHTA"], "wrong_app:WHTA: there is no WHTA; did you mean WHAT?"),
        (["--config", "wrong_app:WHAT.x9"], "wrong_app:WHAT.x9: there is no x9"),
        (["--config", "wrong_app:WHAT"], "wrong_app:WHAT must be a dict or a LiveConnectConfig, or a function that "),
        (["--config", "wrong_app:nothing"], "or a function that returns one; got NoneType"),
        (["--config", "wrong_app:build"], "callable without arguments: missing a required argument: 'language'"),
        (["--config", "wrong_app:later"], "wrong_app:later must be a plain function; got a coroutine function"),
        (["--config", "wrong_app:fail"], "wrong_app:fail() raised LookupError: no such tenant"),
        (["--config", "a:b:c"], "a:b:c cannot be read: No such file or directory"),
        (["--import", "no_such_app"], "'no_such_app' cannot be imported: ModuleNotFoundError: No module named"),
        (["--import", "broken_app"], "'broken_app' cannot be imported: SyntaxError: "),
        (["--import", "ending_app"], "'ending_app': importing it ended the program with status 3; code that runs"),
        (["--import", ""], "'' cannot be imported: ValueError: "),
        (["--config"], "argument --config: expected one argument (--help says more)"),
        (["live.json"], "unrecognized arguments: live.json (--help says more)"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    arguments: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'"\xe9"')
    files = {"list.json": "[]", "null.json": "null", "two.json": "2", "cut.json": "{\n", "deep.json": "[" * 100_000}
    apps = {"wrong_app.py": WRONG, "broken_app.py": "def", "ending_app.py": "raise SystemExit(3)"}
    for name, text in (files | apps).items():
        written(tmp_path, name, text)
    assert main(["doctor", *arguments]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith("doctor: ")
    assert complaint in told
    assert told.count("\n") == 1
    for name in apps:
        sys.modules.pop(name.removesuffix(".py"), None)


def test_everything_in_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    checks = [finding["check"] for finding in findings]
    assert list(dict.fromkeys(checks)) == ["versions", "patch", "layers", "session", "config", "model"]
    levels = [finding["level"] for finding in findings]
    assert levels == ["ok"] * (len(levels) - 2) + ["not checked"] * 2


def test_an_sdk_that_cannot_be_patched_is_not_rehearsed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode()))
    out = io.StringIO()  # some have put such a thing there
    monkeypatch.setattr(sys, "stdin", given)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.delattr(live, "AsyncSession")
    status = main(["doctor", "--config", "-", "--model", "gemini-3.8-live", "--json"])
    report = json.loads(out.getvalue())
    monkeypatch.undo()
    assert (status, report["status"], report["layers"], report["config"]) == (1, 1, [], "-")
    told = {finding["check"]: finding for finding in report["findings"]}
    assert told["patch"]["found"].startswith("enable_interrupt_resume() fails: google-genai ")
    assert told["session"]["level"] == "not checked"
    assert told["session"]["found"] == "Whether a session gets its note: the SDK cannot be patched."
    assert (told["config"]["level"], told["model"]["level"]) == ("ok", "ok")


def test_an_sdk_that_cannot_be_imported_is_told_with_what_it_raises(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.genai", None)
    assert main(["doctor"]) == 1
    assert "google-genai cannot be imported: ModuleNotFoundError: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("attribute", "kind"), [("CONFIG", dict), ("build", dict), ("Settings.live", LiveConnectConfig)]
)
def test_a_configuration_may_be_an_attribute_of_a_module(
    attribute: str, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    written(tmp_path, "calm_app.py", SETTINGS)
    config: Any = load_config(f"calm_app:{attribute}")
    del sys.modules["calm_app"]
    assert dict(config)["output_audio_transcription"] is not None
    assert type(config) is kind
    assert capsys.readouterr() == ("", "building\n" if attribute == "build" else "")


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_command, "examine", interrupted)
    assert main(["doctor"]) == 130


def test_help_names_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(option in out for option in ("--config", "--model", "--import", "--strict", "--json", "exit status"))
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "doctor" in capsys.readouterr().out


# How it looks


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


ERROR = Finding(check="config", level="error", about="x", found="x is missing.", why="Because. " * 30, do="Add x.")


def shown(stream: io.StringIO, *findings: Finding) -> str:
    examination = Examination(versions={}, layers=[], findings=list(findings), config=None, model=None)
    Printer(stream).write(examination, strict=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    variables: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ({"NO_COLOR": "", "TERM": "xterm", "COLUMNS": "60"} | variables).items():
        monkeypatch.setenv(name, value)
    text = shown(Terminal(), ERROR)
    assert ("\x1b[31merror" in text) == coloured
    plain = re.sub(r"\x1b\[\d+m", "", text)
    assert ("\x1b" in text) == coloured
    assert max(map(len, plain.splitlines())) <= 60
    assert "\x1b" not in shown(io.StringIO(), ERROR)


@pytest.mark.parametrize(
    ("errors", "warnings", "verdict"),
    [
        (2, 0, "2 errors: like this, the library does not work."),
        (1, 2, "1 error and 2 warnings: like this, the library does not work."),
        (0, 1, "1 warning: the library works, but not as well as it could."),
        (0, 0, "All right."),
    ],
)
def test_the_last_line_is_the_verdict(errors: int, warnings: int, verdict: str) -> None:
    warning = Finding(check="config", level="warning", about="y", found="y is odd.")
    text = shown(io.StringIO(), *[ERROR] * errors, *[warning] * warnings)
    assert text.splitlines()[-1] == verdict


def test_on_a_real_terminal_it_is_coloured(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    variables = {"PYTHONPATH": str(PACKAGE.parent), "TERM": "xterm", "NO_COLOR": "", "COLUMNS": "72"}
    process = subprocess.Popen(
        [sys.executable, *COMMAND], cwd=tmp_path, env=os.environ | variables, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    told = b""
    try:
        while chunk := os.read(ours, 4096):
            told += chunk
    except OSError:
        """The other end is closed: that is how a terminal says so."""
    finally:
        os.close(ours)
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, b"")
    assert b"\x1b[32mok" in told
    assert max(len(re.sub(r"\x1b\[\d+m", "", line)) for line in told.decode().splitlines()) <= 72
