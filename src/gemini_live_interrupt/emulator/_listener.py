"""The user's side of a session: when they speak, what they said, and how the client is told of it."""

import math
from collections import deque
from dataclasses import dataclass
from functools import partial

from ._actions import Action, Hear
from ._agenda import Agenda
from ._faults import Misfortune
from ._hearing import THRESHOLDS, Ear, Ended, Started, loudness
from ._memory import Told
from ._profiles import Profile
from ._reply import word_infos
from ._schema import Message, duration
from ._setup import Setup
from ._speaker import Speaker
from ._voice import SpokenWord, tokens
from ._wire import Wire

_WORD_STEP = 0.02  # between the words of an utterance (recorded)
_SPOKEN_STEP = 0.35  # between words that are reported while they are spoken (assumed)
_VOICE = THRESHOLDS["START_SENSITIVITY_HIGH"]
_END_STEP = 0.001  # from the words of an utterance to ACTIVITY_END (recorded)


class Listener:
    """Hears the user and hands the turn to the model. Times are those of the agenda."""

    def __init__(
        self,
        profile: Profile,
        agenda: Agenda,
        outbox: deque[Action],
        wire: Wire,
        faults: Misfortune,
        speaker: Speaker,
        setup: Setup,
    ) -> None:
        self._profile = profile
        self._agenda = agenda
        self._outbox = outbox
        self._wire = wire
        self._faults = faults
        self._speaker = speaker
        self._setup = setup
        self._ear: Ear | None = None if setup.manual_activity else setup.ear()
        self._activity: bytearray | None = None
        self._utterances: list[_Utterance] = []
        self.heard_at = -math.inf
        """When audio last came."""
        self.unheard = False
        """Whether speech gets no answer for now."""

    @property
    def active(self) -> bool:
        """Whether the user is speaking."""
        return self.activity_open or (self._ear is not None and self._ear.listening)

    @property
    def manual(self) -> bool:
        """Whether the client says when the user speaks."""
        return self._ear is None

    @property
    def activity_open(self) -> bool:
        """Whether the client has said that the user is speaking."""
        return self._activity is not None

    def listen(self, pcm: bytes, rate: int, now: float) -> None:
        """Take PCM that arrived now. Without automatic detection it counts inside an activity only."""
        self._speaker.meter.hear(len(pcm) / 2 / rate)
        self.heard_at = now
        if self._ear is None:
            if self._activity is not None:
                self._activity += pcm
                if loudness(pcm) >= _VOICE:
                    self._ask_for_words(bytes(self._activity))
            return
        ends_at = self._ear.position + len(pcm) / 2 / rate
        for event in self._ear.feed(pcm, rate):
            if isinstance(event, Started):
                self._started(event.offset, now - (ends_at - event.offset), now)
            else:
                self._ended(event, now)
        self._agenda.drop("stalled")
        if self._ear.listening and self._profile.stalled_input is not None:
            self._agenda.add(now + self._profile.stalled_input, self.end_stream, "stalled")

    def end_stream(self, now: float) -> None:
        """End the speech in progress: no more audio comes for now."""
        self._agenda.drop("stalled")
        ended = self._ear.flush() if self._ear else None
        if ended:
            self._ended(ended, now)

    def start_activity(self, now: float) -> None:
        """Take the client's word that the user speaks."""
        if self._activity is None:
            self._activity = bytearray()
            self._started(None, now, now)

    def end_activity(self, now: float) -> None:
        """Take the client's word that the user has spoken; an activity without audio said nothing."""
        if self._activity is None:
            return
        pcm, self._activity = bytes(self._activity), None
        if pcm:
            self._ended(Ended(None, pcm), now)
            return
        self._speaker.user_speaks = False
        if self._speaker.owed and not self.unheard:
            self._speaker.ask(max(now, self._speaker.cut_at + self._profile.cut_complete_after))

    def hear(self, number: int, text: str, now: float) -> None:
        """Take the words of the utterance of that number; "" is a noise.

        They are reported no sooner after a cut than the profile says.
        """
        utterance = self._utterances[number]
        utterance.text = text = text.strip()
        at = self._words_from(now)
        if self._profile.input_words_when == "during":
            self._report_words(text, utterance, at, step=_SPOKEN_STEP)
            if utterance.over:
                self._finish(utterance, now)
            return
        if text and self._setup.input_transcription and self._profile.interim_words:
            self._guess(text, now, at)
        self._agenda.add(at, partial(self._turn_over, utterance))

    def _words_from(self, now: float) -> float:
        return max(now, self._speaker.cut_at + self._profile.words_after_cut)

    def _started(self, offset: float | None, onset: float, now: float) -> None:
        self._utterances.append(_Utterance(offset))
        if self._ear is not None:
            self._ask_for_words(self._ear.so_far)
        self._report_activity("ACTIVITY_START", offset, now)
        self._speaker.hold()
        if self._setup.interruption and self._speaker.busy:
            self._speaker.plan_cut(max(now, onset + self._profile.interrupted_after))

    def _ended(self, ended: Ended, now: float) -> None:
        utterance = self._utterances[-1]
        utterance.over, utterance.end = True, ended.offset
        if not utterance.asked:
            self._outbox.append(Hear(len(self._utterances) - 1, ended.pcm))
        elif utterance.text is not None:
            self._finish(utterance, now)

    def _ask_for_words(self, pcm: bytes) -> None:
        """Where words come while they are spoken, ask for them as soon as some of them can be heard."""
        utterance = self._utterances[-1]
        if self._profile.input_words_when == "during" and not utterance.asked:
            utterance.asked = True
            self._outbox.append(Hear(len(self._utterances) - 1, pcm))

    def _finish(self, utterance: "_Utterance", now: float) -> None:
        """Report at once what has been spoken and not been reported; then the turn is over."""
        at = self._words_from(now)
        for send in self._agenda.drop("spoken"):
            self._agenda.add(at, send)
            at += _WORD_STEP
        self._agenda.add(at, partial(self._turn_over, utterance))

    def _turn_over(self, utterance: "_Utterance", at: float) -> None:
        """The user has finished: the words are reported, and the model is asked."""
        text = utterance.text or ""
        self._speaker.tell(Told("user", text, "speech" if text else "noise"))
        if self._profile.input_words_when == "after":
            at = self._report_words(text, utterance, at)
        over = at + _END_STEP
        self._agenda.add(over, partial(self._report_activity, "ACTIVITY_END", utterance.end))
        self._speaker.user_speaks = self.active
        if self._is_answered(text):
            self._speaker.ask(over, after_turn=not self._setup.interruption)
        else:
            self._speaker.call_again(over)

    def _is_answered(self, text: str) -> bool:
        if self.unheard or not (text or self._profile.answers_noise or self._speaker.owed):
            return False
        muted, self._speaker.muted = self._speaker.muted, False
        return not muted

    def _guess(self, text: str, now: float, at: float) -> None:
        """Send the words so far, again and again, until the words themselves come."""
        words = list(tokens(text))
        for number in range(1, len(words) + 1):
            message = {"serverContent": {"interimInputTranscription": {"text": "".join(words[:number])}}}
            self._agenda.add(now + (at - now) * number / len(words), partial(self._wire.send, message))

    def _report_words(self, text: str, utterance: "_Utterance", at: float, step: float = _WORD_STEP) -> float:
        """Have the words sent from that time on; return when the last of them would go out if nothing went wrong."""
        if not text or not self._setup.input_transcription:
            return at
        whole = self._profile.input_words == "whole" and self._profile.input_words_when == "after"
        words = [text] if whole else list(tokens(" " + text))
        end = at + step * (len(words) - 1)
        faults = self._faults.strikes("words", at)
        if "missing-words" in faults:
            return end
        if "tail-words" in faults:
            words = [text.split()[-1]]
        if late := faults.get("late-words"):
            at += late.seconds
        self._send_words(words, utterance, at, step)
        if repeated := faults.get("repeated-words"):
            self._send_words(words, utterance, at + repeated.seconds, _WORD_STEP)
        return end

    def _send_words(self, words: list[str], utterance: "_Utterance", at: float, step: float) -> None:
        tag = "spoken" if step == _SPOKEN_STEP else ""
        spoken = utterance.place(words)
        for number, word in enumerate(words):
            transcription: Message = {"text": word}
            if self._setup.input_word_times and spoken:
                transcription["words"] = word_infos(spoken[number], 0.0)
            message = {"serverContent": {"inputTranscription": transcription}}
            self._agenda.add(at + number * step, partial(self._wire.send, message), tag)
        if self._profile.finished:
            message = {"serverContent": {"inputTranscription": {"finished": True}}}
            self._agenda.add(at + (len(words) - 1) * step, partial(self._wire.send, message), tag)

    def _report_activity(self, kind: str, offset: float | None, at: float) -> None:
        if self._profile.voice_activity and offset is not None:
            self._wire.send({"voiceActivity": {"type": kind, "audioOffset": duration(offset)}}, at)


@dataclass(slots=True)
class _Utterance:
    """What was said, and where it stands in the user's audio, in seconds.

    The place is unknown where the client says when it begins and ends; the end, while it is spoken.
    """

    begin: float | None
    end: float | None = None
    text: str | None = None
    over: bool = False
    asked: bool = False

    def place(self, texts: list[str]) -> list[list[SpokenWord]]:
        """Return the words of each text with their times, as if all letters took as long (assumed)."""
        if self.begin is None or self.end is None:
            return []
        a_letter = (self.end - self.begin) / max(1, sum(map(len, texts)))
        at = self.begin
        placed: list[list[SpokenWord]] = []
        for text in texts:
            placed.append(words := [])
            for word in tokens(text):
                begin, at = at, at + len(word) * a_letter
                if any(letter.isalnum() for letter in word):
                    words.append(SpokenWord(word, begin, at))
        return placed
