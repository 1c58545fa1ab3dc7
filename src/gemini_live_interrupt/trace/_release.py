"""Which release of the library is running."""

from importlib import metadata


def release(distribution: str = "gemini-live-interrupt") -> str:
    """Return the installed version, or `"unknown"`: code that was never installed has none."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
