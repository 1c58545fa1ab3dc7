"""Every order of events: hypothesis plays legal and hostile sequences, and what was promised holds after each step."""

from __future__ import annotations

from typing import Any

from google.genai import types
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from test_handler import settings
from wire import Message, audio, content, parsed

from gemini_live_interrupt._cut import Note, NothingToWorkWith, Settled
from gemini_live_interrupt._handler import _InterruptHandler

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
        note = self.handler.wake(self.now)
        if note is not None:
            self.check_note(note)

    @rule()
    def the_clock_jumps_back(self) -> None:
        self.now -= 50.0

    @rule(seconds=st.floats(allow_nan=True, allow_infinity=True))
    def the_app_reports(self, seconds: float) -> None:
        self.handler.report_played(seconds, self.now)

    @precondition(lambda self: self.open and self.open[-1] not in self.met)
    @rule(fate=st.sampled_from(["sent", "skipped", "failed", "late"]))
    def the_note_meets_its_fate(self, fate: Any) -> None:
        self.met.append(self.open[-1])
        if fate == "sent":
            self.handler.note_sent(self.open[-1], "a note", self.now)
        else:
            self.open[-1].is_not_sent(fate)

    def play(self, message: Message) -> None:
        before = parsed(message)
        sent = before.model_dump_json()
        deeds = self.handler.receive(before, self.now)
        assert before.model_dump_json() == sent, "the app's message was touched"
        spoke = self.takes_in(message)
        settled = [deed for deed in deeds if isinstance(deed, Settled)]
        notes = [deed for deed in deeds if isinstance(deed, Note)]
        assert len(settled) <= 1
        assert len(notes) <= 1
        if settled:
            assert self.open, "settled what was not open"
            assert spoke, "settled without a reply"
            assert not self.handler.wants(self.open[-1]), "a note after the next reply began"
            assert settled[0].interruption.outcome is not None
            self.open = []
        for note in notes:
            late = self.wordless and content_of(message).get("turnComplete")
            assert content_of(message).get("interrupted") or late, "a cut without `interrupted`"
            assert not self.open, "a second note for one cut"
            assert self.output, "a note for nothing"
            self.check_note(note)
        if content_of(message).get("interrupted"):
            self.output = self.output and self.wordless and not notes  # late words of a cut that is still without
            self.wordless = not notes
        elif notes:
            self.wordless = False
        assert all(isinstance(deed, Note | Settled | NothingToWorkWith) for deed in deeds)

    def takes_in(self, message: Message) -> bool:
        found = content_of(message)
        parts = found.get("modelTurn", {}).get("parts", [])
        sound = any(part.get("inlineData", {}).get("mimeType", "").startswith("audio/") for part in parts)
        text = bool(found.get("outputTranscription", {}).get("text")) or any(part.get("text") for part in parts)
        self.audible = self.audible or sound
        self.output = self.output or sound or text
        return sound or text

    def check_note(self, note: Note) -> None:
        cut = note.interruption
        text = note.cut.turn.text
        assert cut.heard + cut.unheard == text
        assert cut.heard.endswith(cut.cut_sentence)
        assert text.strip(), "a note about no words"
        assert 0.0 <= cut.played <= cut.received + 1e-6
        if cut.phase == "cut":
            assert not note.cut.turn.generated or cut.unheard.strip(), "all of it was heard"
            assert not note.turn_complete
        else:
            assert note.turn_complete
            assert not any(earlier.interruption.phase == "silence" and wanted(earlier) for earlier in self.open)
        if self.open and cut.phase == "cut":
            raise AssertionError("two notes for one cut")
        self.open.append(note)

    @invariant()
    def memory_is_bounded(self) -> None:
        conversation = self.handler._conversation
        assert len(conversation.history) <= self.handler.settings.max_history + 60
        assert len(conversation.user_text) < LONGEST_TEXT


def wanted(note: Note) -> bool:
    return note.cut.fate == "asked"


def content_of(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = message.get("serverContent", {})
    return found


Session.TestCase.settings = hypothesis_settings(max_examples=200, stateful_step_count=40, deadline=None)
test_every_order = Session.TestCase
