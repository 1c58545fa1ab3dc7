"""Which messages come, and when: a question that is answered, and a count that is cut."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ._code_word import YES
from ._count import CUT_WITHIN, count
from ._experiment import Bench, Experiment, Question, Seen, Value
from ._recordings import recording
from ._reply import Came, SpokenReply, is_empty, is_sign
from ._talk import Spoken, Talk
from ._understanding import text_leads

AHEAD, BUNDLED, APART = "all of them ahead", "in the audio's messages", "in messages of their own"
SPLIT = "in messages of their own, in pieces that split words"
WHOLE, EACH, DURING, NEVER = "whole", "in pieces", "in pieces, while it is spoken", "never"
_SHOWN_AT_ONCE = 1.0  # seconds after connecting in which a handle comes unprompted (recorded: 0.013)
_OVERLAP = 0.3  # seconds by which words are ahead of the end of the utterance (the clocks are not the same)


async def messages(bench: Bench) -> Seen:
    """Ask something, have it count, and cut it with words; look at all that comes."""
    async with bench.talk() as talk:
        await talk.wait(_SHOWN_AT_ONCE)
        seen: Seen = {"unprompted_handle": any(map(_has_handle, talk.came))}
        spoken = await talk.say(recording("question"))
        seen |= _look_at_reply(await talk.answer(0), spoken)
        seen |= await _cut(talk)
        return seen | _kinds(talk.came)


async def _cut(talk: Talk) -> Seen:
    """Cut a count; `{}` if it does not come to that."""
    since = len(talk.came)
    if not await count(talk, since):
        return {}
    at = len(talk.came)
    spoken = await talk.say(recording("go-on"))
    cut = await talk.cut(at, CUT_WITHIN)
    if cut is None:
        return {}
    await talk.answer(cut + 1)
    return _look_at_cut(talk, since, cut, spoken)


def _look_at_reply(reply: SpokenReply, spoken: Spoken) -> Seen:
    words = [came for came in reply.messages if came.user_words.strip()]
    seen: Seen = {
        "input_words": _shape(words, spoken),
        "output_words": _place_of_words(reply),
        "chunk": max((seconds for _, seconds in reply.sounds), default=None),
    }
    if words:
        seen["speech_to_words"] = words[0].at - spoken.ended
    if reply.began is not None:
        seen["speech_to_reply"] = reply.began - spoken.ended
        ends = [came.at for came in reply.messages if came.content.turn_complete]
        seen["playback_to_complete"] = ends[-1] - reply.plays_until if ends else None
    return seen | _look_at_beginning(reply, spoken) | _look_at_audio(reply)


def _look_at_beginning(reply: SpokenReply, spoken: Spoken) -> Seen:
    """How a reply that sounds begins: its first sign, and what comes before its audio."""
    first = next((at for at, came in enumerate(reply.messages) if came.at > spoken.ended and is_sign(came)), None)
    if first is None or reply.began is None:
        return {}
    sign = reply.messages[first]
    sound = next(at for at, came in enumerate(reply.messages) if came.audio)
    words = [came.at for came in reply.messages if came.user_words.strip()]
    return {
        "empty_first": any(map(is_empty, reply.messages[first : max(first, sound - 1)])),
        "words_to_sign": sign.at - words[-1] if words and words[-1] < sign.at else None,
        "sign_to_audio": reply.began - sign.at,
    }


def _look_at_audio(reply: SpokenReply) -> Seen:
    """How the messages of audio look."""
    sounding = [number for number, came in enumerate(reply.messages) if came.audio]
    if not sounding:
        return {}
    after_empty = sum(number > 0 and is_empty(reply.messages[number - 1]) for number in sounding)
    turns = [reply.messages[number].content.model_turn for number in sounding]
    return {
        "mime_type": reply.messages[sounding[0]].mime_type,
        "model_role": any(turn is not None and bool(turn.role) for turn in turns),
        "empty_between": 2 * after_empty > len(sounding),
    }


def _shape(words: Sequence[Came], spoken: Spoken) -> Value:
    if not words:
        return NEVER
    if words[0].at < spoken.ended - _OVERLAP:
        return DURING
    return WHOLE if len(words) == 1 else EACH


def _place_of_words(reply: SpokenReply) -> Value | None:
    said = [came for came in reply.messages if came.words]
    if not said or not reply.sounds:
        return None
    if text_leads(reply):
        return AHEAD
    if 2 * sum(bool(came.audio) for came in said) > len(said):
        return BUNDLED
    inside = sum(a.words[-1:].isalnum() and b.words[:1].isalnum() for a, b in itertools.pairwise(said))
    return SPLIT if 4 * inside > len(said) else APART


def _look_at_cut(talk: Talk, since: int, cut: int, spoken: Spoken) -> Seen:
    at = talk.came[cut].at
    before, after = SpokenReply(tuple(talk.came[since : cut + 1])), SpokenReply(tuple(talk.came[cut + 1 :]))
    complete = next((n for n, came in enumerate(after.messages) if came.content.turn_complete), len(after.messages))
    rest = SpokenReply(after.messages[:complete])
    over = after.first("turn_complete")
    words = next((came.at for came in after.messages if came.user_words.strip()), None)
    first, last = (before.sounds[0][0], before.sounds[-1]) if before.sounds else (at, (at, 0.0))
    flowing = last[0] - first
    return {
        "speech_to_interrupted": at - spoken.began,
        "interrupted_to_complete": None if over is None else over - at,
        "interrupted_to_words": None if words is None else words - at,
        "cutting_to_words": None if words is None else words - spoken.ended,
        "speed": (before.seconds - last[1]) / flowing if flowing else None,
        "unplayed_at_cut": before.seconds - before.played(at),
        "late_after_cut": sum(bool(came.audio or came.words) for came in rest.messages),
        "generation_complete_after_cut": bool(rest.count("generation_complete")),
    }


def _kinds(came: Sequence[Came]) -> Seen:
    everything = SpokenReply(tuple(came))
    return {
        "voice_activity": any(getattr(one.message, "voice_activity", None) for one in came),
        "interim_words": everything.first("interim_input_transcription") is not None,
        "thoughts": any(one.thought for one in came),
        "finished": any(
            bool(transcription and transcription.finished)
            for one in came
            for transcription in (one.content.output_transcription, one.content.input_transcription)
        ),
        "interaction_status": everything.first("interaction_status") is not None,
    }


def _has_handle(came: Came) -> bool:
    update = came.message.session_resumption_update
    return bool(update and update.new_handle)


_NOT_NEEDED = "It makes use of none."
_PACED = "What was heard is told by a clock of playback, and not from what was received."


def _comes(key: str, what: str, library: str) -> Question:
    return Question(key=key, asks=f"Do {what} come?", says=YES, library=library)


def _takes(key: str, what: str, library: str, unit: str = "s") -> Question:
    return Question(key=key, asks=what, unit=unit, library=library)


MESSAGES = (
    Experiment(
        name="messages",
        about="a question that is answered, and a count that is cut by “go on”: which messages come, and when",
        sends="spoken requests",
        seconds=60,
        sessions=1,
        trial=messages,
        questions=(
            Question(
                key="input_words",
                asks="How do the user's words come?",
                says={WHOLE: "the utterance in one", EACH: "in pieces, after it", DURING: DURING, NEVER: NEVER},
                library="It needs none of them for the note, and quotes those that are there.",
            ),
            Question(
                key="output_words",
                asks="How do the model's words come?",
                says={value: value for value in (AHEAD, BUNDLED, APART, SPLIT)},
                library="It places them by the audio that comes with them, and by its pauses.",
            ),
            _comes("voice_activity", "voice activity messages", "A hint, never a condition."),
            _comes("interim_words", "interim words of the user", "Each replaces the last."),
            _comes("unprompted_handle", "handles for resumption unprompted", "They carry what was heard over."),
            _comes("finished", "transcripts that are said to be finished", _NOT_NEEDED),
            _comes("thoughts", "thoughts", "They do not count as said."),
            _comes("interaction_status", "interaction statuses", _NOT_NEEDED),
            _comes("empty_first", "messages without anything before a reply", _NOT_NEEDED),
            _comes("empty_between", "messages without anything before each piece of audio", _NOT_NEEDED),
            Question(
                key="model_role",
                asks="Do messages of audio name the model's role?",
                says=YES,
                library=_NOT_NEEDED,
            ),
            Question(
                key="mime_type",
                asks="What is the audio called?",
                library="It is listened to if it is 16-bit PCM, and timed in any case.",
            ),
            Question(
                key="generation_complete_after_cut",
                asks="Does generationComplete come after interrupted?",
                says=YES,
                library="It does not begin a reply.",
            ),
            _takes(
                "late_after_cut",
                "How many messages of a cut reply come after interrupted?",
                "They are kept out.",
                "messages",
            ),
            _takes(
                "speech_to_interrupted", "How long from the user's voice to interrupted?", "That is the clock's cut."
            ),
            _takes("interrupted_to_complete", "How long from interrupted to turnComplete?", _NOT_NEEDED),
            _takes("interrupted_to_words", "How long from interrupted to the user's words?", "The note does not wait."),
            _takes(
                "speech_to_words",
                "How long from the end of the user's voice to their words?",
                "The note does not wait.",
            ),
            _takes(
                "speech_to_reply", "How long from the end of the user's voice to the reply?", "The note is out before."
            ),
            _takes(
                "cutting_to_words",
                "And how long where that voice cut a reply?",
                "The note does not wait.",
            ),
            _takes(
                "words_to_sign",
                "How long from the user's words to the first sign of a reply?",
                "The note is out before.",
            ),
            _takes("sign_to_audio", "How long from that sign to the first audio?", "The note is out before."),
            _takes("speed", "How fast does audio come?", _PACED, "times real time"),
            _takes("chunk", "How long is the longest message of audio?", _PACED),
            _takes("unplayed_at_cut", "How much had come at the cut that nobody heard?", _PACED),
            _takes("playback_to_complete", "How long from the end of playback to turnComplete?", _PACED),
        ),
    ),
)
"""The experiment that looks at messages."""
