"""How a turn ends on the wire: `interrupted`, `turnComplete`, and what comes beside and after them."""

from collections.abc import Callable
from functools import partial

from ._agenda import Agenda
from ._faults import Fault, Misfortune
from ._profiles import Profile
from ._schema import Message
from ._shapes import Piece
from ._turn import Turn
from ._usage import Meter
from ._wire import Wire

_LATE_STEP = 0.01  # between messages that follow a cut (assumed)


class Ends:
    """Ends the turns of one session. `record` is told of what still goes out of a reply that was cut."""

    def __init__(
        self,
        profile: Profile,
        agenda: Agenda,
        wire: Wire,
        faults: Misfortune,
        meter: Meter,
        record: Callable[[Piece], None],
    ) -> None:
        self._profile = profile
        self._agenda = agenda
        self._wire = wire
        self._faults = faults
        self._meter = meter
        self._record = record

    def complete(self, at: float, *, more: bool = False, content: Message | None = None) -> None:
        """Send `turnComplete`; there is `more` where another turn follows by itself."""
        profile = self._profile
        content = (content or {}) | {"turnComplete": True}
        if profile.grounding_metadata:
            content["groundingMetadata"] = {}
        if profile.interaction_status:
            content["interactionStatus"] = "IN_PROGRESS" if more else "IDLE"
        usage = self._meter.take_turn(profile.usage, len(profile.thought) // 4 + 8)
        self._wire.send({"serverContent": content} | usage, at)

    def interrupt(self, at: float, turn: Turn | None) -> dict[str, Fault]:
        """Send `interrupted`, and `turnComplete` in its time; return the faults that struck."""
        faults = self._faults.strikes("cut", at)
        content: Message = {"interrupted": True}
        if turn and "bundled-cut" in faults:
            for piece in turn.late(1):
                self._record(piece)
                content = piece.message["serverContent"] | content
        if "combined-cut" in faults:
            self.complete(at, content=content)
        else:
            self._wire.send({"serverContent": content}, at)
            self._agenda.add(at + self._profile.cut_complete_after, self.complete)
        if burst := faults.get("burst"):
            for time in range(1, burst.count):
                message: Message = {"serverContent": {"interrupted": True}}
                self._agenda.add(at + time * burst.seconds, partial(self._wire.send, message))
        if turn and (late := faults.get("transcript-after-cut")):
            self._send_pieces(turn.owed(), at + late.seconds)
        if turn:
            self._send_late(at, turn, faults.get("residue"))
        return faults

    def _send_late(self, at: float, turn: Turn, residue: Fault | None) -> None:
        count = self._profile.late_after_cut + (residue.count if residue else 0)
        self._send_pieces(turn.late(count), at + (residue.seconds if residue else _LATE_STEP))

    def _send_pieces(self, pieces: list[Piece], at: float) -> None:
        for number, piece in enumerate(pieces):
            self._record(piece)
            self._agenda.add(at + number * _LATE_STEP, partial(self._wire.send, piece.message))
