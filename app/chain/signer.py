"""
The parties' signing keys, from key files, and whose signature a signature is.

secp256k1 comes from libsecp256k1 through coincurve: the pure Python fallback signs fewer events a second than one
gateway must accept, so its absence stops the start.
"""

import stat
from collections.abc import Mapping
from pathlib import Path

from coincurve import PrivateKey, PublicKey

from app.domain.keccak import keccak256

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class UnsafeKeyFile(Exception):
    """A key file is missing, is not 32 bytes in hex, or may be read by others than its owner."""


def key_from_file(path: Path) -> bytes:
    """The 32 bytes of a private key, written in hex; refuses a file that others may read."""
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UnsafeKeyFile(f"others than its owner may read the key file {path.name}: chmod 600")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip().removeprefix("0x"))
    except (OSError, ValueError) as error:
        raise UnsafeKeyFile(f"the key file {path.name} cannot be read as 32 bytes in hex") from error
    if len(key) != 32:
        raise UnsafeKeyFile(f"the key file {path.name} does not hold 32 bytes in hex")
    return key


def address_of(public: PublicKey) -> str:
    """The address of a public key, lower-case hex without 0x."""
    return keccak256(public.format(compressed=False)[1:])[12:].hex()


class KeySigner:
    """Signs for the parties whose keys it was given; never shows a key."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = {party: PrivateKey(key) for party, key in keys.items()}
        self._addresses = {party: address_of(key.public_key) for party, key in self._keys.items()}

    def __repr__(self) -> str:
        return f"KeySigner({len(self._keys)} parties)"

    def address(self, party: int) -> str:
        """The address of the party's key."""
        return self._addresses[party]

    def sign(self, party: int, digest: bytes) -> bytes:
        """The party's signature over 32 bytes: r, s, v; 65 bytes, s in the lower half."""
        signature = self._keys[party].sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])

    def recovered(self, digest: bytes, signature: bytes) -> str | None:
        """Whose signature this is; None if it is nobody's or malleable."""
        if len(signature) != 65 or signature[64] not in (27, 28):
            return None
        if int.from_bytes(signature[32:64], "big") > HALF_ORDER:
            return None
        try:
            recoverable = signature[:64] + bytes([signature[64] - 27])
            return address_of(PublicKey.from_signature_and_message(recoverable, digest, hasher=None))
        except Exception:  # noqa: BLE001  coincurve raises no narrower one for a signature of nobody
            return None
