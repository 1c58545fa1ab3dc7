"""A Live API on this machine: the real google-genai SDK connects to it, speaks to it and interrupts it."""

from gemini_live_interrupt.emulator._clock import Clock
from gemini_live_interrupt.emulator._faults import FAULTS, Fault
from gemini_live_interrupt.emulator._log import Frame, Log
from gemini_live_interrupt.emulator._memory import Told
from gemini_live_interrupt.emulator._profiles import PROFILES, Profile
from gemini_live_interrupt.emulator._reply import Reply
from gemini_live_interrupt.emulator._server import LiveEmulator
from gemini_live_interrupt.emulator._session import Session
from gemini_live_interrupt.emulator._voice import Speech, SpokenWord, speak

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
    "Session",
    "Speech",
    "SpokenWord",
    "Told",
    "speak",
]
