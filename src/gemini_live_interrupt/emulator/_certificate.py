"""A certificate for this machine alone, and what a client needs to trust it."""

import os
import ssl
from pathlib import Path

import trustme


class Certificate:
    """A fresh authority with one certificate, for 127.0.0.1 and localhost.

    The authority's key stays in the process. The certificate's own is for a moment in a file that only this user can
    read: `ssl` takes it from nowhere else.
    """

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._leaf = self._authority.issue_cert("127.0.0.1", "::1", "localhost")

    def server_context(self) -> ssl.SSLContext:
        """Return the context of a server that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._leaf.configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority.configure_trust(context)
        return context

    def write_bundle(self, path: Path) -> None:
        """Write this authority and the usual ones as PEM, so that a redirected program still reaches others."""
        usual = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
        known = Path(usual).read_bytes() if usual and Path(usual).is_file() else b""
        path.write_bytes(self._authority.cert_pem.bytes() + known)
