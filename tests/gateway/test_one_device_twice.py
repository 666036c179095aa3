"""A device shown in two dossiers, by two opticians, to two insurers, is found though nobody sees another's data."""

import pytest

from app.errors import NotFound
from app.queries.gateway import Filter
from app.services.drafts import VerificationDraft
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP

DEVICE = "VRL-26-0099001"


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def sold(gateway: Pipeline, shop: int, insurer: int, name: str, device: str) -> tuple[str, str]:
    """A lens, made and handed over with this device number, and invoiced to an insurer; gives dossier and item."""
    (quote,) = gateway.record(shop, quoted_lens(name, name, glassmaker=MAKER))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(shop, ordered(item, RIGHT))
    gateway.hand(shop, MAKER, dossier)
    (made,) = gateway.record(MAKER, manufactured(item, RIGHT, device))
    gateway.hand(MAKER, shop, dossier)
    gateway.record(shop, {"type": "delivered", "item": item, "device": {"number": device}})
    gateway.record(shop, invoiced(dossier, billed_lens(item), insurers=[insurer]))
    gateway.turn()
    gateway.hand(shop, insurer, dossier)
    assert made.step.kind.label == "manufactured"
    return dossier, item


def cases(gateway: Pipeline, insurer: int, dossier: str) -> set[str]:
    view = gateway.desk.verify(gateway.caller(insurer), VerificationDraft(dossier))
    return {case.code for case in view.cases}


def test_both_insurers_are_told_and_neither_sees_the_others_dossier(gateway: Pipeline) -> None:
    first, _ = sold(gateway, SHOP, INSURER, "D1-twice-1", DEVICE)
    assert "DUPLICATE_USE" not in cases(gateway, INSURER, first)
    second, item = sold(gateway, OTHER_SHOP, OTHER_INSURER, "D1-twice-2", DEVICE)
    assert "DUPLICATE_USE" in cases(gateway, OTHER_INSURER, second)
    assert "DUPLICATE_USE" in cases(gateway, INSURER, first)
    for stranger, dossier in ((INSURER, second), (OTHER_INSURER, first), (SHOP, second), (OTHER_SHOP, first)):
        for look in (gateway.desk.dossier, gateway.desk.openings):
            with pytest.raises(NotFound):
                look(gateway.caller(stranger), dossier)
    with pytest.raises(NotFound):
        gateway.desk.item(gateway.caller(SHOP), item)


def test_who_shows_anothers_device_without_having_it_made_sees_nothing_of_the_other(gateway: Pipeline) -> None:
    first, item = sold(gateway, SHOP, INSURER, "D1-shown-1", f"{DEVICE}-C")
    (quote,) = gateway.record(OTHER_SHOP, quoted_lens("D1-shown-2", "D1-shown-2", glassmaker=None))
    shown = {"type": "delivered", "item": str(quote.item), "device": {"number": f"{DEVICE}-C"}}
    gateway.record(OTHER_SHOP, shown)
    gateway.turn()
    caller = gateway.caller(OTHER_SHOP)
    for look, name in ((gateway.desk.item, item), (gateway.desk.dossier, first), (gateway.desk.openings, first)):
        with pytest.raises(NotFound):
            look(caller, name)
    assert first not in {each.dossier for each in gateway.desk.items(caller, Filter(limit=200)).items}
    assert first not in {each.dossier for each in gateway.desk.inbox(caller, Filter(limit=200)).entries}


def test_another_device_of_the_same_maker_is_no_duplicate(gateway: Pipeline) -> None:
    dossier, _ = sold(gateway, SHOP, INSURER, "D1-once", f"{DEVICE}-B")
    assert "DUPLICATE_USE" not in cases(gateway, INSURER, dossier)
