"""Letters and receipts: a package's id is its content, and a receipt says one thing."""

import json
from typing import Any

import pytest

from app.errors import NotSealed, PackageAltered
from app.exchange.letters import Letter, Receipt, letter_json, letter_of, package_id, receipt_json, receipt_of

LETTER = Letter(1, 2, 1_800_000_000, {"b": [1, {"y": None, "x": "é"}], "a": "1"})
RECEIPT = Receipt(1, 2, "ab" * 16, 1_800_000_000)
REFUSAL = Receipt(1, 2, "ab" * 16, 1_800_000_000, "package_refused")


def travelled(content: object) -> Any:
    return json.loads(json.dumps(content))


def test_the_id_is_that_of_the_content_whatever_the_order_of_its_names() -> None:
    assert package_id({"a": "1", "b": [1, {"x": "é", "y": None}]}) == LETTER.id
    assert package_id({"a": "1", "b": [1, {"x": "e", "y": None}]}) != LETTER.id


def test_the_id_is_the_published_one() -> None:
    assert package_id({"format": "optitrace.package/1", "for": 2}) == "b57fbad7d3d36ea068de09ee3ccbca98"


def test_letters_and_receipts_are_read_as_they_were_written() -> None:
    assert letter_of(travelled(letter_json(LETTER))) == LETTER
    assert receipt_of(travelled(receipt_json(RECEIPT))) == RECEIPT
    assert receipt_of(travelled(receipt_json(REFUSAL))) == REFUSAL


def test_another_content_under_the_same_id_is_refused() -> None:
    content = travelled(letter_json(LETTER))
    content["package"]["a"] = "2"
    with pytest.raises(PackageAltered):
        letter_of(content)


def test_a_package_nested_too_deep_to_be_hashed_is_refused() -> None:
    inside: list[Any] = []
    for _ in range(100_000):
        inside = [inside]
    with pytest.raises(NotSealed):
        letter_of(travelled(letter_json(LETTER)) | {"package": {"a": inside}})


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "optitrace.letter/2"},
        {"from": 0},
        {"from": True},
        {"for": 1 << 32},
        {"for": "2"},
        {"written_at": "2027-01-15"},
        {"written_at": None},
        {"package": []},
        {"more": 1},
    ],
)
def test_a_letter_of_another_form_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NotSealed):
        letter_of(travelled(letter_json(LETTER) | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "optitrace.letter/1"},
        {"result": "refused"},
        {"result": "later"},
        {"reason": "package_refused"},
        {"result": "refused", "reason": "A value, perhaps"},
        {"package": "AB" * 16},
        {"package": 1},
        {"from": -1},
        {"received_at": 1},
        {"more": 1},
    ],
)
def test_a_receipt_of_another_form_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NotSealed):
        receipt_of(travelled(receipt_json(RECEIPT) | changed))
