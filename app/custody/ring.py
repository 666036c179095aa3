"""
Key-encryption keys in the memory of this process, from a file or a file descriptor.

The text has one key a line: an id and 64 hex digits. The last line is the newest key. Data keys are wrapped with
AES-256-GCM-SIV, which stays safe if a nonce ever came twice, however many keys one key wraps.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from app.errors import VaultUnreadable
from app.randomness import random_bytes

_LINE: Final = re.compile("([a-z0-9][a-z0-9._-]{0,31}) ([0-9a-f]{64})")
_NONCE: Final = 12
KEYS_PAGE: Final = "See docs/operations.md, the keys of the vault."


class KeyRing:
    """
    Key-encryption keys by id, the newest last.

    `again` reads them once more where that is possible: a key that another process began to use is then found without
    a new start.
    """

    def __init__(self, keys: Mapping[str, bytes], again: Callable[[], Mapping[str, bytes]] | None = None) -> None:
        self._ciphers: dict[str, AESGCMSIV] = {}
        self._again = again
        self._take(keys)

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._ciphers)})"

    @property
    def newest(self) -> str:
        """Id of the key on the last line."""
        return self._newest

    def wrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Data keys wrapped with the key of this id, each with a nonce of its own before it."""
        cipher = self._cipher(key_id)
        nonces = [random_bytes(_NONCE) for _ in entries]
        return [
            nonce + cipher.encrypt(nonce, key, context) for nonce, (context, key) in zip(nonces, entries, strict=True)
        ]

    def unwrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """The data keys; raises VaultUnreadable if one is not whole, or was wrapped with another key of this id."""
        cipher = self._cipher(key_id)
        try:
            return [cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context) for context, wrapped in entries]
        except (InvalidTag, ValueError):
            raise VaultUnreadable("a data key cannot be unwrapped", mend=KEYS_PAGE) from None

    def _cipher(self, key_id: str) -> AESGCMSIV:
        if key_id not in self._ciphers and self._again is not None:
            self._take(self._again())
        if key_id not in self._ciphers:
            raise missing(key_id)
        return self._ciphers[key_id]

    def _take(self, keys: Mapping[str, bytes]) -> None:
        # Those that were known stay: a process goes on with what it was started with.
        self._ciphers = self._ciphers | {name: AESGCMSIV(key) for name, key in keys.items()}
        self._newest = list(keys)[-1]


def missing(key_id: str) -> VaultUnreadable:
    """The error for a key that is not there: it alone says where."""
    return VaultUnreadable(f"the key-encryption key {key_id} is missing", f"key {key_id}", KEYS_PAGE)


def ring_from_file(path: Path) -> KeyRing:
    """The keys of a file that its owner alone may read; read again when a new id turns up."""
    return KeyRing(_keys_of_file(path), lambda: _keys_of_file(path))


def ring_from_descriptor(number: int) -> KeyRing:
    """The keys that can be read from an open file descriptor, which is closed after that."""
    try:
        with os.fdopen(number, encoding="ascii") as opened:
            text = opened.read(1 << 16)
    except (OSError, ValueError):
        raise VaultUnreadable(
            f"the vault's keys cannot be read from file descriptor {number}", mend=KEYS_PAGE
        ) from None
    return KeyRing(keys_of(text, f"file descriptor {number}"))


def _keys_of_file(path: Path) -> Mapping[str, bytes]:
    return keys_of(private_text(path), path.name)


def private_text(path: Path) -> str:
    """What stands in a file that its owner alone may read; raises VaultUnreadable."""
    try:
        # Opened before it is looked at, so that it is one and the same file.
        with path.open(encoding="ascii") as opened:
            if os.fstat(opened.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise VaultUnreadable(f"others than its owner may read the key file {path.name}: chmod 600")
            return opened.read(1 << 16)
    except (OSError, ValueError):
        raise VaultUnreadable(f"the key file {path.name} cannot be read", mend=KEYS_PAGE) from None


def keys_of(text: str, source: str) -> dict[str, bytes]:
    """Ids and keys, in the order of the lines; raises VaultUnreadable, naming the line and never what stands there."""
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line.strip())
        if match is None or match[1] in found:
            raise VaultUnreadable(f"line {number} of {source} is no new id and 64 hex digits of a key", mend=KEYS_PAGE)
        found[match[1]] = bytes.fromhex(match[2])
    if not found:
        raise VaultUnreadable(f"{source} holds no key-encryption key", mend=KEYS_PAGE)
    return found
