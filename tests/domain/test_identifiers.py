"""Identifiers: published numbers pass, the same with one digit changed do not."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import (
    address_holds_insured_number,
    gtin,
    holds_insured_number,
    holds_written_date,
    is_insured_number,
    is_siren,
    is_written_date,
    siret,
)


@pytest.mark.parametrize(
    "number", ["73282932000074", "732 829 320 00074", "35600000000048", "35600000049837", "40483304800022"]
)
def test_a_siret_that_exists_is_taken(number: str) -> None:
    assert siret(number) == number.replace(" ", "")


@pytest.mark.parametrize(
    "number",
    [
        "73282932000075",
        "73282932100074",
        "35600000049838",
        "7328293200007",
        "732829320000740",
        "00000000000000",
        "7328293200007X",
        "\u0667\u0663282932000074",
        "73282932000074\n",
        "",
    ],
    ids=ascii,
)
def test_what_is_no_siret_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not a SIRET"):
        siret(number)


@given(place=st.integers(0, 13), digit=st.sampled_from("0123456789"))
def test_a_siret_with_one_digit_mistyped_is_refused(place: int, digit: str) -> None:
    number = "73282932000074"
    mistyped = number[:place] + digit + number[place + 1 :]
    if mistyped == number:
        assert siret(mistyped) == number
    else:
        with pytest.raises(ValueError, match="not a SIRET"):
            siret(mistyped)


def test_only_la_poste_may_have_a_sum_of_digits_instead() -> None:
    assert siret("35600000049837")
    with pytest.raises(ValueError, match="not a SIRET"):
        siret("73282932000004")  # the sum of its digits, 40, is a multiple of 5


@pytest.mark.parametrize(("number", "right"), [("732829320", True), ("356000000", True), ("732829321", False)])
def test_a_siren_follows_luhn(number: str, right: bool) -> None:
    assert is_siren(number) is right


@pytest.mark.parametrize(
    ("number", "canonical"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("04006381333931", "04006381333931"),
        ("10614141543219", "10614141543219"),
    ],
)
def test_a_gtin_of_any_length_has_fourteen_digits(number: str, canonical: str) -> None:
    assert gtin(number) == canonical
    assert gtin(canonical) == canonical


@pytest.mark.parametrize(
    "number",
    ["4006381333932", "4006381339331", "963850740", "400638133393", "0" * 13, "40063813339\u0663\u0661", ""],
)
def test_what_is_no_gtin_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not a GTIN"):
        gtin(number)


@pytest.mark.parametrize(
    "number",
    [
        "269054958815780",
        "2 69 05 49 588 157 80",
        "2-69-05-49-588-157-80",
        "269054958815780/1",
        "A/2.69.05.49.588.157.80/B",
        "185057800608491",
    ],
)
def test_an_insured_number_is_recognised(number: str) -> None:
    assert is_insured_number(number)


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_an_insured_number_of_corsica_is_recognised(department: str) -> None:
    digits = "18505" + {"2A": "19", "2B": "18"}[department] + "006084"
    number = f"18505{department}006084{97 - int(digits) % 97:02}"
    assert is_insured_number(number)
    assert is_insured_number(number.lower())


@pytest.mark.parametrize(
    "number", ["269054958815781", "269134958815780", "369054958815780", "26905495881578", "PO-117", "269054958815780-1"]
)
def test_other_numbers_are_not_taken_for_an_insured_number(number: str) -> None:
    assert not is_insured_number(number)


@pytest.mark.parametrize(
    "text", ["1952-07-31", "31.07.1952", "31/07/1952", "07/31/1952", "2024_02_29", "19520731", "31071952", "07312015"]
)
def test_a_day_as_people_write_it_is_recognised(text: str) -> None:
    assert is_written_date(text)


@pytest.mark.parametrize(
    "text", ["2026-00117", "1952-31-31", "31.07/1952", "20260731", "31072016", "L1952-07-31", "52-18-140", "1952-07"]
)
def test_numbers_that_are_no_day_are_not_taken_for_one(text: str) -> None:
    assert not is_written_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "till 185057800608491",
        "till185057800608491b",
        "1 85 05 78 006 084 91",
        "1 8 5 0 5 7 8 0 0 6 0 8 4 9 1",
        "18/5057/80060/8491",
        "NIR1850578006084",
        "of 1850578006084",
        "of 1 85 05 78 006 084",
        "a/185-05.78_006084",
        "x 18505 2a 006084 b",
        "1 85 05 2B 006 084",
    ],
)
def test_an_insured_number_is_found_in_a_text_with_its_key_or_without(text: str) -> None:
    assert holds_insured_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "stock screen 2",
        "till3",
        "pos-0012345",
        "2026-11",
        "till 4006381333931",
        "18505780060841",
        "x18505780060842",
        "18/5057/8006084",
        "valid 1.1.2024-1.12.2025",
        "b5e4c1f0-1850-4780-a608-491185057800",
    ],
)
def test_other_words_hold_no_insured_number(text: str) -> None:
    assert not holds_insured_number(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/184127645108946",
        "https://10.102.100.12:443/of/1841276451089",
        "https://nir1841276451089.example",
        "https://1.84.12.76.451.089.46/v1",
        "https://[2001:db8::1]:8443/184127645108946",
        "https://[184127645108946]",
        "1 84 12 76 451 089 46",
    ],
)
def test_an_insured_number_is_found_in_an_address(url: str) -> None:
    assert address_holds_insured_number(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://a.example:8443/b",
        "https://185.10.75.123:443",
        "https://185.12.64.10:8443/v1",
        "HTTPS://185.10.75.123:443/",
        "https://[2001:db8::1:85:10:75:123]:443/v1",
    ],
)
def test_other_addresses_hold_none(url: str) -> None:
    assert not address_holds_insured_number(url)


@pytest.mark.parametrize(
    "text", ["till of 1952-07-31", "31 07 1952", "a.31/07/1952.b", "till 19520731", "x19520731", "x1952-07-31"]
)
def test_a_day_is_found_in_a_text(text: str) -> None:
    assert holds_written_date(text)


@pytest.mark.parametrize("text", ["till 3 of 12", "version 2026.7", "till195207311", "pos-0012345", ""])
def test_other_words_hold_no_day(text: str) -> None:
    assert not holds_written_date(text)


DIGITS = "0123456789"
# Luhn doubles every second digit and adds the digits of what it gets: this is that sum, by digit.
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(number: str) -> bool:
    """Luhn's rule a second time, from a table."""
    places = [int(digit) for digit in number[::-1]]
    return (sum(places[::2]) + sum(DOUBLED[digit] for digit in places[1::2])) % 10 == 0


