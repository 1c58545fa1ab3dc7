"""Write the note to the model yourself, and watch the interruptions. Needs GEMINI_API_KEY, no microphone."""

import asyncio
import os
from typing import Any

from google import genai
from google.genai.live import AsyncSession

from gemini_live_interrupt import Interruption, default_prompt, enable_interrupt_resume

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}


async def build(heard: str, user_text: str, history: list[tuple[str, str]], interruption: Interruption) -> str | None:
    """Say nothing if next to nothing was lost; otherwise the default note, and a rule of the house."""
    if interruption.received - interruption.played < 1.0:
        return None
    house_rule = "\nNames that the user did not hear must be said again in full."
    return default_prompt(heard, user_text, history, interruption) + house_rule


def watch(interruption: Interruption) -> None:
    """Called when the cut is seen, and again when it is settled."""
    print(
        f"\n[{interruption.phase}] heard {interruption.played:.1f} s of {interruption.received:.1f} s "
        f"by {interruption.evidence}; outcome: {interruption.outcome}"
    )


async def listen(session: AsyncSession) -> None:
    """Print what the model says until its next answer is complete."""
    async for message in session.receive():
        content = message.server_content
        if content and content.output_transcription and content.output_transcription.text:
            print(content.output_transcription.text, end="", flush=True)


async def main() -> None:
    enable_interrupt_resume(build, max_history=2, on_interruption=watch)
    client = genai.Client()
    async with client.aio.live.connect(model=MODEL, config=CONFIG) as session:
        await session.send_realtime_input(text="Tell me a long story about a girl who finds a key.")
        listening = asyncio.create_task(listen(session))
        await asyncio.sleep(3.0)
        await session.send_realtime_input(text="Wait, how old was she?")
        await listening  # the answer that was cut
        await listen(session)  # the one that follows
        print()


if __name__ == "__main__":
    asyncio.run(main())
