"""The search for marked values finds each of them in every encoding, and nothing where there is none."""

import base64
import json
import random
import urllib.parse
from collections.abc import Callable

import pytest

from tests.support.canary import SHORTEST, Canaries, Hit

NAME, ACCENTED, SPACED, NUMBER = "ZZQXJVOLE", "Zoë-Éloïse", "Anne ZZQX Jvole", "-38.17"
VALUES = (NAME, ACCENTED, SPACED, NUMBER)

PLANTS: dict[str, Callable[[str], bytes]] = {
    "clear": str.encode,
    "lower case": lambda value: value.lower().encode(),
    "upper case": lambda value: value.upper().encode(),
    "in JSON": lambda value: json.dumps({"name": value}).encode(),
    "as JSON in JSON": lambda value: json.dumps(json.dumps([value])).encode(),
    "escaped letter by letter": lambda value: "".join(f"\\u{ord(letter):04x}" for letter in value).encode(),
    "in Python's own way": lambda value: repr(value.encode()).encode(),
    "in a URL": lambda value: urllib.parse.quote(value).encode(),
    "in a form": lambda value: urllib.parse.urlencode({"name": value}).encode(),
    "percent, every byte": lambda value: "".join(f"%{octet:02x}" for octet in value.encode()).encode(),
    "percent, twice": lambda value: urllib.parse.quote("".join(f"%{byte:02X}" for byte in value.encode())).encode(),
    "hex": lambda value: value.encode().hex().encode(),
    "hex in upper case": lambda value: value.encode().hex().upper().encode(),
    "hex with colons": lambda value: value.encode().hex(":").encode(),
    "base64 after no byte": lambda value: base64.b64encode(value.encode() + b"!!"),
    "base64 after one": lambda value: base64.b64encode(b"?" + value.encode() + b"!!"),
    "base64 after two": lambda value: base64.b64encode(b"??" + value.encode()),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(b'{"n":"' + value.encode() + b'"}').rstrip(b"="),
    "base64 of upper case": lambda value: base64.b64encode(value.upper().encode()),
    "bytes in decimal": lambda value: str(list(value.encode())).encode(),
    "one decimal number": lambda value: str(int.from_bytes(value.encode(), "big")).encode(),
    "reversed": lambda value: value.encode()[::-1],
    "UTF-16, little end first": lambda value: value.encode("utf-16-le"),
    "UTF-16, big end first": lambda value: value.encode("utf-16-be"),
}


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries(VALUES)


@pytest.fixture(scope="module")
def clean() -> bytes:
    """Much of what answers and logs are made of, drawn with a seed of its own."""
    draw = random.Random(48)
    lines = []
    for _ in range(100):
        octets, moment = draw.randbytes(65), draw.random() * 60
        text = base64.b64encode(draw.randbytes(48)).decode()
        lines.append(f'{{"at": "2026-11-22T12:08:{moment:09.6f}Z", "hex": "0x{octets.hex()}", "text": "{text}"}}')
    return "\n".join(lines).encode()


def test_nothing_is_found_where_there_is_none(canaries: Canaries, clean: bytes) -> None:
    assert canaries.search(clean) == []
    assert canaries.search(b"") == []


@pytest.mark.parametrize("way", PLANTS)
@pytest.mark.parametrize("value", VALUES)
def test_a_planted_value_is_found_in_every_encoding(canaries: Canaries, clean: bytes, way: str, value: str) -> None:
    middle = len(clean) // 2
    written = clean[:middle] + b' "' + PLANTS[way](value) + b'" ' + clean[middle:]

    assert {hit.value for hit in canaries.search(written)} == {value}


@pytest.mark.parametrize("written", [b"-3817", b"3817", b'{"sphere":-3817}', b"-38,17", b"38.17", b"(38.17)"])
def test_a_number_is_found_in_the_forms_that_a_program_gives_it(canaries: Canaries, written: bytes) -> None:
    assert Hit(NUMBER, "number") in canaries.search(written)


@pytest.mark.parametrize("written", [b"38173", b"a3817f", b"12:08:38.174201", b"138.17"])
def test_other_numbers_that_hold_its_digits_are_not_taken_for_it(canaries: Canaries, written: bytes) -> None:
    assert canaries.search(written) == []


def test_a_hit_names_the_value_and_the_encoding(canaries: Canaries) -> None:
    assert canaries.search(f"x{NAME.encode().hex()}y{SPACED}".encode()) == [Hit(NAME, "hex"), Hit(SPACED, "clear")]


@pytest.mark.parametrize("values", [[], ["x" * (SHORTEST - 1)], [NAME, ""]])
def test_what_would_be_found_by_chance_is_no_marked_value(values: list[str]) -> None:
    with pytest.raises(ValueError, match="marked value"):
        Canaries(values)
