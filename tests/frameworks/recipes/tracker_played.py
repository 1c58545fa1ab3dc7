# tracker_played.py
"""Tell it what was played, as ever. `item_id` is any name for a reply, another one for the next."""

from typing import Any

from agents.realtime import RealtimePlaybackTracker

from gemini_live_interrupt import report_played


class ReportingTracker(RealtimePlaybackTracker):
    def __init__(self, session: Any) -> None:
        super().__init__()
        self._session = session
        self.set_audio_format("pcm16")

    def on_play_ms(self, item_id: str, item_content_index: int, ms: float) -> None:
        super().on_play_ms(item_id, item_content_index, ms)
        report_played(self._session, (self.get_state()["elapsed_ms"] or 0.0) / 1000)
