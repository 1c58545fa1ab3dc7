"""One conversation in a process of its own: `python -m gemini_live_interrupt.demo`, which the demo starts twice.

It writes lines of JSON: what has been heard so far, whenever that has grown, and at the end the record.
"""

import asyncio
import json
import sys

from google import genai

from .. import Interruption, disable_interrupt_resume, enable_interrupt_resume
from ._client import VoiceApp
from ._messages import Line, Record, Wish
from ._person import Person
from ._service import RealService, Service, emulated
from ._sound import Loudspeaker, Microphone
from ._story import CASES, OPENING, STORY

RESUME_AFTER = 2.0
"""Seconds of silence after which the library asks the model to go on; the default is 4."""
PATIENCE = {"local": 6.0, "live": 15.0}


async def hold(wish: Wish) -> None:
    """Hold the conversation and write of it to stdout."""
    asyncio.get_running_loop().slow_callback_duration = 1.0  # a client reads its certificates for a tenth of a second
    interruptions: list[Interruption] = []
    if wish.library:
        enable_interrupt_resume(resume_after=RESUME_AFTER, on_interruption=interruptions.append)
    microphone, loudspeaker = Microphone(), Loudspeaker()
    app = VoiceApp(microphone, loudspeaker)
    if wish.live:
        await _hold(wish, RealService(app.captions, loudspeaker, interruptions), app, microphone, loudspeaker)
    else:
        async with emulated(wish.profile, CASES[wish.case]) as service:
            await _hold(wish, service, app, microphone, loudspeaker)
    disable_interrupt_resume()


async def _hold(wish: Wish, service: Service, app: VoiceApp, microphone: Microphone, loudspeaker: Loudspeaker) -> None:
    client = genai.Client(**service.client_options())
    person = Person(app, service, microphone, loudspeaker, PATIENCE["live" if wish.live else "local"])
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(app.run(client, wish.model, OPENING)),
            tasks.create_task(_write_what_is_heard(person)),
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
        lines=_lines(person),
    )
    _write(record.to_json())


async def _write_what_is_heard(person: Person) -> None:
    written: list[Line] = []
    while True:
        lines = _lines(person)
        if lines != written:
            _write(json.dumps({"lines": lines}))
            written = lines
        await asyncio.sleep(0.1)


def _lines(person: Person) -> list[Line]:
    """Return who said what, as far as it was heard, in order."""
    lines: list[Line] = []
    for number, heard in enumerate(["", *person.heard()]):
        if heard:
            lines.append(("model", heard.strip()))
        lines += [("user", said.words or "(coughs)") for after, said in person.spoken if after == number]
    return lines


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
