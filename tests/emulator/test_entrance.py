"""What an unchanged program may ask of the address beside the Live API, with the credentials that it is given."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt.emulator import LiveEmulator
from gemini_live_interrupt.emulator._background import BackgroundEmulator
from gemini_live_interrupt.emulator._profiles import profile_of_model

LIVE = """
import asyncio, os, sys
from google import genai

async def talk(client, model="a-live-model"):
    async with client.aio.live.connect(model=model, config={"response_modalities": ["AUDIO"]}) as session:
        await session.send_client_content(turns={"role": "user", "parts": [{"text": "Hello"}]})
        async for message in session.receive():
            if message.server_content and message.server_content.generation_complete:
                print("answered")
"""


@pytest.fixture
def live() -> Iterator[BackgroundEmulator]:
    with BackgroundEmulator(model=lambda _: "Hi.", speed=20.0, profile=None) as live:
        yield live


def run(live: BackgroundEmulator, program: str, **variables: str) -> str:
    """Run a program in the emulator's environment to its good end; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GOOGLE_", "GEMINI_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:The SDK's", "-c", LIVE + program],
        env=environment | variables | live.environ(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("arguments", ["project='mine', location='us-central1'", "project='mine', location='global'"])
def test_a_vertex_program_runs_with_credentials_that_are_good_for_nothing_else(
    live: BackgroundEmulator, arguments: str
) -> None:
    name = "gemini-live-2.5-flash"
    program = f"asyncio.run(talk(genai.Client(vertexai=True, {arguments}), '{name}'))"
    assert run(live, program) == "answered\n"
    assert (live.session.credential, live.session.profile.name) == ("bearer", "2.5-vertex")


@pytest.mark.parametrize(
    ("client", "credentials"),
    [("genai.Client()", {"api key"}), ("genai.Client(vertexai=True)", {"none", "bearer"})],  # google-genai 3.6, 1.62
)
def test_a_program_that_takes_its_project_from_the_environment_runs_too(
    live: BackgroundEmulator, client: str, credentials: set[str]
) -> None:
    variables = {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "mine", "GOOGLE_CLOUD_LOCATION": "global"}
    assert run(live, f"asyncio.run(talk({client}))", **variables) == "answered\n"
    assert live.session.credential in credentials


def test_a_server_makes_ephemeral_tokens_with_which_clients_connect(live: BackgroundEmulator) -> None:
    program = """
server = genai.Client(http_options={"api_version": "v1alpha"})
token = server.auth_tokens.create(config={"uses": 1})
assert token.name.startswith("auth_tokens/"), token
asyncio.run(talk(genai.Client(api_key=token.name, http_options={"api_version": "v1alpha"})))

async def create():
    token = await server.aio.auth_tokens.create(config={"uses": 1})
    assert token.name.startswith("auth_tokens/"), token

asyncio.run(create())
"""
    assert run(live, program) == "answered\n"
    assert live.session.credential == "ephemeral token"


def test_other_calls_fail_with_a_clear_error(live: BackgroundEmulator) -> None:
    program = """
client = genai.Client()
calls = [
    lambda: client.models.generate_content(model="gemini-2.5-flash", contents="Hello " * 100_000),
    lambda: client.models.embed_content(model="gemini-embedding-001", contents="Hello"),
    lambda: list(client.models.list()),
]
for call in calls:
    try:
        call()
    except genai.errors.ClientError as error:
        print(error)
"""
    errors = run(live, program).splitlines()
    assert [error.split(".")[0] for error in errors] == ["404 NOT_FOUND"] * 3
    assert all("The emulator serves the Live API and auth_tokens.create only" in error for error in errors)
    assert re.search(r"know POST /v1\w*/models/gemini-2\.5-flash:generateContent'", errors[0])
    assert re.search(r"know GET /v1\w*/models'", errors[2])


@pytest.mark.parametrize("pieces", [1, 7, 10_000])
@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 20\r\n\r\n{'a': 'GET / HTTP'}\n",
        b"content-length:2\r\nX: Y\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"\r\n",
    ],
)
def test_a_request_is_read_to_its_end_however_it_is_cut(live: BackgroundEmulator, body: bytes, pieces: int) -> None:
    host, port = live.client_options()["http_options"]["base_url"].removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=live.environ()["SSL_CERT_FILE"])
    request = b"POST /v1beta/models/m:generateContent HTTP/1.1\r\nHost: x\r\n" + body
    with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as client:
        for at in range(0, len(request), pieces):
            client.sendall(request[at : at + pieces])
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"Content-Type: application/json" in head
    assert json.loads(content)["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01" * 10, b"POST\r\n\r\n", b"HELLO " * 20_000])
