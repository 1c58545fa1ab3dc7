"""A Live API on this machine: the real google-genai SDK connects to it, speaks to it and interrupts it."""

from . import _extra  # noqa: F401 - the first: it says what to install
from ._clock import Clock
from ._dispositions import DISPOSITIONS
from ._espeak import espeak
from ._faults import FAULTS, Fault
from ._log import Frame, Log
from ._memory import Told
from ._microphone import Microphone
from ._profiles import PROFILES, Profile
from ._reply import Reply
from ._script import Script, ScriptError, load_script
from ._scripted import Rule, ScriptedModel
from ._server import LiveEmulator
from ._session import Session
from ._tools import ToolCall
from ._uneven import speak
from ._virtual import VirtualTimeLoop
from ._voice import Speech, SpokenWord, speak_evenly

__all__ = [
    "DISPOSITIONS",
    "FAULTS",
    "PROFILES",
    "Clock",
    "Fault",
    "Frame",
    "LiveEmulator",
    "Log",
    "Microphone",
    "Profile",
    "Reply",
    "Rule",
    "Script",
    "ScriptError",
    "ScriptedModel",
    "Session",
    "Speech",
    "SpokenWord",
    "Told",
    "ToolCall",
    "VirtualTimeLoop",
    "espeak",
    "load_script",
    "speak",
    "speak_evenly",
]
