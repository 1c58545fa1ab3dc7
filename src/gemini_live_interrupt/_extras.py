"""What the optional parts need beyond what the library does, and how to get it."""

from importlib.util import find_spec

PACKAGES = {"demo": ("fastapi", "rich", "trustme", "uvicorn", "websockets"), "emulator": ("trustme", "websockets")}
"""For each extra, the modules that its part imports."""
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""The variables of which the real service needs one."""


def what_is_missing(extra: str) -> str | None:
    """Say in a clause what has to be installed for an extra; `None` if nothing has to."""
    missing = [name for name in PACKAGES[extra] if find_spec(name) is None]
    if not missing:
        return None
    return f'the {extra} needs {" and ".join(missing)}: python -m pip install "gemini-live-interrupt[{extra}]"'
