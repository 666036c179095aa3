"""Sales that follow others: whose dossiers they name, what they commit to, and what is refused."""

import json
from typing import Any

import pytest

from app.domain.details import id_word
from app.domain.kinds import Kind
from app.errors import AlreadyRecorded, InvalidRecord, NotFound, NotPermitted, OptiTraceError
from app.store import vault
from app.store.outbox import EventRow
from tests.gateway.sales import billed_lens, invoiced, quoted_lens
from tests.support.worlds import INSURER, MAKER, OTHER_SHOP, SHOP, World

STATEMENT = {"ground": "after_one_year", "previous_date": "2025-02-11"}


def refusal(world: World, party: int, event: dict[str, Any]) -> tuple[type[OptiTraceError], str | None]:
    before = world.rows()
    with pytest.raises(OptiTraceError) as raised:
        world.record(party, event)
    assert world.rows() == before
    return type(raised.value), raised.value.where


@pytest.fixture
def sales(world: World) -> tuple[EventRow, EventRow]:
    """Two sales of one shop."""
    first, second = world.record(SHOP, quoted_lens("A", "D-1"), quoted_lens("A", "D-2"))
    return first, second


def replaced(first: str, second: str, **more: object) -> dict[str, Any]:
    return {"type": "breakage_replaced", "dossier": second, "first": first, **more}


def stated(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "renewal_stated", "dossier": dossier, "statement": STATEMENT, **more}


def test_a_sale_names_the_one_whose_equipment_broke(world: World, sales: tuple[EventRow, EventRow]) -> None:
    first, second = (each.dossier for each in sales)
    (found,) = world.record(SHOP, replaced(first, second))
    assert (found.step.kind, found.step.occurrence, found.dossier) == (Kind.BREAKAGE_REPLACED, 0, second)
    assert found.step.words == (id_word(bytes.fromhex(first)),)
    assert refusal(world, SHOP, replaced(first, second)) == (AlreadyRecorded, "/0/first")
    (third,) = world.record(SHOP, quoted_lens("A", "D-3"))
    assert world.record(SHOP, replaced(third.dossier, second))[0].step.occurrence == 1


def test_only_dossiers_of_ones_own_are_named_and_none_replaces_itself(
    world: World, sales: tuple[EventRow, EventRow]
) -> None:
    first, second = (each.dossier for each in sales)
    (theirs,) = world.record(OTHER_SHOP, quoted_lens("A", "D-1"))
    assert refusal(world, SHOP, replaced(second, second)) == (InvalidRecord, "/0/first")
    for absent in (theirs.dossier, "0" * 32):
        assert refusal(world, SHOP, replaced(absent, second)) == (NotFound, "/0/first")
        assert refusal(world, SHOP, replaced(first, absent)) == (NotFound, "/0/dossier")
    for party in (MAKER, INSURER):
        assert refusal(world, party, replaced(first, second)) == (NotPermitted, "/0/type")


def test_a_statement_is_committed_to_under_the_dossiers_own_secret(
    world: World, sales: tuple[EventRow, EventRow]
) -> None:
    first, second = (each.dossier for each in sales)
    (one,), (other,) = world.record(SHOP, stated(first)), world.record(SHOP, stated(second))
    assert len(one.step.words) == len(other.step.words) == 1
    assert one.step.words != other.step.words
    with world.database.reading() as connection:
        (kept,) = vault.openings(connection, SHOP, one.digest)
    assert (kept.subject, kept.values.schema, kept.values.group) == (first, "dossier/1", "statement")
    assert dict(kept.values.values) == STATEMENT


def test_the_same_is_stated_once_and_something_else_may_follow(world: World, sales: tuple[EventRow, EventRow]) -> None:
    dossier = sales[0].dossier
    world.record(SHOP, stated(dossier))
    assert refusal(world, SHOP, stated(dossier)) == (AlreadyRecorded, "/0/statement")
    (found,) = world.record(SHOP, stated(dossier, statement={**STATEMENT, "ground": "under_16"}))
    assert found.step.occurrence == 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ground": None}, "statement/ground"),
        ({"previous_date": None}, "statement/previous_date"),
        ({"ground": "cataract"}, "statement/ground"),
        ({"previous_date": "2025-02-30"}, "statement/previous_date"),
    ],
)
def test_a_statement_that_is_none_is_refused_with_its_place(
    world: World, sales: tuple[EventRow, EventRow], change: dict[str, object], where: str
) -> None:
    event = stated(sales[0].dossier, statement={**STATEMENT, **change})
    assert refusal(world, SHOP, event) == (InvalidRecord, f"/0/{where}")


def test_only_the_dossiers_optician_states_a_renewal(world: World, sales: tuple[EventRow, EventRow]) -> None:
    assert refusal(world, OTHER_SHOP, stated(sales[0].dossier)) == (NotFound, "/0/dossier")
    for party in (MAKER, INSURER):
        assert refusal(world, party, stated(sales[0].dossier)) == (NotPermitted, "/0/type")


def test_a_statement_goes_into_no_package(world: World, sales: tuple[EventRow, EventRow]) -> None:
    quote = sales[0]
    world.record(SHOP, stated(quote.dossier), invoiced(quote.dossier, billed_lens(str(quote.item))))
    text = json.dumps(world.give(SHOP, INSURER, dossier=quote.dossier))
    assert not [word for word in ("statement", *STATEMENT.values(), "renewal_stated") if word in text]
