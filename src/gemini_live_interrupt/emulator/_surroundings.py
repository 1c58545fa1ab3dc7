"""The environment variables that lead an unchanged program to an emulator, and the files that they name."""

import contextlib
import functools
import json
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ._certificate import Certificate
from ._entrance import TOKEN_PATH

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment] # which mypy sees on the system that it runs on

KEY = "emulator"
"""What stands in the place of every key."""

_ELSEWHERE = ("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI")
"""Emptied: with these, the SDK brings GOOGLE_GEMINI_BASE_URL to Vertex AI, and refuses its https (seen in 3.6)."""

_PREFIX = "live-emulator-"
_LOCK = "in-use"
_MADE = 60.0  # seconds: a younger folder may not have its lock yet


class Surroundings:
    """The files of one emulator, in a folder that only this user can read; `close` removes it.

    A process that was killed leaves its folder behind: the next that makes one sweeps it up. A lock tells those in use.
    """

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock: int | None = None

    def variables(self, url: str, plain_url: str) -> dict[str, str]:
        """Return the variables; the files that they name are there until `close`."""
        folder = self._open()
        bundle, account = folder / "certificates.pem", folder / "credentials.json"
        self._certificate.write_bundle(bundle)
        account.write_text(json.dumps(_service_account(plain_url.replace("ws", "http", 1) + TOKEN_PATH)))
        variables = dict.fromkeys(_ELSEWHERE, "") | {
            "GOOGLE_GEMINI_BASE_URL": url,
            "GOOGLE_VERTEX_BASE_URL": url.replace("https", "wss"),  # as a client without a project takes it
            "GEMINI_API_KEY": KEY,
            "GOOGLE_API_KEY": KEY,
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
            "SSL_CERT_FILE": str(bundle),
        }
        for name in ("no_proxy", "NO_PROXY"):  # the first goes before the second
            variables[name] = ",".join(filter(None, (os.environ.get(name), urlsplit(url).hostname)))
        return variables

    def close(self) -> None:
        """Remove the folder."""
        if self._folder:
            self._folder.cleanup()
            self._folder = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> Path:
        if self._folder is None:
            _sweep()
            self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
            self._lock = _lock(Path(self._folder.name, _LOCK))
        return Path(self._folder.name)


def _sweep() -> None:
    """Remove the folders whose processes are gone, as far as they are this user's."""
    if fcntl is None:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or one that is gone by now
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and time.time() - found.st_mtime > _MADE:
                lock = _lock(folder / _LOCK, flags=os.O_RDWR)
                shutil.rmtree(folder, ignore_errors=True)
                if lock is not None:
                    os.close(lock)


def _lock(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int | None:
    """Return a descriptor that holds the lock for as long as it is open; OSError if another process holds it."""
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


@functools.cache
def _private_key() -> str:
    """Return a key that opens nothing: google-auth wants one to sign its requests with. A short one is made at once."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _service_account(token_url: str) -> dict[str, str]:
    return {
        "type": "service_account",
        "project_id": "emulator",
        "private_key_id": KEY,
        "private_key": _private_key(),
        "client_email": "emulator@emulator.invalid",
        "client_id": KEY,
        "token_uri": token_url,
    }
