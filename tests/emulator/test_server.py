"""The server: who may connect, what its users see, hostile clients, and how it ends."""

import asyncio
import base64
import contextlib
import gc
import json
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gemini_live_interrupt.emulator import LiveEmulator, Told

from .talking import BOTH_KEYS, UTTERANCE, connected, hasty

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = '{"setup": {"model": "models/m"}}'


@contextlib.asynccontextmanager
async def raw(live: LiveEmulator, path: str = PATH, **options: Any) -> AsyncIterator[ClientConnection]:
    context = live.client_options()["http_options"]["async_client_args"]["ssl"]
    url = live.url.replace("https", "wss") + path
    async with connect(url, ssl=context, **options) as websocket:
        yield websocket


async def close_of(websocket: ClientConnection) -> tuple[int, str]:
    with contextlib.suppress(ConnectionClosed):
        async for _ in websocket:
            """Whatever comes before the end does not matter."""
    protocol = websocket.protocol
    assert protocol.close_code is not None
    return protocol.close_code, protocol.close_reason or ""


def test_unknown_profiles_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown profile '9'; known are '2\.0-flash', '2\.5-native'"):
        LiveEmulator("9")


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_speed_must_be_positive(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be positive"):
        LiveEmulator(speed=speed)


@pytest.mark.parametrize("hear", ["one utterance", 5])
def test_hear_is_a_function_or_utterances(hear: Any) -> None:
    with pytest.raises(TypeError, match="hear must be a function of PCM or the utterances"):
        LiveEmulator(hear=hear)


async def test_before_anybody_connects_there_is_no_log() -> None:
    async with LiveEmulator() as live:
        assert live.sessions == ()
        with pytest.raises(RuntimeError, match="no client has connected"):
            _ = live.log


async def test_without_its_block_it_has_no_address_and_leaving_twice_is_harmless() -> None:
    live = LiveEmulator()
    with pytest.raises(RuntimeError, match="the emulator is not running"):
        live.client_options()
    async with live:
        assert live.url.startswith("https://127.0.0.1:")
    await live.__aexit__()
    with pytest.raises(RuntimeError, match="the emulator is not running"):
        live.environ()


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with LiveEmulator() as live:
        with pytest.raises(OSError, match="address already in use"):
            await LiveEmulator(port=int(live.url.rpartition(":")[2])).__aenter__()


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("", True),
        (PATH, True),
        (PATH + "?key=secret", True),
        (PATH.replace("v1beta", "v1alpha") + "Constrained", True),
        ("/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent", True),
        ("/ws/elsewhere", False),
    ],
)
async def test_the_paths_of_the_live_api_are_known(path: str, known: bool) -> None:
    async with LiveEmulator() as live:
        with contextlib.nullcontext() if known else pytest.raises(InvalidStatus):
            async with raw(live, path) as websocket:
                await websocket.send(SETUP)
                assert await websocket.recv() == b'{"setupComplete": {}}'


async def test_keys_and_tokens_are_in_no_log() -> None:
    async with LiveEmulator() as live:
        headers = {"x-goog-api-key": "secret", "Authorization": "Token secret"}
        async with raw(live, PATH + "?key=secret", additional_headers=headers) as websocket:
            await websocket.send(SETUP)
            await websocket.recv()
        assert "secret" not in repr(list(live.log))


async def test_an_unchanged_program_is_redirected_by_its_environment() -> None:
    program = """
import asyncio
import base64
from google import genai

async def main():
    async with genai.Client().aio.live.connect(model="m", config={"response_modalities": ["AUDIO"]}) as session:
        await session.send_client_content(turns={"role": "user", "parts": [{"text": "Hello"}]})
        async for message in session.receive():
            if message.server_content.generation_complete:
                print("done")

asyncio.run(main())
"""
    async with LiveEmulator(hasty("2.5-native"), lambda _: "Hi.") as live:
        proxy = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
        environment = os.environ | {"GOOGLE_API_KEY": "another"} | proxy | live.environ()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", program),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert (output, errors) == (b"done\n", BOTH_KEYS.encode())
        bundle = Path(environment["SSL_CERT_FILE"])
        assert ssl.create_default_context(cafile=bundle).cert_store_stats()["x509_ca"] >= 1
    assert not bundle.exists()  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("query", "headers", "kind"),
    [
        ("", {}, "none"),
        ("?key=secret", {}, "api key"),
        ("", {"x-goog-api-key": "secret"}, "api key"),
        ("", {"x-goog-api-key": "secret", "Authorization": "Token secret"}, "ephemeral token"),
        ("?access_token=secret", {}, "ephemeral token"),
        ("", {"Authorization": "Bearer secret"}, "bearer"),
    ],
)
async def test_the_kind_of_a_credential_is_known_and_nothing_else_of_it(
    query: str, headers: dict[str, str], kind: str
) -> None:
    async with LiveEmulator() as live:
        async with raw(live, PATH + query, additional_headers=headers) as websocket:
            await websocket.send(SETUP)
            await websocket.recv()
        assert live.session.credential == kind
        assert "secret" not in repr(vars(live.session)) + repr(list(live.log))


