"""The grouped code is derived by both sides from one table, and what a client states otherwise is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.domain.mapping import Mappings
from app.formats.mapping_files import packaged
from tests.gateway.sales import CLAIM, LEFT, PRICE, PROGRESSIVE, RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4, network

SAMPLE = packaged().tables[0]
# The same rows as a list that is in force: one until the end of February, one with other codes since.
EARLIER = replace(SAMPLE, name="list/1", valid_from="2025-01-01")
LATER_ROWS = [replace(row, coding={**row.coding, "class": "A"}) for row in SAMPLE.rows]
LATER = replace(SAMPLE, name="list/2", valid_from="2026-03-01", rows=LATER_ROWS)
DERIVED = {"grouped_code": "VP2", "class": "B", "mapping": "list/1"}


@pytest.fixture(scope="module")
def net(new_database: Callable[[], str]) -> Iterator[Network4]:
    """A chain and four gateways that hold the sample and two versions of a list."""
    with network(new_database, mappings=Mappings((SAMPLE, EARLIER, LATER))) as found:
        yield found


def made(item: str, correction: Any, number: str, **coding: str) -> dict[str, Any]:
    """A lens made; its client states of the coding what is given."""
    return {
        "type": "manufactured", "item": item, "product": PROGRESSIVE, "supplements": {"codes": ["AR", "BLUE"]},
        "correction": correction, "coding": coding, "device": {"number": number}, "reference": {"order": "CMD-1"},
    }  # fmt: skip


def test_both_sides_derive_the_code_of_the_table_that_was_in_force_at_the_quote(net: Network4) -> None:
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    eyes = {"OD": RIGHT, "OG": LEFT}
    quotes = [
        quoted_lens(f"M-1/{name}", "M-1", coding={}, correction=eye, occurred_at="2026-02-28T23:59:59Z")
        for name, eye in eyes.items()
    ]
    found = shop.record(*quotes)
    dossier, items = found[0]["dossier"], [each["item"] for each in found]
    shop.record(*(ordered(item, eye) for item, eye in zip(items, eyes.values(), strict=True)))
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    # The list changed meanwhile, and does not for what was quoted before.
    maker.record(*(made(item, eye, f"N{item[-4:]}") for item, eye in zip(items, eyes.values(), strict=True)))
    shop.record(invoiced(dossier, *(billed_lens(item, coding=DERIVED) for item in items), claim=CLAIM))
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    lines = [{"item": item, "coding": DERIVED, "price": PRICE} for item in items]
    answer = net[INSURER].post("/v1/verifications", {"dossier": dossier, "items": lines}, 200)
    matches = {check["item"]: check["matches"] for check in answer["checks"] if check["group"] == "coding"}
    assert matches == {item: {"quoted": True, "manufactured": True, "invoiced": True} for item in items}
    assert answer["cases"] == []


@pytest.mark.parametrize(
    ("coding", "where"),
    [
        ({"grouped_code": "VP1"}, "/coding/grouped_code"),
        ({"class": "B"}, "/coding/class"),
        ({"grouped_code": "VP2", "class": "B", "mapping": "list/2"}, "/coding/class"),
        ({"grouped_code": "VP1", "mapping": "sample/1"}, "/coding/grouped_code"),
    ],
)
def test_another_code_or_class_than_the_derived_one_is_refused_without_being_repeated(
    net: Network4, coding: dict[str, str], where: str
) -> None:
    quote = quoted_lens("M-2/OD", "M-2", coding=coding, correction=RIGHT, occurred_at="2026-03-01T00:00:00Z")
    answer = net[OPTICIAN].post("/v1/events", quote, 422)
    assert (answer["code"], answer["where"]) == ("invalid_record", where)
    assert "VP" not in str(answer)


def test_a_product_and_correction_that_no_row_is_about_are_refused(net: Network4) -> None:
    unlisted = {"maker": "VERALIA0", "code": "ESS15", "geometry": "progressive"}
    quote = quoted_lens("M-3/OD", "M-3", product=unlisted, coding={"mapping": "sample/1"}, correction=RIGHT)
    answer = net[OPTICIAN].post("/v1/events", quote, 422)
    assert (answer["where"], answer["detail"]) == (
        "/coding",
        "the mapping table has no row for this product and correction",
    )


def test_a_glassmaker_cannot_state_another_code_than_that_of_what_it_made(net: Network4) -> None:
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    (found,) = shop.record(quoted_lens("M-4/OD", "M-4", coding={"mapping": "sample/1"}, correction=RIGHT))
    item = found["item"]
    shop.record(ordered(item, RIGHT))
    net.hand(OPTICIAN, GLASSMAKER, dossier=found["dossier"])
    other = made(item, RIGHT, "N9", grouped_code="VP3", mapping="sample/1")
    assert maker.post("/v1/events", other, 422)["where"] == "/coding/grouped_code"
    # What no table here is named for is the client's word.
    maker.record(made(item, RIGHT, "N9", grouped_code="VP3", mapping="elsewhere/7"))


@pytest.mark.parametrize("mapping", ["sample/1", "unknown/1"])
def test_the_correction_of_a_quote_is_one_whether_a_table_is_asked_or_not(net: Network4, mapping: str) -> None:
    coding = {"grouped_code": "VP2", "class": "B", "mapping": mapping}
    quote = quoted_lens("M-6/OD", "M-6", coding=coding, correction={"eye": "131079935174419"})
    answer = net[OPTICIAN].post("/v1/events", quote, 422)
    assert (answer["code"], answer["where"]) == ("invalid_record", "/correction/eye")


def test_the_correction_of_a_quote_is_not_kept(net: Network4) -> None:
    shop = net[OPTICIAN]
    quote = quoted_lens("M-5/OD", "M-5", coding={"mapping": "sample/1"}, correction={"sphere": "-7.53"})
    (found,) = shop.record(quote)
    seen = shop.get(f"/v1/items/{found['item']}")
    assert "correction" not in str(seen)
    with shop.gateway.ground.database.reading() as connection:
        kept = connection.exec_driver_sql("select content from vault_values").scalars()
        assert all(b"-753" not in content for content in kept)


def test_a_lens_from_stock_keeps_the_code_of_the_day_it_was_made_for_stock(net: Network4) -> None:
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    unit = {
        "schema": "optics.lens/1", "product": PROGRESSIVE, "supplements": {"codes": ["AR", "BLUE"]},
        "correction": RIGHT, "coding": {}, "device": {"number": "M-S-1"},
    }  # fmt: skip
    lot_shipped = {"type": "lot_shipped", "buyer": OPTICIAN, "units": [unit], "occurred_at": "2026-02-01T10:00:00Z"}
    (lot,) = maker.record(lot_shipped)
    net.hand(GLASSMAKER, OPTICIAN, dossier=lot["dossier"])
    quote = quoted_lens("M-S1/OD", "M-S1", coding={}, correction=RIGHT, occurred_at="2026-03-02T10:00:00Z")
    (quoted,) = shop.record(quote)
    dossier, item = quoted["dossier"], quoted["item"]
    shop.record({"type": "drawn", "item": item, "lot": lot["dossier"], "unit": 1})
    shop.record({"type": "delivered", "item": item, "device": {"number": "M-S-1"}})
    shop.record(invoiced(dossier, billed_lens(item, coding={}), claim=CLAIM))
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    line = {"item": item, "coding": DERIVED, "price": PRICE}
    answer = net[INSURER].post("/v1/verifications", {"dossier": dossier, "items": [line]}, 200)
    assert answer["cases"] == []
    received = net[INSURER].post("/v1/verifications", {"dossier": dossier}, 200)
    assert received["cases"] == []
