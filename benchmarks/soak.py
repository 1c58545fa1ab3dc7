"""Talk for hours, badly: random conversations with faults, over the real wire, and what must hold in all of them.

The emulator runs in a process of its own, and this one has the library and the apps. People ask, interrupt at any
moment, make noises, fall silent and hang up, into microphones that are always open, that are pushed to talk, or that
send nothing but speech. The model calls tools, which are answered late, in any form, or never; connections end in the
midst of anything, and the app comes back with the handle. The emulator misbehaves as its faults say. What the app got
is compared with what went over the socket and with the emulator's log; what the library sent is judged by the order of
events in the client's socket. Exits with 1 if anything did not hold.

A note that the emulator sees after the next reply began, though this side had not read of that reply, crossed it on the
wire: these are counted apart, and do not hold if they crossed by more than the processes were late in their own loops.

    python benchmarks/soak.py [--minutes 10] [--sessions 40] [--seed 1] [--without] [--json]
                              [--microphones 0.6] [--tools 0.2] [--reconnects 0.5]
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import gc
import itertools
import json
import logging
import math
import os
import random
import ssl
import statistics
import sys
import time
from array import array
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from google import genai
from google.genai import errors, live, types
from websockets.exceptions import InvalidMessage

from gemini_live_interrupt import (
    Interruption,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    session_state,
)
from gemini_live_interrupt.emulator import FAULTS, PROFILES, LiveEmulator, Microphone, Told, ToolCall

RESUME_AFTER = 4.0
RESIDUE = 1.0  # seconds for which output after `interrupted` is not a reply, unless its turnComplete ends that before
CROSSED = 0.1  # seconds, beside the lateness of both processes' event loops: a note has not just crossed a reply then
EMULATORS = 8
RARE = {  # they end the session, and what is under way then is lost with it
    "refuse-content": 0.05,
    **dict.fromkeys(("half-open", "abrupt-close", "failure", "abort", "go-away"), 0.04),
    **dict.fromkeys(("oversized-frame", "malformed-frame"), 0.04),
}
CONNECTIONS = 4  # of one conversation
AGAIN = 5  # connects a conversation that may fail for want of time
SHARES = (
    ("microphones", 0.6, "connections with a microphone: half of them open, half pushed to talk"),
    ("tools", 0.2, "answers that call a tool"),
    ("reconnects", 0.5, "connections that are gone on with"),
)
ROUNDS = 3  # conversations that an emulator sees one after the other: its log is kept until it ends
SAMPLE_EVERY = 5.0
# Blocks of memory a minute. Resident memory grows by 400 KiB a minute without the library, too, where blocks grow by
# 150: clients and TLS connections that come and go leave holes in it.
STEEP = 1000
MARKER = "<interruption_note>"
LOOK_UP = {"name": "look_up", "description": "Looks it up, while the model waits."}
ORDER = {"name": "order", "description": "Orders it, while the model goes on.", "behavior": "NON_BLOCKING"}
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
    "session_resumption": {},
    "tools": [{"function_declarations": [LOOK_UP, ORDER]}],
}
SPOKEN = 0.5  # seconds of speech that are seen to be speech, by anybody
A_REPLY = 0.25 * 48_000  # bytes of sound without words that are a reply
REFUSED = 1007  # what closes a session so cannot be resumed
EXPECTED = ("output_audio_transcription", "are not followed")  # transcripts are kept back; this model obeys no note
HOLDING = {"jitter", "pause", "stall"}  # frames are under way for long
REPLIES = (
    "The tide turns twice a day because the moon pulls at the sea.",
    "Yes. And the sun pulls too, though less. When both stand in a line, the flood is high; halfway, it is low.",
    "Of course! First you warm the milk, slowly. Then you add the flour, a spoon at a time, and stir until smooth.",
    "潮水每天涨落两次，因为月亮吸引着大海。太阳也在吸引，只是弱一些。",
    "ज्वार दिन में दो बार आता है, क्योंकि चंद्रमा समुद्र को खींचता है। सूर्य भी खींचता है, पर कम।",
    "Das hängt davon ab: Bei Ebbe, z. B. um 14.30 Uhr, liegt das Boot auf dem Sand. Bei Flut schwimmt es.",
)
QUESTIONS = ("Why is that?", "No, wait, I meant the other one.", "Stop.", "And then?", "为什么？", "mm-hm")


class Lateness:
    """How late this process's event loop was at the most, in seconds: so long did what it was to do wait."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def measure(self) -> None:
        while True:
            due = time.monotonic() + 0.02
            await asyncio.sleep(0.02)
            self.worst = max(self.worst, time.monotonic() - due)


