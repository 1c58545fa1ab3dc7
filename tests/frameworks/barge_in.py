"""What every framework goes through: stories, each cut by a person who speaks, with the library off and on.

The module of a framework has a subclass of `BargeIn`, which says how an app is built on that framework. The app is an
ordinary one that knows nothing of this library; the environment points it to the emulator.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar, Literal

import pytest
from emulator.talking import hasty

from gemini_live_interrupt import Interruption, disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt.demo._sound import RecordedMicrophone, recording
from gemini_live_interrupt.emulator import FAULTS, Told
from gemini_live_interrupt.emulator.pytest_plugin import BackgroundEmulator

Moment = Literal["generating", "playing"]
Record = Callable[[str, object], None]
Event = tuple[str, str]
"""Kind and text."""

STORY = (
    "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose over the "
    "water, and the fox began to swim."
)
ANSWER = "About thirty metres."
GO_ON = "As I was saying."
PATIENCE = 20.0
"""Seconds for anything that is waited for, shutdown too: what hangs, fails."""
MODELS = {"2.5-native": "gemini-2.5-flash-native-audio-preview-12-2025", "3.8-live": "gemini-3.8-live"}
"""By the emulator's profile, what a framework is told that the model is called: some go by it."""


def model(context: tuple[Told, ...]) -> str:
    """Say what was asked for, and nothing else: a note that orders a reply is found out."""
    last = context[-1]
    return GO_ON if last.kind == "content" else {"A story!": STORY, "How tall is it?": ANSWER}.get(last.text, "")


def emulator(name: str, *hear: str) -> Any:
    """A parameter for `live_emulator`: no pauses, but a turn is complete well after a real player has played it."""
    profile = dataclasses.replace(hasty(name), playback_margin=0.5)
    return pytest.param(MODELS[name], {"profile": profile, "model": model, "hear": hear}, id=name)


def leaving(name: str, fault: str = "go-away") -> Any:
    """A parameter for `live_emulator`: the connection ends in the midst of the story."""
    profile = dataclasses.replace(hasty(name), playback_margin=0.5)
    faults = [dataclasses.replace(FAULTS[fault], seconds=2.0)]
    return pytest.param(
        MODELS[name], {"profile": profile, "model": model, "hear": ["A story!"], "faults": faults}, id=name
    )


def on_emulators(*hear: str) -> pytest.MarkDecorator:
    """Run the test with models of both families."""
    return pytest.mark.parametrize(
        ("name", "live_emulator"), [emulator(name, *hear) for name in MODELS], indirect=["live_emulator"]
    )


class App:
    """A running app: its microphone, and what the framework has told it, in order."""

    def __init__(self) -> None:
        self.microphone = RecordedMicrophone()
        self.events: dict[str, list[Event]] = defaultdict(list)
        """By stream: the order between streams is up to the framework's tasks."""
        self.ended = 0
        """How many turns of the model the framework has called over, interrupted ones included."""
        self.audio = 0
        """Bytes of speech that the framework has handed on."""

    def saw(self, kind: str, text: str = "", *, stream: str = "") -> None:
        self.events[stream].append((kind, text))

    @property
    def text(self) -> str:
        """All texts, stream by stream."""
        return "".join(text for events in self.events.values() for _, text in events)

    def take(self, *, texts: bool) -> dict[str, list[Event]]:
        """Return what was seen since the last time; without texts if chance decides how much there was of a reply."""
        taken, self.events = self.events, defaultdict(list)
        return {stream: outline(events, texts=texts) for stream, events in taken.items()}


def outline(events: list[Event], *, texts: bool) -> list[Event]:
    """Return the events without repetitions: in how many pieces audio comes, between words, is chance."""
    found: list[Event] = []
    for kind, text in events:
        event = (kind, text if texts else "")
        if event[1] or event not in found[-3:]:
            found.append(event)
    return found


@dataclasses.dataclass(frozen=True)
class Act:
    """A story, its cut, an answer: what the framework told its app, and what the model was told."""

    events: dict[str, list[Event]]
    told: list[Told]

    @property
    def notes(self) -> list[Told]:
        return [told for told in self.told if told.kind == "content"]

    @property
    def rest(self) -> list[tuple[str, str]]:
        """What else the model was told, without how much of the story had been sent."""
        return [(told.role, told.text[:20]) for told in self.told if told.kind != "content"]


