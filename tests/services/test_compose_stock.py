"""Stock: what a lot commits to, who may draw from it and hand it on, and what each is given of it."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from app.domain.details import party_detail, unit_leaf
from app.domain.kinds import Kind
from app.domain.merkle import leads_to
from app.domain.retention import DAY, retention_of
from app.domain.stock import unit_names
from app.errors import (
    AlreadyRecorded,
    InvalidRecord,
    NotFound,
    NotPermitted,
    OptiTraceError,
    OutOfSequence,
    PackageMissing,
    PackageRefused,
)
from app.services.erase import erase_item
from app.services.retention import forget_old
from app.store import data_keys, vault
from app.store.outbox import EventRow
from tests.gateway.sales import (
    CODING,
    PRICE,
    PROGRESSIVE,
    RIGHT,
    SUPPLEMENTS,
    billed_lens,
    invoiced,
    ordered,
    quoted_lens,
)
from tests.support.worlds import INSURER, MAKER, OTHER_MAKER, OTHER_SHOP, SHOP, THIRD_SHOP, World, actor_of


def unit(number: str, **changes: object) -> dict[str, Any]:
    return {
        "schema": "optics.lens/1",
        "product": PROGRESSIVE,
        "supplements": SUPPLEMENTS,
        "correction": RIGHT,
        "coding": CODING,
        "device": {"number": number},
        **changes,
    }


def shipment(count: int = 3, **changes: object) -> dict[str, Any]:
    return {"type": "lot_shipped", "buyer": SHOP, "units": [unit(f"S-{at}") for at in range(count)], **changes}


def handed(lot: str, holder: int) -> dict[str, Any]:
    return {"type": "lot_transferred", "lot": lot, "holder": holder}


def drawing(item: str | None, lot: str, number: int = 1) -> dict[str, Any]:
    return {"type": "drawn", "item": item, "lot": lot, "unit": number}


def refusal(world: World, party: int, event: dict[str, Any]) -> tuple[type[OptiTraceError], str | None]:
    before = world.rows()
    with pytest.raises(OptiTraceError) as raised:
        world.record(party, event)
    assert world.rows() == before
    return type(raised.value), raised.value.where


def shipped(world: World, **changes: object) -> EventRow:
    """A lot for the shop, whose package did not come yet."""
    return world.record(MAKER, shipment(**changes))[0]  # type: ignore[arg-type]


@pytest.fixture
def lot(world: World) -> str:
    """A lot of three lenses that the shop has the package of."""
    found = shipped(world).dossier
    world.take(SHOP, world.give(MAKER, SHOP, dossier=found))
    return found


@pytest.fixture
def quote(world: World) -> EventRow:
    return world.record(SHOP, quoted_lens("A"))[0]


def test_a_lot_is_one_step_with_one_root_over_units_that_nothing_links(world: World) -> None:
    one, other = shipped(world), shipped(world)
    assert (one.step.kind, one.step.detail, one.item) == (Kind.LOT_SHIPPED, party_detail(SHOP), None)
    assert one.subject == one.dossier != other.dossier
    assert one.step.words != other.step.words
    with world.database.reading() as connection:
        secrets = {vault.secret(connection, MAKER, name) for name in list(unit_names(one.step.subject))[:3]}
    assert len(secrets) == 3
    assert None not in secrets


def test_a_lot_is_shipped_by_a_glassmaker_to_an_optician(world: World) -> None:
    for party in (SHOP, INSURER):
        assert refusal(world, party, shipment()) == (NotPermitted, "/0/type")
    assert refusal(world, MAKER, shipment(buyer=INSURER)) == (InvalidRecord, "/0/buyer")
    twice = shipment(units=[unit("S-1"), unit("S-1")])
    assert refusal(world, MAKER, twice) == (InvalidRecord, "/0/units")
    frame = shipment(units=[unit("S-1", schema="optics.frame/1", product={"maker": "LUNOR0", "code": "LN204"})])
    assert refusal(world, MAKER, frame)[0] is InvalidRecord
    wrong = shipment(units=[unit("S-1"), unit("S-2", correction={"eye": "secret"})])
    assert refusal(world, MAKER, wrong) == (InvalidRecord, "/0/units/1/correction/eye")


def test_a_unit_is_drawn_with_its_path_to_the_lots_root(world: World, quote: EventRow) -> None:
    made = shipped(world)
    assert refusal(world, SHOP, drawing(quote.item, made.dossier, 2)) == (PackageMissing, "/0/lot")
    world.take(SHOP, world.give(MAKER, SHOP, dossier=made.dossier))
    (found,) = world.record(SHOP, drawing(quote.item, made.dossier, 2))
    step = found.step
    assert (step.named, step.number, found.item, found.dossier) == (made.step.subject, 2, quote.item, quote.dossier)
    assert leads_to(unit_leaf(2, step.words[1:7]), step.siblings) == made.step.words[0]


def test_a_unit_is_drawn_once_and_an_item_is_drawn_once_or_ordered(world: World, lot: str, quote: EventRow) -> None:
    (other,) = world.record(SHOP, quoted_lens("B", "D-2"))
    world.record(SHOP, drawing(quote.item, lot))
    assert refusal(world, SHOP, drawing(quote.item, lot, 2)) == (AlreadyRecorded, "/0/item")
    assert refusal(world, SHOP, drawing(other.item, lot)) == (AlreadyRecorded, "/0/unit")
    assert refusal(world, SHOP, ordered(str(quote.item), RIGHT)) == (OutOfSequence, "/0/item")
    world.record(SHOP, ordered(str(other.item), RIGHT))
    assert refusal(world, SHOP, drawing(other.item, lot, 2)) == (OutOfSequence, "/0/item")
    third, fourth = world.record(SHOP, quoted_lens("C", "D-2"), quoted_lens("D", "D-2"))
    with pytest.raises(AlreadyRecorded):
        world.record(SHOP, drawing(third.item, lot, 3), drawing(fourth.item, lot, 3))


def test_only_a_unit_that_fits_the_item_is_drawn(world: World, lot: str, quote: EventRow) -> None:
    (theirs,) = world.record(OTHER_SHOP, quoted_lens("A"))
    (elsewhere,) = world.record(SHOP, quoted_lens("B", "D-2", glassmaker=OTHER_MAKER))
    (unmade,) = world.record(SHOP, quoted_lens("C", "D-2", glassmaker=None))
    assert refusal(world, SHOP, drawing(theirs.item, lot)) == (NotFound, "/0/item")
    assert refusal(world, SHOP, drawing(elsewhere.item, lot)) == (InvalidRecord, "/0/lot")
    assert refusal(world, SHOP, drawing(unmade.item, lot)) == (NotPermitted, "/0/type")
    assert refusal(world, SHOP, drawing(quote.item, lot, 9)) == (NotFound, "/0/unit")
    assert refusal(world, OTHER_SHOP, drawing(theirs.item, lot)) == (PackageMissing, "/0/lot")
    assert refusal(world, MAKER, drawing(quote.item, lot)) == (NotPermitted, "/0/type")


def test_what_was_drawn_is_handed_over_and_billed_under_the_units_keys(world: World, lot: str, quote: EventRow) -> None:
    (drawn,) = world.record(SHOP, drawing(quote.item, lot))
    delivered = {"type": "delivered", "item": quote.item, "device": {"number": "S-0"}}
    handed_over, bill = world.record(SHOP, delivered, invoiced(quote.dossier, billed_lens(str(quote.item))))
    _, _, product, supplements, _, coding, device = drawn.step.words[:7]
    assert handed_over.step.words == (device, drawn.step.nullifier)
    assert bill.step.words[3:6] == (product, supplements, coding)
    assert bill.step.words[6] == quote.step.words[4]
    assert product != quote.step.words[1]


def test_a_lot_goes_on_with_all_its_units_to_whom_its_holder_names(world: World, lot: str, quote: EventRow) -> None:
    (theirs,) = world.record(OTHER_SHOP, quoted_lens("A"))
    assert refusal(world, OTHER_SHOP, handed(lot, OTHER_SHOP)) == (NotFound, "/0/lot")
    assert refusal(world, OTHER_SHOP, handed(lot, SHOP)) == (NotFound, "/0/lot")
    assert refusal(world, SHOP, handed(lot, INSURER)) == (InvalidRecord, "/0/holder")
    for party in (MAKER, INSURER):
        assert refusal(world, party, handed(lot, OTHER_SHOP)) == (NotPermitted, "/0/type")
    with pytest.raises(NotFound):
        world.give(SHOP, OTHER_SHOP, dossier=lot)
    world.record(SHOP, handed(lot, OTHER_SHOP))
    with pytest.raises(OutOfSequence):
        world.take(OTHER_SHOP, world.give(SHOP, OTHER_SHOP, dossier=lot))
    assert refusal(world, SHOP, handed(lot, OTHER_SHOP)) == (AlreadyRecorded, "/0/lot")
    assert refusal(world, SHOP, handed(lot, THIRD_SHOP)) == (OutOfSequence, "/0/lot")
    assert refusal(world, SHOP, drawing(quote.item, lot)) == (OutOfSequence, "/0/lot")
    assert refusal(world, OTHER_SHOP, drawing(theirs.item, lot)) == (PackageMissing, "/0/lot")


def test_a_lots_package_is_for_whom_it_names_alone(world: World) -> None:
    found = shipped(world)
    for recipient in (OTHER_SHOP, INSURER):
        with pytest.raises(NotPermitted):
            world.give(MAKER, recipient, dossier=found.dossier)
    package = world.give(MAKER, SHOP, dossier=found.dossier)
    with pytest.raises(PackageRefused):
        world.take(OTHER_SHOP, package | {"for": OTHER_SHOP})


def without_a_unit(package: dict[str, Any]) -> None:
    gone = package["items"].pop()["item"]
    package["steps"][0]["openings"] = [each for each in package["steps"][0]["openings"] if each["subject"] != gone]


def without_an_opening(package: dict[str, Any]) -> None:
    package["steps"][0]["openings"].pop()


def with_another_value(package: dict[str, Any]) -> None:
    opening = next(each for each in package["steps"][0]["openings"] if each["group"] == "correction")
    opening["values"]["sphere"] = "-325"


def with_another_key(package: dict[str, Any]) -> None:
    package["items"][0]["groups"]["coding"]["key"] = "00" * 32


def with_a_price(package: dict[str, Any]) -> None:
    package["items"][0]["groups"]["price"] = {"version": 1, "key": "00" * 32}


def with_a_key_of_another_version(package: dict[str, Any]) -> None:
    package["items"][0]["groups"]["coding"]["version"] = 2


def of_another_lot(package: dict[str, Any]) -> None:
    text = json.dumps(package["items"]) + json.dumps(package["steps"][0]["openings"])
    name = package["items"][0]["item"]
    assert name in text
    package["items"][0]["item"] = "0" * 32
    for each in package["steps"][0]["openings"]:
        each["subject"] = "0" * 32 if each["subject"] == name else each["subject"]


@pytest.mark.parametrize(
    "change",
    [
        without_a_unit,
        without_an_opening,
        with_another_value,
        with_another_key,
        with_a_price,
        with_a_key_of_another_version,
        of_another_lot,
    ],
)
def test_a_lot_that_is_not_what_its_root_says_is_refused_whole(world: World, change: Any) -> None:
    package = world.give(MAKER, SHOP, dossier=shipped(world).dossier)
    changed = deepcopy(package)
    change(changed)
    before = world.rows()
    with pytest.raises(PackageRefused):
        world.take(SHOP, changed)
    assert world.rows() == before
    assert len(world.take(SHOP, package).items) == 3
    assert world.take(SHOP, package).items


def test_the_insurer_gets_the_units_coding_key_beside_the_items_and_no_other(
    world: World, lot: str, quote: EventRow
) -> None:
    world.record(SHOP, drawing(quote.item, lot), invoiced(quote.dossier, billed_lens(str(quote.item))))
    package = world.give(SHOP, INSURER, dossier=quote.dossier)
    with world.database.reading() as connection:
        name = next(iter(unit_names(bytes.fromhex(lot))))
        units = vault.group_keys(connection, SHOP, name)
    (item,) = package["items"]
    assert item["groups"].keys() == {"coding", "price", "drawn_coding"}
    assert item["groups"]["drawn_coding"]["key"] == units["coding"].hex()
    world.take(INSURER, package)
    text = json.dumps(package)
    assert not [word for word in ("-250", "VERALIA0", "S-0", units["product"].hex()) if word in text]
    assert PRICE["currency"] in text


def test_to_erase_a_drawn_lens_is_to_erase_its_unit_and_the_rest_can_still_be_drawn(
    world: World, lot: str, quote: EventRow
) -> None:
    world.record(SHOP, drawing(quote.item, lot))
    erase_item(world.ground, actor_of(SHOP), str(quote.item))
    name = next(iter(unit_names(bytes.fromhex(lot))))
    with world.database.reading() as connection:
        assert data_keys.held(connection, SHOP, [name, str(quote.item)]) == {}
    (other,) = world.record(SHOP, quoted_lens("B", "D-2"))
    assert refusal(world, SHOP, drawing(other.item, lot)) == (AlreadyRecorded, "/0/unit")
    (found,) = world.record(SHOP, drawing(other.item, lot, 2))
    (shown,) = world.give(MAKER, SHOP, dossier=lot)["steps"]
    assert leads_to(unit_leaf(2, found.step.words[1:7]), found.step.siblings).hex() == shown["words"][0]


def test_of_a_drawn_lens_a_forgotten_group_is_forgotten_of_its_unit_too(world: World, quote: EventRow) -> None:
    world.clock.time += 10 * DAY
    lot = shipped(world).dossier
    world.take(SHOP, world.give(MAKER, SHOP, dossier=lot))
    world.record(SHOP, drawing(quote.item, lot))
    world.clock.time += 21 * DAY
    forget_old(replace(world.ground, retention=retention_of({"correction": 30})))
    first, second, *_ = unit_names(bytes.fromhex(lot))
    with world.database.reading() as connection:
        left = {name: vault.group_keys(connection, SHOP, name).keys() for name in (first, second)}
        shown = {(each.subject, each.values.group) for each in vault.openings_about(connection, SHOP, [first, second])}
    assert "correction" not in left[first]
    assert "correction" in left[second]
    assert ((first, "correction") in shown, (second, "correction") in shown) == (False, True)
    (other,) = world.record(SHOP, quoted_lens("B", "D-2"))
    world.record(SHOP, drawing(other.item, lot, 2))
