"""Insurers are told what changes after their checks, once each and only theirs; and what the chain takes back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from app.domain import details
from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from app.domain.standing import Standing
from app.ports import PartyChanged, Recorded
from app.store import mirror, verdict_changes
from app.store.database import Connection, Database
from app.store.ledger_tables import metadata
from app.store.links import linked
from app.store.registry import Role
from app.store.verdict_changes import VerdictChange
from app.store.verdict_tables import checked_dossiers
from tests.domain.trade import DOSSIER, FIRST, ITEM, MAKER, NEXT, OPTICIAN, ROLES, SECOND, Trade, name, root
from tests.store.test_mirror import place

CONFORM = Standing(Verdict.CONFORM, 0)
RETURNED = Standing(Verdict.NON_CONFORM, 1 << Case.RETURN_NOT_DECLARED)
EARLY = Standing(Verdict.NON_CONFORM, 1 << Case.FALSE_RENEWAL)
DUPLICATE = Standing(Verdict.NON_CONFORM, 1 << Case.DUPLICATE_USE)
OTHER = name("other")
NOW = 1_800_000_000


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()


def read_in(connection: Connection, trade: Trade, already: int = 0, parties: tuple[int, ...] = (FIRST, SECOND)) -> int:
    """Mirror the steps after so many, each in a block of its own, as the indexer does; how many changes were told."""
    if not already:
        for at, (party, role) in enumerate(ROLES.items()):
            admitted = PartyChanged(place(0, at), party, int(Role[role.upper()]), 1)
            mirror.add_registry_change(connection, admitted, 0)
    told = 0
    for number, (one, effect) in enumerate(zip(trade.seen, trade.effects, strict=True), 1):
        if number > already:
            recorded = Recorded(place(number), one.party, number, one.step, effect.states)
            assert mirror.add_step(connection, recorded, one.block_time) is None
            told += verdict_changes.follow(connection, parties, recorded, NOW)
    return told


def told(
    connection: Connection, party: int = FIRST, dossier: bytes | None = None, after: int = 0
) -> list[VerdictChange]:
    """What the party was told."""
    return verdict_changes.changes_of(connection, party, dossier.hex() if dossier else None, after, 100)


def checked_sale() -> Trade:
    trade = Trade()
    trade.live()
    trade.check()
    return trade


def test_a_credit_after_the_decision_is_told_once_to_the_insurer_that_checked(database: Database) -> None:
    trade = checked_sale()
    trade.say(FIRST, Kind.DECIDED, DOSSIER, details.decided_detail(1, 1, 0, 0))
    before = len(trade.seen)
    trade.credit()
    with database.writing() as connection:
        assert read_in(connection, trade) == 1
        (change,) = told(connection)
        assert (change.before, change.after, change.cause) == (CONFORM, RETURNED, "step")
        assert (change.dossier, change.digest) == (DOSSIER.hex(), trade.seen[before].step.digest.hex())
        assert (change.decided, change.told_at) == (True, NOW)
        assert [told(connection, party) for party in (SECOND, OPTICIAN)] == [[], []]
        assert (told(connection, dossier=DOSSIER), told(connection, dossier=OTHER)) == ([change], [])
        assert told(connection, after=change.number) == []
        assert verdict_changes.count(connection) == 1


def test_steps_that_leave_the_verdict_as_it_is_tell_nothing(database: Database) -> None:
    trade = checked_sale()
    trade.say(FIRST, Kind.DECIDED, DOSSIER, details.decided_detail(1, 1, 0, 0))
    trade.say(FIRST, Kind.ERASED, DOSSIER)
    with database.writing() as connection:
        assert read_in(connection, trade) == 0
        assert told(connection) == []


def test_a_check_of_an_insurer_that_is_hosted_elsewhere_is_not_watched(database: Database) -> None:
    trade = checked_sale()
    trade.credit()
    with database.writing() as connection:
        assert read_in(connection, trade, parties=(SECOND,)) == 0
        assert told(connection) == []


def test_what_was_told_is_what_the_next_change_is_measured_by(database: Database) -> None:
    trade = checked_sale()
    trade.credit()
    trade.withdraw()
    trade.because(OPTICIAN, Kind.RETURNED)
    with database.writing() as connection:
        read_in(connection, trade)
        found = told(connection)
    assert found[0].before == CONFORM
    assert [each.before for each in found[1:]] == [each.after for each in found[:-1]]
    assert found[-1].after == Standing(Verdict.JUSTIFIED, 0)
    assert not any(each.decided for each in found)


def test_a_new_check_says_what_the_insurer_knows_from_then_on(database: Database) -> None:
    trade = checked_sale()
    trade.credit()
    detail = details.verified_detail(Verdict.NON_CONFORM, RETURNED.mask, 0)
    trade.say(FIRST, Kind.VERIFIED, DOSSIER, detail, occurrence=1)
    with database.writing() as connection:
        assert read_in(connection, trade) == 1
        assert [each.after for each in told(connection)] == [RETURNED]


def test_a_statement_that_explains_an_early_renewal_after_the_check_is_told(database: Database) -> None:
    trade = Trade()
    trade.live()
    detail = details.verified_detail(Verdict.NON_CONFORM, EARLY.mask, 0)
    trade.say(FIRST, Kind.VERIFIED, DOSSIER, detail)
    trade.say(OPTICIAN, Kind.RENEWAL_STATED, DOSSIER, words=[root("statement")])
    with database.writing() as connection:
        assert read_in(connection, trade) == 1
        (change,) = told(connection)
        assert (change.before, change.after) == (EARLY, Standing(Verdict.JUSTIFIED, EARLY.mask))


@pytest.mark.parametrize(("payer", "changes"), [(FIRST, 1), (SECOND, 0)])
def test_a_breakage_that_explains_an_early_renewal_is_told_only_where_the_insurer_paid_before(
    database: Database, payer: int, changes: int
) -> None:
    trade = Trade()
    trade.quote(NEXT, maker=0, dossier=OTHER)
    trade.deliver(NEXT)
    trade.bill(NEXT, dossier=OTHER, insurers=[payer])
    trade.live()
    trade.say(FIRST, Kind.VERIFIED, DOSSIER, details.verified_detail(Verdict.NON_CONFORM, EARLY.mask, 0))
    trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, DOSSIER, words=[details.id_word(OTHER)])
    with database.writing() as connection:
        assert read_in(connection, trade) == changes


def test_what_came_between_the_check_and_its_block_is_told_with_the_check(database: Database) -> None:
    trade = Trade()
    trade.live()
    trade.credit()
    trade.check()
    with database.writing() as connection:
        read_in(connection, trade)
        (change,) = told(connection)
        assert (change.before, change.after) == (CONFORM, RETURNED)
        assert change.digest == trade.seen[-1].step.digest.hex()


def err(trade: Trade, party: int = OPTICIAN, item: bytes = ITEM, at: int | None = None) -> str:
    """Declare an error that changes nothing, for nothing differs there; the digest."""
    assert trade.err(party, 2, Kind.ORDERED, root("product"), item, at) is Outcome.RECORDED
    return trade.seen[-1].step.digest.hex()


@pytest.mark.parametrize(("claimed", "checked", "changes"), [(60, 0, 1), (-60, 0, 1), (60, 61, 0)])
def test_an_error_before_the_checks_block_is_told_where_the_check_was_made_without_it(
    database: Database, claimed: int, checked: int, changes: int
) -> None:
    trade = Trade()
    trade.live()
    moment = trade.now
    error = err(trade, at=moment + claimed)
    trade.check(at=moment + checked)
    trade.check(occurrence=1, at=moment + checked)
    with database.writing() as connection:
        assert read_in(connection, trade) == changes
        found = told(connection)
        assert [(each.before, each.after, each.author, each.digest) for each in found] == [
            (CONFORM, CONFORM, OPTICIAN, error)
        ] * changes


def test_an_error_is_told_to_each_insurer_that_checked_and_with_each_author_that_declares_it(
    database: Database,
) -> None:
    trade = checked_sale()
    trade.bill(occurrence=1, insurers=(SECOND,))
    trade.check(SECOND, invoice=1)
    with database.writing() as connection:
        before, moment = read_in(connection, trade), trade.now
        digests = [err(trade, party, at=moment) for party in (OPTICIAN, MAKER)]
        read_in(connection, trade, already=len(trade.seen) - 2)
        # A digest does not hold its author: both signed the same.
        assert len(set(digests)) == 1
        for insurer in (FIRST, SECOND):
            news = [each.author for each in told(connection, insurer) if each.digest == digests[0]]
            assert news == [OPTICIAN, MAKER]
        assert verdict_changes.count(connection) == before + 4


def test_an_error_in_another_dossier_that_changes_nothing_is_not_told(database: Database) -> None:
    trade = Trade()
    trade.live()
    trade.quote(NEXT, dossier=OTHER)
    trade.deliver(NEXT, unit=ITEM.hex())
    trade.say(FIRST, Kind.VERIFIED, DOSSIER, details.verified_detail(Verdict.NON_CONFORM, DUPLICATE.mask, 0))
    with database.writing() as connection:
        read_in(connection, trade)
        assert linked(connection, [DOSSIER.hex()]) == {DOSSIER.hex(), OTHER.hex()}
        err(trade, item=NEXT)
        assert read_in(connection, trade, already=len(trade.seen) - 1) == 0
        assert told(connection) == []


def test_what_happens_in_another_dossier_is_told_without_naming_its_step(database: Database) -> None:
    trade = Trade()
    trade.live()
    trade.quote(NEXT, dossier=OTHER)
    trade.check()
    trade.deliver(NEXT, unit=ITEM.hex())
    with database.writing() as connection:
        assert read_in(connection, trade) == 1
        (change,) = told(connection)
        assert (change.dossier, change.cause) == (DOSSIER.hex(), "other_dossier")
        assert change.after == DUPLICATE


def test_a_ledger_that_is_read_again_from_its_first_block_tells_nothing_again(database: Database) -> None:
    trade = checked_sale()
    trade.credit()
    trade.because(OPTICIAN, Kind.RETURNED)
    trade.withdraw()
    with database.writing() as connection:
        read_in(connection, trade)
        before = told(connection)
        for table in metadata.sorted_tables:
            if table.name.startswith("ledger_"):
                connection.execute(delete(table))
        assert len(before) > 1
        assert read_in(connection, trade) == 0
        assert told(connection) == before
        trade.bill(occurrence=1)
        assert read_in(connection, trade, already=len(trade.seen) - 1) == 1


def test_checks_that_were_read_before_anything_was_told_are_watched_once_they_are_read_again(
    database: Database,
) -> None:
    trade = checked_sale()
    trade.credit()
    with database.writing() as connection:
        read_in(connection, trade, parties=())
        assert told(connection) == []
        for table in metadata.sorted_tables:
            if table.name.startswith("ledger_"):
                connection.execute(delete(table))
        assert read_in(connection, trade) == 1


def test_a_step_that_the_chain_takes_back_is_told_as_such_and_told_again_when_it_comes_again(
    database: Database,
) -> None:
    trade = checked_sale()
    kept = len(trade.seen)
    trade.credit()
    with database.writing() as connection:
        read_in(connection, trade)
        touched = mirror.roll_back(connection, kept)
        assert verdict_changes.roll_back(connection, kept, touched, NOW + 1) == 1
        assert read_in(connection, trade, already=kept) == 1
        first, back, again = told(connection)
        assert (back.before, back.after, back.cause, back.digest) == (RETURNED, CONFORM, "reorganised", None)
        assert (again.before, again.after, again.digest) == (CONFORM, RETURNED, first.digest)


def test_a_check_that_the_chain_takes_back_is_no_longer_watched(database: Database) -> None:
    trade = checked_sale()
    kept = len(trade.seen) - 1
    trade.credit()
    with database.writing() as connection:
        read_in(connection, trade)
        touched = mirror.roll_back(connection, kept)
        assert verdict_changes.roll_back(connection, kept, touched, NOW) == 0
        assert connection.execute(checked_dossiers.select()).all() == []
        # It comes again with its step, and what follows is told again.
        assert read_in(connection, trade, already=kept) == 1
