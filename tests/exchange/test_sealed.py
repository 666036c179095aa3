"""Seals and signatures: what is not exactly of their form is not read."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import OctKey, OKPKey, RSAKey

from app.domain.exchange_keys import exchange_public
from app.errors import AlgorithmRefused, NotSealed, OptiTraceError, SealBroken
from app.exchange import sealed
from app.exchange.keys import ExchangeKeys, PublicKeys

SHOP, MAKER = b"\1" * 32, b"\2" * 32
OWN, TO = ExchangeKeys.of(SHOP), PublicKeys(*exchange_public(MAKER))
FROM = PublicKeys(*exchange_public(SHOP))
CONTENT = {"format": "optitrace.letter/1", "n": 1}
SIGNED = sealed.signed(OWN, sealed.PACKAGE, CONTENT)
SEALED = sealed.sealed(TO, SIGNED)

Header = Mapping[str, Any]


def coded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def header_of(text: str) -> dict[str, Any]:
    part = text.split(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def with_header(text: str, **changed: object) -> str:
    """The same text under a changed header; a value of None takes the field away."""
    header = {name: value for name, value in (header_of(text) | changed).items() if value is not None}
    return ".".join([coded(header), *text.split(".")[1:]])


def read(text: str) -> dict[str, Any]:
    """Open and check a text the way a recipient does."""
    assert sealed.seal_key(text) == TO.sealer.thumbprint()
    inner = sealed.opened(ExchangeKeys.of(MAKER), text)
    assert sealed.signing_key(inner, sealed.PACKAGE) == FROM.verifier.thumbprint()
    sealed.check_signature(FROM, inner)
    return sealed.claimed(inner)


def test_what_was_signed_and_sealed_is_read_by_its_recipient_alone() -> None:
    assert read(SEALED) == CONTENT
    assert json.dumps(CONTENT).encode().hex() not in SEALED.encode().hex()
    with pytest.raises(SealBroken):
        sealed.opened(OWN, SEALED)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    again = sealed.sealed(TO, SIGNED)
    assert {*again.split(".")} & {*SEALED.split(".")} == {""}
    assert read(again) == CONTENT


def test_the_keys_and_their_names_are_the_published_ones() -> None:
    signing, encryption = exchange_public(bytes(32))
    assert signing.hex() == "f85496890fdf3eac2a756a59959dd9dd49a57600090eef1e0463ac80f3041387"
    assert encryption.hex() == "a03907d21962410252b51ac856654be052cb022cf1d15b296fdd675fa4443c4e"
    assert PublicKeys(signing, encryption).verifier.thumbprint() == "fmcvGy8qYti4dgZKiuQbG-S5yyzA0qDXfXxGIGcq5Eg"


SEAL_TRICKS: list[tuple[str, Header, type[OptiTraceError]]] = [
    ("no algorithm", {"alg": "none"}, AlgorithmRefused),
    ("no algorithm at all", {"alg": None}, AlgorithmRefused),
    ("a list of algorithms", {"alg": ["ECDH-ES"]}, AlgorithmRefused),
    ("a shared secret", {"alg": "dir"}, AlgorithmRefused),
    ("a password", {"alg": "PBES2-HS256+A128KW"}, AlgorithmRefused),
    ("key wrapping", {"alg": "ECDH-ES+A256KW"}, AlgorithmRefused),
    ("RSA", {"alg": "RSA1_5"}, AlgorithmRefused),
    ("another cipher", {"enc": "A128CBC-HS256"}, AlgorithmRefused),
    ("compression", {"zip": "DEF"}, NotSealed),
    ("a key of its own", {"jwk": {"kty": "OKP", "crv": "X25519", "x": "AA"}}, NotSealed),
    ("an address of keys", {"jku": "https://keys.example/"}, NotSealed),
    ("a certificate", {"x5c": ["AA"]}, NotSealed),
    ("something critical", {"crit": ["exp"], "exp": 1}, NotSealed),
    ("agreement info", {"apu": "AA"}, NotSealed),
    ("no name of a key", {"kid": None}, NotSealed),
    ("a name that is no text", {"kid": {"$ne": ""}}, NotSealed),
    ("another type", {"typ": "JWT"}, NotSealed),
    ("another curve", {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, AlgorithmRefused),
    (
        "an ephemeral key with its private half",
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "A", "d": "A"}},
        AlgorithmRefused,
    ),
    ("an ephemeral key that is a text", {"epk": "AA"}, AlgorithmRefused),
]


@pytest.mark.parametrize(
    ("changed", "error"), [each[1:] for each in SEAL_TRICKS], ids=[each[0] for each in SEAL_TRICKS]
)
def test_a_seal_that_asks_to_be_read_otherwise_is_refused_before_a_key_is_used(
    changed: Header, error: type[OptiTraceError]
) -> None:
    with pytest.raises(error) as raised:
        sealed.seal_key(with_header(SEALED, **changed))
    assert type(raised.value) is error


SIGNATURE_TRICKS: list[tuple[str, Header, type[OptiTraceError]]] = [
    ("no signature", {"alg": "none"}, AlgorithmRefused),
    ("a shared secret", {"alg": "HS256"}, AlgorithmRefused),
    ("the old name of the algorithm", {"alg": "EdDSA"}, AlgorithmRefused),
    ("another curve", {"alg": "ES256"}, AlgorithmRefused),
    ("a key of its own", {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, NotSealed),
    ("an unencoded payload", {"b64": False, "crit": ["b64"]}, NotSealed),
    ("a receipt", {"typ": sealed.RECEIPT}, NotSealed),
]


@pytest.mark.parametrize(
    ("changed", "error"), [each[1:] for each in SIGNATURE_TRICKS], ids=[each[0] for each in SIGNATURE_TRICKS]
)
def test_a_signature_that_asks_to_be_checked_otherwise_is_refused(changed: Header, error: type[OptiTraceError]) -> None:
    with pytest.raises(error):
        sealed.signing_key(with_header(SIGNED, **changed), sealed.PACKAGE)


def test_the_public_key_as_a_shared_secret_signs_nothing() -> None:
    key = OctKey.import_key(FROM.signing)
    header = {"alg": "HS256", "kid": FROM.verifier.thumbprint(), "typ": sealed.PACKAGE}
    forged = jws.serialize_compact(header, json.dumps(CONTENT), key, algorithms=["HS256"])
    with pytest.raises(AlgorithmRefused):
        sealed.signing_key(forged, sealed.PACKAGE)
    with pytest.raises(SealBroken):
        sealed.check_signature(FROM, forged)


def test_what_is_sealed_by_other_algorithms_of_the_library_is_refused() -> None:
    key = RSAKey.generate_key(2048)
    text = jwe.encrypt_compact({"alg": "RSA-OAEP", "enc": "A256GCM"}, SIGNED, key)
    with pytest.raises(NotSealed):
        sealed.seal_key(text)
    with pytest.raises(SealBroken):
        sealed.opened(ExchangeKeys.of(MAKER), text)


def _swapped(part: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        parts = text.split(".")
        parts[part] = ("B" if parts[part][:1] == "A" else "A") + parts[part][1:]
        return ".".join(parts)

    return change


@pytest.mark.parametrize("part", [2, 3, 4], ids=["nonce", "ciphertext", "tag"])
def test_a_changed_seal_does_not_open(part: int) -> None:
    with pytest.raises(SealBroken):
        sealed.opened(ExchangeKeys.of(MAKER), _swapped(part)(SEALED))


def test_another_ephemeral_key_does_not_open_it() -> None:
    other = OKPKey.generate_key("X25519", private=False).as_dict()
    point = {name: other[name] for name in ("kty", "crv", "x")}
    with pytest.raises(SealBroken):
        sealed.opened(ExchangeKeys.of(MAKER), with_header(SEALED, epk=point))


def test_an_ephemeral_key_of_small_order_does_not_open_it() -> None:
    point = {
        "kty": "OKP",
        "crv": "X25519",
        "x": coded("")[:0] + base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="),
    }
    with pytest.raises(SealBroken):
        sealed.opened(ExchangeKeys.of(MAKER), with_header(SEALED, epk=point))


@pytest.mark.parametrize("part", [1, 2], ids=["payload", "signature"])
def test_a_changed_signature_or_payload_does_not_hold(part: int) -> None:
    with pytest.raises(SealBroken):
        sealed.check_signature(FROM, _swapped(part)(SIGNED))


@pytest.mark.parametrize(
    "octets",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":1e400}',
        b"[1]",
        b"1",
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_json_that_two_readers_could_read_differently_is_refused(octets: bytes) -> None:
    with pytest.raises(NotSealed):
        sealed.strict_json(octets)


@given(st.text(max_size=300) | st.lists(st.text("abcAZ09-_=.", max_size=40), min_size=3, max_size=6).map(".".join))
def test_whatever_comes_is_refused_with_a_reason_and_never_breaks(text: str) -> None:
    for ask in (sealed.seal_key, lambda given_: sealed.signing_key(given_, sealed.PACKAGE)):
        with pytest.raises((NotSealed, AlgorithmRefused)):
            ask(text)
    with pytest.raises(SealBroken):
        sealed.opened(OWN, text)
    with pytest.raises(SealBroken):
        sealed.check_signature(FROM, text)
