"""Key-encryption keys for tests."""

import secrets
from pathlib import Path

from app.custody.ring import KeyRing

KEYS = KeyRing({"test": bytes(range(32))})
"""Those of every database that a test opens in its own process, unless it is about keys; the same in every run."""


def key_file(folder: Path) -> Path:
    """A file with one key-encryption key, for gateways that run as processes; made once in a folder."""
    file = folder / "vault.keys"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"test {secrets.token_hex(32)}\n")
    return file