def test_what_is_no_request_gets_no_answer(live: BackgroundEmulator, garbage: bytes) -> None:
    host, port = live.plain_url.removeprefix("ws://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(garbage)
        client.shutdown(socket.SHUT_WR)
        client.recv(1)
    assert live.sessions == ()


def test_plain_get_requests_are_refused_in_the_service_s_form(live: BackgroundEmulator) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(live.plain_url.replace("ws", "http", 1) + "/v1beta/models/m")
    with refused.value as answer:
        assert json.load(answer)["error"]["code"] == 404


@pytest.mark.parametrize(
    ("name", "vertex", "profile"),
    [
        ("gemini-3.1-flash-live-preview", False, "3.1-early"),
        ("models/gemini-2.5-flash-native-audio-preview-12-2025", False, "2.5-native"),
        ("gemini-live-2.5-flash-preview", False, "2.5-native"),
        ("projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash", True, "2.5-vertex"),
        ("publishers/google/models/gemini-live-2.5-flash-native-audio", True, "2.5-native"),
        ("gemini-2.0-flash-live-001", False, "2.0-flash"),
        ("Gemini-3.8-Live", False, "3.8-live"),
        ("gemini-3.8-live-extended-thinking", False, "3.8-thinking"),
        ("gemini-4-live", False, "3.8-live"),
        ("a-live-model", False, "2.5-native"),
        ("", True, "2.5-native"),
    ],
)
def test_the_model_s_name_chooses_the_profile(name: str, vertex: bool, profile: str) -> None:
    found, why = profile_of_model(name, vertex=vertex)
    assert found.name == profile
    assert ("has no version" in why) is not any(digit.isdigit() for digit in name)


def test_what_was_chosen_and_why_is_told(live: BackgroundEmulator) -> None:
    run(live, "asyncio.run(talk(genai.Client(), 'gemini-3.8-live'))")
    assert any("profile     3.8-live, for the 3.8 in the model's name" in line for line in live.story)


async def test_a_client_that_says_nothing_or_nonsense_is_no_harm_where_the_name_chooses() -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with LiveEmulator(None) as live:
        async with connect(live.plain_url):
            """Gone at once."""
        async with connect(live.plain_url) as websocket:
            await websocket.send('{"setup": 5}')
            with pytest.raises(ConnectionClosed):
                await websocket.recv()
        assert [session.closed and session.closed[0] for session in live.sessions] == [1007]
        assert live.session.profile.name == "2.5-native"


def test_the_folder_of_a_process_that_was_killed_is_swept_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = (
        "import asyncio, os, signal, sys; from gemini_live_interrupt.emulator import LiveEmulator\n"
        "async def main():\n"
        "    async with LiveEmulator() as live:\n"
        "        print(live.environ()['SSL_CERT_FILE'], flush=True)\n"
        "        if sys.argv[1:]: await asyncio.sleep(60)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    command: Any = [sys.executable, "-c", program]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    killed = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    left = Path(killed.stdout.strip()).parent
    assert oct(left.stat().st_mode & 0o777) == "0o700"
    somebody = subprocess.Popen([*command, "stay"], env=environment, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert somebody.stdout is not None
        in_use = Path(somebody.stdout.readline().strip()).parent
        outside = tmp_path / "precious"
        outside.mkdir()
        (tmp_path / "live-emulator-link").symlink_to(outside)
        for folder in (left, in_use, outside):
            os.utime(folder, (time.time() - 3600,) * 2)
        with BackgroundEmulator() as live:
            own = Path(live.environ()["SSL_CERT_FILE"]).parent
            assert own.exists()
        found = [folder.exists() for folder in (left, in_use, outside, own)]
        assert found == [False, True, True, False]
    finally:
        somebody.kill()
        somebody.communicate()
