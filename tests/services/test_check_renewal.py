"""A check against what the insurer reimbursed before: too soon without a statement is a false renewal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.steps import Step
from app.errors import InvalidRecord, NotPermitted
from app.ports import Place, Recorded
from app.services.check_dossier import Checked
from app.services.drafts import VerificationDraft
from app.services.verify import case_names, verify
from app.store import mirror, outbox
from tests.gateway.sales import billed_lens, invoiced, quoted_lens
from tests.services.test_compose_dossiers import shown
from tests.support.worlds import AUDITOR, INSURER, SHOP, World, actor_of


@pytest.fixture
def dossier(world: World) -> str:
    """A lens quoted and invoiced today, as the ledger shows it."""
    (quote,) = world.record(SHOP, quoted_lens("A"))
    (bill,) = world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item))))
    shown(world, quote, bill)
    return quote.dossier


def months_ago(world: World, months: int) -> str:
    """A day a little more than so many months before the sale."""
    sold = datetime.fromtimestamp(world.clock.now(), UTC).date()
    return str(sold - timedelta(days=31 * months))


def check(world: World, dossier: str, last: str | None, party: int = INSURER, under_16: bool = False) -> Checked:
    draft = VerificationDraft(dossier, last_reimbursed_on=last, under_16=under_16)
    return verify(world.ground, actor_of(party), draft)[0]


def is_false(world: World, dossier: str, last: str | None, under_16: bool = False) -> bool:
    return "FALSE_RENEWAL" in case_names(check(world, dossier, last, under_16=under_16))


def test_a_sale_too_soon_after_the_last_one_is_a_false_renewal(world: World, dossier: str) -> None:
    assert is_false(world, dossier, months_ago(world, 18))
    assert check(world, dossier, months_ago(world, 18)).claim is Verdict.NON_CONFORM
    assert not is_false(world, dossier, months_ago(world, 18), under_16=True)
    assert not is_false(world, dossier, months_ago(world, 25))
    assert not is_false(world, dossier, None)
    assert check(world, dossier, months_ago(world, 25)).claim is None


def test_a_stated_renewal_explains_a_false_one(world: World, dossier: str) -> None:
    stated = Step(Kind.RENEWAL_STATED, 0, world.clock.now(), bytes.fromhex(dossier), bytes(9), (bytes([1] * 32),))
    with world.database.writing() as connection:
        mirror.add_step(connection, Recorded(Place(9, bytes(32), bytes(32), 0), SHOP, 9, stated, ()), 1)
    found = check(world, dossier, months_ago(world, 18))
    assert [(each.case, each.by) for each in found.findings] == [(Case.FALSE_RENEWAL, (Kind.RENEWAL_STATED,))]
    assert found.claim is max(found.ledger, Verdict.JUSTIFIED)
    assert not is_false(world, dossier, months_ago(world, 25))


def test_the_day_of_the_sale_counts_and_not_the_day_of_the_check(world: World, dossier: str) -> None:
    last = months_ago(world, 18)
    world.clock.time += 400 * 24 * 3600
    assert is_false(world, dossier, last)
    assert is_false(world, dossier, str(date(2199, 12, 31)))


def test_what_was_reimbursed_is_the_insurers_to_say_and_a_day(world: World, dossier: str) -> None:
    for party in (SHOP, AUDITOR):
        with pytest.raises(NotPermitted) as refused:
            check(world, dossier, months_ago(world, 18), party)
        assert refused.value.where == "/last_reimbursed_on"
    with pytest.raises(InvalidRecord) as none:
        check(world, dossier, "2024-02-30")
    assert none.value.where == "/last_reimbursed_on"


def test_a_recorded_check_has_the_case(world: World, dossier: str) -> None:
    draft = VerificationDraft(dossier, record=True, last_reimbursed_on=months_ago(world, 18))
    _, name = verify(world.ground, actor_of(INSURER), draft)
    with world.database.reading() as connection:
        step = outbox.events_by_id(connection, INSURER, [str(name)])[str(name)].step
    assert (step.verdict_code, step.cases_mask >> Case.FALSE_RENEWAL & 1) == (Verdict.NON_CONFORM, 1)
