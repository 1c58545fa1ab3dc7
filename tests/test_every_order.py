"""Every order of events: hypothesis plays legal and hostile sequences, and what was promised holds after each step."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
from google.genai import types
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from test_handler import settings
from wire import Message, audio, content, parsed

from gemini_live_interrupt._actions import Action, DropNote, Note, ReportInterruption, SendNote
from gemini_live_interrupt._events import (
    Event,
    Interrupted,
    ModelSpeech,
    NoteNotSent,
    NoteSending,
    PlaybackReported,
    ToolCalled,
    TurnCompleted,
    Woken,
)
from gemini_live_interrupt._handler import _InterruptHandler
from gemini_live_interrupt._sdk import received, sent
from gemini_live_interrupt._states import TRANSITIONS

WORDS = st.sampled_from(["The", " tide", " turns", " twice.", " ", "", " 潮", " 1.5", "\n", " é", "<noise>"])
STATUSES = [status.value for status in getattr(types, "InteractionStatus", ())] or ["IDLE"]  # of others the SDK warns
SECONDS = st.sampled_from([0.04, 0.24, 1.0])
TRANSCRIPTION = st.fixed_dictionaries({}, optional={"text": WORDS, "finished": st.booleans()})
PARTS = st.lists(
    st.one_of(
        SECONDS.map(lambda seconds: audio(seconds)["serverContent"]["modelTurn"]["parts"][0]),
        WORDS.map(lambda text: {"text": text}),
        WORDS.map(lambda text: {"text": text, "thought": True}),
        st.just({"executableCode": {"code": "1", "language": "PYTHON"}}),
        st.just({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
        st.just({}),
    ),
    max_size=3,
)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "modelTurn": st.fixed_dictionaries({}, optional={"parts": PARTS, "role": st.just("model")}),
        "outputTranscription": TRANSCRIPTION,
        "inputTranscription": TRANSCRIPTION,
        "interimInputTranscription": TRANSCRIPTION,
        "interrupted": st.booleans(),
        "generationComplete": st.booleans(),
        "turnComplete": st.booleans(),
        "waitingForInput": st.booleans(),
        "interactionStatus": st.sampled_from(STATUSES),
    },
)
VOICE = st.sampled_from(["ACTIVITY_START", "ACTIVITY_END", "TYPE_UNSPECIFIED"]).map(lambda t: {"voiceActivityType": t})
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "serverContent": CONTENT,
        "voiceActivity": VOICE,
        "voiceActivityDetectionSignal": st.just({"vadSignalType": "VAD_SIGNAL_TYPE_SOS"}),
        "toolCall": st.just({"functionCalls": [{"id": "1", "name": "look", "args": {}}]}),
        "toolCallCancellation": st.just({"ids": ["1"]}),
        "goAway": st.just({"timeLeft": "10s"}),
        "sessionResumptionUpdate": st.just({"newHandle": "h", "resumable": True}),
        "usageMetadata": st.just({"promptTokenCount": 1}),
    },
)
CALLS: st.SearchStrategy[tuple[str, tuple[Any, ...], dict[str, Any]]] = st.sampled_from(
    [
        ("send_realtime_input", (), {"audio": {"data": b"\0\x20\0\xe0" * 320, "mime_type": "audio/pcm;rate=16000"}}),
        ("send_realtime_input", (), {"audio": {"data": bytes(1281), "mime_type": "audio/pcm"}}),
        ("send_realtime_input", (), {"media": {"data": b"\xff\xd8", "mime_type": "image/jpeg"}}),
        ("send_realtime_input", (), {"text": "Wait."}),
        ("send_realtime_input", (), {"activity_start": {}}),
        ("send_realtime_input", (), {"activity_end": {}}),
        ("send_realtime_input", (), {"audio_stream_end": True}),
        ("send_client_content", (), {"turns": {"role": "user", "parts": [{"text": "Stop."}]}}),
        ("send_client_content", (), {"turns": {"role": "model", "parts": [{"text": "So."}]}, "turn_complete": False}),
        ("send_client_content", (), {"turns": None, "turn_complete": True}),
        ("send_tool_response", (), {"function_responses": {"id": "1", "name": "look", "response": {}}}),
        ("send_tool_response", (), {"function_responses": [{"id": "1", "response": {"scheduling": "INTERRUPT"}}]}),
        ("send", ("Hello.",), {"end_of_turn": True}),
        ("send", ({"realtime_input": {"media_chunks": [None]}},), {}),
    ]
)
"""What the app sends: a method of the session, and its arguments."""
LONGEST_TEXT = 10_000


class Session(RuleBasedStateMachine):
    """A server that sends anything in any order, and an app that reports what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.handler = _InterruptHandler(settings())
        self.now = 1000.0
        self.open: list[Note] = []  # notes of the cut that is open
        self.met: list[Note] = []  # those that were sent or not
        self.output = False  # since the last cut
        self.announced = False
        self.sent: list[Note] = []
        self.under_way: Note | None = None
        self.called = False  # a tool, whose end a note may wait for
        self.wordless = False  # the last cut had no note, perhaps for want of words
        self.audible = False  # in the session

    @rule(message=MESSAGE)
    def any_message(self, message: Message) -> None:
        self.play(message)

    @rule(text=WORDS, seconds=SECONDS)
    def speech(self, text: str, seconds: float) -> None:
        self.play(content(outputTranscription={"text": text}))
        self.play(audio(seconds))

    @rule(count=st.integers(1, 12), together=st.booleans())
    def a_burst(self, count: int, together: bool) -> None:
        for _ in range(count):
            if together:
                self.play(content(interrupted=True, turnComplete=True))
            else:
                self.play(content(interrupted=True))
                self.play(content(turnComplete=True))

    @rule(seconds=st.sampled_from([0.0, 0.03, 0.5, 2.0, 5.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.happens(Woken())

    @rule()
    def the_clock_jumps_back(self) -> None:
        self.now -= 50.0

    @rule(seconds=st.floats(allow_nan=True, allow_infinity=True))
    def the_app_reports(self, seconds: float) -> None:
        self.happens(PlaybackReported(seconds))

    @rule(call=CALLS)
    def the_app_sends(self, call: tuple[str, tuple[Any, ...], dict[str, Any]]) -> None:
        for event in sent(*call):
            self.happens(event)

    @precondition(lambda self: self.open and self.open[-1] not in self.met)
    @rule(outcome=st.sampled_from(["sent", "skipped", "failed"]))
    def the_note_is_sent_or_not(self, outcome: Any) -> None:
        note = self.open[-1]
        self.met.append(note)
        if outcome == "sent":
            self.sent.append(note)
        self.happens(NoteSending(note, "a note") if outcome == "sent" else NoteNotSent(note, outcome))

    def play(self, message: Message) -> None:
        parsed_message = parsed(message)
        before = parsed_message.model_dump_json()
        events = received(parsed_message)
        assert parsed_message.model_dump_json() == before, "the app's message was touched"
        self.takes_in(message)
        for event in events:
            self.happens(event)

    def happens(self, event: Event) -> None:
        state = self.handler.state
        actions = self.handler.receive(event, self.now)
        led = self.handler.state
        assert led is state or led in TRANSITIONS[state].get(type(event), ()), (state, event, led)
        settled = [
            action
            for action in actions
            if isinstance(action, ReportInterruption) and action.interruption.phase == "settled"
        ]
        notes = [action.note for action in actions if isinstance(action, SendNote)]
        assert len(settled) <= 1
        assert len(notes) <= 1
        if any(isinstance(action, ReportInterruption) and action.interruption.phase == "cut" for action in actions):
            self.announced = True
        if settled:
            assert self.announced, "settled what was not open"
            self.announced = False
            assert isinstance(event, ModelSpeech), "settled without a reply"
            assert not self.under_way or any(isinstance(action, DropNote) for action in actions), "a note too late"
            assert settled[0].interruption.outcome is not None
            self.open = []
        for note in notes:
            if note.interruption.phase == "cut":
                late = self.wordless and isinstance(event, TurnCompleted)
                assert isinstance(event, Interrupted) or late or self.called, "a cut without `interrupted`"
                assert not self.open, "a second note for one cut"
                assert self.output or late or self.called, "a note for nothing"
            self.check_note(note)
        self.follow(actions, event)
        if isinstance(event, Interrupted):
            self.output = self.output and self.wordless and not notes  # late words of a cut that is still without
            self.wordless = not notes
        elif notes:
            self.wordless = False

    def follow(self, actions: Sequence[Action], event: Event) -> None:
        """Keep the note that is under way, as the delivery does."""
        if isinstance(event, NoteSending | NoteNotSent):
            self.under_way = None
        for action in actions:
            if isinstance(action, SendNote):
                self.under_way = action.note
            elif isinstance(action, DropNote):
                if isinstance(event, ToolCalled) and self.under_way in self.open:
                    self.open.remove(self.under_way)  # it will be sent after the call
                self.under_way = None

    def takes_in(self, message: Message) -> bool:
        found = content_of(message)
        self.called = self.called or "toolCall" in message
        parts = found.get("modelTurn", {}).get("parts", [])
        sound = any(part.get("inlineData", {}).get("mimeType", "").startswith("audio/") for part in parts)
        text = bool(found.get("outputTranscription", {}).get("text")) or any(part.get("text") for part in parts)
        self.audible = self.audible or sound
        self.output = self.output or sound or text
        return sound or text

    def check_note(self, note: Note) -> None:
        cut = note.interruption
        assert not self.handler._calls.is_open, "a note into an open call"
        assert cut.heard.endswith(cut.cut_sentence) or cut.unheard.lstrip().startswith(cut.cut_sentence)
        assert (cut.heard + cut.unheard).strip(), "a note about no words"
        assert 0.0 <= cut.played <= cut.received + 1e-6
        if cut.phase == "cut":
            assert not note.orders_reply
        else:
            assert note.orders_reply
            assert cut.cause != "app", "the app silenced the model, and it is asked to speak"
            assert not any(earlier.interruption.phase == "silence" and earlier in self.sent for earlier in self.open)
        self.open.append(note)

    @invariant()
    def memory_is_bounded(self) -> None:
        conversation = self.handler._conversation
        assert len(conversation.history) <= self.handler.settings.max_history + 60
        assert len(conversation.user_text) < LONGEST_TEXT


def content_of(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = message.get("serverContent", {})
    return found


at_random = os.environ.get("EVERY_ORDER") == "random"
Session.TestCase.settings = hypothesis_settings(
    max_examples=2_000 if at_random else 200, stateful_step_count=40, deadline=None, derandomize=not at_random
)
test_every_order = pytest.mark.timeout(1_200)(Session.TestCase)  # shrinking takes its time