# The emulators' process


class Emulators:
    """Does what the other process asks for, a line of JSON each way."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[contextlib.AsyncExitStack, LiveEmulator]] = {}
        self._lateness = Lateness()

    async def run(self) -> None:
        measuring = asyncio.create_task(self._lateness.measure())
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            asked = json.loads(line)
            answer = await getattr(self, asked.pop("do"))(**asked)
            print(json.dumps(answer), flush=True)
        measuring.cancel()
        for stack, _ in self._open.values():
            await stack.aclose()

    async def late(self) -> Any:
        return self._lateness.worst

    async def start(
        self, slot: int, seed: str, profile: str, speed: float, faults: list[dict[str, Any]], tools: float
    ) -> Any:
        chance = random.Random(seed)
        mishaps = [dataclasses.replace(FAULTS[fault["name"]], **fault) for fault in faults]

        def answer(told: tuple[Told, ...]) -> Any:
            words = " ".join(chance.choices(REPLIES, k=chance.randint(1, 3)))
            if told[-1].kind == "tool" or chance.random() >= tools:
                return words
            call = ToolCall(chance.choice((LOOK_UP, ORDER))["name"])
            return chance.choice((call, [words, call], [call, words]))

        emulator = LiveEmulator(
            profile,
            answer,
            hear=lambda pcm: chance.choice(QUESTIONS) if len(pcm) > 0.9 * 32_000 else "",
            speed=speed,
            faults=mishaps,
        )
        stack = contextlib.AsyncExitStack()
        await stack.enter_async_context(emulator)
        self._open[slot] = stack, emulator
        authority = await asyncio.to_thread(Path(emulator.environ()["SSL_CERT_FILE"]).read_text)
        return {"url": emulator.url, "authority": authority}

    async def log(self, slot: int, conversation: str) -> Any:
        _, emulator = self._open[slot]
        (session,) = [one for one in emulator.sessions if one.setup and one.setup.instruction == conversation]
        return [[frame.at, frame.sender, signature(frame.message)] for frame in session.log]

    async def stop(self, slot: int) -> Any:
        stack, _ = self._open.pop(slot)
        await stack.aclose()


def signature(message: dict[str, Any]) -> str:
    """What a frame is, in few letters, as it is on the wire, in the emulator's log and in the SDK's message alike."""
    found = []
    content = message.get("serverContent") or {}
    for part in (content.get("modelTurn") or {}).get("parts") or ():
        blob = part.get("inlineData")
        found.append(
            f"audio {_size(blob)}" if blob else f"{'thought' if part.get('thought') else 'text'} {part['text']}"
        )
    words = ("inputTranscription", "outputTranscription")
    found += [f"{name} {content[name].get('text')}" for name in words if content.get(name) is not None]
    found += [name for name in ("generationComplete", "interrupted", "turnComplete") if content.get(name)]
    found += [name for name in ("usageMetadata", "sessionResumptionUpdate", "goAway") if message.get(name) is not None]
    if activity := message.get("voiceActivity"):
        kind = activity.get("type") or activity.get("voiceActivityType")
        found.append(str(getattr(kind, "value", kind)))
    if own := message.get("clientContent"):
        found.append("request" if own.get("turnComplete") else "note")
    if calls := message.get("toolCall"):
        found.append("toolCall " + " ".join(call["id"] for call in calls["functionCalls"]))
    if cancelled := message.get("toolCallCancellation"):
        found.append("cancelled " + " ".join(cancelled["ids"]))
    if responses := message.get("toolResponse"):
        found.append("answered " + " ".join(response["id"] for response in responses["functionResponses"]))
    found += [name for name in ("setup", "setupComplete", "close", "realtimeInput") if name in message]
    return "|".join(found)


def _size(blob: dict[str, Any]) -> int:
    data = blob.get("data", "")
    if isinstance(data, str):
        return int(blob["bytes"]) if "bytes" in blob else len(data) // 4 * 3 - data[-2:].count("=")
    return len(data)


# What must hold


class Findings:
    """What was counted, and what did not hold."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.violations: collections.Counter[str] = collections.Counter()
        self.examples: list[str] = []
        self.crossings: list[float] = []
        self.held: list[float] = []
        """Those of emulators that hold frames back."""
        self.refused = False
        """Between a refusal and the next call to enable, no note may be sent."""

    def violation(self, kind: str, detail: str) -> None:
        self.violations[kind] += 1
        if self.violations[kind] <= 5:
            self.examples.append(f"{kind}: {detail}")

    def settled(self, interruption: Interruption) -> None:
        if interruption.phase == "settled":
            self.outcomes[str(interruption.outcome)] += 1


