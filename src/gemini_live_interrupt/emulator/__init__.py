"""A Live API on this machine: the real google-genai SDK connects to it, speaks to it and interrupts it."""

from . import _extra  # noqa: F401 - the first: it says what to install
from ._clock import Clock
from ._espeak import espeak
from ._faults import FAULTS, Fault
from ._log import Frame, Log
from ._memory import Told
from ._profiles import PROFILES, Profile
from ._reply import Reply
from ._script import Script, ScriptError, load_script
from ._server import LiveEmulator
from ._session import Session
from ._tools import ToolCall
from ._virtual import VirtualTimeLoop
from ._voice import Speech, SpokenWord, speak

__all__ = [
    "FAULTS",
    "PROFILES",
    "Clock",
    "Fault",
    "Frame",
    "LiveEmulator",
    "Log",
    "Profile",
    "Reply",
    "Script",
    "ScriptError",
    "Session",
    "Speech",
    "SpokenWord",
    "Told",
    "ToolCall",
    "VirtualTimeLoop",
    "espeak",
    "load_script",
    "speak",
]
