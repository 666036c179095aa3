"""The keys that a party exchanges packages with, from the 32 bytes of one secret: the same in ten years."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT: Final = b"optitrace/1"


def exchange_secrets(secret: bytes) -> tuple[bytes, bytes]:
    """The private keys: Ed25519, which signs, and X25519, which opens; 32 bytes each."""
    return _derived(secret, b"exchange signing"), _derived(secret, b"exchange encryption")


def exchange_public(secret: bytes) -> tuple[bytes, bytes]:
    """The public keys to them, as the registry has them; 32 bytes each."""
    signing, encryption = exchange_secrets(secret)
    return (
        Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw(),
        X25519PrivateKey.from_private_bytes(encryption).public_key().public_bytes_raw(),
    )


def _derived(secret: bytes, name: bytes) -> bytes:
    return HKDF(SHA256(), 32, SALT, name).derive(secret)
