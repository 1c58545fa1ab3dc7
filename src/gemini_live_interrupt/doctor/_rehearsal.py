"""A session against the emulator in which the model is interrupted: does it get its note?

Through the real SDK and all layers on it, over TLS, on this machine; it takes about a second.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import math
from typing import TYPE_CHECKING, Any

from .. import disable_interrupt_resume, enable_interrupt_resume
from .._extras import what_is_missing
from ._finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.genai.live import AsyncSession

    from ..emulator import Frame, LiveEmulator

PATIENCE = 20.0
"""Seconds for all of it."""
STORY = "Once there was a fox by the sea. It waited for a ship that never came. Then, one night, a light rose."
RATE = 16_000
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "input_audio_transcription": {},
    "output_audio_transcription": {},
}


class _CannotError(Exception):
    """The emulator cannot run here."""


def check_session() -> Finding:
    """Interrupt a model of the emulator; the library is off afterwards."""
    if missing := what_is_missing("emulator"):
        what, _, install = missing.partition(": ")
        return _finding("not checked", f"Whether a session gets its note: {what}.", do=install)
    return asyncio.run(_rehearse())


async def _rehearse() -> Finding:
    enable_interrupt_resume()
    try:
        seconds = await _interrupt_a_story()
    except _CannotError as error:
        return _finding("not checked", f"Whether a session gets its note: {error}.")
    except TimeoutError:
        return _failed(f"No note came within {PATIENCE:.0f} seconds.")
    except Exception as error:  # noqa: BLE001 - whatever the layers on the SDK do
        return _failed(f"It failed with {type(error).__name__}: {error}.")
    finally:
        disable_interrupt_resume()
    told = f"The model was told what the user heard {1000 * seconds:.0f} ms after the interruption."
    return _finding("ok", f"{told} The session was one on the local emulator.")


def _finding(level: Level, found: str, *, why: str = "", do: str = "") -> Finding:
    return Finding(check="session", level=level, about="note", found=found, why=why, do=do)


def _failed(found: str) -> Finding:
    why = "An interrupted session on the local emulator is to get a note that tells the model what was heard."
    do = "Look at who else wraps AsyncSession._receive; leave them out one by one (run without --import)."
    return _finding("error", found, why=why, do=do)


async def _interrupt_a_story() -> float:
    """Return the seconds from `interrupted` to the note."""
    from google import genai

    from ..emulator import LiveEmulator

    async with contextlib.AsyncExitStack() as stack:
        try:
            live = await stack.enter_async_context(LiveEmulator(model=lambda _: STORY))
        except OSError as error:
            raise _CannotError(f"the emulator cannot listen on this machine ({error.strerror or error})") from None
        client = await stack.enter_async_context(genai.Client(vertexai=False, **live.client_options()).aio)
        async with asyncio.timeout(PATIENCE):
            session = await stack.enter_async_context(client.live.connect(model="doctor", config=CONFIG))
            reading = asyncio.create_task(_read(session))
            stack.callback(reading.cancel)
            return await _interrupt(live, session, reading)


async def _read(session: AsyncSession) -> None:
    while True:
        async for _ in session.receive():
            pass


async def _interrupt(live: LiveEmulator, session: AsyncSession, reading: asyncio.Task[None]) -> float:
    """Break in as soon as the model can be heard; raise what ends the session before it has its note."""

    async def first(frames: Callable[[str], list[Frame]], kind: str) -> float:
        await live.until(lambda: frames(kind) or reading.done(), PATIENCE)
        if reading.done():
            await reading
        return frames(kind)[0].at

    await session.send_realtime_input(text="A story, please.")
    await first(live.log.server, "audio")
    await session.send_realtime_input(audio={"data": _voice(), "mime_type": f"audio/pcm;rate={RATE}"})
    interrupted = await first(live.log.server, "interrupted")
    return await first(live.log.client, "clientContent") - interrupted


def _voice() -> bytes:
    tone = (round(6_000 * math.sin(2 * math.pi * 200 * at / RATE)) for at in range(RATE // 2))
    return array.array("h", tone).tobytes()
