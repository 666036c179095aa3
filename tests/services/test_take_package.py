"""Packages: what a recipient believes, what it refuses, and that a refusal keeps nothing."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.domain import details
from app.domain.disclosures import ForGlassmaker
from app.domain.packages import MAX_ITEMS, moment
from app.domain.steps import Kind, Step, list_hash, signing_hash
from app.errors import InvalidRecord, NotFound, NotPermitted, OutOfSequence, PackageRefused
from app.store import vault
from app.store.registry import KEY_REVOKED
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_MAKER, OTHER_SHOP, SHOP, World


@dataclass
class Sale:
    """Two lenses of one dossier, ordered, made and invoiced, and the packages of all three parties."""

    world: World
    dossier: str
    items: list[str]
    for_maker: Any
    for_insurer: Any
    for_shop: Any


@pytest.fixture
def sale(world: World) -> Sale:
    quotes = world.record(SHOP, quoted_lens("A"), quoted_lens("B"))
    dossier, items = quotes[0].dossier, [str(quote.item) for quote in quotes]
    world.record(SHOP, *[ordered(item, RIGHT) for item in items])
    for_maker = world.give(SHOP, MAKER, dossier=dossier)
    world.take(MAKER, for_maker)
    world.record(MAKER, *[manufactured(item, RIGHT, f"V{at}") for at, item in enumerate(items)])
    for_shop = world.give(MAKER, SHOP, dossier=dossier)
    world.record(SHOP, invoiced(dossier, *[billed_lens(item) for item in items]))
    return Sale(world, dossier, items, for_maker, world.give(SHOP, INSURER, dossier=dossier), for_shop)


def refused(world: World, party: int, package: Any) -> PackageRefused:
    """The refusal; nothing of the package is kept."""
    before = world.rows()
    with pytest.raises(PackageRefused) as raised:
        world.take(party, package)
    assert world.rows() == before
    assert raised.value.mend
    return raised.value


def test_each_package_holds_the_keys_and_openings_of_its_recipient_and_no_others(sale: Sale) -> None:
    def keys(package: Any) -> set[str]:
        return {*package["groups"], *(group for item in package["items"] for group in item["groups"])}

    def openings(package: Any) -> set[tuple[str, str]]:
        return {(step["kind"], opening["group"]) for step in package["steps"] for opening in step["openings"]}

    assert keys(sale.for_maker) == ForGlassmaker.item_keys
    assert openings(sale.for_maker) == {("ordered", group) for group in ("product", "supplements", "correction")}
    assert keys(sale.for_insurer) == {"coding", "price", "claim"}
    opened = {("quoted", "coding"), ("quoted", "price"), ("invoiced", "coding"), ("invoiced", "price")}
    assert openings(sale.for_insurer) == {*opened, ("invoiced", "claim")}
    assert keys(sale.for_shop) == set()
    assert openings(sale.for_shop) == {("manufactured", "device"), ("manufactured", "reference")}


def test_a_package_is_taken_before_the_ledger_shows_its_steps_and_again_without_effect(sale: Sale) -> None:
    first = sale.world.take(INSURER, sale.for_insurer)
    before = sale.world.rows()
    again = sale.world.take(INSURER, sale.for_insurer)
    assert (first.id, first.confirmed, first.sender, set(first.items)) == (again.id, False, SHOP, set(sale.items))
    assert sale.world.rows() == before
    assert sale.world.take(SHOP, sale.for_shop).sender == MAKER


def test_another_party_hears_that_the_package_is_not_for_it(sale: Sale) -> None:
    for party in (OTHER_INSURER, MAKER, SHOP, OTHER_SHOP):
        assert refused(sale.world, party, sale.for_insurer).where == "/for"


Change = Callable[[Any], None]


def _flip(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def _set(*path: Any, value: Any = None, change: Callable[[Any], Any] | None = None) -> Change:
    def apply(package: Any) -> None:
        place = package
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = change(place[path[-1]]) if change else value

    return apply


LIST = ("steps", 0, "list")
TAMPERED: list[tuple[str, Change]] = [
    ("a value", _set("steps", 0, "openings", 0, "values", "grouped_code", value="OTHER1")),
    ("a value left out", _set("steps", 0, "openings", 0, "values", "class", value=None)),
    ("a key", _set("items", 0, "groups", "coding", "key", change=_flip)),
    ("the signature", _set(*LIST, "signature", change=lambda text: text[:20] + _flip(text[20:30]) + text[30:])),
    ("a malleable signature", _set(*LIST, "signature", change=lambda text: _mirrored(text))),
    ("the deadline", _set(*LIST, "deadline", value="2030-01-01T00:00:00Z")),
    ("a deadline before 1970", _set(*LIST, "deadline", value="1960-01-01T00:00:00Z")),
    ("another step's digest", _set(*LIST, "digests", change=lambda found: [*found[:-1], _flip(found[-1])])),
    ("the signer", _set(*LIST, "signer", value="0x" + "11" * 20)),
    ("a root", _set("steps", 0, "words", 3, change=_flip)),
    ("the moment claimed", _set("steps", 0, "claimed_at", value="2026-01-01T00:00:00Z")),
    ("the author", _set("steps", 0, "party", value=OTHER_SHOP)),
    ("the sender", _set("from", value=OTHER_SHOP)),
    ("the ledger", _set("ledger", value="0x" + "11" * 20)),
    ("the chain", _set("chain_id", value=1)),
    ("the dossier", _set("dossier", change=_flip)),
    ("the schema", _set("items", 0, "schema", value="optics.frame/1")),
    ("the version of a key", _set("items", 0, "groups", "coding", "version", value=2)),
    ("a group too many", _set("items", 0, "groups", "correction", value={"version": 1, "key": "11" * 32})),
    ("an item's key as the dossier's", _set("groups", "coding", value={"version": 1, "key": "11" * 32})),
    ("the opening's group", _set("steps", 0, "openings", 0, "group", value="product")),
    ("no steps", _set("steps", value=[])),
    ("quotes alone", _set("steps", change=lambda found: [step for step in found if step["kind"] == "quoted"])),
    ("a word too few", _set("steps", 0, "words", change=lambda found: found[:-1])),
    ("the format", _set("format", value="optitrace.package/2")),
    ("something more", _set("more", value=1)),
]


def _mirrored(text: str) -> str:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    signature = bytes.fromhex(text[2:])
    s = (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
    return "0x" + (signature[:32] + s + bytes([55 - signature[64]])).hex()


@pytest.mark.parametrize("change", [change for _, change in TAMPERED], ids=[name for name, _ in TAMPERED])
def test_a_package_that_was_tampered_with_is_refused_whole(sale: Sale, change: Change) -> None:
    package = copy.deepcopy(sale.for_insurer)
    change(package)
    refused(sale.world, INSURER, package)
    assert sale.world.take(INSURER, sale.for_insurer).sender == SHOP


def signed(world: World, party: int, step: Step) -> Any:
    """A step in a list of its own, signed by `party`, as a package shows it."""
    deadline = world.clock.now() + 1000
    digest = signing_hash(world.ground.separator, list_hash(party, deadline, [step.digest]))
    return {
        "party": party,
        "kind": step.kind.label,
        "occurrence": step.occurrence,
        "claimed_at": moment(step.claimed_at),
        "subject": step.subject.hex(),
        "detail": step.detail.hex(),
        "words": [word.hex() for word in step.words],
        "list": {
            "deadline": moment(deadline),
            "signer": "0x" + world.signer.address(party),
            "digests": [step.digest.hex()],
            "position": 0,
            "signature": "0x" + world.signer.sign(party, digest).hex(),
        },
        "openings": [],
    }


def test_a_well_signed_step_of_a_shape_that_no_ledger_takes_is_refused(sale: Sale) -> None:
    dossier = bytes.fromhex(sale.dossier)
    detail = details.invoiced_detail(False, [INSURER])
    short = Step(Kind.INVOICED, 0, 1, dossier, detail, (b"\1" * 32, b"\1" * 32, details.invoiced_item_word(dossier)))
    package = copy.deepcopy(sale.for_insurer)
    opening = {
        "subject": sale.dossier,
        "group": "claim",
        "values": sale.for_insurer["steps"][-1]["openings"][0]["values"],
    }
    package["steps"] = [signed(sale.world, SHOP, short) | {"openings": [opening]}]
    assert refused(sale.world, INSURER, package).where == "/steps/0/words"


def test_an_invoice_that_names_somebody_else_entitles_to_nothing(sale: Sale) -> None:
    package = copy.deepcopy(sale.for_insurer) | {"for": OTHER_INSURER}
    assert refused(sale.world, OTHER_INSURER, package).detail == "the invoice does not name the recipient"


def test_a_key_of_the_sender_that_was_revoked_is_no_key(sale: Sale) -> None:
    sale.world.set_key(SHOP, KEY_REVOKED, 1)
    assert refused(sale.world, INSURER, sale.for_insurer).where == "/steps/0/list/signer"


def test_a_second_package_cannot_put_another_key_in_the_place_of_the_first(sale: Sale) -> None:
    sale.world.take(INSURER, sale.for_insurer)
    package = copy.deepcopy(sale.for_insurer)
    package["items"][0]["groups"]["price"]["key"] = "11" * 32
    for step in package["steps"]:
        step["openings"] = []
    assert refused(sale.world, INSURER, package).detail == "a key differs from the one that came before"
    with sale.world.database.reading() as connection:
        held = vault.group_keys(connection, INSURER, sale.for_insurer["items"][0]["item"])["price"]
    assert held.hex() == sale.for_insurer["items"][0]["groups"]["price"]["key"]


def test_a_glassmaker_takes_orders_from_the_items_optician_only(sale: Sale) -> None:
    package = copy.deepcopy(sale.for_maker) | {"for": OTHER_MAKER}
    # Who the glassmaker is stands in the quote, which the ledger will show; the openings are good.
    assert sale.world.take(OTHER_MAKER, package).sender == SHOP
    stolen = copy.deepcopy(sale.for_maker) | {"from": OTHER_SHOP}
    refused(sale.world, MAKER, stolen)


def test_an_optician_takes_nothing_about_items_that_name_another_glassmaker(sale: Sale) -> None:
    package = copy.deepcopy(sale.for_shop) | {"from": OTHER_MAKER}
    refused(sale.world, SHOP, package)
    (foreign,) = sale.world.record(OTHER_SHOP, quoted_lens("A", glassmaker=OTHER_MAKER))
    claimed = Step(
        Kind.MANUFACTURED, 0, 1, bytes.fromhex(str(foreign.item)), details.manufactured_detail(), (b"\1" * 32,) * 7
    )
    package = copy.deepcopy(sale.for_shop) | {"for": OTHER_SHOP, "dossier": foreign.dossier}
    package["items"] = [{"item": foreign.item, "schema": "optics.lens/1", "groups": {}}]
    package["steps"] = [signed(sale.world, MAKER, claimed)]
    assert refused(sale.world, OTHER_SHOP, package).where == "/items"


def test_packages_are_given_to_those_named_and_to_nobody_else(sale: Sale) -> None:
    world = sale.world
    for recipient in (OTHER_MAKER, OTHER_INSURER, OTHER_SHOP, SHOP):
        with pytest.raises(NotPermitted):
            world.give(SHOP, recipient, dossier=sale.dossier)
    with pytest.raises(NotPermitted):
        world.give(MAKER, INSURER, dossier=sale.dossier)
    for stranger in (OTHER_SHOP, OTHER_MAKER, INSURER):
        with pytest.raises(NotFound):
            world.give(stranger, INSURER, dossier=sale.dossier)
    (fresh,) = world.record(SHOP, quoted_lens("C", "D-5"))
    with pytest.raises(OutOfSequence):
        world.give(SHOP, MAKER, item=fresh.item)


def test_a_package_about_one_item_says_nothing_of_the_others(sale: Sale) -> None:
    package = sale.world.give(SHOP, MAKER, item=sale.items[0])
    assert [item["item"] for item in package["items"]] == [sale.items[0]]
    assert {step["subject"] for step in package["steps"]} == {sale.items[0]}
    assert sale.items[1] not in str(package)


def test_a_dossier_of_more_items_than_a_package_holds_is_handed_over_item_by_item(world: World) -> None:
    quotes = world.record(SHOP, *[quoted_lens(f"A{number}") for number in range(MAX_ITEMS + 1)])
    world.record(SHOP, *[ordered(str(quote.item), RIGHT) for quote in quotes])
    with pytest.raises(InvalidRecord):
        world.give(SHOP, MAKER, dossier=quotes[0].dossier)
    for quote in quotes:
        world.take(MAKER, world.give(SHOP, MAKER, item=quote.item))
    made = [manufactured(str(quote.item), RIGHT, "V1") for quote in quotes]
    assert len(world.record(MAKER, *made)) == MAX_ITEMS + 1