@dataclasses.dataclass(slots=True)
class Judge:
    """Follows one session's events in the order of one end of its wire: cuts, replies, and calls that wait."""

    speech: bool = False
    open: bool = False
    residue: bool = False
    cut_at: float = -math.inf
    sign_at: float = -math.inf
    reply_at: float = -math.inf
    notes: int = 0
    requests: int = 0
    cuts: int = 0
    faint: int = 0
    calls: dict[str, int] = dataclasses.field(default_factory=dict)
    """For each that waits, how many turns have ended since."""

    def carried(self) -> Judge:
        """Return what the next connection begins with: a reply that the end of this one broke off is a cut."""
        cut = self.open or self.speech
        if self.speech:
            return Judge(speech=True, open=cut)
        return Judge(open=cut, cut_at=self.cut_at, sign_at=self.sign_at)

    def server(self, at: float, kinds: str) -> None:
        output = self._is_output(kinds)
        interrupted, over = "interrupted" in kinds, "turnComplete" in kinds
        if output and not interrupted and not (self.residue and at - self.cut_at <= RESIDUE):
            if self.open:
                self.open, self.reply_at = False, at
            self.speech = True
        elif output and interrupted:
            self.speech = True
        if interrupted and self.speech:
            self.speech, self.open, self.residue, self.cut_at = False, True, True, at
            self.notes = self.requests = self.faint = 0
            self.cuts += 1
        if over:
            self.residue, self.faint = False, 0
            self.calls = {call: turns + 1 for call, turns in self.calls.items() if not turns}
        if "inputTranscription" in kinds or "ACTIVITY" in kinds:
            self.sign_at = at
        for kind in kinds.split("|"):
            if kind.startswith("toolCall "):
                self.calls |= dict.fromkeys(kind.split()[1:], 0)
            elif kind.startswith("cancelled "):
                self.answered(kind.split()[1:])

    def answered(self, calls: Iterable[str]) -> None:
        for call in calls:
            self.calls.pop(call, None)

    def _is_output(self, kinds: str) -> bool:
        if "outputTranscription " in kinds:
            return True
        sound = sum(int(kind.split()[1]) for kind in kinds.split("|") if kind.startswith("audio "))
        self.faint += sound
        return sound > 0 and not (self.open and self.faint < A_REPLY)


# The apps' process


