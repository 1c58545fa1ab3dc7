"""Hold one conversation. For the demo, which starts it."""

import asyncio
import json
import sys
from collections.abc import Callable

from ..emulator import VirtualTimeLoop
from ._conversation import hold
from ._messages import Wish


def main() -> int:
    """Hold the conversation that the argument describes; a failure is told on one line."""
    wish = Wish(**json.loads(sys.argv[1]))
    try:
        with asyncio.Runner(loop_factory=_clock(wish.speed)) as runner:
            runner.run(hold(wish))
    except ExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


def _clock(speed: float) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop: at the real pace the usual one, else one whose clock is faster or slower."""
    return None if speed == 1.0 else lambda: VirtualTimeLoop(speed)


if __name__ == "__main__":
    sys.exit(main())
