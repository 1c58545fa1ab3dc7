"""Says what to install where the emulator's extra is missing: imported before anything that needs it."""

from importlib.util import find_spec

if missing := [name for name in ("trustme", "websockets") if find_spec(name) is None]:
    raise ModuleNotFoundError(
        f'the emulator needs {" and ".join(missing)}: python -m pip install "gemini-live-interrupt[emulator]"',
        name=missing[0],
    )
