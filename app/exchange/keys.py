"""
The keys that parties exchange packages with, as JSON web keys (RFC 8037).

A key is named by its thumbprint (RFC 7638), so that a name cannot stand for two keys.
"""

import base64
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Self

from joserfc.jwk import OKPKey

from app.domain.exchange_keys import exchange_public, exchange_secrets


@dataclass(frozen=True)
class PublicKeys:
    """The two public keys of a party, 32 bytes each, as the registry has them."""

    signing: bytes
    encryption: bytes

    @cached_property
    def verifier(self) -> OKPKey:
        """The key that the party's signatures are checked with."""
        return _jwk("Ed25519", self.signing)

    @cached_property
    def sealer(self) -> OKPKey:
        """The key that packages for the party are sealed to."""
        return _jwk("X25519", self.encryption)


@dataclass(frozen=True)
class ExchangeKeys:
    """The two private keys of a party; neither shows when it is printed."""

    signer: OKPKey = field(repr=False)
    opener: OKPKey = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """The keys that 32 secret bytes give, the same each time."""
        public, private = exchange_public(secret), exchange_secrets(secret)
        return cls(_jwk("Ed25519", public[0], private[0]), _jwk("X25519", public[1], private[1]))


def _jwk(curve: Literal["Ed25519", "X25519"], public: bytes, private: bytes | None = None) -> OKPKey:
    parts: dict[str, str | list[str]] = {"kty": "OKP", "crv": curve, "x": _text(public)}
    if private is not None:
        parts["d"] = _text(private)
    return OKPKey.import_key(parts)


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
