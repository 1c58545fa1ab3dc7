"""Print, as JSON, what is installed here and would be tested; refuse a library that is not installed but lies about."""

import json
import platform
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import wrapt  # noqa: F401 - loads its extension, if it has one

import gemini_live_interrupt

PACKAGES = ("google-genai", "wrapt", "pydantic", "websockets")


def main() -> int:
    where = Path(gemini_live_interrupt.__file__)
    if not where.is_relative_to(sysconfig.get_path("purelib")):
        sys.stderr.write(f"not installed: {where}\n")
        return 1
    found = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    found["wrapt is"] = "C" if "wrapt._wrappers" in sys.modules else "Python"
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
