"""A package that says another thing than the ledger: seen, forgotten, and refused where that is known when it comes."""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from app.domain.packages import moment, package_json
from app.errors import PackageRefused
from app.queries.gateway import Filter
from app.services.composing import Composed
from app.services.give_package import About, give_package
from app.services.record_events import record_steps
from app.store import access_log, outbox, own, read_model, vault
from app.store.database import Connection
from app.store.outbox import EventRow
from app.store.own import OwnItem
from app.store.read_model import RecordedStep
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import MAKER, SHOP, actor_of

DAY = 86400


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    """The glassmaker's gateway."""
    found = bench.pipeline()
    found.turn()
    return found


def sold(bench: Bench, name: str) -> tuple[Pipeline, EventRow, EventRow]:
    """A shop's gateway with a quote and an order that it sends nobody."""
    shop = bench.pipeline()
    shop.worker.turn()
    (quote,) = shop.record(SHOP, quoted_lens("A", name, glassmaker=MAKER))
    (order,) = shop.record(SHOP, ordered(str(quote.item), RIGHT))
    return shop, quote, order


def package(shop: Pipeline, dossier: str) -> Any:
    given = give_package(shop.ground, actor_of(SHOP), MAKER, About(dossier=dossier))
    return json.loads(json.dumps(package_json(given)))


def anchored(bench: Bench, quote: EventRow, order: EventRow, later: int = 0) -> dict[str, Any]:
    """
    Let the ledger have quote and order, the order with another moment than its package says.

    Returns the signed list as a package has it, with the moment of the order.
    """
    other = bench.pipeline()
    other.worker.turn()
    step = replace(order.step, claimed_at=order.step.claimed_at - later)
    item = OwnItem(str(quote.item), quote.dossier, None, "optics.lens/1", MAKER)
    with other.ground.database.writing(SHOP) as connection:
        own.learn_item(connection, SHOP, item, 0)
        steps = [Composed(each, quote.item, quote.dossier, ()) for each in (quote.step, step)]
        record_steps(other.ground, connection, actor_of(SHOP), steps)
    other.turn()
    with other.ground.database.reading() as connection:
        (event,) = [each for each in outbox.events_of(connection, SHOP, subjects=[item.item]) if each.position == 1]
        signed = outbox.stored_list(connection, event.list_id).signed
    told = {
        "deadline": moment(signed.deadline),
        "signer": "0x" + signed.signer,
        "digests": [each.digest.hex() for each in signed.steps],
        "position": 1,
        "signature": "0x" + signed.signature.hex(),
    }
    return {"claimed_at": moment(step.claimed_at), "list": told}


def entries(gateway: Pipeline, dossier: str) -> list[tuple[bool | None, bool | None]]:
    page = gateway.desk.inbox(gateway.caller(MAKER), Filter(limit=100))
    return [(each.confirmed, each.contradicted) for each in page.entries if each.package and each.dossier == dossier]


def held(gateway: Pipeline, item: str) -> tuple[int, bool]:
    """How many values the glassmaker holds of an item, and whether any key."""
    with gateway.ground.database.reading() as connection:
        return len(vault.openings_about(connection, MAKER, [item])), vault.holds(connection, MAKER, item)


def test_what_the_ledger_has_another_step_for_is_forgotten_and_the_true_package_is_taken_in(
    bench: Bench, gateway: Pipeline
) -> None:
    shop, quote, order = sold(bench, "D1-two-words")
    item, dossier = str(quote.item), quote.dossier
    false = package(shop, dossier)
    gateway.desk.take_package(gateway.caller(MAKER), false)
    gateway.turn()
    assert entries(gateway, dossier) == [(False, False)]
    assert held(gateway, item)[0] > 0
    true = deepcopy(false)
    true["steps"][0] |= anchored(bench, quote, order, later=7)
    gateway.worker.turn()
    assert entries(gateway, dossier) == [(False, True)]
    assert held(gateway, item) == (0, False)
    with gateway.ground.database.reading() as connection:
        deeds = [kept.row.deed for kept in access_log.whole_log(connection, MAKER)]
    (told,) = [deed for deed in deeds if deed.act == "contradicted"]
    assert (told.counterparty, told.dossier, told.fields) == (SHOP, dossier, ("correction", "product", "supplements"))
    with pytest.raises(PackageRefused) as refused:
        gateway.desk.take_package(gateway.caller(MAKER), false)
    assert (refused.value.where, "another step" in refused.value.detail) == ("/steps/0", True)
    gateway.desk.take_package(gateway.caller(MAKER), true)
    assert entries(gateway, dossier) == [(False, True), (True, False)]
    assert held(gateway, item)[0] > 0


def test_a_package_whose_steps_the_ledger_has_stays_as_it_is(bench: Bench, gateway: Pipeline) -> None:
    shop, quote, order = sold(bench, "D1-one-word")
    gateway.desk.take_package(gateway.caller(MAKER), package(shop, quote.dossier))
    before = held(gateway, str(quote.item))
    anchored(bench, quote, order)
    gateway.worker.turn()
    assert entries(gateway, quote.dossier) == [(True, False)]
    assert held(gateway, str(quote.item)) == before


def test_a_step_that_comes_from_the_chain_while_its_package_is_looked_at_does_not_contradict_itself(
    bench: Bench, gateway: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, quote, order = sold(bench, "D1-just-now")
    given = package(shop, quote.dossier)
    anchored(bench, quote, order)
    gateway.worker.turn()
    looked, looks = read_model.steps_by_digest, []

    def looked_too_early(connection: Connection, party: int, digests: Sequence[str]) -> dict[str, RecordedStep]:
        # PostgreSQL shows a transaction, from one statement to the next, what another has written meanwhile.
        looks.append(party)
        return {} if len(looks) == 1 else looked(connection, party, digests)

    monkeypatch.setattr(read_model, "steps_by_digest", looked_too_early)
    gateway.desk.take_package(gateway.caller(MAKER), given)
    assert len(looks) > 1
    assert entries(gateway, quote.dossier) == [(True, False)]
    assert held(gateway, str(quote.item))[0] > 0


def test_a_step_that_no_block_takes_any_more_is_given_up_once_the_chains_clock_has_passed_its_deadline(
    bench: Bench, gateway: Pipeline
) -> None:
    """The last one: the chain's clock stays ahead."""
    shop, quote, _ = sold(bench, "D1-never")
    late = package(shop, quote.dossier)
    gateway.desk.take_package(gateway.caller(MAKER), late)
    gateway.worker.turn()
    assert entries(gateway, quote.dossier) == [(False, False)]
    bench.ask("evm_increaseTime", 36 * DAY)
    bench.mine(1)
    gateway.worker.turn()
    assert entries(gateway, quote.dossier) == [(False, True)]
    assert held(gateway, str(quote.item)) == (0, False)
    with pytest.raises(PackageRefused) as refused:
        gateway.desk.take_package(gateway.caller(MAKER), late)
    assert refused.value.where == "/steps/0/list/deadline"
