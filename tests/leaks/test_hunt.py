"""The search finds a planted value in every form that a program may give it, and nothing where there is none."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import random
import zlib
from collections.abc import Callable

import pytest

from app.domain.keccak import keccak256
from tests.leaks.digests import HASHES, PLAIN_ONLY, Sale
from tests.leaks.hunt import Hunt, salts_of
from tests.support.canary import Hit

TEXT, SPHERE, PRICE = "QXPRG16ZZQ", "-28.17", "71229.83"
LENS = {"sphere": SPHERE, "cylinder": "-11.79", "axis": "173", "addition": "2.25"}
ITEM, PARTY = "0f" * 16, 1001001001
SALTS = tuple(salts_of([ITEM], [PARTY]))
Written = Callable[[bytes], bytes]


def broken(text: bytes) -> bytes:
    """A stream of zlib in which lengths were put between its pieces, as pg_dump does."""
    packed = zlib.compress(text + random.Random(7).randbytes(3000).hex().encode())
    return packed[:1500] + b"\0\0\0\x10" + packed[1500:]


FORMS: dict[str, bytes] = {
    "clear": TEXT.encode(),
    "little end first": TEXT.encode("utf-16-le"),
    "hex": TEXT.encode().hex().encode(),
    "base64 after one": base64.b64encode(b"?" + TEXT.encode() + b"!"),
    "a word, text first": TEXT.encode().ljust(32, b"\0"),
    "a word, text last": TEXT.encode().rjust(32, b"\0"),
    "a number": b'{"sphere": -2817}',
    "a price": b"[7122983]",
    "int256": (-2817).to_bytes(32, "big", signed=True),
    "uint256": (7122983).to_bytes(32, "big"),
    "two bytes each": b"".join(each.to_bytes(2, "big", signed=True) for each in (-2817, -1179, 173)),
    "four, little end first": b"".join(each.to_bytes(4, "little", signed=True) for each in (-2817, -1179, 173)),
    "gzip": gzip.compress(b'{"code": "' + TEXT.encode() + b'"}'),
    "zlib": zlib.compress(b'{"code": "' + TEXT.encode() + b'"}'),
    "zlib, broken further on": broken(b'{"code": "' + TEXT.encode() + b'"}'),
}
FORMS |= {f"{name} of text": digest(TEXT.encode()) for name, digest in {**HASHES, **PLAIN_ONLY}.items()}
FORMS |= {
    "hash of a canonical number": hashlib.sha256(b"-2817").digest(),
    "hash of a word": keccak256((-2817).to_bytes(32, "big", signed=True)),
    "hash in lower case": hashlib.sha256(TEXT.lower().encode()).digest(),
    "hash of a record, joined": hashlib.sha256(b"-28.17|-11.79|173|2.25").digest(),
    "hash of a record, canonical": keccak256(b"-2817,-1179,173,225"),
    "hash of a record as JSON": hashlib.sha256(json.dumps(LENS, sort_keys=True).encode()).digest(),
    "hash of a record, named": hashlib.sha3_256(b"sphere=-28.17;cylinder=-11.79;axis=173;addition=2.25").digest(),
    "an item's identifier before it": hashlib.sha256(bytes.fromhex(ITEM) + TEXT.encode()).digest(),
    "an identifier's text after it": keccak256(TEXT.encode() + b":" + ITEM.encode()),
    "a party's number before it": hashlib.blake2b(b"%d|" % PARTY + b"-2817", digest_size=32).digest(),
    "HMAC under an identifier": hmac.digest(ITEM.encode(), TEXT.encode(), "sha256"),
    "a hash cut short": hashlib.sha256(TEXT.encode()).digest()[:16],
}
AROUND: dict[str, Written] = {
    "as bytes": bytes,
    "in hex": lambda octets: b'"0x' + octets.hex().encode() + b'"',
    "in hex, half a byte in": lambda octets: b'"a' + octets.hex().encode() + b'"',
    "in base64": lambda octets: b'"' + base64.b64encode(octets) + b'"',
    "in base64 for URLs, after two": lambda octets: base64.urlsafe_b64encode(b"??" + octets).rstrip(b"="),
    "compressed, in hex": lambda octets: gzip.compress(octets).hex().encode(),
}


@pytest.fixture(scope="module")
def hunt() -> Hunt:
    return Hunt([TEXT, SPHERE, PRICE, "-11.79"], [LENS], SALTS)


@pytest.fixture(scope="module")
def clean() -> bytes:
    """Much of what files, answers and chains are made of, drawn with a seed of its own."""
    draw, lines = random.Random(49), []
    for number in range(40):
        text = base64.b64encode(draw.randbytes(48)).decode()
        lines.append(f'{{"block": {number}, "hex": "0x{draw.randbytes(65).hex()}", "text": "{text}"}}'.encode())
        lines.append(draw.randbytes(100))
    return b"\n".join(lines)


def test_nothing_is_found_where_there_is_none(hunt: Hunt, clean: bytes) -> None:
    assert hunt.search(clean) == []
    assert hunt.search(b"") == []


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("form", FORMS)
def test_a_planted_value_is_found_in_every_form(hunt: Hunt, clean: bytes, form: str, around: str) -> None:
    middle = len(clean) // 2
    assert hunt.search(clean[:middle] + b" " + AROUND[around](FORMS[form]) + b" " + clean[middle:]) != []


def test_a_hit_names_the_value_and_how_it_was_hashed(hunt: Hunt) -> None:
    (hit,) = hunt.search(hashlib.sha256(bytes.fromhex(ITEM) + b"\0-2817").digest())
    assert (hit.value, hit.written) == (SPHERE, "SHA-256 after a salt")


def test_a_value_of_a_sale_is_sought_with_the_salts_of_this_sale_and_with_those_of_everybody() -> None:
    sale, other = Sale(["VRL-26-0005113"], [LENS], [b"DV-1"]), Sale(["VRL-26-0005114"], (), [b"DV-2"])
    hunt = Hunt([TEXT], (), SALTS, [sale, other])
    for salt in (b"DV-1", SALTS[0]):
        assert hunt.search(keccak256(b"VRL-26-0005113|" + salt)) == [Hit("VRL-26-0005113", "Keccak-256 before a salt")]
    assert hunt.search(hashlib.sha256(b"DV-1:-2817,-1179,173,225").digest()) != []
    assert hunt.search(hashlib.sha256(b"VRL-26-0005114").digest()) == [Hit("VRL-26-0005114", "SHA-256")]
    assert hunt.search(keccak256(b"VRL-26-0005113|DV-2")) == []


def test_what_was_searched_in_vain_is_not_searched_again_and_what_was_found_is_found_again(
    hunt: Hunt, clean: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched, search = [], hunt.search

    def counted(written: bytes) -> list[Hit]:
        searched.append(written)
        return search(written)

    monkeypatch.setattr(hunt, "search", counted)
    assert hunt.search_all([clean, b"one", b"one"]) == []
    for _ in range(2):
        assert hunt.search_all([b"two", clean, TEXT.encode(), b"one"]) == [Hit(TEXT, "clear")]
    assert searched == [clean + b"\none", *2 * [b"two\n" + TEXT.encode()]]


def test_a_hash_under_a_salt_that_nobody_knows_is_not_found(hunt: Hunt) -> None:
    assert hunt.search(hashlib.sha256(b"a secret of 256 bits" + TEXT.encode()).digest()) == []


def test_a_small_number_at_the_end_of_empty_space_is_no_word_of_the_chain() -> None:
    hunt, word = Hunt(["+31.57"]), (3157).to_bytes(32, "big")
    assert hunt.search(b"\x01" + word) == [Hit("+31.57", "word")]
    assert hunt.search(bytes(50) + word + b"\x01" + word) == [Hit("+31.57", "word")]
    assert hunt.search(b"\x01" + bytes(32) + word) == [Hit("+31.57", "word")]
    for spare in (1, 31, 33, 200, 4000):
        assert hunt.search(b"\x01" + bytes(spare) + word) == []
