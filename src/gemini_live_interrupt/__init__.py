"""An interrupted model knows what the user heard, what they said, and where to go on.

One call at start-up, `enable_interrupt_resume()`, and no other change to an app that uses google-genai's Live API.
"""

from ._api import (
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    restore_session_state,
    session_state,
)
from ._interruption import Interruption
from ._prompt import default_prompt
from ._sentences import cut_sentence

__all__ = [
    "Interruption",
    "cut_sentence",
    "default_prompt",
    "disable_interrupt_resume",
    "enable_interrupt_resume",
    "report_played",
    "restore_session_state",
    "session_state",
]
