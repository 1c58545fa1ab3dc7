"""Holds conversations, each in a process of its own, and follows them."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ._messages import ConversationProgress, Record, Wish, read

Follow = Callable[[Wish, ConversationProgress], None]
"""Is told how far a conversation has got."""
_LONGEST_LINE = 2**20  # bytes


class FailedError(Exception):
    """A conversation could not be held; the message says why."""


async def hold_both(wish: Wish, follow: Follow) -> tuple[list[Record], str]:
    """Hold a conversation without and with the library, at the same time; return both records, and what was complained.

    `follow` is called whenever there is more of one. Raises `FailedError`; then, or when it is cancelled, no process is
    left.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            holding = [tasks.create_task(_hold(replace(wish, library=library), follow)) for library in (False, True)]
    except* FailedError as group:
        raise group.exceptions[0] from None
    records, complaints = zip(*(task.result() for task in holding), strict=True)
    return list(records), "".join(complaints)


async def _hold(wish: Wish, follow: Follow) -> tuple[Record, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *_flags(),
        "-m",
        __package__,
        wish.to_json(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is for the demo, which ends its processes
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.TaskGroup() as tasks:
            complaining = tasks.create_task(process.stderr.read())
            record = await _follow(process.stdout, wish, follow)
        status = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # process.terminate() may reap it, and asyncio then misses it aloud
                os.kill(process.pid, signal.SIGTERM)
            await process.wait()
    complaint = complaining.result().decode(errors="replace")
    if status or record is None:
        what = complaint.strip() or f"the process ended with status {status}"
        raise FailedError(f"The conversation {'with' if wish.library else 'without'} the library failed: {what}")
    return record, complaint


async def _follow(stream: asyncio.StreamReader, wish: Wish, follow: Follow) -> Record | None:
    record = None
    async for line in stream:
        news = read(line)
        if isinstance(news, Record):
            record = news
        else:
            follow(wish, news)
    return record


def _flags() -> list[str]:
    """Return the flags by which this interpreter watches for warnings, for another one."""
    return [*(["-X", "dev"] if sys.flags.dev_mode else []), *(f"-W{option}" for option in sys.warnoptions)]