async def test_the_sdk_comes_with_an_api_key() -> None:
    async with LiveEmulator() as live, connected(live):
        assert live.session.credential == "api key"


async def test_a_vertex_client_is_told_how_to_come_in() -> None:
    async with LiveEmulator(hasty("2.5-vertex"), lambda _: "Hi.") as live:
        client = genai.Client(**live.client_options(vertexai=True))
        async with client.aio.live.connect(model="m", config={"output_audio_transcription": {}}) as session:
            assert session.session_id
            await session.send_client_content(turns={"role": "user", "parts": [{"text": "Hello"}]})
            messages = [message async for message in session.receive()]
        assert messages[-1].usage_metadata is not None
        assert live.session.credential == "none"
        transcription = [m.server_content and m.server_content.output_transcription for m in messages]
        assert [t.finished for t in transcription if t and t.finished]


async def test_there_is_a_door_without_tls() -> None:
    live = LiveEmulator()
    with pytest.raises(RuntimeError, match="the emulator is not running"):
        _ = live.plain_url
    async with live, connect(live.plain_url + PATH) as websocket:
        await websocket.send(SETUP)
        assert await websocket.recv() == b'{"setupComplete": {}}'


async def test_the_log_has_every_frame_with_its_time_and_no_audio() -> None:
    async with LiveEmulator(hasty("2.5-native"), lambda _: "Hi.", hear=["Hello."]) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: live.log.server("turnComplete"))
        assert [frame.sender for frame in live.log][:2] == ["client", "server"]
        assert [frame.at for frame in live.log] == sorted(frame.at for frame in live.log)
        (spoken,) = live.log.client("audio")
        assert spoken.message["realtimeInput"]["audio"] == {"mimeType": "audio/pcm;rate=16000", "bytes": len(UTTERANCE)}
        total = sum(
            f.message["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["bytes"] for f in live.log.server("audio")
        )
        assert total == len(person.audio)
        assert len(live.log) == len(live.log.client()) + len(live.log.server())


async def test_sessions_do_not_know_of_each_other() -> None:
    async with LiveEmulator(hasty("2.5-native"), lambda told: f"You said {told[-1].text}.") as live:

        async def converse(word: str) -> str:
            async with connected(live) as person:
                await person.tell(word, turn_complete=True)
                await live.until(
                    lambda: any(m.server_content and m.server_content.turn_complete for m in person.messages)
                )
                return person.transcript

        words = ["one", "two", "three", "four", "five"]
        assert await asyncio.gather(*map(converse, words)) == [f"You said {word}." for word in words]
        assert sorted(session.context[0].text for session in live.sessions) == sorted(words)


async def test_a_message_of_ones_own_is_sent_as_it_is() -> None:
    async with LiveEmulator() as live, connected(live) as person:
        live.push({"goAway": {"timeLeft": "10s"}})
        await live.until(lambda: person.messages)
        assert person.messages[0].go_away.time_left == "10s"
        assert live.log.server("goAway")


async def test_a_refusal_reaches_the_sdk_with_its_reason() -> None:
    async with LiveEmulator("3.8-live") as live, connected(live) as person:
        await person.tell("No role.", turn_complete=False, role=None)
        error = await live.until(lambda: person.error)
        assert error is not None
        assert error.code == 1007
        assert "Request contains an invalid argument." in str(error)
        assert live.log[-1].message == {"close": {"code": 1007, "reason": "Request contains an invalid argument."}}


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ('{"setup": {"foo": 1}}', "Invalid JSON payload received. Unknown name \"foo\" at 'setup': Cannot find field."),
        ('{"realtime_input": {"text": "Hello"}}', "setup must be the first message and only the first"),
        ('{"setup": {}}', "Request contains an invalid argument."),
        (b"\x00\xff\xfe", "Invalid JSON payload received. Unexpected token."),
        (
            '{"setup": {"model": "m", "generationConfig": {"responseModalities": ["TEXT"]}}}',
            "The requested combination of response modalities (TEXT) is not supported by the model.",
        ),
        (
            '{"setup": {"model": "m", "realtimeInputConfig": {"automaticActivityDetection": {"prefixPaddingMs": -1}}}}',
            "Request contains an invalid argument.",
        ),
        ('{"setup": {"' + "\ud83e\udd8a" * 60 + '": 1}}', None),
        (
            '{"setup": {"\\ud800": 1}}',
            "Invalid JSON payload received. Unknown name \"?\" at 'setup': Cannot find field.",
        ),
    ],
)
async def test_a_wrong_first_frame_closes_with_1007(frame: str | bytes, reason: str | None) -> None:
    async with LiveEmulator() as live, raw(live) as websocket:
        await websocket.send(
            frame.encode("utf-16", "surrogatepass").decode("utf-16") if isinstance(frame, str) else frame
        )
        code, given = await close_of(websocket)
        assert code == 1007
        assert given == reason or reason is None


