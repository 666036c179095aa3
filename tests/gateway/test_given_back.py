"""A device that its glassmaker credited may be sold again, whichever the ledger saw first."""

import pytest

from app.queries.gateway import Filter
from app.services.drafts import VerificationDraft
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.gateway.test_stock import shipment
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def made(gateway: Pipeline, shop: int, name: str, device: str) -> tuple[str, str]:
    """A lens ordered and made with this device number: its dossier and item."""
    (quote,) = gateway.record(shop, quoted_lens(name, name, glassmaker=MAKER))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(shop, ordered(item, RIGHT))
    gateway.hand(shop, MAKER, dossier)
    gateway.record(MAKER, manufactured(item, RIGHT, device))
    gateway.hand(MAKER, shop, dossier)
    return dossier, item


def sold(gateway: Pipeline, shop: int, insurer: int, name: str, device: str) -> tuple[str, str]:
    """A lens made with this device number, handed over and invoiced."""
    dossier, item = made(gateway, shop, name, device)
    gateway.record(shop, {"type": "delivered", "item": item, "device": {"number": device}})
    gateway.record(shop, invoiced(dossier, billed_lens(item), insurers=[insurer]))
    gateway.turn()
    return dossier, item


def give_back(gateway: Pipeline, dossier: str, item: str) -> None:
    """The shop sends it back and withdraws its invoice, the glassmaker credits it."""
    gateway.record(
        SHOP,
        {"type": "returned", "item": item, "reason": "not_collected"},
        {"type": "withdrawn", "dossier": dossier, "invoice": 0, "items": [item]},
    )
    gateway.record(MAKER, {"type": "credited", "item": item, "reason": "returned_goods"})
    gateway.turn()


def cases(gateway: Pipeline, insurer: int, dossier: str) -> set[str]:
    view = gateway.desk.verify(gateway.caller(insurer), VerificationDraft(dossier))
    return {case.code for case in view.cases}


def listed(gateway: Pipeline, party: int, item: str) -> str:
    """The verdict of an item as the list of the party's items says it."""
    return next(each.verdict for each in gateway.desk.items(gateway.caller(party), Filter(limit=200)).items
                if each.item == item)  # fmt: skip


@pytest.mark.parametrize("credited_first", [True, False])
def test_what_was_credited_is_no_longer_in_use(gateway: Pipeline, credited_first: bool) -> None:
    device = f"VRL-26-008800{credited_first:d}"
    first, item = sold(gateway, SHOP, INSURER, f"D1-back-{device}", device)
    if credited_first:
        give_back(gateway, first, item)
    second, again = sold(gateway, OTHER_SHOP, OTHER_INSURER, f"D1-again-{device}", device)
    if not credited_first:
        assert "DUPLICATE_USE" in cases(gateway, OTHER_INSURER, second)
        assert listed(gateway, OTHER_SHOP, again) == "non_conform"
        give_back(gateway, first, item)
    assert cases(gateway, OTHER_INSURER, second) == set()
    assert cases(gateway, INSURER, first) == set()
    assert listed(gateway, OTHER_SHOP, again) == "conform"


def test_a_lens_drawn_from_stock_is_credited_and_its_unit_may_be_drawn_again(gateway: Pipeline) -> None:
    (lot,) = gateway.record(MAKER, shipment(SHOP, "S-81", "S-82"))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-drawn-back", glassmaker=MAKER))
    dossier, item = str(quote.dossier), str(quote.item)
    drawn = {"type": "drawn", "item": item, "lot": lot.dossier, "unit": 1}
    delivered = {"type": "delivered", "item": item, "device": {"number": "S-81"}}
    gateway.record(SHOP, drawn, delivered, invoiced(dossier, billed_lens(item), insurers=[INSURER]))
    gateway.turn()
    give_back(gateway, dossier, item)
    seen = gateway.desk.item(gateway.caller(SHOP), item)
    assert (seen.verdict, seen.cases) == ("justified", [])
    (other,) = gateway.record(SHOP, quoted_lens("B", "D1-drawn-again", glassmaker=MAKER))
    gateway.turn()
    assert gateway.desk.item(gateway.caller(SHOP), str(other.item)).cases == []


def test_a_glassmaker_declares_an_error_of_a_lens_drawn_from_its_stock(gateway: Pipeline) -> None:
    (lot,) = gateway.record(MAKER, shipment(SHOP, "S-91"))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-drawn-error", glassmaker=MAKER))
    item = str(quote.item)
    gateway.record(
        SHOP,
        {"type": "drawn", "item": item, "lot": lot.dossier, "unit": 1},
        {"type": "delivered", "item": item, "device": {"number": "S-19"}},
    )
    gateway.turn()
    assert [case.code for case in gateway.desk.item(gateway.caller(SHOP), item).cases] == ["DEVICE_MISMATCH"]
    error = {
        "type": "error_declared",
        "item": item,
        "comparison": "manufactured = delivered",
        "group": "device",
        "in_error": "delivered",
        "nature": "incorrect_data",
        "corrected": {"number": "S-91"},
    }
    gateway.record(SHOP, error)
    gateway.record(MAKER, error)
    gateway.turn()
    (case,) = gateway.desk.item(gateway.caller(SHOP), item).cases
    assert (case.code, case.justified) == ("DEVICE_MISMATCH", True)
