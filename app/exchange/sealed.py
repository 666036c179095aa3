"""
Seals and signatures: JWS inside JWE, in compact form, with one algorithm for each and nothing to choose.

What comes in says in its headers how it wants to be read. It is read only if the headers are exactly those that this
network writes: the algorithms are compared before any key is looked up, the key's name picks a key that is already
known, and a header that would bring a key or an address of its own is one field too many.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from joserfc import jwe, jws
from joserfc.errors import JoseError

from app.errors import AlgorithmRefused, NotSealed, SealBroken
from app.exchange.keys import ExchangeKeys, PublicKeys
from app.nesting import too_deep

MAX_SEALED: Final = 8 * 1024 * 1024
PACKAGE, RECEIPT, SEALED = "optitrace-package+jws", "optitrace-receipt+jws", "optitrace-sealed+jwe"
SIGNATURE: Final = "Ed25519"
AGREEMENT, CIPHER = "ECDH-ES", "A256GCM"
_MEND = "Send it again as its sender's gateway made it."


class _Signatures(jws.JWSRegistry):
    max_payload_length = MAX_SEALED


class _Seals(jwe.JWERegistry):
    max_ciphertext_length = MAX_SEALED


_SIGNATURES = _Signatures(algorithms=[SIGNATURE])
_SEALS = _Seals(algorithms=[AGREEMENT, CIPHER])


def signed(keys: ExchangeKeys, kind: str, content: Mapping[str, object]) -> str:
    """The content as JSON, signed; `kind` is `PACKAGE` or `RECEIPT`."""
    header = {"alg": SIGNATURE, "kid": keys.signer.thumbprint(), "typ": kind}
    payload = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return jws.serialize_compact(header, payload, keys.signer, registry=_SIGNATURES)


def sealed(recipient: PublicKeys, text: str) -> str:
    """A signed text that only the recipient can read."""
    header = {"alg": AGREEMENT, "enc": CIPHER, "kid": recipient.sealer.thumbprint(), "typ": SEALED}
    return jwe.encrypt_compact(header, text, recipient.sealer, registry=_SEALS)


def seal_key(text: str) -> str:
    """The name of the key that a sealed text asks for; raises NotSealed, AlgorithmRefused."""
    header = _header(text, 5, {"alg", "enc", "epk", "kid", "typ"}, (SEALED,))
    _require(header, alg=AGREEMENT, enc=CIPHER)
    point = header["epk"]
    if not isinstance(point, dict) or point.keys() != {"kty", "crv", "x"} or point["crv"] != "X25519":
        raise AlgorithmRefused("the ephemeral key is not one of X25519", "header epk")
    return str(header["kid"])


def opened(keys: ExchangeKeys, text: str) -> str:
    """What was sealed to these keys; raises SealBroken. The caller has picked them by `seal_key`."""
    try:
        plain = jwe.decrypt_compact(text, keys.opener, registry=_SEALS).plaintext or b""
        return plain.decode("ascii")
    except (JoseError, ValueError, TypeError, KeyError, AssertionError):
        # The library raises many kinds for what is no seal of ours; none of them says more than this.
        raise SealBroken("the seal does not open", mend=_MEND) from None


def signing_key(text: str, kind: str) -> str:
    """The name of the key that a signed text asks for; raises NotSealed, AlgorithmRefused."""
    header = _header(text, 3, {"alg", "kid", "typ"}, (kind,))
    _require(header, alg=SIGNATURE)
    return str(header["kid"])


def claimed(text: str) -> dict[str, Any]:
    """What a signed text says, *not yet checked*: good for nothing but to find the key to check it with."""
    return strict_json(_octets(text.split(".")[1]))


def check_signature(keys: PublicKeys, text: str) -> None:
    """Raise SealBroken unless the text is signed with this key. The caller has picked it by `signing_key`."""
    try:
        jws.deserialize_compact(text, keys.verifier, registry=_SIGNATURES)
    except (JoseError, ValueError, TypeError, KeyError):
        raise SealBroken("the signature does not hold", mend=_MEND) from None


def strict_json(octets: bytes) -> dict[str, Any]:
    """An object in JSON that every reader reads alike: no name twice, whole numbers only; raises NotSealed."""
    if too_deep(octets):
        raise NotSealed("the content is nested too deep", mend=_MEND)
    try:
        found = json.loads(
            octets.decode("utf-8"), object_pairs_hook=_each_once, parse_float=_refused, parse_constant=_refused
        )
    except ValueError:
        raise NotSealed("the content is not JSON of the form of this network", mend=_MEND) from None
    if not isinstance(found, dict):
        raise NotSealed("the content is not a JSON object", mend=_MEND)
    return found


def _header(text: str, parts: int, names: set[str], kinds: tuple[str, ...]) -> dict[str, Any]:
    segments = text.split(".")
    if len(segments) != parts or len(segments[0]) > 1024:
        raise NotSealed("it is not in compact form", mend=_MEND)
    header = strict_json(_octets(segments[0]))
    if "alg" not in header or not isinstance(header["alg"], str):
        raise AlgorithmRefused("no algorithm is named", "header alg")
    if header.get("typ") not in kinds:
        raise NotSealed("the type is not the one expected here", "header typ", _MEND)
    if header.keys() != names or not isinstance(header["kid"], str):
        raise NotSealed("the header does not have exactly its fields", "header", _MEND)
    return header


def _require(header: Mapping[str, object], **wanted: str) -> None:
    for name, only in wanted.items():
        if header[name] != only:
            raise AlgorithmRefused(f"the only {name} is {only}", f"header {name}")


def _octets(segment: str) -> bytes:
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotSealed("a part is not base64url", mend=_MEND) from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(_text: str) -> NoReturn:
    raise ValueError("no such number")
