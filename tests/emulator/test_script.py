"""Conversations from TOML files: what they may say, what is wrong with them, and the model that follows them."""

from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt import default_prompt, enable_interrupt_resume
from gemini_live_interrupt.emulator import FAULTS, LiveEmulator, Told, ToolCall
from gemini_live_interrupt.emulator._script import SHIPPED, ScriptError, load_script

from .talking import UTTERANCE, connected, hasty, in_virtual_time

REPLY = '[[reply]]\nsay = "Hello."\n'
TALE = "A fox sat by the sea. It waited for a ship. Then a light rose."


def script(folder: Path, source: str | bytes) -> Path:
    path = folder / "talk.toml"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    return path


def told(text: str, kind: Any = "speech", role: str = "user", **more: bool) -> Told:
    return Told(role, text, kind, **more)


@pytest.mark.parametrize("name", ["noise", "story", "support-call"])
def test_those_that_ship_are_found_by_name(name: str) -> None:
    assert load_script(name).about
    assert load_script(SHIPPED[name]).rules


def test_what_a_script_names_becomes_options_of_the_emulator(tmp_path: Path) -> None:
    source = (
        'about = "A test."\nprofile = "3.8-live"\nspeed = 2\nhear = ["Hi.", ""]\n'
        'faults = ["silence", { name = "burst", nth = "every", count = 3, seconds = 0.1 }]\n'
    )
    options = load_script(script(tmp_path, source + REPLY)).options()
    silence, burst = options.pop("faults")
    assert silence == FAULTS["silence"]
    assert (burst.nth, burst.count, burst.seconds, burst.on) == (None, 3, 0.1, "cut")
    assert options.pop("model")(()) == ["Hello."]
    assert options == {"profile": "3.8-live", "speed": 2.0, "hear": ("Hi.", "")}


def test_what_it_does_not_name_is_left_to_the_emulator(tmp_path: Path) -> None:
    assert load_script(script(tmp_path, REPLY)).options().keys() == {"model"}


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('profil = "x"', "line 1: unknown key 'profil'; did you mean 'profile'?"),
        ("zzz = 1", "line 1: unknown key 'zzz'; known are 'about', 'profile', 'speed', 'faults', 'hear', 'reply'"),
        ("about = 1", "line 1: about: text in quotation marks is wanted; got 1"),
        ('\n# a comment\nprofile = "9"', "line 3: unknown profile '9'; known are "),
        ("speed = 0", "line 1: speed: input should be greater than 0; got 0"),
        ("speed = true", "line 1: speed: input should be a valid number; got True"),
        ('hear = "Hi."', "line 1: hear: input should be a valid list; got 'Hi.'"),
        ('hear = [\n  "Hi.",\n  3,\n]', "line 1: item 2 of hear: text in quotation marks is wanted; got 3"),
        ('about = """\nspeed = 1\n"""\nspeed = "fast"', "line 4: speed: input should be a valid number; got 'fast'"),
        ('faults = "burst"', "line 1: faults: input should be a valid list; got 'burst'"),
        ('faults = ["bursts"]', "line 1: unknown fault 'bursts'; known are "),
        ("faults = [{ nth = 1 }]", "line 1: name: field required"),
        ('faults = [{ name = "burst", size = 1 }]', "line 1: unknown key 'size'; known are 'name', "),
        ('faults = [{ name = "burst", nth = 0 }]', "line 1: nth: input should be greater than or equal to 1; got 0"),
        (
            'faults = [{ name = "burst", seconds = -1 }]',
            "line 1: seconds: input should be greater than or equal to 0; got -1",
        ),
        (REPLY + REPLY, "line 3: never given: the reply in line 1 is for everything"),
        (
            '[[reply]]\ncontains = "a"\nmatches = "b"\nsay = "c"',
            "line 1: a reply has one condition; this has contains and",
        ),
        ('[[reply]]\nmatches = "(a"\nsay = "b"', "line 2: no regular expression: missing )"),
        ('[[reply]]\nnoise = false\nsay = "a"', "line 2: noise: input should be True; got False"),
        ('[[reply]]\ncontains = "a"', "line 1: this reply has nothing to say: it needs say, resume or call"),
        ('[[reply]]\nsay = " "', "line 2: say: string should have at least 1 character"),
        ('[[reply]]\nsay = ["a", "b"]', "line 2: say: text in quotation marks is wanted; got ['a', 'b']"),
        (
            '[[reply]]\nsay = "a"\nargs = { b = 1 }',
            "line 1: args are those of a call, and this reply has none",
        ),
        ('[[reply]]\ncall = "a"\nargs = 1', "line 3: args: input should be a valid dictionary; got 1"),
        ("[[reply]]\ncall = 1", "line 2: call: text in quotation marks is wanted; got 1"),
        ('faults = [{ name = "burst", on = "reply" }]', "line 1: fault 'burst' strikes on 'cut'; got 'reply'"),
        ('faults = [{ name = "burst", on = 1 }]', "line 1: on: text in quotation marks is wanted; got 1"),
        ('[reply]\nsay = "a"', "line 1: reply: input should be a valid list; got {'say': 'a'}"),
        ("", "line 1: the model has nothing to say: there is no [[reply]]"),
        ('about = "x"\nhear = [1', "line 2: not TOML: "),
        ('about = "x"\nabout = "y"', "line 2: not TOML: "),
        (b'about = "x"\r\nhear = ["\xff"]', "line 2: not UTF-8: byte 0xff"),
        ('about = "x"\r\nspeed = 0\r\n', "line 2: speed: input should be"),
    ],
)
def test_an_error_names_the_file_and_the_line_and_what_was_found(
    tmp_path: Path, source: str | bytes, complaint: str
) -> None:
    path = script(tmp_path, source)
    with pytest.raises(ScriptError) as raised:
        load_script(path)
    message = str(raised.value)
    assert message.startswith(f"{path}, {complaint}")
    assert "\n" not in message


