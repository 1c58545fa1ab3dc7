"""The way out to the client: messages in their order, and what goes wrong with the connection itself."""

import math
import random
from collections import deque
from collections.abc import Callable
from functools import partial

from ._actions import Action, Send, SendRaw, Stall
from ._agenda import Agenda
from ._faults import Fault
from ._schema import Message, duration

GO_AWAY_CLOSE = (
    1008,
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session duration expired",
)
"""What follows a goAway that was not heeded (reported: reachy_mini_conversation_app #357); a close holds 123 bytes."""
ABORTED = (1008, "The operation was aborted.")
"""The service gives a session up (reported: livekit agents-js #2366)."""
INTERNAL = (1011, "Internal error encountered.")
"""The service fails (reported)."""
ABNORMAL = 1006
"""What a client sees of a connection that ends without a close (RFC 6455)."""


class Wire:
    """Sends for one session. Times are those of the agenda; `outbox` takes what is to be done."""

    def __init__(
        self, agenda: Agenda, outbox: deque[Action], chance: random.Random, close: Callable[[int, str], None]
    ) -> None:
        self._agenda = agenda
        self._outbox = outbox
        self._close = close
        self._chance = chance
        self._jitter = 0.0
        self._free_at = -math.inf
        self._held = 0

    def send(self, message: Message, at: float) -> None:
        """Put a message on the wire, after those before it."""
        self._put(Send(message), at)

    def go_away(self, at: float, seconds: float) -> None:
        """Warn the client; unless it goes, it is closed that many seconds later."""
        self.send({"goAway": {"timeLeft": duration(seconds)}}, at)
        self._agenda.add(at + seconds, lambda _: self._close(*GO_AWAY_CLOSE))

    def break_down(self, fault: Fault, at: float) -> None:
        """Let a fault of the connection happen in its time."""
        self._agenda.add(at + fault.seconds, partial(self._break_down, fault))

    def _break_down(self, fault: Fault, at: float) -> None:
        match fault.name:
            case "jitter":
                self._jitter = fault.lasts
            case "pause":
                self._free_at = max(self._free_at, at + fault.lasts)
            case "stall":
                self._outbox.append(Stall(fault.lasts))
            case "half-open":
                self._free_at = math.inf
                self._outbox.append(Stall(math.inf))
            case "abrupt-close":
                self._close(ABNORMAL, "")
            case "failure":
                self._close(*INTERNAL)
            case "abort":
                self._close(*ABORTED)
            case "go-away":
                self.go_away(at, fault.lasts)
            case "oversized-frame":
                self._put(SendRaw(_frame_of(fault.count)), at)
            case "malformed-frame":
                self._put(SendRaw(b'{"serverContent": {"modelTurn": {"parts": [{"inlineData"'), at)

    def _put(self, action: Action, at: float) -> None:
        due = max(at + self._chance.uniform(0.0, self._jitter), self._free_at)
        if due == math.inf:
            return
        if due <= at and not self._held:
            self._outbox.append(action)
            return
        self._free_at = due
        self._held += 1
        self._agenda.add(due, partial(self._release, action))

    def _release(self, action: Action, _at: float) -> None:
        self._held -= 1
        self._outbox.append(action)


def _frame_of(size: int) -> bytes:
    begin = b'{"serverContent": {}'
    return begin + b" " * (size - len(begin) - 1) + b"}"
