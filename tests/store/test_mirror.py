"""The mirror holds what the rules leave, kind by kind, and what is left of it when the chain takes blocks back."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from app.domain import details
from app.domain.conformity import judged_dossier, judged_item
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.reading import Reading
from app.ports import PartyChanged, Place, Recorded
from app.store import mirror, read_model
from app.store.database import Connection, Database
from app.store.ledger_tables import ledger_concerns, ledger_dossiers, ledger_items
from app.store.loaded import LoadedFacts
from app.store.registry import Role
from app.store.shelf import StoredFacts
from tests.domain.trade import (
    DOSSIER,
    FIRST,
    ITEM,
    LOT,
    MAKER,
    NEXT,
    OPTICIAN,
    RIVAL,
    ROLES,
    SECOND,
    Trade,
    name,
    nullifier,
    root,
    unit_leaves,
)

OTHER, THIRD, FOURTH = name("other"), name("third"), name("fourth")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()


def busy() -> Trade:
    """A trade in which one of everything happened, in two dossiers that share a unit, an exchange and a breakage."""
    trade = Trade()
    trade.live()
    trade.substitute(OPTICIAN, product="new")
    trade.replace()
    trade.order(NEXT, version=2)
    trade.make(NEXT, unit="u", warranty=True)
    trade.exchange()
    trade.err(OPTICIAN, 4, Kind.ORDERED, root("correction"), NEXT)
    trade.ship_lot(merkle_root(unit_leaves(2)))
    trade.hand_on(OPTICIAN, RIVAL)
    trade.quote(THIRD, dossier=OTHER)
    trade.draw(THIRD, unit=1, count=2)
    trade.quote(FOURTH, dossier=OTHER)
    trade.deliver(FOURTH, unit="u")
    trade.bill(THIRD, dossier=OTHER, insurers=[SECOND, FIRST])
    trade.because(OPTICIAN, Kind.CANCELLED, FOURTH)
    trade.check()
    trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, OTHER, words=[details.id_word(DOSSIER)])
    trade.say(OPTICIAN, Kind.COVER_REQUESTED, OTHER, details.party_detail(FIRST), [root("x")])
    trade.withdraw(THIRD, dossier=OTHER)
    trade.credit(NEXT, unit="u")
    trade.say(FIRST, Kind.ERASED, DOSSIER)
    trade.say(OPTICIAN, Kind.ERASED, ITEM)
    return trade


def read_in(connection: Connection, trade: Trade) -> list[str | None]:
    """Mirror the registry, and every step in a block of its own; what contradicted the log, step by step."""
    for at, (party, role) in enumerate(ROLES.items()):
        admitted = PartyChanged(place(0, at), party, int(Role[role.upper()]), 1)
        mirror.add_registry_change(connection, admitted, 0)
    return [
        mirror.add_step(connection, Recorded(place(number), one.party, number, one.step, effect.states), one.block_time)
        for number, (one, effect) in enumerate(zip(trade.seen, trade.effects, strict=True), 1)
    ]


def place(block: int, index: int = 0) -> Place:
    """Where a log stands."""
    return Place(block, bytes(32), block.to_bytes(32, "big"), index)


def check_same(connection: Connection, trade: Trade) -> None:
    """Compare everything that is stored with what the rules left in memory."""
    facts, shelf = StoredFacts(connection), trade.shelf
    assert {item: facts.item(item) for item in shelf.items} == shelf.items
    assert {each: facts.dossier(each) for each in shelf.dossiers} == shelf.dossiers
    assert {each: facts.nullifier(each) for each in shelf.nullifiers} == shelf.nullifiers
    assert {each: facts.lot(each) for each in shelf.lots} == shelf.lots
    assert all(facts.items_of(dossier) == shelf.items_of(dossier) for dossier in shelf.dossiers)
    for row in connection.execute(select(ledger_items)):
        reading = Reading(trade.now, read_model.steps_of_dossiers(connection, [row.dossier]))
        assert row.verdict == judged_item(shelf, bytes.fromhex(row.item), reading).verdict
    for row in connection.execute(select(ledger_dossiers)):
        reading = Reading(trade.now, read_model.steps_of_dossiers(connection, [row.dossier]))
        assert row.verdict == judged_dossier(shelf, bytes.fromhex(row.dossier), reading)
        assert row.invoiced == sum(
            bool(shelf.items[each].billed) for each in shelf.items_of(bytes.fromhex(row.dossier))
        )


def test_what_is_stored_is_what_the_rules_leave(database: Database) -> None:
    trade = busy()
    with database.writing() as connection:
        assert set(read_in(connection, trade)) == {None}
        check_same(connection, trade)
        facts = StoredFacts(connection)
        assert [facts.role(party) for party in (OPTICIAN, FIRST, 99)] == ["optician", "insurer", None]
        assert facts.nullifier(nullifier("never seen")).bound == bytes(16)
        steps = read_model.steps_of_dossiers(connection, [DOSSIER.hex()])
        # Its fourth step ships a lot, and is in no dossier.
        assert [each.party_sequence for each in steps if each.party == MAKER] == [1, 2, 3, 5]


def test_facts_that_were_not_loaded_are_asked_for_in_vain(database: Database) -> None:
    trade, other = Trade(), name("other")
    trade.live()
    trade.quote(NEXT, dossier=other)
    trade.deliver(NEXT, unit="unit")
    with database.writing() as connection:
        assert set(read_in(connection, trade)) == {None}
        whole, part = (
            LoadedFacts(connection, some, len(trade.seen)) for some in ([DOSSIER.hex(), other.hex()], [DOSSIER.hex()])
        )
        questions: tuple[Callable[[LoadedFacts], object], ...] = (
            lambda facts: facts.step(NEXT, Kind.QUOTED, OPTICIAN, 0),
            lambda facts: facts.steps_on(NEXT, (Kind.DELIVERED,)),
            lambda facts: facts.steps_with(nullifier("unit")),
            lambda facts: facts.items_of(other),
        )
        for question in questions:
            assert question(whole)
            with pytest.raises(LookupError):
                question(part)


@pytest.mark.parametrize("kept", [0, 1, 7, 12, 16, 20, 27, 31])
def test_a_rollback_leaves_what_the_steps_before_it_leave(database: Database, kept: int) -> None:
    trade, before = busy(), Trade()
    for one in trade.seen[:kept]:
        before.take(one.party, one.step, one.block_time)
    before.now = trade.now
    with database.writing() as connection:
        read_in(connection, trade)
        mirror.roll_back(connection, kept)
        check_same(connection, before)
        facts = StoredFacts(connection)
        assert not any(facts.item(item) for item in trade.shelf.items.keys() - before.shelf.items.keys())
        assert not any(facts.lot(lot) for lot in trade.shelf.lots.keys() - before.shelf.lots.keys())
        gone = trade.shelf.nullifiers.keys() - before.shelf.nullifiers.keys()
        assert all(facts.nullifier(each).bound == bytes(16) for each in gone)


def test_a_log_that_contradicts_our_replay_is_named(database: Database) -> None:
    trade = Trade()
    trade.quote()
    trade.order()
    quote, order = trade.seen
    with database.writing() as connection:
        early = Recorded(place(1), OPTICIAN, 1, order.step, ())
        assert mirror.add_step(connection, early, 1) == "a step is about what was never quoted"
        transfer = Trade()
        transfer.ship_lot(root("units"))
        transfer.hand_on(OPTICIAN, RIVAL)
        unknown = Recorded(place(1), OPTICIAN, 1, transfer.seen[1].step, ())
        assert mirror.add_step(connection, unknown, 1) == "a step is about what was never recorded"
        wrong = Recorded(place(1), OPTICIAN, 1, quote.step, (1, 2))
        assert mirror.add_step(connection, wrong, 1) == "the ledger's state differs from our replay of its steps"


def test_whoever_is_named_sees_what_names_it(database: Database) -> None:
    with database.writing() as connection:
        read_in(connection, busy())
        seen = {(row.party, row.subject) for row in connection.execute(select(ledger_concerns))}
    assert {(MAKER, ITEM.hex()), (FIRST, ITEM.hex()), (FIRST, OTHER.hex()), (SECOND, THIRD.hex())} <= seen
    assert {(RIVAL, LOT.hex()), (OPTICIAN, LOT.hex()), (MAKER, LOT.hex())} <= seen
    assert not {(SECOND, ITEM.hex()), (RIVAL, ITEM.hex())} & seen
