"""Print the minors of google-genai whose `live.py` is not that of the minor before, from the first that is named on.

Fails if one is not among those that are named, unless it is the newest.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

Version = tuple[int, ...]


def main(named: list[str]) -> int:
    """Return the exit status."""
    known = [version(minor) for minor in named]
    changed: list[Version] = []
    before = ""
    firsts = first_of_each_minor()
    with tempfile.TemporaryDirectory() as folder:
        for release in [first for first in firsts if first[:2] >= known[0]]:
            digest = live_py(release, Path(folder))
            if digest != before:
                changed.append(release[:2])
                sys.stdout.write(f"{dotted(release[:2])}  {digest[:12]}\n")
                sys.stdout.flush()
            before = digest
    if missing := [minor for minor in changed if minor not in (*known, firsts[-1][:2])]:
        sys.stdout.write(f"not in the matrix: {', '.join(map(dotted, missing))}\n")
    return bool(missing)


def first_of_each_minor() -> list[Version]:
    """The first release of every minor, oldest first."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "index", "versions", "google-genai"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"^Available versions: (.*)$", listed, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pip index told no versions, but: {listed}")
    minors: dict[Version, Version] = {}
    for release in sorted(map(version, found[1].split(", "))):
        minors.setdefault(release[:2], release)
    return list(minors.values())


def live_py(release: Version, folder: Path) -> str:
    """The SHA-256 of that release's `live.py`."""
    wanted = f"google-genai=={dotted(release)}"
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder, wanted],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        digest = hashlib.sha256(archive.read("google/genai/live.py")).hexdigest()
    wheel.unlink()
    return digest


def version(text: str) -> Version:
    return tuple(map(int, text.split(".")))


def dotted(numbers: Version) -> str:
    return ".".join(map(str, numbers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