def fits_gs1(number: str) -> bool:
    """GS1's rule a second time, as GS1 writes it: over 18 places, 3 first."""
    return (
        sum((3, 1)[place % 2] * int(digit) for place, digit in enumerate(number.zfill(18)[:-1])) % 10
        == (10 - int(number[-1])) % 10
    )


def fits_siret(number: str) -> bool:
    """INSEE's two rules a second time."""
    post_office = number.startswith("356000000") and sum(map(int, number)) % 5 == 0
    return luhn(number[:9]) and number[:9] != "0" * 9 and (luhn(number) or post_office)


def taken(check: Callable[[str], object], number: str) -> bool:
    """Whether the check takes the number."""
    try:
        return check(number) is not None
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("check", "rule", "begins", "lengths"),
    [
        (siret, fits_siret, "732829320", [14]),
        (siret, fits_siret, "356000000", [14]),
        (siret, fits_siret, "", [14]),
        (lambda number: is_siren(number) or None, luhn, "", [9]),
        (gtin, fits_gs1, "", [8, 12, 13, 14]),
    ],
    ids=["SIRET", "SIRET of La Poste", "SIRET of anybody", "SIREN", "GTIN"],
)
def test_of_numbers_drawn_by_chance_those_are_taken_that_the_rule_takes(
    check: Callable[[str], object], rule: Callable[[str], bool], begins: str, lengths: list[int], draws: int
) -> None:
    seed = Random().getrandbits(64)
    chance = Random(seed)
    for _ in range(draws // 10):
        length = chance.choice(lengths)
        start = begins + "".join(chance.choices(DIGITS, k=length - len(begins) - 1))
        for last in DIGITS:
            assert taken(check, start + last) is rule(start + last), f"seed {seed}: {start + last}"
