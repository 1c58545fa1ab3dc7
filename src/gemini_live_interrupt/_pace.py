"""How a voice speaks and how its transcript arrives: what a session learns from each reply, by what that rests on."""

from __future__ import annotations

from ._snapshot import CarriedPace

WANDER = 0.2
"""Seconds by which a second of speech strays from the length of its text; over more of them, that times their square
root. It is 0.15 to 0.2 in neural voices, 0.25 to 0.32 in human ones, and the same over one second as over twenty."""
DRIFT = WANDER * WANDER
"""The same as a variance in a second."""
VOICES = 0.14
"""The part by which the pace of a voice differs from that of others,"""
TEXTS = 0.06
"""and from its own in another text."""
KNOWN = 5.0
"""Seconds of speech that are believed of a voice from other sessions: it may speak another language in this one."""
MOST = 30.0
"""Seconds of speech that are believed; of more, the latest."""
VOICES_KEPT = 64
"""Voices that are known at once."""
LEAD = 0.12
"""Seconds by which a delta arrives ahead of its audio, at first: a chunk and a bit ("slightly before")."""
DELTAS = 200
"""Of a transcript, that are believed as much as what was known of its lead: one reply tells little of it."""

Due = tuple[float, float]
"""An estimate and its variance: of the second of voice at which something should be, or of a pace."""


class Pace:
    """Of a voice: seconds of speech, and the length of the text that was spoken in them."""

    __slots__ = ("_shared", "has_pauses", "lead", "length", "seconds")

    def __init__(self, shared: Pace | None = None) -> None:
        """Begin with what is known of all voices, or of this one from other sessions, which learn from it too."""
        self._shared = shared
        self.seconds = self.length = DRIFT / VOICES**2  # as much as is known of all voices
        self.lead = LEAD
        self.has_pauses = False
        """Whether pauses were found in what it said last."""
        if shared is not None:
            believed = min(shared.length, KNOWN)
            self.seconds, self.length = believed * shared.factor, believed
            self.lead, self.has_pauses = shared.lead, shared.has_pauses

    @property
    def factor(self) -> float:
        """Seconds of audio for a second of length."""
        return self.seconds / self.length

    @property
    def error(self) -> float:
        """The variance of the factor in the next text."""
        return self.factor**2 * (DRIFT / self.length + TEXTS**2)

    def learn(self, seconds: float, length: float, blur: float) -> None:
        """Take into account what was said in so many seconds, known to `blur` of them.

        A text that cannot belong to its audio teaches nothing.
        """
        if self._shared is not None:
            self._shared.learn(seconds, length, blur)
        if length > 0.0 and 1 / 3 < seconds / length < 3.0:
            believed = DRIFT / (TEXTS**2 + DRIFT / seconds + (blur / seconds) ** 2)
            kept = min(1.0, MOST / (self.length + believed))
            self.seconds = (self.seconds + believed * seconds / length) * kept
            self.length = (self.length + believed) * kept

    def learn_lead(self, lead: float, deltas: int) -> None:
        """Take into account by how many seconds these deltas came ahead."""
        if self._shared is not None:
            self._shared.learn_lead(lead, deltas)
        self.lead += (lead - self.lead) * deltas / (deltas + DELTAS)

    def snapshot(self) -> CarriedPace:
        """Return what the next connection has to know of it."""
        return CarriedPace(seconds=self.seconds, length=self.length, lead=self.lead)

    def restore(self, carried: CarriedPace) -> None:
        """Go on from what an earlier connection has learned."""
        self.seconds, self.length, self.lead = carried.seconds, carried.length, carried.lead

    def learn_pauses(self, *, heard: bool) -> None:
        """Note whether the voice pauses so that it can be heard."""
        if self._shared is not None:
            self._shared.learn_pauses(heard=heard)
        self.has_pauses = heard


class Voices:
    """The voices that this process has heard, by model and name: the latest ones."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, str], Pace] = {}

    def pace(self, model: str, voice: str) -> Pace:
        """Return a pace for a new session with this voice."""
        key = model, voice
        shared = self._paces.pop(key, None)
        self._paces[key] = shared = Pace() if shared is None else shared
        if len(self._paces) > VOICES_KEPT:
            del self._paces[next(iter(self._paces))]
        return Pace(shared)