def test_an_unknown_name_lists_those_that_ship_and_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="unknown script 'stroy'; known are 'noise', 'story', 'support-call', and"):
        load_script("stroy")
    with pytest.raises(FileNotFoundError):
        load_script(tmp_path / "none.toml")


class TestTheScriptedModel:
    SOURCE = f"""
        [[reply]]
        contains = "a  TALE"
        say = '''
        {TALE.replace(". ", ".   ", 1)}
        '''
        [[reply]]
        noise = true
        resume = true
        [[reply]]
        matches = "^was it (red|grey)"
        say = "It was red."
        resume = true
        [[reply]]
        contains = "weather"
        say = "It rains."
        [[reply]]
        resume = true
        [[reply]]
        say = "That is all."
    """

    @pytest.fixture
    def model(self, tmp_path: Path) -> Any:
        scripted = load_script(script(tmp_path, self.SOURCE)).options()["model"]
        return lambda context: "".join(scripted(context))

    CUT = (told("Tell me a tale."), told("A fox sat by the sea. It waited", "reply", "model", interrupted=True))

    def test_the_first_rule_for_what_was_said_is_taken_in_any_case_and_spacing(self, model: Any) -> None:
        assert model((told("Tell me a\nTale!"),)) == TALE
        assert model((told("Tell me"), told("a tale!"))) == TALE
        assert model((told("How is the weather?", "text"),)) == "It rains."

    def test_the_system_instruction_and_silent_content_are_nothing_said(self, model: Any) -> None:
        context = (told("Tell a tale.", "instruction", "system"), told("A tale.", "content", silent=True), told("Hi."))
        assert model(context) == "That is all."

    def test_a_rule_with_nothing_to_say_is_passed_over(self, model: Any) -> None:
        assert model((told("", "noise"),)) == "That is all."

    def test_without_a_note_it_goes_on_after_what_was_sent(self, model: Any) -> None:
        assert model((*self.CUT, told("", "noise"))) == "for a ship. Then a light rose."

    @pytest.mark.parametrize("silent", [True, False])
    def test_with_a_note_it_goes_on_from_the_cut_sentence(self, model: Any, silent: bool) -> None:
        note = default_prompt("A fox sat by the sea. It", "", [("user", "Tell me a tale.")])
        context = (*self.CUT, told(note, "content", silent=silent))
        assert model(context) == "It waited for a ship. Then a light rose."
        assert model((*context, told("", "noise"))) == "It waited for a ship. Then a light rose."
        said = "It was red. It waited for a ship. Then a light rose."
        assert model((*context, told("Was it red?"))) == said
        assert model((*context, told("Was it red?"), told(said, "reply", "model"), told("And?"))) == "That is all."

    def test_after_an_answer_it_still_knows_where_to_go_on(self, model: Any) -> None:
        note = default_prompt("A fox sat by the sea. It", "", [])
        answered = (told(note, "content", silent=True), told("The weather?"), told("It rains.", "reply", "model"))
        assert model((*self.CUT, *answered, told("Go on."))) == "It waited for a ship. Then a light rose."

    def test_a_second_cut_is_taken_up_where_it_was(self, model: Any) -> None:
        again = told("for a ship. Then", "reply", "model", interrupted=True)
        context = (*self.CUT, told("", "noise"), again, told("", "noise"))
        assert model(context) == "a light rose."

    def test_a_note_of_ones_own_may_quote_in_any_quotation_marks(self, model: Any) -> None:
        note = 'They missed the end, that "ship" too: go on with "Then a light rose."'
        assert model((*self.CUT, told(note, "content", silent=True), told("", "noise"))) == "Then a light rose."

    def test_of_nothing_heard_it_begins_again(self, model: Any) -> None:
        note = told("They heard nothing of “A fox sat”.", "content", silent=True)
        assert model((*self.CUT, note, told("", "noise"))) == TALE

    def test_a_note_that_quotes_no_beginning_of_a_sentence_changes_nothing(self, model: Any) -> None:
        note = told("They heard “by the sea” and “it”.", "content", silent=True)
        assert model((*self.CUT, note, told("", "noise"))) == "for a ship. Then a light rose."

    def test_a_tool_is_called_and_its_response_is_what_was_said_last(self, tmp_path: Path) -> None:
        source = (
            '[[reply]]\ncontains = "weather"\nsay = "Let me see."\ncall = "look_up"\nargs = { city = "Bern" }\n'
            '[[reply]]\ncontains = "sunny"\nsay = "It is sunny."\n'
        )
        model = load_script(script(tmp_path, source)).options()["model"]
        asked = told("The weather?")
        assert model((asked,)) == ["Let me see.", ToolCall("look_up", {"city": "Bern"})]
        called = (told("Let me see.", "reply", "model"), told("{}", "call", "model"))
        assert model((asked, *called, told("{'sky': 'sunny'}", "tool"))) == ["It is sunny."]

    def test_a_reply_that_it_does_not_know_has_no_rest(self, model: Any) -> None:
        strange = told("Something else", "reply", "model", interrupted=True)
        assert model((told("Tell me a tale."), strange, told("", "noise"))) == "That is all."


@in_virtual_time
async def test_the_story_goes_on_where_the_listener_was_with_the_library() -> None:
    enable_interrupt_resume()
    options = load_script("story").options() | {"profile": hasty("2.5-native")}
    async with LiveEmulator(**options) as live, connected(live) as person:
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.log.server("audio")) > 20)
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.replies) == 2 and live.session.replies[1].outcome == "complete")
        await person.say(UTTERANCE)
        await live.until(lambda: len(live.replies) == 3)
        story, answer, rest = live.session.replies
        assert answer.speech.text == "She was eleven. Shall I go on?"
        assert not story.speech.text.startswith(story.sent_text + " " + rest.speech.text)
        assert rest.speech.text == story.speech.text  # the first sentence is the one that was cut off
