"""One conversation, as with the real service: only its address is another."""

import pytest
from google.genai import errors

from gemini_live_interrupt.demo._conversation import hold
from gemini_live_interrupt.demo._messages import Record, Wish, read
from gemini_live_interrupt.demo._report import fault
from gemini_live_interrupt.emulator import LiveEmulator, Told

STORY = "It rained. The dog slept. Then somebody knocked at the old door: a cat."


def _model(context: tuple[Told, ...]) -> str:
    if len(context) == 1:
        return STORY
    return (
        STORY[STORY.index("Then") :] if any("continue with: “Then" in told.text for told in context) else "Bless you."
    )


async def _hold(capsys: pytest.CaptureFixture[str], *, library: bool) -> Record:
    await hold(Wish(case="noise", profile="", model="a-live-model", live=True, library=library))
    *_, last = capsys.readouterr().out.splitlines()
    record = read(last.encode())
    assert isinstance(record, Record)
    return record


async def test_the_real_service_is_asked_the_same_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LiveEmulator("2.5-native", _model, hear=lambda _: "") as live:
        for name, value in live.environ().items():
            monkeypatch.setenv(name, value)
        record = await _hold(capsys, library=True)
    assert record.sent == record.story == STORY
    assert STORY.startswith(record.heard)
    assert record.told[0].startswith("<interruption_note>")
    assert record.answers == [STORY[STORY.index("Then") :]]
    assert fault(record) == ""


async def test_a_session_that_ends_early_ends_the_conversation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    def fail(_: tuple[Told, ...]) -> str:
        raise LookupError("on purpose")

    async with LiveEmulator("2.5-native", fail) as live:
        for name, value in live.environ().items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ExceptionGroup) as failure:
            await _hold(capsys, library=False)
    assert failure.group_contains(errors.APIError, match="1011", depth=2)
    assert "The session failed" in complaints.pop()  # the emulator's own
