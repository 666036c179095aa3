"""Groups whose time is over: on a real chain, who says of which that they are gone, and what the others see."""

from dataclasses import replace

import pytest

from app.domain.retention import DAY, retention_of
from app.pipeline.housekeeping import Housekeeper
from app.queries.gateway import Filter
from app.queries.views import InboxEntry
from app.services.announce import announce_left
from app.services.retention import forget_old
from app.store import vault
from tests.gateway.sales import quoted_frame, quoted_lens
from tests.gateway.test_erasure import FIVE_YEARS, Sale, sold, still_held
from tests.gateway.test_openings import asking
from tests.support.benches import Pipeline, ShiftedClock
from tests.support.worlds import INSURER, MAKER, SHOP

OF_A_LENS: tuple[str, ...] = ("product", "supplements", "correction", "coding", "price")
OF_A_DOSSIER: tuple[str, ...] = ("renewal", "claim", "statement", "cover", "grant")


def forget(sale: Sale, **days: int) -> int:
    """Forget what is over, with these times where they are not the defaults."""
    return forget_old(replace(sale.gateway.ground, retention=retention_of(days)))


def inbox(sale: Sale, party: int) -> list[InboxEntry]:
    """The steps by which others erased something of the sale, as a party's inbox shows them."""
    entries = sale.gateway.desk.inbox(sale.gateway.caller(party), Filter(limit=200)).entries
    return [each for each in entries if each.dossier == sale.dossier and each.step and each.step.kind == "erased"]


