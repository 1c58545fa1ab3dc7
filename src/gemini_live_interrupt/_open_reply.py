"""A reply of the model, from its first output until it has been played: what is part of it, and what another one."""

from __future__ import annotations

from collections.abc import Sequence

from ._alignment import Heard
from ._envelope import audio_format
from ._events import MOST_TEXT, MOST_WORDS, Chunk, ModelSpeech
from ._pace import Pace
from ._playback import Playback
from ._snapshot import CarriedReply, seconds_to_carry, shorten
from ._speech_length import spoken_lengths

MOST_WRITTEN = 60_000
"""Characters of a written answer that are kept."""
NOT_PLAYED = 1.5
"""Seconds of speech by which the estimate of what was heard may fall short of a reply that has been played."""
_STOPS = frozenset(".!?…。！？．।॥؟۔։።")
_CLOSERS = "\"'“”„«»‹›‘’」』）)]】*_"


class OpenReply:
    """One turn of the model, and how far it has come. What it says in several stretches is parted by a space."""

    __slots__ = (
        "_parted",
        "_room",
        "_room_for_words",
        "_written",
        "at_tool_call",
        "began",
        "is_over",
        "ordered",
        "playback",
    )

    def __init__(self, pace: Pace, now: float, *, ordered: bool = False) -> None:
        self.playback = Playback(pace)
        self.began = now
        self.ordered = ordered
        """Whether a note of ours ordered it."""
        self.is_over = False
        """Whether its `turnComplete` has come; it may still be played."""
        self.at_tool_call = False
        """Whether the model called a tool after the speech that has come."""
        self._parted = False  # the next words begin a new stretch
        self._written = ""
        self._room, self._room_for_words = MOST_TEXT, MOST_WORDS

    def add(self, speech: ModelSpeech, now: float) -> None:
        """Add output; `now` is when it came."""
        if self.is_over:  # a second reply that the player queues behind the first
            self.is_over = False
            self.playback.reopen()
        if speech.text:
            self._add_text(speech.text)
            if speech.timings and (timings := speech.timings[: self._room_for_words]):
                self._room_for_words -= len(timings)
                self.playback.add_words(timings)
        if speech.audio:
            self.add_audio(speech.audio, now)
        if speech.written:
            self._written = (self._written + speech.written)[:MOST_WRITTEN]
        self.at_tool_call = False

    def add_audio(self, audio: Sequence[Chunk], now: float) -> None:
        """Add PCM that came at `now`."""
        for pcm, mime_type in audio:
            form = audio_format(mime_type)
            self.playback.add_audio(len(pcm) / form.bytes_a_second, now)
            self.playback.listen(pcm, form)

    def _add_text(self, text: str) -> None:
        if self._parted:
            self._parted = False
            last = self.playback.text[-1:]
            if last and not last.isspace() and not text[0].isspace() and last < "\u2e80":
                text = " " + text
        if len(text) > self._room:
            text = text[: self._room]
        if text:
            self._room -= len(text)
            self.playback.add_text(text)

    def call_tool(self) -> None:
        """The model calls a tool: what it says next is a stretch of its own."""
        self.at_tool_call = self._parted = True

    def finish_generation(self) -> None:
        """No more of it is coming, but perhaps the end of its transcript."""
        self.playback.complete()

    def finish(self) -> None:
        """Its `turnComplete` has come."""
        self.finish_generation()
        self.is_over = self._parted = True

    def is_played(self, now: float) -> bool:
        """Whether all of it was generated, and has been played."""
        return self.playback.generated and now >= self.playback.ends_at()

    def is_heard_out(self, heard: Heard, now: float) -> bool:
        """Whether the user heard it to its end, whatever the server has not said yet.

        It is so if all that came has been played, and no more was on the way: a tool was called, or the words end with
        a sentence.
        """
        playback = self.playback
        if not playback.received or now < playback.ends_at():
            return False
        text = playback.text.rstrip()
        if not self.at_tool_call and text.rstrip(_CLOSERS)[-1:] not in _STOPS:
            return False
        unheard = text[len(heard.text) :].strip()
        return not unheard or spoken_lengths(unheard[:200])[-1] <= NOT_PLAYED

    def is_followed(self, *, by_audio: bool, user_spoke: bool, now: float) -> bool:
        """Whether output that comes now is another reply, and not more of this one, which was generated whole."""
        if self.is_over:  # the player queues what comes behind what it has
            return self.is_played(now)
        return by_audio or user_spoke  # the turnComplete never came

    def text(self, *, has_audio: bool) -> str:
        """All its words: what was written counts where nothing is spoken."""
        return self.playback.text or ("" if has_audio or self.playback.received else self._written)

    def freeze(self, *, has_audio: bool) -> Playback:
        """Return the playback, with all the words."""
        if not self.playback.text:
            self.playback.add_text(self.text(has_audio=has_audio))
        return self.playback

    def snapshot(self, now: float, *, has_audio: bool) -> CarriedReply:
        """Return what the next connection has to know of it."""
        playback, text = self.playback, self.text(has_audio=has_audio)
        if playback.received:
            heard, in_the_end = playback.heard(now), playback.heard(max(now, playback.ends_at())).text
        else:
            heard = Heard("" if has_audio else text, 0.0, "clock" if has_audio else "text")
            in_the_end = heard.text
        done = playback.generated or self.is_heard_out(heard, now)
        if done and not playback.generated:
            heard, in_the_end = Heard(text, playback.received, heard.evidence), text
        return CarriedReply(
            heard=shorten(heard.text),
            coming=shorten(in_the_end[len(heard.text) :]),
            unheard=shorten(text[max(len(heard.text), len(in_the_end)) :]),
            played=seconds_to_carry(heard.played),
            received=seconds_to_carry(playback.received),
            evidence=heard.evidence,
            generated=done,
            cut=None,
        )

    @classmethod
    def restored(cls, playback: Playback, now: float) -> OpenReply:
        """Return a reply that is over, but perhaps still being played."""
        reply = cls(Pace(), now)
        reply.playback = playback
        reply.finish()
        return reply
