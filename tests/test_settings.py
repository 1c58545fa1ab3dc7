"""Arguments are checked when they are given, in words."""

from __future__ import annotations

import functools
import math
from typing import Any

import pytest

from gemini_live_interrupt import Interruption, default_prompt, enable_interrupt_resume


class Builder:
    def __call__(self, heard: str, user_text: str, history: list[tuple[str, str]]) -> str:
        return heard

    def method(self, heard: str, user_text: str, history: list[tuple[str, str]]) -> str:
        return heard


async def coroutine_builder(heard: str, user_text: str, history: list[tuple[str, str]]) -> str | None:
    return None


def with_interruption(
    heard: str, user_text: str, history: list[tuple[str, str]], interruption: Interruption
) -> str | None:
    return interruption.unheard


def keyword_only(heard: str, user_text: str, history: list[tuple[str, str]], *, interruption: Interruption) -> str:
    return interruption.unheard


@pytest.mark.parametrize(
    "builder",
    [
        None,
        default_prompt,
        lambda heard, user_text, history: "",
        lambda *args: "",
        lambda heard, user_text, history, more=None: "",
        lambda heard, user_text, history, **more: "",
        coroutine_builder,
        with_interruption,
        keyword_only,
        Builder(),
        Builder().method,
        functools.partial(lambda tone, heard, user_text, history: tone, "kind"),
        max,  # has no signature: taken at its word
    ],
)
def test_builders_of_every_kind_are_accepted(builder: Any) -> None:
    enable_interrupt_resume(builder)


@pytest.mark.parametrize(
    ("builder", "words"),
    [
        (3, "prompt_builder must be a function, got 3"),
        ("note", "prompt_builder must be a function, got 'note'"),
        (lambda heard, user_text: "", "must accept .heard, user_text, history., .* got a function of 2 parameters"),
        (lambda: "", "got a function of 0 parameters"),
        (lambda heard: "", "got a function of 1 parameter: "),
        (lambda a, b, c, d: "", "got a function of 4 parameters"),
        (lambda heard, user_text, history, *, tone: "", "got a function of 4 parameters"),
        (lambda interruption, user_text, history: "", "got a function of 3 parameters"),
    ],
)
def test_a_builder_that_could_not_be_called_is_refused(builder: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        enable_interrupt_resume(builder)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"max_history": -1}, ValueError, "max_history must be 0 .keep none. or more, got -1"),
        ({"max_history": 2.0}, TypeError, "max_history must be an integer, .* got 2.0"),
        ({"max_history": True}, TypeError, "max_history must be an integer, .* got True"),
        ({"max_history": None}, TypeError, "max_history must be an integer"),
        ({"turn_complete": 1}, TypeError, "turn_complete must be True or False, got 1"),
        ({"resume_after": 0}, ValueError, "resume_after must be a positive number .* got 0"),
        ({"resume_after": -2.5}, ValueError, "resume_after must be a positive number .* got -2.5"),
        ({"resume_after": math.nan}, ValueError, "resume_after must be a positive number"),
        ({"resume_after": math.inf}, ValueError, "resume_after must be a positive number"),
        ({"resume_after": -(10**400)}, ValueError, "resume_after must be a positive number"),
        ({"resume_after": "4"}, TypeError, "resume_after must be a number of seconds, .* got '4'"),
        ({"resume_after": True}, TypeError, "resume_after must be a number of seconds, .* got True"),
        ({"on_interruption": 3}, TypeError, "on_interruption must be a function, got 3"),
        ({"on_interruption": lambda: None}, TypeError, "must accept .interruption.; got a function of 0 parameters"),
        ({"on_interruption": coroutine_builder}, TypeError, "must be a plain function"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(given: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        enable_interrupt_resume(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"max_history": 0},
        {"resume_after": None},
        {"resume_after": 1},
        {"on_interruption": print},
        {"on_interruption": max},
    ],
)
def test_values_that_make_sense_are_accepted(given: dict[str, Any]) -> None:
    enable_interrupt_resume(**given)


def test_what_is_refused_leaves_the_settings_as_they_were() -> None:
    from gemini_live_interrupt._sessions import switch

    enable_interrupt_resume(max_history=2)
    before = switch.settings
    with pytest.raises(ValueError, match="max_history"):
        enable_interrupt_resume(max_history=-1)
    assert switch.settings is before
