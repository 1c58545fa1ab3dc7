"""The words of a script's user, for one session after the other."""

from collections.abc import Iterator, Sequence

from ._server import LiveEmulator
from ._session import Session


class Utterances:
    """Hears the utterances in their order, from the first with each new session; a resumed one goes on with the next.

    After the last one, there is noise. Set `live` before anybody speaks. Of sessions at the same time, only the newest
    has an order.
    """

    def __init__(self, utterances: Sequence[str]) -> None:
        self.live: LiveEmulator | None = None
        self._utterances = utterances
        self._left: Iterator[str] = iter(())
        self._session: Session | None = None

    def __call__(self, _pcm: bytes) -> str:
        """Return the next utterance of the newest session."""
        session = self.live.session if self.live else None
        if session is not self._session:
            resumed = session is not None and session.setup is not None and session.setup.handle
            self._session = session
            if not resumed:
                self._left = iter(self._utterances)
        return next(self._left, "")
