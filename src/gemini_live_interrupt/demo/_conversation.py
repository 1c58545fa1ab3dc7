"""One conversation in a process of its own: `python -m gemini_live_interrupt.demo`, which the demo starts twice.

It writes lines of JSON: the conversation so far, whenever that has grown, and at the end the record.
"""

import asyncio
import sys

from google import genai

from .. import Interruption, disable_interrupt_resume, enable_interrupt_resume
from ._client import VoiceApp
from ._messages import ConversationProgress, Line, Record, Wish
from ._person import Person
from ._service import RealService, Service, emulated
from ._sound import Loudspeaker, RecordedMicrophone
from ._story import CASES, OPENING, STORY

RESUME_AFTER = 2.0
"""Seconds of silence after which the library asks the model to go on; the default is 4."""
PATIENCE = {"local": 6.0, "live": 15.0}
_LOOK = 0.1  # seconds between two looks at how far the conversation is


async def hold(wish: Wish) -> None:
    """Hold the conversation and write of it to stdout."""
    asyncio.get_running_loop().slow_callback_duration = 1.0  # a client reads its certificates for a tenth of a second
    interruptions: list[Interruption] = []
    if wish.library:
        enable_interrupt_resume(resume_after=RESUME_AFTER, on_interruption=interruptions.append, rules=wish.rules)
    microphone, loudspeaker = RecordedMicrophone(), Loudspeaker()
    app = VoiceApp(microphone, loudspeaker)
    if wish.live:
        await _hold(wish, RealService(app.captions, loudspeaker, interruptions), app, microphone, loudspeaker)
    else:
        async with emulated(wish.profile, CASES[wish.case], wish.disposition) as service:
            await _hold(wish, service, app, microphone, loudspeaker)
    disable_interrupt_resume()


async def _hold(
    wish: Wish, service: Service, app: VoiceApp, microphone: RecordedMicrophone, loudspeaker: Loudspeaker
) -> None:
    client = genai.Client(**service.client_options())
    person = Person(app, service, microphone, loudspeaker, PATIENCE["live" if wish.live else "local"])
    minutes = _Minutes(app, service, person)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(app.run(client, wish.model, OPENING)),
            tasks.create_task(minutes.write()),
        ]
        interrupted = await person.converse(CASES[wish.case])
        for task in running:
            task.cancel()
    heard, sent = person.heard() or [""], service.sent() or [""]
    record = Record(
        story=sent[0] if wish.live else STORY,
        sent=sent[0],
        heard=heard[0],
        told=service.notes(),
        answers=heard[1:],
        interrupted=interrupted,
        lines=minutes.lines(),
    )
    _write(record.to_json())


class _Minutes:
    """Who said what, as far as it was heard, and what the model was told, in order."""

    def __init__(self, app: VoiceApp, service: Service, person: Person) -> None:
        self._app = app
        self._service = service
        self._person = person
        self._noted: list[int] = []  # for each note, how many replies had begun when it was told

    async def write(self) -> None:
        """Write the conversation so far, whenever that has grown, until cancelled."""
        loop = asyncio.get_running_loop()
        began, written = loop.time(), list[Line]()
        while True:
            lines = self.lines()
            if lines != written:
                _write(ConversationProgress(at=loop.time() - began, lines=lines).to_json())
                written = lines
            await asyncio.sleep(_LOOK)

    def lines(self) -> list[Line]:
        """Return the conversation so far."""
        notes = self._service.notes()
        self._noted += [len(self._app.captions)] * (len(notes) - len(self._noted))
        replies = list(zip(self._person.heard(), self._service.sent(), strict=True))
        lines: list[Line] = []
        for number in range(len(replies) + 1):
            if number and replies[number - 1][1]:
                lines.append(_reply(*replies[number - 1], cut=number in self._app.cut))
            spoken = [said.words for after, said in self._person.spoken if after == number]
            lines += [Line(who="user", words=words or "(coughs)") for words in spoken]
            told = [note for after, note in zip(self._noted, notes, strict=True) if after == number]
            lines += [Line(who="note", words=note) for note in told]
        return lines


def _reply(heard: str, sent: str, *, cut: bool) -> Line:
    begin = len(sent) - len(sent.lstrip())
    return Line(who="model", words=heard[begin:], unheard=sent[max(begin, len(heard)) :], cut=cut)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