class BargeIn:
    """The tests of every framework."""

    hands_on_all_audio: ClassVar = False
    """Whether the app gets all audio that was sent; else the framework plays it, and drops what is cut."""

    remember: ClassVar[Any] = None
    """The recipe's `on_session`, if it has one."""

    def talking(self, model: str, *, late: float) -> contextlib.AbstractAsyncContextManager[App]:
        """Run an app on the framework; on leaving, close it as the framework's documents say.

        If its player is `late`, by so many seconds, it is built as the recipe for the framework says.
        """
        raise NotImplementedError

    @contextlib.asynccontextmanager
    async def app(self, live: BackgroundEmulator, name: str, *, late: float = 0.0) -> AsyncIterator[App]:
        """An app that is connected; once it is closed, nothing of it runs."""
        before, sessions = asyncio.all_tasks(), len(live.sessions)
        stack = contextlib.AsyncExitStack()
        app = await stack.enter_async_context(self.talking(name, late=late))
        try:
            await live.eventually(lambda: len(live.sessions) > sessions and live.log.server("setupComplete"), PATIENCE)
            yield app
        finally:
            async with asyncio.timeout(PATIENCE):
                await stack.aclose()
        if left := asyncio.all_tasks() - before:
            _, running = await asyncio.wait(left, timeout=PATIENCE)
            assert running == set()
        await live.eventually(lambda: live.session.ended, PATIENCE)

    async def interrupt(self, live: BackgroundEmulator, app: App, moment: Moment, said: str = "question") -> None:
        """Have a story told, and speak into it."""
        generated, replies = len(live.log.server("generationComplete")), len(live.session.replies)
        app.microphone.say(recording("go-on"))
        if moment == "playing":
            await live.eventually(lambda: len(live.log.server("generationComplete")) > generated, PATIENCE)
        else:
            await live.eventually(lambda: len(live.replies) > replies and "fox by" in live.replies[-1].sent, PATIENCE)
        app.microphone.say(recording(said))

    async def act(self, live: BackgroundEmulator, app: App, moment: Moment) -> Act:
        told, ended = len(live.context), app.ended
        await self.interrupt(live, app, moment)
        await live.eventually(lambda: app.ended == ended + 2, PATIENCE)
        return Act(app.take(texts=moment == "playing"), list(live.context[told:]))

    async def two_acts(self, live: BackgroundEmulator, name: str, moment: Moment) -> tuple[Act, Act]:
        """In one session; the library, if it is on, is switched off between them."""
        async with self.app(live, name) as app:
            first = await self.act(live, app, moment)
            disable_interrupt_resume()
            second = await self.act(live, app, moment)
            if self.hands_on_all_audio:
                assert app.audio == audio_sent(live)
        return first, second

    @pytest.mark.parametrize("moment", ["generating", "playing"])
    @on_emulators(*["A story!", "How tall is it?"] * 4)
    async def test_a_barge_in_adds_one_silent_note_and_changes_nothing_else(
        self, live_emulator: BackgroundEmulator, name: str, moment: Moment, record_property: Record
    ) -> None:
        plain = await self.two_acts(live_emulator, name, moment)
        seen: list[Interruption] = []
        enable_interrupt_resume(on_interruption=seen.append)
        on, off = await self.two_acts(live_emulator, name, moment)
        record_property("notes", len(on.notes))
        record_property("events", sum(len(events) for act in plain for events in act.events.values()))
        (note,) = on.notes
        assert note.silent
        assert [act.notes for act in (*plain, off)] == [[], [], []]
        assert [act.events for act in (on, off)] == [act.events for act in plain]
        assert [act.rest for act in (on, off)] == [act.rest for act in plain]
        assert on.told.index(note) == 2  # after the story, before the user's words
        assert live_emulator.replies[-1].said == ANSWER
        assert [(one.phase, one.outcome) for one in seen] == [("cut", None), ("settled", "noted")]
        assert seen[0].cut_sentence in note.text
        (frame,) = live_emulator.log.client("clientContent")
        record_property("note after", frame.at - live_emulator.log.server("interrupted")[0].at)

    @pytest.mark.parametrize(
        ("name", "live_emulator"), [emulator("3.8-live", "A story!", "")], indirect=["live_emulator"]
    )
    async def test_after_a_noise_the_model_is_asked_once_and_its_reply_is_one_like_any_other(
        self, live_emulator: BackgroundEmulator, name: str
    ) -> None:
        enable_interrupt_resume(resume_after=1.0)
        async with self.app(live_emulator, name) as app:
            await self.interrupt(live_emulator, app, "playing", said="noise")
            await live_emulator.eventually(lambda: GO_ON in app.text, PATIENCE)
            assert [told.silent for told in live_emulator.context if told.kind == "content"] == [True, False]
            assert [reply.said for reply in live_emulator.replies] == [STORY, GO_ON]

    async def check_that_a_story_goes_on_over_two_connections(self, live: BackgroundEmulator, name: str) -> None:
        """The framework connects again by itself, with the handle that it was given, and the app does nothing."""
        seen: list[Interruption] = []
        enable_interrupt_resume(on_interruption=seen.append)
        async with self.app(live, name) as app:
            app.microphone.say(recording("go-on"))
            await live.eventually(lambda: live.replies and live.replies[-1].said == GO_ON, 2 * PATIENCE)
            told = [told for told in live.context if told.kind == "content" and "interruption_note" in told.text]
            assert [note.silent for note in told] == [True, False], "beside the history that some send"
        assert {one.cause for one in seen} == {"connection"}
        assert [one.phase for one in seen][:2] == ["cut", "silence"]
        assert len({one.session_id for one in seen}) == 1

    @on_emulators("A story!", "How tall is it?")
    async def test_a_player_that_is_late_reports_what_was_played(
        self, live_emulator: BackgroundEmulator, name: str
    ) -> None:
        seen: list[Interruption] = []
        enable_interrupt_resume(on_interruption=seen.append, on_session=self.remember)
        async with self.app(live_emulator, name, late=1.0) as app:
            await self.interrupt(live_emulator, app, "playing")
            await live_emulator.eventually(lambda: len(seen) == 2, PATIENCE)
        assert {one.evidence for one in seen} == {"reported"}
        assert 0.0 < seen[0].played < live_emulator.cuts[0].heard_seconds - 0.5  # that of a player without delay

    @pytest.mark.parametrize("said", ["question", "noise"])
    @on_emulators("A story!", "How tall is it?")
    async def test_closing_in_the_middle_of_a_cut_leaves_nothing_running(
        self, live_emulator: BackgroundEmulator, name: str, said: str
    ) -> None:
        enable_interrupt_resume()
        async with self.app(live_emulator, name) as app:
            await self.interrupt(live_emulator, app, "playing", said)
            await live_emulator.eventually(lambda: live_emulator.log.client("clientContent"), PATIENCE)


def audio_sent(live: BackgroundEmulator) -> int:
    turns = [frame.message["serverContent"].get("modelTurn", {}) for frame in live.log.server("audio")]
    return sum(part["inlineData"]["bytes"] for turn in turns for part in turn["parts"] if "inlineData" in part)
