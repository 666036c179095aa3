"""Who may still open what was erased: whoever could be given a key or a value of it, told to who may know of them."""

import pytest

from app.services.erase import erase_item
from tests.gateway.sales import quoted_lens
from tests.gateway.test_openings import asking
from tests.gateway.test_stock_custody import bought, drew, transfer
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP, actor_of


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def erase(gateway: Pipeline, party: int, *items: str) -> None:
    for item in items:
        erase_item(gateway.ground, actor_of(party), item)
    gateway.turn()


def told(gateway: Pipeline, asker: int, dossier: str, by: int) -> dict[str | None, list[int]]:
    """By item, None for the dossier itself: who may still open what `by` erased, as an asker is told."""
    seen = gateway.desk.dossier(gateway.caller(asker), dossier).erasures
    return {each.item: each.may_still_open for each in seen if each.party == by}


def test_insurers_only_asked_for_cover_are_named_for_the_dossier_and_what_was_quoted_before(bench: Bench) -> None:
    clock = ShiftedClock(-30)
    gateway = bench.pipeline(clock=clock)
    gateway.turn()
    (first,) = gateway.record(SHOP, quoted_lens("A", "D1-asked", glassmaker=MAKER))
    dossier = str(first.dossier)
    gateway.record(SHOP, asking(dossier, OTHER_INSURER, "90.00"))
    gateway.turn()
    gateway.hand(SHOP, OTHER_INSURER, dossier)
    clock.ahead = 0
    (second,) = gateway.record(SHOP, quoted_lens("B", "D1-asked", glassmaker=MAKER))
    gateway.turn()
    erase(gateway, SHOP, str(first.item), str(second.item))
    for asker in (SHOP, AUDITOR):
        found = told(gateway, asker, dossier, SHOP)
        assert found[str(first.item)] == [MAKER, OTHER_INSURER]
        assert found[None] == [OTHER_INSURER]
        assert found[str(second.item)] == [MAKER]
    # The glassmaker does not see that anybody was asked.
    assert told(gateway, MAKER, dossier, SHOP)[str(first.item)] == [MAKER]
    assert INSURER not in told(gateway, AUDITOR, dossier, SHOP)[None]
    own = gateway.desk.item(gateway.caller(SHOP), str(first.item)).erased
    assert own is not None
    assert own.may_still_open == [OTHER_INSURER]


def test_of_a_drawn_lens_whoever_held_its_lot_is_named_to_holders_and_to_an_auditor_alone(gateway: Pipeline) -> None:
    lot = bought(gateway, "O-1", "O-2")
    gateway.record(SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    gateway.hand(SHOP, OTHER_SHOP, lot)
    gateway.record(OTHER_SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    item = drew(gateway, lot, "D1-held", OTHER_SHOP)
    dossier = gateway.desk.item(gateway.caller(OTHER_SHOP), item).dossier
    gateway.record(OTHER_SHOP, asking(dossier, INSURER, "90.00"))
    gateway.turn()
    gateway.hand(OTHER_SHOP, INSURER, dossier)
    erase(gateway, OTHER_SHOP, item)
    for asker in (OTHER_SHOP, AUDITOR):
        assert told(gateway, asker, dossier, OTHER_SHOP) == {
            item: [SHOP, MAKER, INSURER],
            None: [INSURER],
        }
    assert told(gateway, MAKER, dossier, OTHER_SHOP)[item] == [SHOP, MAKER]
    assert told(gateway, INSURER, dossier, OTHER_SHOP) == {item: [INSURER], None: [INSURER]}
    own = gateway.desk.item(gateway.caller(OTHER_SHOP), item).erased
    assert own is not None
    assert (own.given_to, own.may_still_open) == ([INSURER], [SHOP, MAKER, INSURER])
    erase(gateway, MAKER, item)
    assert told(gateway, OTHER_SHOP, dossier, OTHER_SHOP)[item] == [SHOP, INSURER]
