"""Hold one conversation. For the demo, which starts it."""

import asyncio
import json
import sys

from ._conversation import hold
from ._messages import Wish


def main() -> int:
    """Hold the conversation that the argument describes; a failure is told on one line."""
    try:
        asyncio.run(hold(Wish(**json.loads(sys.argv[1]))))
    except ExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
