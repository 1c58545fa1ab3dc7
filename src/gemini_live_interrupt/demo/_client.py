"""The app: an ordinary program with google-genai, as people write it. Nothing in it knows of the library."""

import asyncio

from google import genai
from google.genai import types
from google.genai.live import AsyncSession

from ._sound import INPUT_RATE, Loudspeaker, RecordedMicrophone

CONFIG = types.LiveConnectConfig(
    response_modalities=[types.Modality.AUDIO],
    input_audio_transcription=types.AudioTranscriptionConfig(),
    output_audio_transcription=types.AudioTranscriptionConfig(),
)


Captions = list[list[tuple[str, float]]]
"""For each reply the pieces of its transcript, each with how much the loudspeaker had been given when it came."""


class VoiceApp:
    """Microphone up, speech down, captions as they come.

    `replying` is true from the first sign of a reply to the end of its turn. `cut` holds which replies were
    interrupted, counted from 1.
    """

    def __init__(self, microphone: RecordedMicrophone, loudspeaker: Loudspeaker) -> None:
        self._microphone = microphone
        self._loudspeaker = loudspeaker
        self.captions: Captions = []
        self.replying = False
        self.interruptions = 0
        self.cut: set[int] = set()

    async def run(self, client: genai.Client, model: str, opening: str) -> None:
        """Hold a conversation that begins with this text, until cancelled."""
        async with client.aio.live.connect(model=model, config=CONFIG) as session:
            content = types.Content(role="user", parts=[types.Part(text=opening)])
            await session.send_client_content(turns=content, turn_complete=True)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(session))
                tasks.create_task(self._receive(session))

    async def _send(self, session: AsyncSession) -> None:
        async for frame in self._microphone.frames():
            await session.send_realtime_input(audio=types.Blob(data=frame, mime_type=f"audio/pcm;rate={INPUT_RATE}"))

    async def _receive(self, session: AsyncSession) -> None:
        while True:
            async for message in session.receive():
                if message.server_content:
                    self._handle(message.server_content)

    def _handle(self, content: types.LiveServerContent) -> None:
        if content.interrupted:  # whatever else is in this message belongs to the reply that was cut
            self._loudspeaker.flush()
            self.interruptions += 1
            self.cut.add(len(self.captions))
            self.replying = False
            return
        if content.output_transcription and content.output_transcription.text:
            self._begin_reply()
            self.captions[-1].append((content.output_transcription.text, self._loudspeaker.received))
        for part in (content.model_turn and content.model_turn.parts) or []:
            if part.inline_data and part.inline_data.data:
                self._begin_reply()
                self._loudspeaker.play(part.inline_data.data)
        if content.turn_complete:
            self.replying = False

    def _begin_reply(self) -> None:
        if not self.replying:
            self.replying = True
            self.captions.append([])