class Conversation:
    """One session of one app with its user, and everything that is to be judged afterwards."""

    def __init__(
        self,
        name: str,
        session: live.AsyncSession,
        chance: random.Random,
        findings: Findings,
        faults: set[str],
        microphone: Microphone | None,
        before: Conversation | None,
    ) -> None:
        self.name = name
        self.microphone = microphone
        self.identity = session_state(session).get("session_id")
        self.handle: str | None = None
        self._speaking_since = math.inf
        self._spoke_at = -math.inf
        self._tools: set[asyncio.Task[None]] = set()
        self.lossy = "half-open" in faults
        self.held = bool(faults & HOLDING)
        self.session = session
        self.chance = chance
        self.findings = findings
        self.got: list[str] = []
        self.wire: list[str] = []
        self.judge: Judge = before.judge.carried() if before else Judge()
        self._first = dataclasses.replace(self.judge)
        self.closed: int | None = None
        self._probe(session._ws)

    def _probe(self, connection: Any) -> None:
        recv, send = connection.recv, connection.send

        async def read(decode: bool | None = None) -> Any:
            frame = await recv(decode=decode)
            try:
                kinds = signature(json.loads(frame))
            except ValueError:
                return frame  # the SDK says that it is malformed
            self.wire.append(sys.intern(kinds))
            self.judge.server(time.monotonic(), kinds)
            return frame

        async def write(frame: Any) -> None:
            if MARKER in frame[:200]:
                self._sent(json.loads(frame)["client_content"])
            await send(frame)

        connection.recv, connection.send = read, write

    def _sent(self, content: dict[str, Any]) -> None:
        judge, findings, now = self.judge, self.findings, time.monotonic()
        if findings.refused:
            findings.violation("a note after a refusal", self.name)
        if not judge.open:
            findings.violation("a note without an open cut", f"{self.name}, after {self.wire[-6:]}")
        if content.get("turnComplete"):
            judge.requests += 1
            findings.counts["requests"] += 1
            if now - max(judge.cut_at, judge.sign_at) < RESUME_AFTER - 0.1:
                findings.violation("a request to go on too early", f"{self.name}, after {self.wire[-6:]}")
        else:
            judge.notes += 1
            findings.counts["notes"] += 1
        if judge.notes > 1 or judge.requests > 1:
            findings.violation("more than one note or request for a cut", f"{self.name}, after {self.wire[-6:]}")
        if judge.calls:
            findings.violation("a note while a tool call is open", f"{self.name}, {judge.calls}, {self.wire[-6:]}")
        talking = now - self._speaking_since > SPOKEN
        if content.get("turnComplete") and (talking or now - self._spoke_at < RESUME_AFTER - 0.1):
            findings.violation("a request to go on while the user speaks", f"{self.name}, after {self.wire[-6:]}")

    async def hold(self) -> None:
        """Talk for a while, and listen all the while."""
        listening = asyncio.create_task(self._listen(hasty=self.chance.random() < 0.3))
        talking = asyncio.create_task(self._talk_aloud())
        try:
            await asyncio.wait([listening, talking], return_when=asyncio.FIRST_COMPLETED)
        finally:
            talking.cancel()
            self._listening = listening
            tools = list(self._tools)
            for task in tools:
                task.cancel()
            for result in await asyncio.gather(talking, *tools, return_exceptions=True):
                if isinstance(result, Exception) and self.closed is None and not _is_closing(result):
                    self.findings.violation("raised in the app", repr(result))

    async def end(self) -> None:
        self._listening.cancel()
        for result in await asyncio.gather(self._listening, return_exceptions=True):
            if isinstance(result, Exception):
                self.findings.violation("raised in receive()", repr(result))

    async def _listen(self, *, hasty: bool) -> None:
        """Read as apps do; a hasty one gives up on a read again and again, and has to get everything all the same."""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.chance.expovariate(2.0) if hasty else None):
                        async for message in self.session.receive():
                            self._got(message)
        except errors.APIError as error:
            self.closed = error.code
        except ValueError:
            self.closed = 0  # a malformed frame

    def _got(self, message: types.LiveServerMessage) -> None:
        self.got.append(sys.intern(signature(message.model_dump(by_alias=True, exclude_none=True))))
        if message.session_resumption_update and message.session_resumption_update.new_handle:
            self.handle = message.session_resumption_update.new_handle
        if message.tool_call:
            task = asyncio.create_task(self._use_tools(message.tool_call.function_calls or []))
            self._tools.add(task)
            task.add_done_callback(self._tools.discard)
        if message.server_content and message.server_content.model_turn and self.chance.random() < 0.01:
            report_played(self.session, self.chance.uniform(0, 10))

    async def _use_tools(self, calls: list[types.FunctionCall]) -> None:
        """Answer in one of the forms that the SDK takes, sooner or later or never."""
        self.findings.counts["calls"] += len(calls)
        await asyncio.sleep(self.chance.choice((0.0, 0.5, 3.0, 8.0)))
        if self.chance.random() < 0.1:
            return
        scheduling: Any = self.chance.choice((None, "INTERRUPT", "WHEN_IDLE", "SILENT"))
        given: list[Any] = [
            {"id": call.id, "name": call.name, "response": {"found": "It is there."}}
            | ({"scheduling": scheduling} if scheduling and call.name == ORDER["name"] else {})
            for call in calls
        ]
        if self.chance.random() < 0.5:
            given = [types.FunctionResponse(**response) for response in given]
        self.judge.answered(str(call.id) for call in calls)
        try:
            await self.session.send_tool_response(function_responses=given if len(given) > 1 else given[0])
        except Exception as error:
            if _is_closing(error):
                return
            raise
        self.findings.counts["answers"] += len(calls)

    async def _talk_aloud(self) -> None:
        async with self.microphone or contextlib.nullcontext():
            await self._talk()

    async def _talk(self) -> None:
        for _ in range(self.chance.randint(3, 8)):
            await self._say(0.6)
            await self._wait(self.chance.choice((0.1, 1.0, 3.0, 10.0)))
            act = self.chance.random()
            if act < 0.45:
                await self._say(self.chance.choice((0.14, 0.6, 1.2)))
                await self._wait(2.0)
            elif act < 0.6:
                for _ in range(3):
                    await self._say(0.14)
                    await asyncio.sleep(self.chance.uniform(0.0, 0.5))
            elif act < 0.75:
                await self._say(0.14)
                await asyncio.sleep(RESUME_AFTER + 2)
            elif act < 0.85:
                await self.session.send_realtime_input(text=self.chance.choice(QUESTIONS))
                await self._wait(2.0)

    async def _wait(self, mean: float) -> None:
        """Let the reply come, or not: the user may speak at any moment."""
        await asyncio.sleep(self.chance.uniform(0.0, 1.2) + self.chance.expovariate(1 / mean))

    async def _say(self, seconds: float) -> None:
        if self.microphone is None:
            await self._send(seconds)
            return
        if seconds > SPOKEN:
            self._speaking_since = time.monotonic()
        await self.microphone.speak(seconds)
        if seconds > SPOKEN:
            self._speaking_since, self._spoke_at = math.inf, time.monotonic()

    async def _send(self, seconds: float) -> None:
        pcm = voice(seconds) + bytes(2 * round(16_000 * 0.6))
        step = 1280 if self.chance.random() < 0.3 else len(pcm)
        for begin in range(0, len(pcm), step):
            blob = types.Blob(data=pcm[begin : begin + step], mime_type="audio/pcm;rate=16000")
            await self.session.send_realtime_input(audio=blob)
            await asyncio.sleep(0.04 if step < len(pcm) else 0)

    def compare(self, log: list[list[Any]]) -> None:
        """Compare what the app got with what was read from the socket and with what the emulator sent.

        Where the session was ended, what the emulator sent last may not have come.
        """
        sent = [kinds for _, sender, kinds in log if sender == "server" and kinds not in ("setupComplete", "close")]
        if self.got != self.wire[: len(self.got)] or len(self.wire) - len(self.got) > 0:
            self.findings.violation("the app did not get what the socket did", _difference(self.got, self.wire))
        came = min(len(self.got), len(sent)) if self.closed is not None or self.lossy else len(sent)
        if self.got[:came] != sent[:came]:
            self.findings.violation("the app did not get what the server sent", _difference(self.got, sent))
        judge = self._first
        for at, sender, kinds in log:
            if sender == "server":
                judge.server(at, kinds)
            elif kinds in ("note", "request") and not judge.open:
                (self.findings.held if self.held else self.findings.crossings).append(at - judge.reply_at)
        self.findings.counts["cuts"] += self.judge.cuts
        self.findings.counts["messages"] += len(self.got)
        self.findings.counts["conversations"] += 1


