"""Ask for a story, interrupt it, and read how the model goes on. Needs GEMINI_API_KEY, no microphone.

The one line that belongs to gemini-live-interrupt is marked; the rest is a google-genai program like any other.
"""

import asyncio
import os
from typing import Any

from google import genai
from google.genai.live import AsyncSession

from gemini_live_interrupt import enable_interrupt_resume

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},  # without it nobody knows what was said
    "input_audio_transcription": {},
}


async def interrupt(session: AsyncSession, after: float) -> None:
    """Speak up in the middle of the answer."""
    await asyncio.sleep(after)
    print("\n[user] Wait, who lives in a lighthouse?")
    await session.send_realtime_input(text="Wait, who lives in a lighthouse?")


async def listen(session: AsyncSession, turns: int) -> None:
    """Print what the model says; a real app would play `message.data`, and empty its player on `interrupted`."""
    for _ in range(turns):
        async for message in session.receive():
            content = message.server_content
            if content and content.output_transcription and content.output_transcription.text:
                print(content.output_transcription.text, end="", flush=True)
            if content and content.interrupted:
                print(" [interrupted]", end="")
    print()


async def main() -> None:
    enable_interrupt_resume()  # <- the one line
    client = genai.Client()
    async with client.aio.live.connect(model=MODEL, config=CONFIG) as session:
        await session.send_realtime_input(text="Tell me a story about a lighthouse, in five sentences.")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(interrupt(session, after=4.0))
            tasks.create_task(listen(session, turns=2))


if __name__ == "__main__":
    asyncio.run(main())
