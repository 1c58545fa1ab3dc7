"""Whether the times of words come where they are asked for, and from where they count."""

from __future__ import annotations

from google.genai.types import AudioTranscriptionConfig

from ._code_word import YES
from ._experiment import Bench, Experiment, Question, Seen
from ._recordings import recording
from ._reply import SpokenReply
from ._service import CannotError

TURN, SESSION, NOWHERE = "turn", "session", "nowhere"


async def word_times(bench: Bench) -> Seen:
    """Ask for the times of words, and look at those of the second reply."""
    if "word_timestamp" not in AudioTranscriptionConfig.model_fields:
        raise CannotError("this google-genai is too old to ask for the times of words")
    async with bench.talk(output_audio_transcription={"word_timestamp": True}) as talk:
        await talk.wait(0.5)
        await talk.say(recording("question"))
        first = await talk.answer(0)
        since = len(talk.came)
        await talk.say(recording("question"))
        second = await talk.answer(since)
    if first.empty or second.empty:
        return {}
    if not (_times(first) and (times := _times(second))):
        return {"word_times": False, "word_times_from": NOWHERE}
    return {"word_times": True, "word_times_from": TURN if times[0] < 0.5 * first.seconds else SESSION}


def _times(reply: SpokenReply) -> list[float]:
    transcripts = (came.content.output_transcription for came in reply.messages)
    words = [word for one in transcripts if one for word in getattr(one, "words", None) or ()]
    return [float(str(word.start_offset).removesuffix("s")) for word in words if word.start_offset]


TIMED = (
    Experiment(
        name="word-times",
        about="the same question twice, in a session that asks for the times of the model's words",
        sends="a setup with word_timestamp, and spoken questions",
        seconds=30,
        sessions=1,
        trial=word_times,
        questions=(
            Question(
                key="word_times",
                asks="Do the times of the model's words come where they are asked for?",
                says=YES,
                library="Where they come, they say what was heard, to the word.",
                option={True: 'Ask for them: output_audio_transcription={"word_timestamp": True}'},
            ),
            Question(
                key="word_times_from",
                asks="From where do they count?",
                says={TURN: "the beginning of the reply", SESSION: "the session's beginning", NOWHERE: "none come"},
                library="It tells by itself.",
            ),
        ),
    ),
)
"""The experiment with the times of words."""
