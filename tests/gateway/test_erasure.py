"""Erased and still proven: on a real chain, what the others see once a party erased its record."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.kinds import Kind
from app.domain.retention import DAY
from app.queries.erasure_views import ErasureView
from app.queries.gateway import Filter
from app.services.announce import announce_left
from app.services.drafts import VerificationDraft
from app.services.retention import forget_old
from app.store import read_model, vault
from app.store.read_model import RecordedStep
from app.store.tables import dossiers, items
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, SHOP

FIVE_YEARS = 1826 * DAY


@dataclass
class Sale:
    """Two lenses of one dossier, invoiced, with all packages handed over and all steps anchored."""

    gateway: Pipeline
    dossier: str
    first: str
    second: str

    def erase(self, party: int, item: str) -> ErasureView:
        return self.gateway.desk.erase(self.gateway.caller(party), item)

    def said(self) -> list[RecordedStep]:
        """The steps on the ledger by which somebody erased something of the dossier."""
        with self.gateway.ground.database.reading() as connection:
            steps = read_model.steps_of_dossiers(connection, [self.dossier])
        return [each for each in steps if each.step.kind is Kind.ERASED]

    def who(self) -> list[tuple[int, str]]:
        return [(each.party, each.step.subject.hex()) for each in self.said() if each.step.erases_all]

    def of_groups(self) -> dict[tuple[int, str], list[tuple[str, ...]]]:
        """The groups of which alone somebody erased its record, by party and subject."""
        found: dict[tuple[int, str], list[tuple[str, ...]]] = {}
        for each in self.said():
            if not each.step.erases_all:
                found.setdefault((each.party, each.step.subject.hex()), []).append(each.step.erased_groups)
        return found

    def age(self, seconds: int) -> None:
        """Let all that is known of the sale be known for so much longer."""
        with self.gateway.ground.database.writing() as connection:
            for table in (items, dossiers):
                old = update(table).where(table.c.dossier == self.dossier)
                connection.execute(old.values(created_at=table.c.created_at - seconds))

    def item(self, party: int, item: str) -> Any:
        return self.gateway.desk.item(self.gateway.caller(party), item)

    def check(self, party: int = INSURER) -> Any:
        return self.gateway.desk.verify(self.gateway.caller(party), VerificationDraft(self.dossier))

    def holds(self, party: int, subject: str) -> bool:
        with self.gateway.ground.database.reading() as connection:
            return vault.holds(connection, party, subject)


def sold(gateway: Pipeline, name: str, insurers: tuple[int, ...] = (INSURER,)) -> Sale:
    lenses = gateway.record(SHOP, *[quoted_lens(f"{name}-{side}", name) for side in "RL"])
    dossier, (first, second) = lenses[0].dossier, [str(each.item) for each in lenses]
    gateway.record(SHOP, ordered(first, RIGHT), ordered(second, RIGHT))
    gateway.turn()
    gateway.hand(SHOP, MAKER, dossier)
    gateway.record(MAKER, manufactured(first, RIGHT, f"{name}-1"), manufactured(second, RIGHT, f"{name}-2"))
    gateway.hand(MAKER, SHOP, dossier)
    device = {"type": "delivered"}
    gateway.record(SHOP, *[{**device, "item": each, "device": {"number": f"{name}-{n}"}}
                           for n, each in enumerate((first, second), 1)])  # fmt: skip
    gateway.record(SHOP, invoiced(dossier, billed_lens(first), billed_lens(second), insurers=list(insurers)))
    for insurer in insurers:
        gateway.hand(SHOP, insurer, dossier)
    gateway.turn()
    assert gateway.waiting() == 0
    return Sale(gateway, dossier, first, second)


@pytest.fixture
def sale(gateway: Pipeline, request: pytest.FixtureRequest) -> Sale:
    return sold(gateway, f"D-{abs(hash(request.node.name)) % 10**9}")


def test_an_erasure_is_anchored_once_and_every_proof_stays(sale: Sale) -> None:
    before = sale.check()
    sale.erase(SHOP, sale.first)
    assert [each.type for each in sale.item(SHOP, sale.first).pending] == ["erased"]
    sale.gateway.turn()
    sale.erase(SHOP, sale.first)
    sale.gateway.turn()
    assert sale.who() == [(SHOP, sale.first)]
    after = sale.check()
    assert (after.ledger_verdict, after.claim_verdict, after.cases) == ("conform", "conform", [])
    assert (after.checks, after.assurance) == (before.checks, before.assurance)
    assert {check.opening for check in after.checks} == {"received"}


def test_an_erasure_that_is_said_late_marks_nothing(sale: Sale, clock: ShiftedClock) -> None:
    clock.ahead -= 3 * DAY
    sale.erase(SHOP, sale.first)
    clock.ahead += 3 * DAY
    sale.gateway.turn()
    assert [step.late for step in sale.item(SHOP, sale.first).steps if step.kind == "erased"] == [True]
    assert not sale.item(SHOP, sale.first).assurance.late
    assert not sale.check().assurance.late


def test_everybody_concerned_is_told_who_erased_what_when_and_who_may_still_open_it(sale: Sale) -> None:
    sale.erase(SHOP, sale.first)
    sale.gateway.turn()
    (said,) = sale.said()
    for party, known in ((SHOP, [MAKER, INSURER]), (INSURER, [MAKER, INSURER]), (MAKER, [MAKER])):
        (seen,) = sale.item(party, sale.first).erasures
        assert (seen.party, seen.item, seen.sequence, seen.block) == (SHOP, sale.first, said.sequence, said.block)
        assert seen.may_still_open == known
        assert sale.item(party, sale.second).erasures == []
    for party in (INSURER, AUDITOR):
        (seen,) = sale.check(party).erasures
        assert (seen.party, seen.item, seen.may_still_open) == (SHOP, sale.first, [MAKER, INSURER])
    own_word = sale.item(SHOP, sale.first).erased
    assert (own_word.given_to, own_word.may_still_open) == ([MAKER, INSURER], [MAKER, INSURER])
    assert (own_word.sequence, own_word.block) == (said.sequence, said.block)


def test_nobody_is_left_who_may_open_once_all_have_erased(sale: Sale) -> None:
    for party in (SHOP, MAKER, INSURER):
        for item in (sale.first, sale.second):
            sale.erase(party, item)
    sale.gateway.turn()
    assert sorted(sale.who()) == sorted(
        [(party, item) for party in (SHOP, MAKER) for item in (sale.first, sale.second)]
        + [(party, sale.dossier) for party in (SHOP, INSURER)]
    )
    seen = sale.gateway.desk.dossier(sale.gateway.caller(SHOP), sale.dossier)
    assert [each.may_still_open for each in seen.erasures] == [[]] * 6
    assert [step.kind for step in seen.steps] == ["invoiced", "erased", "erased"]
    assert {each.party for each in sale.item(SHOP, sale.first).erasures} == {SHOP, MAKER, INSURER}
    assert sale.item(SHOP, sale.first).erased.may_still_open == []
    told = sale.item(INSURER, sale.first).erased
    assert told.sequence in {each.sequence for each in sale.said() if each.party == INSURER}
    assert (sale.check().ledger_verdict, sale.check().claim_verdict) == ("conform", None)


def test_a_dossiers_own_erasure_leaves_the_insurers_that_hold_its_claim(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-two-insurers", (INSURER, OTHER_INSURER))
    for item in (sale.first, sale.second):
        sale.erase(SHOP, item)
        sale.erase(OTHER_INSURER, item)
    sale.gateway.turn()
    assert (SHOP, sale.dossier) in sale.who()
    (of_dossier,) = [e for e in sale.check(AUDITOR).erasures if e.party == SHOP and e.item is None]
    assert of_dossier.may_still_open == [INSURER]


def test_an_insurer_says_it_of_the_dossier_when_nothing_of_it_is_left(sale: Sale) -> None:
    sale.erase(INSURER, sale.first)
    sale.gateway.turn()
    assert sale.who() == []
    assert not sale.holds(INSURER, sale.first)
    sale.erase(INSURER, sale.second)
    sale.gateway.turn()
    assert sale.who() == [(INSURER, sale.dossier)]
    assert not sale.holds(INSURER, sale.dossier)


def test_the_inbox_says_that_the_sender_erased_and_whether_openings_are_held_here(sale: Sale) -> None:
    sale.erase(SHOP, sale.first)
    sale.gateway.turn()
    assert still_held(sale, MAKER) == still_held(sale, INSURER) == [True]
    assert sale.holds(MAKER, sale.first)
    sale.erase(MAKER, sale.first)
    assert (still_held(sale, MAKER), still_held(sale, INSURER)) == ([False], [True])


def still_held(sale: Sale, party: int) -> list[bool | None]:
    """What the inbox of a party says of the steps by which the shop erased something of the sale."""
    found, cursor = [], None
    while True:
        page = sale.gateway.desk.inbox(sale.gateway.caller(party), Filter(cursor=cursor, limit=200))
        found += [each for each in page.entries if each.dossier == sale.dossier and each.sender == SHOP]
        cursor = page.next
        if cursor is None:
            return [each.still_held for each in found if each.step is not None and each.step.kind == "erased"]


def test_what_the_ledger_never_saw_is_not_said_there_until_it_does(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("R", "D1-never"))
    sale = Sale(gateway, quote.dossier, str(quote.item), "")
    sale.erase(SHOP, sale.first)
    assert announce_left(gateway.ground) == 0
    assert [each.type for each in sale.item(SHOP, sale.first).pending] == ["quoted"]
    gateway.turn()
    assert announce_left(gateway.ground) == 2
    assert announce_left(gateway.ground) == 0
    gateway.turn()
    assert sorted(sale.who()) == sorted([(SHOP, sale.first), (SHOP, sale.dossier)])
    assert announce_left(gateway.ground) == 0


def test_a_step_that_the_ledger_let_expire_is_said_again(sale: Sale, clock: ShiftedClock) -> None:
    sale.erase(SHOP, sale.first)
    clock.ahead += 36 * DAY
    sale.gateway.turn(1)
    clock.ahead -= 36 * DAY
    assert (sale.gateway.waiting(), sale.who()) == (0, [])
    assert announce_left(sale.gateway.ground) == 1
    sale.gateway.turn()
    assert sale.who() == [(SHOP, sale.first)]


def test_retention_erases_what_a_party_holds_no_group_of_any_more_and_says_so(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-retention")
    sale.age(FIVE_YEARS)
    forget_old(gateway.ground)
    gateway.turn()
    assert sale.who() == [(INSURER, sale.dossier)]
    assert sale.holds(SHOP, sale.first)
    assert sale.holds(MAKER, sale.first)
    assert sale.item(INSURER, sale.first).erased.party == INSURER


def test_a_party_that_was_suspended_erases_all_the_same_and_says_so_later(sale: Sale, bench: Bench) -> None:
    council, chain = bench.chain.council, sale.gateway
    council.act(council.registry("suspend", MAKER))
    chain.turn()
    sale.erase(MAKER, sale.first)
    chain.turn(3)
    assert not sale.holds(MAKER, sale.first)
    assert sale.who() == []
    council.act(council.registry("reinstate", MAKER))
    chain.turn()
    assert sale.who() == [(MAKER, sale.first)]
