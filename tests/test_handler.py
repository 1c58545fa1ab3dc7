"""The state machine: messages and times in, actions out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from google.genai import types
from wire import (
    GENERATED,
    INTERRUPTED,
    TURN_COMPLETE,
    VOICE_ENDS,
    VOICE_STARTS,
    Message,
    audio,
    bundled,
    content,
    needs,
    parsed,
    said,
    speech,
    spoken,
    thought,
    written,
)

from gemini_live_interrupt import Interruption, default_prompt
from gemini_live_interrupt._actions import (
    DropNote,
    Note,
    ReportInterruption,
    SendNote,
    StopNotes,
    WakeAt,
    WarnNoTranscription,
)
from gemini_live_interrupt._agreement import Agreement, read_agreement
from gemini_live_interrupt._conversation import BARGE_IN, LONGEST_SPEECH
from gemini_live_interrupt._events import Closed, Event, NoteNotSent, NoteSending, PlaybackReported, Woken
from gemini_live_interrupt._handler import (
    BARELY_HEARD,
    LATE_WORDS,
    _InterruptHandler,
)
from gemini_live_interrupt._residue import UNTIL_COMPLETE
from gemini_live_interrupt._sdk import received
from gemini_live_interrupt._settings import Settings

TIDES = "The tide turns twice a day, pulled by the moon. It rises for six hours, and falls for six."
QUESTION = "Tell me about the tides."
WRITTEN = read_agreement("gemini-2.0-flash-live-001", {"response_modalities": ["TEXT"]})
"""What is known of a session in which the model writes."""


def settings(**changes: Any) -> Settings:
    chosen: dict[str, Any] = {
        "prompt_builder": default_prompt,
        "builder_takes_interruption": True,
        "max_history": 4,
        "turn_complete": False,
        "resume_after": 4.0,
        "on_interruption": None,
    }
    return Settings(**(chosen | changes))


class Scene:
    """A handler, a clock, and all that it said was to be done."""

    def __init__(self, agreement: Agreement | None = None, **changes: Any) -> None:
        self.handler = _InterruptHandler(settings(**changes), agreement)
        self.now = 1000.0
        self.actions: list[Any] = []

    def play(self, *messages: Message | Iterable[Message]) -> Scene:
        for item in messages:
            for message in [item] if isinstance(item, dict) else item:
                self.happens(*received(parsed(message)))
        return self

    def wait(self, seconds: float) -> Scene:
        self.now += seconds
        return self.happens(Woken())

    def send(self) -> Scene:
        """The last note goes out."""
        return self.happens(NoteSending(self.notes[-1], "a note"))

    def happens(self, *events: Event, at: float | None = None) -> Scene:
        for event in events:
            self.actions += self.handler.receive(event, self.now if at is None else at)
        return self

    @property
    def notes(self) -> list[Note]:
        return [action.note for action in self.actions if isinstance(action, SendNote)]

    @property
    def cuts(self) -> list[Interruption]:
        return [note.interruption for note in self.notes if note.interruption.phase == "cut"]

    @property
    def settled(self) -> list[Interruption]:
        return [found for found in self.reports if found.phase == "settled"]

    @property
    def reports(self) -> list[Interruption]:
        return [action.interruption for action in self.actions if isinstance(action, ReportInterruption)]

    @property
    def is_waiting(self) -> bool:
        """Whether the last note is still to be sent."""
        last = [action for action in self.actions if isinstance(action, SendNote | DropNote)][-1]
        return isinstance(last, SendNote)


def cut_scene(**changes: Any) -> Scene:
    """A question, half of its answer heard, and a cut in playback."""
    scene = Scene(**changes).play(said(QUESTION), speech(TIDES), GENERATED)
    return scene.wait(3.5).play(INTERRUPTED)


# One note per cut, none for nothing


def test_a_cut_in_playback_gives_one_silent_note_with_what_was_heard() -> None:
    scene = cut_scene()
    (note,) = scene.notes
    cut = note.interruption
    assert not note.orders_reply
    assert cut.heard + cut.unheard == TIDES
    assert "The tide turns" in cut.heard
    assert "falls for six" in cut.unheard
    assert cut.cut_sentence == cut.heard
    assert (cut.user_text, cut.history) == ("", [("user", QUESTION)])
    assert cut.played == pytest.approx(3.5)
    assert cut.received == pytest.approx(0.4 * len(TIDES.split()))
    assert (cut.evidence, cut.phase, cut.outcome) == ("clock", "cut", None)


def test_a_cut_while_generating_gives_a_note() -> None:
    scene = Scene().play(speech(TIDES)).wait(2.0).play(INTERRUPTED, TURN_COMPLETE)
    assert len(scene.notes) == 1


def test_a_cut_after_turn_complete_gives_a_note_while_the_client_still_plays() -> None:
    scene = Scene().play(speech(TIDES), GENERATED, TURN_COMPLETE).wait(2.0).play(INTERRUPTED)
    assert len(scene.cuts) == 1


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([INTERRUPTED], id="before anything was said"),
        pytest.param([INTERRUPTED, TURN_COMPLETE] * 3, id="empty pairs"),
        pytest.param([said(QUESTION), thought("**Tides**"), INTERRUPTED], id="in a thought"),
        pytest.param([content(outputTranscription={}), INTERRUPTED], id="in an empty transcription"),
        pytest.param([content(outputTranscription={"finished": True}), INTERRUPTED], id="in one that only finished"),
    ],
)
def test_an_interruption_of_nothing_gives_no_note(messages: list[Message]) -> None:
    assert Scene().play(messages).actions == []


def test_an_interruption_after_all_was_heard_gives_no_note_and_the_turn_goes_to_the_history() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED, TURN_COMPLETE).wait(60.0).play(INTERRUPTED)
    assert scene.actions == []
    scene.play(TURN_COMPLETE, said("And then?"), speech(TIDES)).wait(1.0).play(INTERRUPTED)
    assert scene.cuts[0].history == [("user", QUESTION), ("model", TIDES), ("user", "And then?")]


def test_an_interruption_in_the_silence_at_the_end_of_the_audio_gives_no_note() -> None:
    scene = Scene().play(said(QUESTION), speech("It is noon."), audio(3.0), GENERATED)
    scene.happens(PlaybackReported(4.1))
    (cut,) = scene.play(INTERRUPTED).cuts or (None,)
    assert cut is None or cut.unheard


def test_a_burst_of_interruptions_gives_one_note() -> None:
    scene = cut_scene()
    for _ in range(12):
        scene.play(INTERRUPTED, TURN_COMPLETE).wait(0.05)
    assert len(scene.notes) == 1


def test_speech_and_interruption_in_one_message_belong_together() -> None:
    scene = Scene().play(bundled("The tide ", 1.0), bundled("turns ", 1.0)).wait(1.2)
    message = bundled("twice a day.", 2.0)
    message["serverContent"]["interrupted"] = True
    message["serverContent"]["turnComplete"] = True
    (cut,) = scene.play(message).cuts
    assert cut.heard + cut.unheard == "The tide turns twice a day."
    assert scene.play(bundled("Yes?", 1.0)).settled != []


def test_residue_after_a_cut_is_not_a_new_reply_and_its_text_was_not_heard() -> None:
    scene = cut_scene().play(spoken(" Twice a month"), audio(0.4))
    assert scene.settled == []
    scene.play(TURN_COMPLETE, said("Why?"), speech("Because."))
    assert scene.settled[0].unheard.endswith("falls for six. Twice a month")


def test_residue_without_a_cut_is_dropped() -> None:
    scene = Scene().play(speech(TIDES), GENERATED).wait(60.0).play(INTERRUPTED, spoken("late"), audio(0.1))
    assert scene.actions == []


def test_a_missing_turn_complete_does_not_hide_the_next_reply() -> None:
    scene = cut_scene().wait(UNTIL_COMPLETE + 0.5).play(said("Why?"), speech("Because of the moon, they say."))
    assert len(scene.settled) == 1
    assert len(scene.wait(0.9).play(INTERRUPTED).cuts) == 2


def test_a_reply_that_follows_without_turn_complete_is_another_reply() -> None:
    scene = Scene().play(said(QUESTION), speech("Noon."), GENERATED).wait(5.0).play(said("Sure?"), speech(TIDES))
    (cut,) = scene.wait(1.0).play(INTERRUPTED).cuts
    assert cut.history == [("user", QUESTION), ("model", "Noon."), ("user", "Sure?")]
    assert cut.heard + cut.unheard == TIDES


def test_a_late_transcript_after_generation_is_part_of_the_reply() -> None:
    scene = Scene().play(spoken("The tide turns"), audio(4.0), GENERATED, spoken(" twice a day."))
    (cut,) = scene.wait(1.0).play(INTERRUPTED).cuts
    assert cut.heard + cut.unheard == "The tide turns twice a day."


def test_a_second_part_that_is_queued_behind_the_first_is_the_same_reply() -> None:
    scene = Scene().play(speech("Let me look at the almanac for you."), TURN_COMPLETE, speech(TIDES)).wait(1.0)
    (cut,) = scene.play(INTERRUPTED).cuts
    assert cut.heard.startswith("Let me")
    assert cut.unheard.endswith(TIDES)


def test_an_answer_ordered_by_a_note_and_cut_at_once_gets_no_second_note() -> None:
    scene = cut_scene(turn_complete=True).send().play(TURN_COMPLETE, speech(TIDES))
    assert scene.notes[0].orders_reply
    scene.wait(BARELY_HEARD / 2).play(INTERRUPTED)
    assert len(scene.notes) == 1
    scene.play(TURN_COMPLETE, said("Wait."), speech(TIDES)).wait(2.0).play(INTERRUPTED)
    assert len(scene.notes) == 2, "the next reply is not an ordered one"


# What can be known without audio, without text


def test_text_modality_counts_as_read() -> None:
    (cut,) = Scene(WRITTEN).play(said(QUESTION), written("The tide "), written("turns")).play(INTERRUPTED).cuts
    assert (cut.heard, cut.unheard, cut.evidence) == ("The tide turns", "", "text")


def test_a_written_answer_that_is_complete_was_read() -> None:
    scene = Scene(WRITTEN).play(said(QUESTION), written("Noon."), GENERATED, INTERRUPTED)
    assert scene.actions == []
    scene.play(TURN_COMPLETE, said("Sure?"), written("Quite"), INTERRUPTED)
    assert scene.cuts[0].history[:2] == [("user", QUESTION), ("model", "Noon.")]


def test_text_parts_of_a_session_with_audio_are_thoughts() -> None:
    scene = Scene().play(speech("Noon."), GENERATED, TURN_COMPLETE).wait(9.0)
    assert scene.play(said("Sure?"), written("**Considering**"), INTERRUPTED).actions == []


def test_text_ahead_of_any_audio_was_not_heard() -> None:
    scene = Scene().play(speech("Noon."), GENERATED, TURN_COMPLETE).wait(9.0).play(said(QUESTION), spoken(TIDES))
    (cut,) = scene.play(INTERRUPTED).cuts
    assert (cut.heard, cut.unheard, cut.cut_sentence, cut.evidence) == ("", TIDES, "", "clock")


def test_the_text_that_vertex_sends_ahead_of_the_first_audio_was_not_heard() -> None:
    scene = Scene().play(said(QUESTION), content(outputTranscription={}), spoken(TIDES))
    (cut,) = scene.play(content(outputTranscription={"finished": True}), INTERRUPTED).cuts
    assert (cut.heard, cut.unheard, cut.evidence) == ("", TIDES, "clock")


def test_text_before_any_audio_was_not_heard_unless_the_session_is_known_to_be_written() -> None:
    messages = [said(QUESTION), spoken("The tide"), spoken(" turns"), INTERRUPTED]
    (cut,) = Scene().play(messages).cuts
    assert (cut.heard, cut.unheard, cut.evidence) == ("", "The tide turns", "clock")
    (cut,) = Scene(WRITTEN).play(messages).cuts
    assert (cut.heard, cut.unheard, cut.evidence) == ("The tide turns", "", "text")


def test_a_text_part_is_no_speech_while_nothing_is_known_of_the_session() -> None:
    assert Scene().play(said(QUESTION), written("The tide "), INTERRUPTED).actions == []


def test_without_transcription_there_is_nothing_to_work_with() -> None:
    scene = Scene().play(said(QUESTION), audio(3.0)).wait(1.0).play(INTERRUPTED)
    assert scene.actions == [], "the transcript may be late"
    (deed,) = scene.play(TURN_COMPLETE).actions
    assert isinstance(deed, WarnNoTranscription)


def test_without_transcription_and_turn_complete_the_next_reply_tells() -> None:
    scene = Scene().play(said(QUESTION), audio(3.0)).wait(1.0).play(INTERRUPTED).wait(1.5).play(audio(3.0))
    (deed,) = scene.actions
    assert isinstance(deed, WarnNoTranscription)


def test_a_reply_that_had_begun_when_the_library_was_enabled_says_nothing_of_transcription() -> None:
    scene = Scene().play(audio(3.0)).wait(1.0).play(INTERRUPTED, TURN_COMPLETE)  # its words came before
    assert scene.actions == []
    (deed,) = scene.wait(2.0).play(said(QUESTION), audio(3.0)).wait(1.0).play(INTERRUPTED, TURN_COMPLETE).actions
    assert isinstance(deed, WarnNoTranscription)


def test_a_cut_whose_transcript_is_late_is_announced_when_it_has_come() -> None:
    scene = Scene().play(said(QUESTION), audio(2.0)).wait(0.8).play(INTERRUPTED)
    assert scene.play(spoken("The tide turns twice a day"), TURN_COMPLETE, TURN_COMPLETE).cuts[1:] == []
    (cut,) = scene.cuts
    assert cut.heard
    assert cut.unheard
    assert cut.played == pytest.approx(0.8)


def test_a_late_transcript_of_a_reply_that_is_answered_already_is_no_cut() -> None:
    scene = Scene().play(said(QUESTION), audio(2.0)).wait(0.8).play(INTERRUPTED, spoken("The tide turns"))
    scene.wait(1.1).play(speech(TIDES), TURN_COMPLETE)
    assert scene.actions == []


def test_what_was_played_of_a_reply_whose_transcript_is_late_may_be_reported_late_too() -> None:
    scene = Scene().play(said(QUESTION), audio(2.0)).wait(0.8).play(INTERRUPTED)
    scene.happens(PlaybackReported(0.5))
    (cut,) = scene.play(spoken("The tide turns twice a day"), TURN_COMPLETE).cuts
    assert (cut.played, cut.evidence) == (0.5, "reported")


def test_a_reply_whose_transcript_is_missing_is_passed_over() -> None:
    scene = Scene().play(speech(TIDES), GENERATED, TURN_COMPLETE).wait(60.0).play(audio(3.0)).wait(1.0)
    assert scene.play(INTERRUPTED).actions == []


def test_thoughts_are_never_speech() -> None:
    scene = Scene().play(thought("**Tides**\n\nShort."), speech(TIDES)).wait(2.0).play(INTERRUPTED)
    assert scene.cuts[0].heard + scene.cuts[0].unheard == TIDES


@needs(types.Transcription, "words")
def test_word_timestamps_are_used_where_the_server_sends_them() -> None:
    words = [{"word": w, "startOffset": f"{i}s", "endOffset": f"{i + 1}s"} for i, w in enumerate(TIDES.split())]
    message = content(outputTranscription={"text": TIDES, "words": words})
    (cut,) = Scene().play(message, audio(19.0), GENERATED).wait(6.6).play(INTERRUPTED).cuts
    assert cut.evidence == "words"
    assert cut.heard.strip().endswith("day,")


def test_what_the_app_reports_as_played_overrides_the_clock() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES), GENERATED).wait(5.0)
    scene.happens(PlaybackReported(1.0))
    (cut,) = scene.play(INTERRUPTED).cuts
    assert cut.played == pytest.approx(1.0)
    assert cut.evidence == "reported"
    scene.happens(PlaybackReported(2.0), at=scene.now + 0.1)  # the player says where it was when it was flushed
    scene.play(TURN_COMPLETE, said("Why?"), speech("Because."))
    assert scene.settled[0].played == pytest.approx(2.0)


def test_a_report_without_a_reply_is_ignored() -> None:
    scene = Scene()
    scene.happens(PlaybackReported(2.0))
    assert scene.play(INTERRUPTED).actions == []


# The words of the user


def test_words_in_the_message_that_says_interrupted_are_those_of_the_interruption() -> None:
    message = content(interrupted=True, inputTranscription={"text": " Hang on"})
    scene = Scene().play(said(QUESTION), speech(TIDES)).wait(2.0).play(message)
    assert scene.cuts[0].user_text == "Hang on"


def test_the_previous_utterance_is_not_the_interruption() -> None:
    scene = cut_scene()
    assert scene.cuts[0].user_text == ""
    scene.play(TURN_COMPLETE, said(" Does"), said(" that"), said(" happen?"), speech("Nearly."))
    assert scene.settled[0].user_text == "Does that happen?"


def test_the_same_transcript_sent_again_is_not_the_interruption() -> None:
    scene = cut_scene().play(TURN_COMPLETE).wait(1.0).play(said(QUESTION), said("Why?"), said(" Why then?"))
    scene.play(speech("Because."))
    assert scene.settled[0].user_text == "Why? Why then?"


def test_who_says_the_same_again_is_not_silent() -> None:
    scene = cut_scene().send().play(TURN_COMPLETE).wait(3.0).play(said(QUESTION)).wait(3.0)
    assert len(scene.notes) == 1
    assert scene.wait(1.1).notes[1].interruption.user_text == ""


def test_a_transcript_sent_twice_in_a_row_counts_once() -> None:
    scene = Scene().play(said(QUESTION), said(QUESTION), speech(TIDES)).wait(2.0).play(INTERRUPTED)
    assert scene.cuts[0].history == [("user", QUESTION)]


@pytest.mark.parametrize("after", [0.0, LATE_WORDS / 2, LATE_WORDS * 2])
def test_a_question_whose_words_come_late_is_still_the_question(after: float) -> None:
    scene = Scene().play(speech(TIDES)).wait(after).play(said(QUESTION)).wait(1.0).play(INTERRUPTED)
    assert (scene.cuts[0].history, scene.cuts[0].user_text) == ([("user", QUESTION)], "")


def test_the_late_end_of_a_question_is_joined_to_it() -> None:
    scene = Scene().play(said("Tell me"), speech(TIDES)).wait(0.2).play(said(" about the tides.")).wait(2.0)
    assert scene.play(INTERRUPTED).cuts[0].history == [("user", QUESTION)]


def test_what_is_said_into_a_reply_without_cutting_it_is_kept_apart() -> None:
    scene = Scene().play(said(QUESTION), speech(TIDES)).wait(LATE_WORDS + 0.5).play(said("Mm-hm.")).wait(BARGE_IN + 0.5)
    scene.play(INTERRUPTED, TURN_COMPLETE, said("Why?"))
    assert scene.cuts[0].user_text == ""
    scene.play(speech(TIDES)).wait(2.0).play(INTERRUPTED)
    assert scene.settled[0].user_text == "Why?"
    assert ("user", "Mm-hm.") in scene.cuts[1].history


def test_words_after_voice_activity_in_a_reply_are_the_interruption() -> None:
    scene = Scene().play(VOICE_STARTS, said(QUESTION), VOICE_ENDS, speech(TIDES)).wait(2.0)
    scene.play(VOICE_STARTS, said("Hang on"), INTERRUPTED)
    assert (scene.cuts[0].user_text, scene.cuts[0].history) == ("Hang on", [("user", QUESTION)])


def test_an_older_server_signals_voice_activity_in_another_field() -> None:
    start: Message = {"voiceActivityDetectionSignal": {"vadSignalType": "VAD_SIGNAL_TYPE_SOS"}}
    end: Message = {"voiceActivityDetectionSignal": {"vadSignalType": "VAD_SIGNAL_TYPE_EOS"}}
    scene = Scene().play(said(QUESTION), speech(TIDES)).wait(2.0).play(start, said("Hang on"), end, INTERRUPTED)
    assert scene.cuts[0].user_text == "Hang on"


@needs(types.LiveServerContent, "interim_input_transcription")
def test_interim_words_replace_each_other_and_give_way_to_the_transcript() -> None:
    def interim(text: str) -> Message:
        return content(interimInputTranscription={"text": text})

    scene = Scene().play(said(QUESTION), speech(TIDES)).wait(2.0).play(interim("Hand"), interim("Hang on"), INTERRUPTED)
    assert scene.cuts[0].user_text == "Hang on"
    scene.play(TURN_COMPLETE, interim(" "), said("Hang on a minute."), speech("Yes?"))
    assert scene.settled[0].user_text == "Hang on a minute."


def test_noise_markers_are_not_words() -> None:
    scene = cut_scene().play(TURN_COMPLETE, said("<noise>"), said(" <noise> Why?"), speech("Because."))
    assert scene.settled[0].user_text == "Why?"


def test_history_holds_what_was_heard_of_an_interrupted_turn() -> None:
    scene = cut_scene().play(TURN_COMPLETE, said("Why?"), speech(TIDES)).wait(2.0).play(INTERRUPTED)
    first, second = scene.cuts
    assert second.history == [("user", QUESTION), ("model", first.heard.strip()), ("user", "Why?")]


@pytest.mark.parametrize(("keep", "kept"), [(0, []), (1, ["Why?"]), (2, ["It is noon.", "Why?"])])
def test_history_keeps_the_last_turns(keep: int, kept: list[str]) -> None:
    scene = Scene(max_history=keep).play(said(QUESTION), speech("It is noon."), GENERATED, TURN_COMPLETE).wait(60.0)
    scene.play(said("Why?"), speech(TIDES)).wait(2.0).play(INTERRUPTED)
    assert [text for _, text in scene.cuts[0].history] == kept


# Silence


def test_after_noise_the_model_is_asked_once_to_go_on() -> None:
    scene = cut_scene().send().play(TURN_COMPLETE).wait(3.9)
    assert len(scene.notes) == 1
    scene.wait(0.2).send()
    asked = scene.notes[1]
    assert (asked.orders_reply, asked.interruption.phase) == (True, "silence")
    for _ in range(10):
        scene.wait(5.0)
    assert len(scene.notes) == 2
    assert scene.play(speech("So, the tide")).settled[0].outcome == "asked"


@pytest.mark.parametrize(
    "sign",
    [
        said("Why?"),
        thought("**Why**"),
        VOICE_ENDS,
        pytest.param(
            content(interimInputTranscription={"text": "Wh"}),
            marks=needs(types.LiveServerContent, "interim_input_transcription"),
        ),
        content(waitingForInput=True),
        pytest.param(
            content(turnComplete=True, interactionStatus="IN_PROGRESS"),
            marks=needs(types.LiveServerContent, "interaction_status"),
        ),
    ],
)
def test_a_sign_of_life_starts_the_silence_anew(sign: Message) -> None:
    scene = cut_scene().wait(3.0).play(sign).wait(3.0)
    assert len(scene.notes) == 1
    scene.wait(1.1)
    assert scene.notes[-1].interruption.phase == "silence"


@pytest.mark.parametrize(
    "sign", [{"toolCall": {"functionCalls": [{"id": "1", "name": "look", "args": {}}]}}, bundled("Yes?", 1.0)]
)
def test_a_model_that_acts_is_not_asked(sign: Message) -> None:
    scene = cut_scene().play(TURN_COMPLETE).wait(1.0).play(sign).wait(30.0)
    assert len(scene.notes) == 1


def test_an_open_voice_activity_holds_the_clock_but_not_for_ever() -> None:
    scene = cut_scene().play(VOICE_STARTS)
    for _ in range(5):
        scene.wait(5.0)
    assert len(scene.notes) == 1
    for _ in range(int(LONGEST_SPEECH / 5)):
        scene.wait(5.0)
    assert len(scene.notes) == 2


@pytest.mark.parametrize("changes", [{"resume_after": None}, {"turn_complete": True}])
def test_the_model_is_not_asked_if_the_app_does_not_want_it_or_has_ordered_a_reply(changes: dict[str, Any]) -> None:
    scene = cut_scene(**changes).play(TURN_COMPLETE).wait(60.0)
    assert len(scene.notes) == 1
    assert not any(isinstance(action, WakeAt) for action in scene.actions)


def test_a_request_that_somebody_speaks_into_is_taken_back_and_made_later() -> None:
    scene = cut_scene().send().wait(4.5)
    assert scene.is_waiting
    scene.wait(0.1).play(said("Well"))
    assert not scene.is_waiting
    assert len(scene.wait(3.9).notes) == 2
    assert len(scene.wait(0.2).notes) == 3


# What became of it


def test_a_note_is_of_no_use_once_the_next_reply_has_begun() -> None:
    scene = cut_scene().play(TURN_COMPLETE)
    assert scene.is_waiting
    scene.play(speech("Yes?"))
    assert not scene.is_waiting
    assert scene.settled[0].outcome == "late"


@pytest.mark.parametrize("why", ["skipped", "failed"])
def test_the_outcome_says_why_no_note_was_sent(why: Any) -> None:
    scene = cut_scene()
    scene.happens(NoteNotSent(scene.notes[0], why))
    assert scene.play(TURN_COMPLETE, speech("Yes?")).settled[0].outcome == why


def test_a_request_that_was_not_to_be_had_leaves_the_note_as_sent() -> None:
    scene = cut_scene().send().wait(4.5)
    scene.happens(NoteNotSent(scene.notes[1], "skipped"))
    assert scene.play(speech("Yes?")).settled[0].outcome == "noted"


@pytest.mark.parametrize(
    ("code", "after", "refused"), [(1007, 1.0, True), (1007, 2.5, False), (1000, 1.0, False), (None, 1.0, False)]
)
def test_a_close_with_1007_soon_after_a_note_is_its_refusal(code: int | None, after: float, refused: bool) -> None:
    scene = cut_scene().send()
    scene.happens(Closed(code), at=scene.now + after)
    assert any(isinstance(action, StopNotes) for action in scene.actions) is refused
    assert [each.outcome for each in scene.settled] == ["refused" if refused else "closed"]
    scene.happens(Closed(code), at=scene.now + after)
    assert len(scene.settled) == 1


def test_a_close_with_1007_without_a_note_is_nobodys_fault() -> None:
    scene = Scene().play(speech(TIDES)).happens(Closed(1007))
    assert not any(isinstance(action, StopNotes) for action in scene.actions)
