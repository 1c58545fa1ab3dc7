"""The page's app, and beside it, at /kept, how many objects of each kind its process holds."""

import gc
from collections import Counter

from app import app  # type: ignore[import-not-found]
from conversation import Conversation, Tab  # type: ignore[import-not-found]
from google.genai.live import AsyncSession

from gemini_live_interrupt._delivery import Delivery
from gemini_live_interrupt.emulator._session import Session

KINDS = (AsyncSession, Conversation, Delivery, Session, Tab)


@app.get("/kept")  # type: ignore[untyped-decorator]
async def kept() -> dict[str, int]:
    gc.collect()
    return Counter(type(found).__name__ for found in gc.get_objects() if type(found) in KINDS)


__all__ = ["app"]
