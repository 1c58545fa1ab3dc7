"""An interrupted model knows what the user heard, what they said, and where to go on.

One call at start-up, `enable_interrupt_resume()`, and no other change to an app that uses google-genai's Live API.
"""

from ._api import (
    configure_session,
    disable_interrupt_resume,
    enable_interrupt_resume,
    report_played,
    restore_session_state,
    session_state,
)
from ._interruption import Interruption
from ._prompt import default_prompt, interruption_rules
from ._resumption import resumption
from ._sentences import cut_sentence
from ._settings import SessionOptions

__all__ = [
    "Interruption",
    "SessionOptions",
    "configure_session",
    "cut_sentence",
    "default_prompt",
    "disable_interrupt_resume",
    "enable_interrupt_resume",
    "interruption_rules",
    "report_played",
    "restore_session_state",
    "resumption",
    "session_state",
]
