"""What work costs, as a ratio: of the thread's own processor time, so that a busy machine changes little."""

from __future__ import annotations

import time
from collections.abc import Callable

MORE = 8
"""Times the size of the smaller work."""


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether work of eight times the size takes less than half of what it would if it were quadratic.

    `work(size)` prepares it and returns what is measured. The best of several counts.
    """
    few, many = _cost(work, size), _cost(work, MORE * size)
    return many < max(few, 1e-3) * MORE**2 / 2


def _cost(work: Callable[[int], Callable[[], object]], size: int) -> float:
    found = []
    for _ in range(5):
        run = work(size)
        began = time.thread_time()
        run()
        found.append(time.thread_time() - began)
    return min(found)
