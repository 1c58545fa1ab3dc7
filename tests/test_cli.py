"""What all commands of the command line have in common; each has its own tests beside it."""

from __future__ import annotations

import re
import sys

import pytest

from gemini_live_interrupt._cli import COMMANDS, main


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_takes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m gemini_live_interrupt {command} ")


def test_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert re.findall(r"^    (\w+) +\w", capsys.readouterr().out, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["demo", "--port", "65536"], "demo: argument --port: a port is a number from 0 to 65535; got '65536'"),
        (
            ["emulator", "--port", "x", "--", "app"],
            "emulator: argument --port: a port is a number from 0 to 65535; got",
        ),
        (["emulator", "app.py"], "emulator: unrecognized arguments: app.py; a program comes after --"),
        (["trace", "a", "b"], "trace: unrecognized arguments: b (--help says more)"),
    ],
)
def test_what_is_wrong_is_said_on_one_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, told = capsys.readouterr()
    assert (out, told.count("\n")) == ("", 1)
    assert told.startswith(complaint)


def test_a_port_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulator", "--port", "0", "--script", "none.toml"]) == 2
    assert "none.toml cannot be read" in capsys.readouterr().err


def test_what_has_to_be_installed_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert main(["emulator", "--help"]) == 2
    told = capsys.readouterr().err
    assert told == 'emulator: the emulator needs trustme: python -m pip install "gemini-live-interrupt[emulator]"\n'


def test_there_is_no_such_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["dmeo"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2


def test_what_stands_behind_two_dashes_is_an_argument_where_no_program_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["trace", "--plain", "--", "--no-such-trace"]) == 2
    assert capsys.readouterr().err == "trace: --no-such-trace cannot be read: No such file or directory\n"
