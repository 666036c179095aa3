"""
A check answers the same to a right guess and to a wrong one, of whatever group the asker has no key of.

It would be an oracle otherwise: a correction is one of a few hundred thousand, and a check takes milliseconds.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from app.api.schemas.verifications import VerificationRequest
from app.errors import OptiTraceError
from tests.gateway.sales import CODING, PRICE, PROGRESSIVE, RIGHT, SINGLE, SINGLE_CODING
from tests.pipeline.test_told_once import sold
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, SHOP

GUESSES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "correction": (RIGHT, {**RIGHT, "sphere": "-3.00"}),
    "product": (PROGRESSIVE, SINGLE),
    "device": ({"number": "V-oracle-1"}, {"number": "V-other-1"}),
    "coding": (CODING, SINGLE_CODING),
    "price": (PRICE, {**PRICE, "amount": "1.00"}),
}
"""Of each group, what is true and what is not."""
WITHOUT_KEY = {
    INSURER: ("correction", "product", "device"),
    OTHER_INSURER: tuple(GUESSES),
    AUDITOR: tuple(GUESSES),
    MAKER: ("price",),
}
WITH_KEY = {INSURER: ("coding", "price"), MAKER: ("correction", "product", "device"), SHOP: tuple(GUESSES)}
PAIRS = [(party, group) for party, groups in WITHOUT_KEY.items() for group in groups]
CONTROL = [(party, group) for party, groups in WITH_KEY.items() for group in groups]


@pytest.fixture(scope="module")
def sale(bench: Bench) -> tuple[Pipeline, str, str]:
    """A gateway that hosts them all, and dossier and item of a sale whose packages came to those that it concerns."""
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "oracle-1")
    gateway.hand(SHOP, INSURER, dossier)
    return gateway, dossier, item


def answer(sale: tuple[Pipeline, str, str], party: int, group: str, values: Mapping[str, Any]) -> object:
    """What a party is told when it claims these values, or why it is told nothing."""
    gateway, dossier, item = sale
    asked = VerificationRequest.model_validate({"dossier": dossier, "items": [{"item": item, group: values}]})
    try:
        return gateway.desk.verify(gateway.caller(party), asked.to_draft())
    except OptiTraceError as error:
        return error.code, error.where, error.detail, error.mend


@pytest.mark.parametrize(("party", "group"), PAIRS)
def test_a_right_guess_is_answered_as_a_wrong_one(sale: tuple[Pipeline, str, str], party: int, group: str) -> None:
    right, wrong = GUESSES[group]
    assert answer(sale, party, group, right) == answer(sale, party, group, wrong)


@pytest.mark.parametrize(("party", "group"), CONTROL)
def test_who_has_the_key_is_told_which_is_right(sale: tuple[Pipeline, str, str], party: int, group: str) -> None:
    right, wrong = GUESSES[group]
    assert answer(sale, party, group, right) != answer(sale, party, group, wrong)
