"""What became of a cut: the replies that follow are compared with what was heard, and the result is said once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from test_handler import WRITTEN, Scene
from wire import GENERATED, INTERRUPTED, TURN_COMPLETE, Message, Socket, audio, said, session, speech, spoken, written

from gemini_live_interrupt import Interruption, enable_interrupt_resume
from gemini_live_interrupt._actions import ReportInterruption
from gemini_live_interrupt._aftermath import REPLIES
from gemini_live_interrupt._events import Closed, PlaybackReported
from gemini_live_interrupt._sessions import switch
from gemini_live_interrupt._switch import ASTRAY, LOOKED_AT

HEARD = "A heron stood by the mill. Each morning it caught one fish."
CUT_OFF = "One day the river"
STORY = f"{HEARD} {CUT_OFF} froze over, and no fish came. So the miller shared his bread. In spring they were friends."
RIGHT = "One day the river froze over, and no fish came. So the miller shared his bread. In spring they were friends."
SKIPPED = "So the miller shared his bread. In spring they were friends."
ANSWER = "Herons live about fifteen years. Shall I go on?"
NEWS = "The bakery opens at seven in the morning. It closes at noon on every Sunday of the year."


def reply(text: str) -> list[Message]:
    return [*speech(text), GENERATED, TURN_COMPLETE]


def cut_off(**changes: Any) -> Scene:
    """A story that was cut in its third sentence."""
    scene = Scene(**changes).play(said("A story, please."), speech(STORY), GENERATED)
    return scene.wait(0.4 * len(f"{HEARD} {CUT_OFF}".split())).play(INTERRUPTED, TURN_COMPLETE)


def results(scene: Scene) -> list[tuple[int, str | None]]:
    return [(found.number, found.resumption) for found in scene.reports if found.phase == "resumed"]


@pytest.mark.parametrize(
    ("text", "where"), [(RIGHT, "sentence"), (f"Sure. {RIGHT}", "sentence"), (STORY, "earlier"), (SKIPPED, "later")]
)
def test_where_the_next_reply_went_on_is_known_when_it_is_complete(text: str, where: str) -> None:
    scene = cut_off().send().play(speech(text))
    assert results(scene) == []
    scene.play(GENERATED)
    assert results(scene) == ([] if where == "later" else [(1, where)]), "what is skipped may still come"
    scene.play(TURN_COMPLETE)
    assert results(scene) == [(1, where)]
    scene.wait(60.0).play(reply(SKIPPED), reply(SKIPPED))
    assert len(results(scene)) == 1, "it is said once"


def test_a_model_that_goes_on_where_it_was_told_to_is_right_though_the_player_says_later_that_more_was_heard() -> None:
    scene = cut_off()
    assert scene.cuts[0].cut_sentence == CUT_OFF
    scene.send().happens(PlaybackReported(10.5))
    assert scene.handler._open is not None
    assert "So the miller shared" in scene.handler._open.heard.text
    scene.play(reply(RIGHT))
    assert results(scene) == [(1, "sentence")]


def test_what_was_heard_before_that_place_is_said_again() -> None:
    scene = cut_off().send().happens(PlaybackReported(10.5)).play(reply(STORY))
    assert results(scene) == [(1, "earlier")]


def test_the_result_has_all_that_the_settled_interruption_had() -> None:
    scene = cut_off().send().play(said("Mm-hm."), reply(RIGHT))
    settled, resumed = scene.reports[-2:]
    assert (settled.phase, settled.resumption, settled.outcome) == ("settled", None, "noted")
    assert resumed.phase == "resumed"
    assert (resumed.heard, resumed.cut_sentence) == (f"{HEARD} {CUT_OFF}", CUT_OFF)
    assert (resumed.outcome, resumed.note, resumed.user_text) == ("noted", "a note", "Mm-hm.")


def test_going_on_may_come_in_the_third_reply() -> None:
    scene = cut_off().send().play(said("How old do herons get?"), reply(ANSWER)).wait(20.0)
    scene.play(said("And geese?"), reply("Twenty. Shall I go on?")).wait(20.0)
    assert results(scene) == []
    scene.play(said("Yes, please go on."), reply(RIGHT))
    assert results(scene) == [(1, "sentence")]


def test_it_is_given_up_after_three_replies() -> None:
    scene = cut_off().send()
    for _ in range(REPLIES):
        assert results(scene) == []
        scene.play(said("And how old do ducks get?"), reply(ANSWER)).wait(20.0)
    scene.play(reply(RIGHT))
    assert results(scene) == [(1, "none")]


def test_it_is_given_up_at_the_next_cut() -> None:
    scene = cut_off().send().play(said("How old do herons get?"), speech(ANSWER), GENERATED).wait(1.0)
    scene.play(INTERRUPTED, TURN_COMPLETE)
    assert results(scene) == [(1, "none")]
    phases = [(found.number, found.phase) for found in scene.reports]
    assert phases == [(1, "cut"), (1, "settled"), (1, "resumed"), (2, "cut")]


def test_a_reply_that_is_cut_itself_is_compared_as_far_as_it_came() -> None:
    scene = cut_off().send().play(speech(RIGHT)).wait(3.0).play(INTERRUPTED)
    assert results(scene) == [(1, "sentence")]


def test_it_is_given_up_when_the_late_words_of_the_next_cut_reply_announce_that() -> None:
    scene = cut_off().send().play(said("How old?")).wait(1.0).play(audio(3.0)).wait(1.0).play(INTERRUPTED)
    assert results(scene) == []
    scene.play(spoken("Herons live about fifteen years."), TURN_COMPLETE)
    assert [(found.number, found.phase) for found in scene.reports][2:] == [(1, "resumed"), (2, "cut")]
    assert results(scene) == [(1, "none")]


def test_it_is_given_up_at_the_end_of_the_session() -> None:
    scene = cut_off().send().play(said("How old do herons get?"), speech(ANSWER)).happens(Closed(1000))
    assert results(scene) == [(1, "none")]
    assert results(cut_off().send().happens(Closed(1000))) == [], "nothing followed: it was never settled by a reply"


def test_a_reply_that_was_asked_for_and_hardly_heard_is_no_next_cut() -> None:
    scene = cut_off().send().wait(4.0).send()
    scene.play(speech(ANSWER)).wait(0.1).play(INTERRUPTED, TURN_COMPLETE)
    assert results(scene) == []
    scene.play(reply(RIGHT))
    assert results(scene) == [(1, "sentence")]


def test_a_reply_heard_to_its_end_is_compared_with_its_late_words() -> None:
    scene = cut_off().send().play(said("Mm."), speech("One day"), GENERATED, TURN_COMPLETE)
    assert results(scene) == []
    scene.play(speech(" the river froze over, and no fish came.")).wait(20.0).play(reply("Good night."))
    assert results(scene) == [(1, "sentence")]


@pytest.mark.parametrize(("words", "where"), [("Mm-hm.", "later"), ("", "later"), ("When is the shop open?", "none")])
def test_something_new_goes_on_only_where_it_answers_nothing(words: str, where: str) -> None:
    scene = cut_off().send().play(*([said(words)] if words else []), reply(NEWS))
    for _ in range(REPLIES):
        scene.wait(20.0).play(reply("Good night."))
    assert results(scene) == [(1, where)]


def test_something_new_tells_nothing_where_the_users_words_are_never_known() -> None:
    scene = Scene().play(speech(STORY), GENERATED).wait(6.0).play(INTERRUPTED, TURN_COMPLETE).send().play(reply(NEWS))
    assert results(scene) == []


def test_a_written_answer_is_compared_too() -> None:
    scene = (
        Scene(WRITTEN).play(said("A story, please."), written(f"{HEARD} {CUT_OFF}"), INTERRUPTED, TURN_COMPLETE).send()
    )
    scene.play(written(RIGHT), TURN_COMPLETE)
    assert results(scene) == [(1, "sentence")]


@pytest.mark.parametrize("text", ["👍", "", "مرحبا، كيف حالك اليوم؟", "no " * 5000])
def test_a_reply_that_cannot_be_compared_is_no_error(text: str) -> None:
    scene = cut_off().send().play(said("Mm."), reply(text))
    assert results(scene) in ([], [(1, "none")])


# The warning


def an_interruption(where: Any, outcome: Any = "noted") -> Interruption:
    scene = cut_off().send().play(reply(RIGHT))
    return replace(scene.reports[-1], resumption=where, outcome=outcome)


async def see(*found: Interruption) -> None:
    opened = session(Socket(reply("Hello.")))
    await opened._receive()
    opened._interrupt.run([ReportInterruption(one) for one in found])  # type: ignore[attr-defined]


async def test_notes_that_are_not_followed_are_warned_of_once(complaints: list[str]) -> None:
    enable_interrupt_resume()
    later, right, none = (an_interruption(where) for where in ("later", "sentence", "none"))
    await see(*[later] * (ASTRAY - 1), *[none] * 10, *[right] * 3)
    assert complaints == []
    await see(later, none, an_interruption("earlier"), *[later] * 20)
    (text,) = complaints
    assert "of the last 8 interruptions at which the model went on" in text
    assert "what had been heard in 0, and left out what had not been in 5" in text
    assert 'rules="system"' in text
    complaints.clear()


async def test_only_the_last_cuts_of_which_the_model_was_told_count(complaints: list[str]) -> None:
    enable_interrupt_resume()
    later, right = an_interruption("later"), an_interruption("sentence")
    assert LOOKED_AT == 8
    await see(*[later] * 4, *[right] * 4, *[later] * 4, *[an_interruption("later", "skipped")] * 20)
    assert complaints == []


def test_models_are_looked_at_apart_and_afresh_when_the_library_is_turned_on(complaints: list[str]) -> None:
    enable_interrupt_resume()
    for model in ("one", "two") * (ASTRAY - 1):
        switch.see_resumption(model, "later")
    enable_interrupt_resume()
    switch.see_resumption("one", "later")
    assert complaints == []
    for _ in range(ASTRAY):
        switch.see_resumption("two", "earlier")
    assert complaints[0].startswith("the notes to two are not followed: of the last 5")
    complaints.clear()


async def test_the_callback_sees_it_in_a_real_session() -> None:
    seen: list[Interruption] = []
    enable_interrupt_resume(on_interruption=seen.append)
    messages = [said("A story?"), *speech(STORY), GENERATED, INTERRUPTED, TURN_COMPLETE, *reply(f"Yes. {STORY}")]
    socket = Socket(messages)
    opened = session(socket)
    for _ in messages:
        await opened._receive()
    await asyncio.sleep(0)
    assert [(one.phase, one.resumption) for one in seen] == [("cut", None), ("settled", None), ("resumed", "sentence")]
