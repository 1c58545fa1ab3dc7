"""`python -m gemini_live_interrupt probe`, as somebody with and without a key runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from google.genai import errors
from websockets.sync.server import ServerConnection, serve

from gemini_live_interrupt._cli import main
from gemini_live_interrupt.emulator._certificate import Certificate
from gemini_live_interrupt.probe._experiments import EXPERIMENTS
from gemini_live_interrupt.probe._report import known
from gemini_live_interrupt.probe._service import in_words
from gemini_live_interrupt.probe._understanding import divide, goes_on_with, numbers, says

ARGUMENTS = ["probe", "--emulator", "2.5-native", "--only", "no-role", "--repeat", "1"]


def test_a_report_on_an_emulator_is_a_table_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    assert main([*ARGUMENTS, "--json", str(path)]) == 0
    printed = capsys.readouterr()
    assert "without a" in printed.out
    assert "All 1 questions were found out." in printed.out
    assert printed.err.startswith("To the emulator, 2.5-native")
    report = json.loads(path.read_text(encoding="utf-8"))
    assert known(report) == {"no_role_accepted": True}
    assert report["status"] == 0


def test_a_start_that_fails_leaves_no_file_and_changes_none(tmp_path: Path) -> None:
    fresh, old = tmp_path / "fresh.json", tmp_path / "old.json"
    old.write_text("mine")
    for path in (fresh, old):
        assert main(["probe", "--emulator", "9.9", "--json", str(path)]) == 2
    assert not fresh.exists()
    assert old.read_text() == "mine"


def test_json_on_standard_output_is_all_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "emulator"


def test_the_list_names_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--list"]) == 0
    listed = capsys.readouterr().out
    assert [experiment.name for experiment in EXPERIMENTS if experiment.name not in listed] == []
    assert "minutes" in listed
    assert "tokens" in listed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "there is no API key"),
        (["--emulator", "9.9"], "unknown profile '9.9'"),
        (["--only", "nothing"], "there is no experiment 'nothing'"),
        (["--repeat", "0"], "from 1 to 100"),
        (["--emulator", "2.5-native", "--json", "/no/such/folder/x.json"], "cannot write /no/such/folder/x.json"),
        (["--vertexai", "--emulator", "2.5-native"], "not allowed with"),
    ],
)
def test_what_cannot_run_is_said_on_one_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["probe", *arguments]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        ("API key not valid. Please pass a valid API key.", "the key is not accepted"),
        ("You exceeded your current quota, please check your plan.", "the quota is used up"),
        ("models/x is not found for API version v1beta", "there is no such model"),
        ("The requested combination of response modalities (AUDIO) is not supported", "the model does not speak"),
    ],
)
def test_a_refused_connection_is_said_in_words(reason: str, meaning: str) -> None:
    assert in_words(errors.APIError(1008, {"message": reason})).startswith(meaning)


REFUSALS = {
    "a wrong key": (1007, "API key not valid. Please pass a valid API key.", "the key is not accepted"),
    "a quota": (1011, "You exceeded your current quota, please check your plan.", "the quota is used up"),
    "no such model": (1008, "models/x is not found for API version v1beta, or is not supported.", "no such model"),
    "no voice": (1007, "Cannot extract voices from a non-audio request.", "the model does not speak"),
    "a server that is gone": (0, "", "1006"),
}


@pytest.mark.parametrize(("code", "reason", "meaning"), REFUSALS.values(), ids=REFUSALS)
def test_a_service_that_refuses_is_said_in_words_by_the_command(
    code: int,
    reason: str,
    meaning: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def refuse(websocket: ServerConnection) -> None:
        websocket.recv()
        if code:
            websocket.close(code, reason)
        else:
            websocket.socket.close()

    certificate = Certificate()
    certificate.write_bundle(tmp_path / "bundle.pem")
    with serve(refuse, "127.0.0.1", 0, ssl=certificate.server_context(), close_timeout=1) as server:
        port = server.socket.getsockname()[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GEMINI_API_KEY", "a-secret-of-mine")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"https://127.0.0.1:{port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bundle.pem"))
        status = main(["probe", "--only", "no-role", "--json", str(tmp_path / "report.json")])
        server.shutdown()
    said = capsys.readouterr().err
    assert status == 2
    assert "probe: no session can be opened with" in said
    assert meaning in said
    assert "Traceback" not in said
    assert "a-secret" not in said
    assert not (tmp_path / "report.json").exists()


def test_no_key_is_in_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a-secret-of-mine")
    said = in_words(OSError("https://x/?key=a-secret-of-mine AIzaSyA1234567890123456789012345 Bearer abc"))
    assert "secret" not in said
    assert "AIza" not in said
    assert "abc" not in said


def test_numbers_are_read_in_words_and_figures() -> None:
    assert numbers("One, two, twenty-one, 22, twenty three and thirty.") == [1, 2, 21, 22, 23, 30]


def test_a_count_is_divided_after_a_number() -> None:
    assert divide("Sure! One, two, 3, four.", 3) == ("Sure! One, two, 3", "four.")
    assert divide("Twenty, twenty-one, 22", 2) == ("Twenty, twenty-one", "22")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Six, seven, eight.", 6),
        ("One moment. Where was I? Six, seven.", 6),
        ("Thirty.", 30),
        ("Of course.", None),
        ("Twenty-one, twenty-two.", 21),
    ],
)
def test_a_count_goes_on_with_the_first_number_that_another_follows(text: str, number: int | None) -> None:
    assert goes_on_with(text) == number


def test_a_word_is_found_however_a_transcript_divides_it() -> None:
    assert says("It is Pine apple.", "pineapple")
    assert not says("It is an apple.", "pineapple")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_ends_with_the_report_so_far() -> None:
    command = [sys.executable, "-m", "gemini_live_interrupt", "probe", "--emulator", "2.5-native", "--repeat", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert next(line for line in process.stderr if line.startswith("  1 of 850"))
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate()
    assert process.returncode == 1
    assert "It was ended early." in printed
    assert "not found out: it was" in printed
