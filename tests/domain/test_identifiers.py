"""Identifiers: published numbers pass, the same with one digit changed do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import gtin, is_insured_number, is_siren, lpp_doubt, siret


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
    "code",
    ["2210546", "2261874", "2243540", "2273854", "2200393", "2283953", "2238941", "2245036", "2259245"],
)
def test_published_lpp_codes_raise_no_doubt(code: str) -> None:
    assert lpp_doubt(code) is None
    other = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert "last" in str(lpp_doubt(other))


@pytest.mark.parametrize("code", ["VP2", "221054", "22105460", "22A0546"])
def test_what_does_not_look_like_an_lpp_code_raises_no_doubt(code: str) -> None:
    assert lpp_doubt(code) is None


@pytest.mark.parametrize(
    "number", ["269054958815780", "2 69 05 49 588 157 80", "2-69-05-49-588-157-80", "185057800608491"]
)
def test_an_insured_number_is_recognised(number: str) -> None:
    assert is_insured_number(number)


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_an_insured_number_of_corsica_is_recognised(department: str) -> None:
    digits = "18505" + {"2A": "19", "2B": "18"}[department] + "006084"
    assert is_insured_number(f"18505{department}006084{97 - int(digits) % 97:02}")


@pytest.mark.parametrize(
    "number", ["269054958815781", "269134958815780", "369054958815780", "26905495881578", "PO-117"]
)
def test_other_numbers_are_not_taken_for_an_insured_number(number: str) -> None:
    assert not is_insured_number(number)