def _is_closing(error: Exception) -> bool:
    return type(error).__module__.startswith("websockets")


def _difference(one: list[str], other: list[str]) -> str:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{len(one)} and {len(other)} messages; at {at}: {one[at : at + 3]} for {other[at : at + 3]}"


def voice(seconds: float) -> bytes:
    step = 2 * math.pi * 200 / 16_000
    return array("h", (round(6_000 * math.sin(step * n)) for n in range(round(16_000 * seconds)))).tobytes()


class Soak:
    """The run as a whole."""

    def __init__(self, minutes: float, sessions: int, seed: int, *, library: bool, shares: dict[str, float]) -> None:
        self.minutes = minutes
        self.shares = shares
        self.sessions = sessions
        self.seed = seed
        self.library = library
        self.findings = Findings()
        self.lateness = Lateness()
        self.samples: list[tuple[float, float, float]] = []
        self._asking = asyncio.Lock()
        self._ends_at = 0.0

    async def run(self) -> dict[str, Any]:
        environ = os.environ | {"SSL_CERT_FILE": os.devnull}
        self._server = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, "--serve"), stdin=-1, stdout=-1, limit=1 << 28, env=environ
        )
        self._ends_at = time.monotonic() + 60 * self.minutes
        self.enable()
        handler = self._watch_the_log()
        sampling = asyncio.create_task(self._sample())
        measuring = asyncio.create_task(self.lateness.measure())
        try:
            async with asyncio.TaskGroup() as group:
                for slot in range(min(EMULATORS, self.sessions)):
                    group.create_task(self._fill(slot))
            await self._look_for_leftovers(sampling, measuring)
            late = self.lateness.worst, await self.ask("late")
        finally:
            sampling.cancel()
            measuring.cancel()
            disable_interrupt_resume()
            logging.getLogger().removeHandler(handler)
            assert self._server.stdin is not None
            self._server.stdin.close()
            await self._server.wait()
        return self._row(*late)

    def enable(self) -> None:
        self.findings.refused = False
        if self.library:
            enable_interrupt_resume(resume_after=RESUME_AFTER, on_interruption=self.findings.settled)

    def _watch_the_log(self) -> logging.Handler:
        soak, loop = self, asyncio.get_running_loop()

        class Watch(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if record.name == "gemini_live_interrupt" and "1007" in record.getMessage():
                    soak.findings.counts["refusals"] += 1
                    soak.findings.refused = True
                    loop.call_later(1.0, soak.enable)
                elif any(each in record.getMessage() for each in EXPECTED):
                    soak.findings.counts["warnings"] += 1
                else:
                    soak.findings.violation("logged", f"{record.name}: {record.getMessage()[:300]}")

        logging.captureWarnings(True)
        handler = Watch(logging.WARNING)
        logging.getLogger().addHandler(handler)
        return handler

    async def ask(self, do: str, **what: Any) -> Any:
        """Have the emulators' process do something."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        async with self._asking:
            self._server.stdin.write(json.dumps({"do": do} | what).encode() + b"\n")
            return json.loads(await self._server.stdout.readline())

    async def _fill(self, slot: int) -> None:
        """Keep this emulator's share of the sessions talking; each emulator has faults of its own."""
        share = len(range(slot, self.sessions, EMULATORS))
        for generation in itertools.count():
            if time.monotonic() >= self._ends_at:
                return
            name = f"{self.seed}.{slot}.{generation}"
            chance = random.Random(name)
            where = await self.ask(
                "start",
                slot=slot,
                seed=name,
                profile=chance.choice([name for name in PROFILES if name != "3.1-early"]),  # it refuses every note
                speed=chance.choice((0.9, 2.0, 3.5, 3.5, 8.0)),
                faults=(faults := list(mishaps(chance))),
                tools=self.shares["tools"],
            )
            names = {fault["name"] for fault in faults}
            async with client_of(where) as client:
                talks = [self._talk(slot, client, f"{name}.{number}", names) for number in range(share)]
                await asyncio.gather(*talks)
            await self.ask("stop", slot=slot)

    async def _talk(self, slot: int, client: Any, name: str, faults: set[str]) -> None:
        for number in range(ROUNDS):
            if time.monotonic() < self._ends_at:
                try:
                    await self._converse(slot, client, f"{name}.{number}", faults)
                except Exception as error:  # noqa: BLE001 - it is what this program looks for
                    self.findings.violation("raised", f"{name}.{number}: {error!r}")

    async def _converse(self, slot: int, client: Any, name: str, faults: set[str]) -> None:
        """Hold one conversation, which may go on on another connection."""
        chance = random.Random(name)
        await asyncio.sleep(chance.uniform(0.0, 3.0))
        before: Conversation | None = None
        for connection in itertools.count(1):
            before = await self._connect(slot, client, f"{name}.{connection}", chance, faults, before)
            resumable = before.handle and before.closed != REFUSED
            over = connection == CONNECTIONS or time.monotonic() >= self._ends_at
            if not resumable or over or chance.random() >= self.shares["reconnects"]:
                return

    async def _connect(
        self,
        slot: int,
        client: Any,
        name: str,
        chance: random.Random,
        faults: set[str],
        before: Conversation | None,
    ) -> Conversation:
        config = CONFIG | {"system_instruction": name}
        kind = chance.choice(("open", "pushed")) if chance.random() < self.shares["microphones"] else "speech only"
        if kind == "pushed":
            config["realtime_input_config"] = {"automatic_activity_detection": {"disabled": True}}
        if before is not None:
            config["session_resumption"] = {"handle": before.handle}
        async with contextlib.AsyncExitStack() as stack:
            session = await self._enter(stack, client, config)
            self.findings.counts[f"microphones, {kind}"] += 1
            room = chance.uniform(60.0, 250.0), chance.uniform(20.0, 25.0)  # voice that the emulator takes for voice
            microphone = None
            if kind != "speech only":
                microphone = Microphone(session, noise=room[0], over=room[1], push_to_talk=kind == "pushed")
            conversation = Conversation(name, session, chance, self.findings, faults, microphone, before)
            if before is not None:
                self._look_at_reconnect(before, conversation)
            await conversation.hold()
            log = await self.ask("log", slot=slot, conversation=name)
            sent = sum(sender == "server" and kinds not in ("setupComplete", "close") for _, sender, kinds in log)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    while len(conversation.got) < sent:  # noqa: ASYNC110 - it says nothing when it has got one
                        await asyncio.sleep(0.01)
            if chance.random() < 0.3:
                session._ws.transport.abort()
            await conversation.end()
            conversation.compare(log)
            return conversation

    async def _enter(self, stack: contextlib.AsyncExitStack, client: Any, config: Any) -> live.AsyncSession:
        """Connect, on a machine that may be busy with other things for longer than a handshake may take."""
        while True:
            try:
                connecting = client.live.connect(model="a-live-model", config=config)
                session: live.AsyncSession = await stack.enter_async_context(connecting)
            except (TimeoutError, InvalidMessage):
                self.findings.counts["connected again"] += 1
                if self.findings.counts["connected again"] > AGAIN * self.findings.counts["conversations"] + AGAIN:
                    raise
            else:
                return session

    def _look_at_reconnect(self, before: Conversation, now: Conversation) -> None:
        self.findings.counts["reconnects"] += 1
        if not self.library or not before.judge.cuts:
            return
        if now.identity == before.identity:
            self.findings.counts["followed"] += 1
        else:
            self.findings.violation("a reconnect that was not followed", f"{before.name}, {before.wire[-3:]}")

    async def _sample(self) -> None:
        while time.monotonic() < self._ends_at:  # then there are ever fewer sessions
            await asyncio.sleep(SAMPLE_EVERY)
            gc.collect()
            self.samples.append((time.monotonic() / 60, resident(), float(sys.getallocatedblocks())))

    async def _look_for_leftovers(self, *known: asyncio.Task[None]) -> None:
        for _ in range(20):
            left = asyncio.all_tasks() - {asyncio.current_task(), *known}
            if not left:
                return
            await asyncio.sleep(0.1)
        self.findings.violation("tasks left over", str([task.get_coro() for task in left])[:500])

    def _row(self, late: float, emulators_late: float) -> dict[str, Any]:
        findings = self.findings
        for crossed_by in findings.crossings:
            if crossed_by > CROSSED + late + emulators_late:
                findings.violation("a note long after the next reply began", f"{crossed_by:.3f} s")
        warm = [sample for sample in self.samples if sample[0] >= self.samples[0][0] + self.minutes / 4]
        grown = slope([(minute, kib) for minute, kib, _ in warm])
        blocks = slope([(minute, blocks) for minute, _, blocks in warm])
        if self.minutes >= 5 and blocks > STEEP:
            findings.violation("memory grows", f"{blocks:.0f} blocks a minute")
        counts = ("conversations", "messages", "cuts", "notes", "requests", "refusals", "warnings")
        microphones = [f"microphones, {kind}" for kind in ("open", "pushed", "speech only")]
        more = (*microphones, "calls", "answers", "reconnects", "followed", "connected again")
        return {
            "minutes": self.minutes,
            "sessions": self.sessions,
            "seed": self.seed,
            "library": self.library,
            **{name: findings.counts[name] for name in (*counts, *more)},
            "crossed_in_faults": len(findings.held),
            "crossed": len(findings.crossings),
            "crossed_by_ms": round(1e3 * max(findings.crossings, default=0.0), 1),
            "late_ms": [round(1e3 * late, 1), round(1e3 * emulators_late, 1)],
            "outcomes": dict(findings.outcomes),
            "violations": sum(findings.violations.values()),
            "kinds": dict(findings.violations),
            "examples": findings.examples,
            "memory_kib_a_minute": round(grown, 1),
            "blocks_a_minute": round(blocks),
            "memory_mib": round(self.samples[-1][1] / 1024, 1) if self.samples else 0.0,
        }


@contextlib.asynccontextmanager
async def client_of(where: dict[str, str]) -> AsyncIterator[Any]:
    context = ssl.create_default_context(cadata=where["authority"])
    options: Any = {"base_url": where["url"], "async_client_args": {"ssl": context, "close_timeout": 1}}
    async with genai.Client(api_key="no-key", http_options=options).aio as client:
        yield client


def mishaps(chance: random.Random) -> Iterable[dict[str, Any]]:
    """Choose faults for an emulator, each at one of the first occasions or at every one; refusals are rare."""
    for name in FAULTS:
        if chance.random() < RARE.get(name, 0.2):
            nth = chance.randint(1, 3) if name in RARE or name in ("silence", "stall") else chance.choice((1, 2, None))
            yield {"name": name, "nth": nth} | ({"seconds": 5.0} if name == "repeated-words" else {})


def resident() -> float:
    """Return this process's resident memory in KiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def slope(samples: list[tuple[float, float]]) -> float:
    """Return the median of the slopes between all samples: one that stands out changes nothing."""
    pairs = itertools.combinations(samples, 2)
    return statistics.median([(b - a) / (then - now) for (now, a), (then, b) in pairs] or [0.0])


def show(row: dict[str, Any]) -> None:
    for name, value in row.items():
        if name != "examples":
            print(f"{name:<26}{value}")
    for example in row["examples"]:
        print(f"  {example}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    for share, usual, of in SHARES:
        parser.add_argument(f"--{share}", type=float, default=usual, help=f"share of {of} ({usual})")
    parser.add_argument("--without", action="store_true", help="without the library: what the rest does to memory")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(Emulators().run())
        return

    async def soak() -> dict[str, Any]:
        shares = {share: getattr(options, share) for share, _, _ in SHARES}
        soak = Soak(options.minutes, options.sessions, options.seed, library=not options.without, shares=shares)
        return await soak.run()

    row = asyncio.run(soak())
    print(json.dumps({"results": [row]})) if options.json else show(row)
    sys.exit(bool(row["violations"]))


if __name__ == "__main__":
    main()
