"""The environment of a program that is to find the emulator, whatever else stands in it."""

from ._server import LiveEmulator

_ELSEWHERE = ("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI")
"""With these the SDK does not look at GOOGLE_GEMINI_BASE_URL, and connects to the real service."""


def redirection(live: LiveEmulator) -> dict[str, str]:
    """Return the variables to set; those that lead elsewhere are set to nothing."""
    return live.environ() | dict.fromkeys(_ELSEWHERE, "")