async def test_a_second_setup_closes_with_1007() -> None:
    async with LiveEmulator() as live, raw(live) as websocket:
        await websocket.send(SETUP)
        await websocket.send(SETUP)
        assert await close_of(websocket) == (1007, "setup must be the first message and only the first")


async def test_hostile_clients_do_not_hurt_another_session() -> None:
    async with LiveEmulator(hasty("2.5-native"), lambda _: "Hello to you.") as live, connected(live) as person:
        session = live.session

        async def vanish() -> None:
            async with raw(live) as websocket:
                await websocket.send(SETUP)
                await websocket.send('{"clientContent": {"turns": [{"parts": [{"text": "x"}]}], "turnComplete": true}}')
                websocket.transport.abort()

        async def garbage() -> None:
            async with raw(live) as websocket:
                await websocket.send(os.urandom(1_000))
                await close_of(websocket)

        async def enormous() -> None:
            async with raw(live, compression=None) as websocket:
                with contextlib.suppress(ConnectionClosed):
                    await websocket.send(bytes(20_000_000))
                assert (await close_of(websocket))[0] == 1009

        async def odd_audio() -> None:
            async with raw(live) as websocket:
                await websocket.send(SETUP)
                await websocket.send('{"realtimeInput": {"audio": {"data": "AAA=", "mimeType": "audio/pcm;rate=0"}}}')
                assert (await close_of(websocket))[0] == 1007

        await person.tell("Hello.", turn_complete=True)
        await asyncio.gather(*(attack() for attack in (vanish, garbage, enormous, odd_audio) for _ in range(3)))
        await live.until(lambda: session.log.server("turnComplete"))
        assert session.context == (Told("user", "Hello.", "content"), Told("model", "Hello to you.", "reply"))


async def test_a_thousand_connections_at_once_do_not_hurt_another_session() -> None:
    resource = pytest.importorskip("resource")
    crowd = min(1_000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200) // 2)  # both ends are in this process
    async with LiveEmulator(hasty("2.5-native"), lambda _: "Hello to you.") as live, connected(live) as person:
        session, loop = live.session, asyncio.get_running_loop()
        loop.set_debug(False)  # which takes longer than all of them
        host, port = live.plain_url.removeprefix("ws://").split(":")
        with contextlib.ExitStack() as stack:
            for number in range(crowd):
                visitor = stack.enter_context(socket.socket())
                visitor.setblocking(False)
                await loop.sock_connect(visitor, (host, int(port)))
                if number % 50 == 1:
                    await loop.sock_sendall(visitor, b"GET / HTTP/1.1\r\n")
                elif number % 50 == 2:
                    await loop.sock_sendall(visitor, os.urandom(100))
            await person.tell("Hello.", turn_complete=True)
            await live.until(lambda: session.log.server("turnComplete"), within=30.0)
            assert session.context[-1].text == "Hello to you."
        assert len(live.sessions) == 1


async def test_a_frame_of_a_hundred_megabytes_closes_with_1009() -> None:
    async with LiveEmulator() as live, raw(live, compression=None) as websocket:
        with contextlib.suppress(ConnectionClosed):
            await websocket.send(bytes(100_000_000))
        assert (await close_of(websocket))[0] == 1009


async def test_a_client_that_does_not_read_holds_up_nobody_and_not_the_end() -> None:
    live = LiveEmulator(
        hasty("2.5-native"), lambda told: "word " * (4_000 if told[0].text == "Talk." else 1), speed=5_000
    )
    async with contextlib.AsyncExitStack() as outlives:
        async with live:
            deaf = await outlives.enter_async_context(raw(live, max_queue=1, close_timeout=0.1))
            await deaf.send(SETUP)
            await deaf.send('{"clientContent": {"turns": [{"parts": [{"text": "Talk."}]}], "turnComplete": true}}')
            session = await live.until(lambda: live.sessions[0])
            await live.until(lambda: session.outbox)
            async with connected(live) as person:
                await person.tell("Hello.", turn_complete=True)
                await live.until(lambda: person.turns_complete)
            assert session.outbox
            ending = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ending < 4.0


