"""
One stored value, encrypted: AES-256-GCM under a data key, with the row it belongs to as associated data.

A sealed value is a byte 1, a nonce of 12 bytes, the ciphertext and its tag. The associated data name table, column,
party and the row's key, so that a value that was moved to another row cannot be read there.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import VaultUnreadable
from app.randomness import random_bytes

DATA_KEY: Final = 32
_FORM: Final = b"\x01"
_NONCE: Final = 12
OVERHEAD: Final = 1 + _NONCE + 16
"""By how many bytes a sealed value is longer than the value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is stored; `row` is the rest of the row's key and what must not be changed beside the value."""

    table: str
    column: str
    party: int
    row: tuple[str, ...]

    @property
    def bytes(self) -> bytes:
        """The place as associated data: identifiers and names, none of which holds a zero byte."""
        return "\0".join(("optitrace.vault/1", self.table, self.column, str(self.party), *self.row)).encode()


def sealed(key: bytes, place: Place, content: bytes) -> bytes:
    """Encrypt `content` under a data key, with a random nonce: a data key seals some tens of values in its life."""
    nonce = random_bytes(_NONCE)
    return _FORM + nonce + AESGCM(key).encrypt(nonce, content, place.bytes)


def opened(key: bytes, place: Place, stored: bytes) -> bytes:
    """Decrypt what was sealed at this place; raises VaultUnreadable for whatever else, and does not say of what."""
    if stored[:1] != _FORM:
        raise unreadable()
    try:
        return AESGCM(key).decrypt(stored[1 : 1 + _NONCE], stored[1 + _NONCE :], place.bytes)
    except (InvalidTag, ValueError):
        raise unreadable() from None


def unreadable() -> VaultUnreadable:
    """The one error for whatever is not what was written."""
    return VaultUnreadable(
        "what is stored is not what was written",
        mend="Ask the gateway's operator to restore the database; nothing was changed.",
    )