def test_each_party_says_once_which_groups_are_gone(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-five-years")
    before = sale.check()
    sale.age(FIVE_YEARS)
    for _ in range(2):
        forget(sale)
        gateway.turn()
    of_items = {SHOP: OF_A_LENS, MAKER: OF_A_LENS[:4]}
    told = {(party, each): [of_items[party]] for party in of_items for each in (sale.first, sale.second)}
    assert sale.of_groups() == {**told, (SHOP, sale.dossier): [OF_A_DOSSIER]}
    assert sale.who() == [(INSURER, sale.dossier)], "of whose record nothing was left"
    after = sale.check()
    assert (after.ledger_verdict, after.assurance) == (before.ledger_verdict, before.assurance)
    assert [step.late for step in sale.item(SHOP, sale.first).steps if step.kind == "erased"] == [False] * 2


def test_everybody_concerned_is_told_of_which_groups_and_who_may_still_open_those(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-told")
    sale.age(40 * DAY)
    forget(sale, correction=30, price=30)
    gateway.turn()
    for party in (SHOP, INSURER, MAKER):
        seen = {each.party: each for each in sale.item(party, sale.first).erasures}
        assert seen[SHOP].groups == ["correction", "price"]
        assert seen[MAKER].groups == ["correction"]
        assert seen[SHOP].may_still_open == seen[MAKER].may_still_open == []
    assert {each.party: each.may_still_open for each in sale.check().erasures}[INSURER] == []
    (step,) = [each for each in sale.item(INSURER, sale.first).steps if each.kind == "erased" and each.party == SHOP]
    assert step.said == {"groups": ["correction", "price"]}
    assert sale.of_groups()[INSURER, sale.dossier] == [("price",)]
    assert still_held(sale, MAKER) == still_held(sale, INSURER) == [False, False]


def test_whoever_holds_a_group_still_is_told_so(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-still")
    sale.age(40 * DAY)
    only_shop = {SHOP: gateway.ground.roles[SHOP]}
    forget_old(replace(gateway.ground, retention=retention_of({"coding": 30}), roles=only_shop))
    gateway.turn()
    (seen,) = sale.item(SHOP, sale.first).erasures
    assert (seen.groups, seen.may_still_open) == (["coding"], [MAKER, INSURER])
    assert still_held(sale, MAKER) == still_held(sale, INSURER) == [True, True]
    assert not sale.item(SHOP, sale.first).assurance.late


def test_an_insurer_says_it_of_the_dossier_once_it_holds_the_group_of_no_item(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-one-by-one")
    with gateway.ground.database.writing() as connection:
        vault.narrow(connection, INSURER, sale.first, "optics.lens/1", {"price"})
    only_insurer = {INSURER: gateway.ground.roles[INSURER]}
    ground = replace(gateway.ground, retention=retention_of({"claim": 30, "price": 60}), roles=only_insurer)
    sale.age(40 * DAY)
    forget_old(ground)
    gateway.turn()
    assert sale.of_groups() == {(INSURER, sale.dossier): [("claim",)]}
    sale.age(40 * DAY)
    forget_old(ground)
    gateway.turn()
    assert sale.of_groups() == {(INSURER, sale.dossier): [("claim",), ("price",)]}
    assert sale.who() == []
    assert [each.may_still_open for each in sale.check().erasures] == [[SHOP], [SHOP]]
    assert [each.still_held for each in inbox(sale, SHOP) if each.sender == INSURER] == [True, True]
    forget_old(replace(ground, retention=retention_of({"price": 60}), roles={SHOP: gateway.ground.roles[SHOP]}))
    assert [each.still_held for each in inbox(sale, SHOP) if each.sender == INSURER] == [True, False]


def test_a_later_group_is_said_beside_an_earlier_one_and_at_last_the_whole_record(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-in-turn")
    for days, groups in ((40, {"correction": 30}), (40, {"correction": 30, "product": 60, "coding": 60})):
        sale.age(days * DAY)
        forget(sale, **groups)
        gateway.turn()
    assert sale.of_groups()[MAKER, sale.first] == [("correction",), ("product", "coding")]
    sale.erase(MAKER, sale.first)
    gateway.turn()
    assert (MAKER, sale.first) in sale.who()


@pytest.mark.parametrize("days", [{}, {"correction": 30, "reference": 60, "price": 90}])
def test_what_is_said_of_a_frame_is_what_is_said_of_a_lens(gateway: Pipeline, days: dict[str, int]) -> None:
    lens, frame = gateway.record(
        SHOP, quoted_lens("R", f"D1-all-{len(days)}"), quoted_frame("F", f"D1-all-{len(days)}")
    )
    gateway.turn()
    sale = Sale(gateway, lens.dossier, str(lens.item), str(frame.item))
    for aged in (40 * DAY, 30 * DAY, 30 * DAY, FIVE_YEARS):
        sale.age(aged)
        forget(sale, **days)
        gateway.turn()
    said = sale.of_groups()
    assert said[SHOP, sale.first] == said[SHOP, sale.second]
    assert len(said[SHOP, sale.first]) == len(days) + 1
    assert len({each.step.detail for each in sale.said() if each.item is not None}) == len(days) + 1


def test_an_insurer_that_was_only_asked_may_open_what_it_was_asked_for(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("R", "D1-only-asked"))
    gateway.record(SHOP, asking(quote.dossier, INSURER, "80.00"))
    gateway.turn()
    gateway.hand(SHOP, INSURER, quote.dossier)
    sale = Sale(gateway, quote.dossier, str(quote.item), "")
    sale.age(40 * DAY)
    forget(sale, claim=30)
    gateway.turn()
    assert sale.of_groups() == {(SHOP, sale.dossier): [("claim",)]}
    assert [each.may_still_open for each in gateway.desk.dossier(gateway.caller(SHOP), sale.dossier).erasures] == [[]]
    forget(sale, claim=30, cover=30, grant=30)
    gateway.turn()
    seen = {each.party: each for each in gateway.desk.dossier(gateway.caller(SHOP), sale.dossier).erasures}
    assert (seen[SHOP].groups, seen[SHOP].may_still_open) == (["cover", "grant"], [])
    assert seen[INSURER].groups == ["cover", "grant"]


def test_nothing_is_forgotten_before_the_ledger_was_read(gateway: Pipeline) -> None:
    sale = sold(gateway, "D1-unread")
    sale.age(40 * DAY)
    short = replace(gateway.ground, retention=retention_of({"correction": 30}))
    keeper, now = Housekeeper(short), short.clock.now()
    keeper.tidy(now)
    keeper.follow(None)
    keeper.tidy(now + 600)
    gateway.turn()
    assert sale.said() == []
    keeper.follow(now)
    keeper.tidy(now + 1200)
    gateway.turn()
    assert len(sale.said()) == 4


def test_of_what_the_ledger_never_saw_no_group_is_said(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("R", "D1-unseen"))
    sale = Sale(gateway, quote.dossier, str(quote.item), "")
    sale.age(40 * DAY)
    assert forget(sale, correction=30) == 1
    gateway.turn()
    assert sale.said() == []


def test_a_step_about_groups_that_the_ledger_let_expire_is_said_again(gateway: Pipeline, clock: ShiftedClock) -> None:
    sale = sold(gateway, "D1-expired")
    sale.age(40 * DAY)
    forget(sale, correction=30)
    clock.ahead += 36 * DAY
    gateway.turn(1)
    clock.ahead -= 36 * DAY
    assert (gateway.waiting(), sale.said()) == (0, [])
    sale.erase(MAKER, sale.second)
    assert announce_left(gateway.ground) == 3, "of a record that is gone no group is said"
    assert announce_left(gateway.ground) == 0
    gateway.turn()
    assert sale.of_groups() == {
        (party, item): [("correction",)]
        for party, item in ((SHOP, sale.first), (SHOP, sale.second), (MAKER, sale.first))
    }
    assert announce_left(gateway.ground) == 0