async def test_a_model_that_raises_closes_with_1011_and_is_logged(complaints: list[str]) -> None:
    def model(told: tuple[Told, ...]) -> str:
        raise LookupError("nothing to say")

    async with LiveEmulator(model=model) as live, connected(live) as person:
        await person.tell("Hello.", turn_complete=True)
        error = await live.until(lambda: person.error)
        assert error is not None
        assert error.code == 1011
    assert [complaint[:18] for complaint in complaints] == ["The session failed"]
    complaints.clear()


async def test_it_ends_in_mid_reply_with_nothing_left_running() -> None:
    before = asyncio.all_tasks()
    live = LiveEmulator(model=lambda _: "A long story. " * 20)
    async with contextlib.AsyncExitStack() as stack:
        async with live:
            person = await stack.enter_async_context(connected(live))
            await person.tell("Talk.", turn_complete=True)
            await live.until(lambda: live.log.server("audio"))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(person.session.close(), 1.0)
        assert person.error is None or person.error.code == 1001
    await live.until(lambda: asyncio.all_tasks() == before, within=1.0)  # some SDKs close their client in a task
    assert live.log.server("audio")


async def test_it_ends_with_a_client_that_never_says_hello() -> None:
    async with LiveEmulator() as live, connected(live):
        _, writer = await asyncio.open_connection("127.0.0.1", int(live.url.rpartition(":")[2]))
    writer.close()


async def test_it_ends_when_its_client_has_vanished() -> None:
    before = asyncio.all_tasks()
    async with LiveEmulator() as live, raw(live) as websocket:
        await websocket.send(SETUP)
        await websocket.recv()
        websocket.transport.abort()
    assert asyncio.all_tasks() == before


@pytest.mark.filterwarnings("error")
async def test_a_client_that_goes_while_it_is_heard_leaves_nothing_unawaited() -> None:
    async with LiveEmulator(hear=["Hello."]) as live:
        async with raw(live) as websocket:
            await websocket.send(SETUP)
            await websocket.recv()
            data = base64.b64encode(UTTERANCE).decode()
            await websocket.send(json.dumps({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm"}}}))
            websocket.transport.abort()
        await live.until(lambda: live.session.ended)
    gc.collect()


async def test_nothing_is_pushed_to_a_session_that_is_over() -> None:
    async with LiveEmulator() as live:
        async with connected(live):
            pass
        await live.until(lambda: live.session.closed or live.session.ended)
        with pytest.raises(RuntimeError, match="the newest session is over"):
            live.push({"serverContent": {}})


async def test_sessions_that_are_over_are_forgotten_beyond_those_that_are_kept() -> None:
    async with (
        LiveEmulator(hasty("3.8-live"), lambda _: "Hi.", keep=2) as live,
        connected(live) as open_all_the_while,
    ):
        first = live.session
        handles = []
        for _ in range(5):
            async with connected(live, session_resumption={}) as person:
                await person.tell("Hello.", turn_complete=True)
                (update, *_) = await live.until(lambda: live.log.server("sessionResumptionUpdate"))
                handles.append(update.message["sessionResumptionUpdate"]["newHandle"])
            await live.until(lambda: sum(session.ended for session in live.sessions) <= 2 and live.session.ended)
        assert [session.number for session in live.sessions] == [1, 5, 6]
        assert not first.ended
        assert len(live._handles) == len(live._began) == 3
        async with connected(live, session_resumption={"handle": handles[-1]}):
            await live.until(lambda: "Hello." in live.told())
        with pytest.raises(errors.APIError, match="session not found"):
            async with connected(live, session_resumption={"handle": handles[0]}):
                pass
        assert open_all_the_while.error is None


async def test_as_many_as_are_kept_stay_while_there_are_fewer() -> None:
    async with LiveEmulator(keep=4) as live:
        for count in range(1, 5):
            async with connected(live):
                pass
            await live.until(lambda: all(session.ended for session in live.sessions))
            await asyncio.sleep(0)
            assert len(live.sessions) == count


@pytest.mark.parametrize("keep", [-1, 1.5, True, "2"])
def test_how_many_are_kept_is_a_number(keep: Any) -> None:
    with pytest.raises(ValueError, match="keep must be the number of sessions to keep, or None for all; got"):
        LiveEmulator(keep=keep)


async def test_by_default_all_are_kept() -> None:
    async with LiveEmulator() as live:
        for _ in range(3):
            async with connected(live):
                pass
        await live.until(lambda: all(session.ended for session in live.sessions))
        await asyncio.sleep(0)
        assert len(live.sessions) == 3
