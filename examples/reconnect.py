"""The connection ends in mid-story, and the story goes on over the next one. Needs GEMINI_API_KEY, no microphone.

The service ends every connection after about ten minutes, and says so a little earlier (`goAway`). Who does not want to
wait for that leaves by himself: python examples/reconnect.py --leave-after 5
"""

import argparse
import asyncio
import os
from typing import Any

from google import genai
from google.genai import errors
from google.genai.live import AsyncSession

from gemini_live_interrupt import enable_interrupt_resume, restore_session_state, session_state

MODEL = os.environ.get("GEMINI_LIVE_MODEL", "gemini-2.5-flash-native-audio-preview-12-2025")
CONFIG: Any = {
    "response_modalities": ["AUDIO"],
    "output_audio_transcription": {},
    "input_audio_transcription": {},
}


class Story:
    """What is known of it here: how far it has come, and how to find the session again."""

    def __init__(self) -> None:
        self.handle: str | None = None  # the server's, for its own memory of the session
        self.is_over = False

    async def listen(self, session: AsyncSession) -> None:
        """Print what the model says; a real app would play `message.data`, and go on playing what it has."""
        async for message in session.receive():
            update, content = message.session_resumption_update, message.server_content
            if update and update.resumable:
                self.handle = update.new_handle
            if message.go_away:
                print(f"\n[the server will end the connection in {message.go_away.time_left}]")
            if content and content.output_transcription and content.output_transcription.text:
                print(content.output_transcription.text, end="", flush=True)
            if content and (content.generation_complete or content.turn_complete):
                self.is_over = True
                return


async def main(leave_after: float | None) -> None:
    enable_interrupt_resume()
    client = genai.Client()
    story, state = Story(), None
    while not story.is_over:
        config = CONFIG | {"session_resumption": {"handle": story.handle}}
        async with client.aio.live.connect(model=MODEL, config=config) as session:
            if state is None:
                await session.send_realtime_input(text="Tell me a long story about a lighthouse.")
            else:
                restore_session_state(session, state)  # before the first receive()
            try:
                async with asyncio.timeout(leave_after):
                    await story.listen(session)
            except (errors.APIError, TimeoutError) as end:
                print(f"\n[the connection ended: {type(end).__name__}; the next one goes on]")
            state = session_state(session)
        leave_after = None
    print("\n[the end]")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leave-after", type=float, metavar="SECONDS", help="leave the first connection so early")
    asyncio.run(main(parser.parse_args().leave_after))
