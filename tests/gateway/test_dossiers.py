"""Dossiers with more to them: partial invoices, items that join late, two insurers, and who sees what of it."""

from typing import Any

import pytest

from app.errors import AlreadyRecorded, NotFound, NotPermitted, OutOfSequence
from app.queries.views import VerificationView
from app.services.drafts import ClaimItem, VerificationDraft
from tests.gateway.sales import CODING, PRICE, RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_MAKER, SHOP, THIRD_INSURER


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def quoted(gateway: Pipeline, name: str, count: int, **changes: Any) -> tuple[str, list[str]]:
    """A dossier with so many lenses; gives it and them."""
    quotes = gateway.record(SHOP, *[quoted_lens(f"{name}-{at}", name, **changes) for at in range(count)])
    return quotes[0].dossier, [str(quote.item) for quote in quotes]


def claimed(gateway: Pipeline, party: int, dossier: str, *items: str, **more: Any) -> VerificationView:
    """An insurer's check of its claim of these items, at the values agreed."""
    lines = tuple(ClaimItem(item, {"coding": CODING, "price": PRICE}) for item in items)
    return gateway.desk.verify(gateway.caller(party), VerificationDraft(dossier, lines, **more))


def cases(view: Any) -> set[tuple[str, str]]:
    return {(case.code, case.found_by) for case in view.cases}


def test_an_item_left_out_shows_unless_the_invoice_says_partial(gateway: Pipeline) -> None:
    for partial in (True, False):
        dossier, (one, _) = quoted(gateway, f"D1-left-{partial}", 2)
        gateway.record(SHOP, invoiced(dossier, billed_lens(one), partial=partial))
        gateway.turn()
        seen = gateway.desk.dossier(gateway.caller(SHOP), dossier)
        assert (("HIDDEN_ITEM", "ledger") in cases(seen)) is not partial
        assert (seen.verdict == "non_conform") is not partial


def test_an_item_that_joins_after_a_whole_invoice_shows(gateway: Pipeline) -> None:
    dossier, (one,) = quoted(gateway, "D1-joins", 1)
    gateway.record(SHOP, invoiced(dossier, billed_lens(one)))
    gateway.turn()
    assert ("HIDDEN_ITEM", "ledger") not in cases(gateway.desk.dossier(gateway.caller(SHOP), dossier))
    gateway.record(SHOP, quoted_lens("D1-joins-2", "D1-joins"))
    gateway.turn()
    seen = gateway.desk.dossier(gateway.caller(SHOP), dossier)
    assert ("HIDDEN_ITEM", "ledger") in cases(seen)
    assert seen.verdict == "non_conform"


def test_a_claim_that_leaves_an_item_out_without_saying_so_is_found(gateway: Pipeline) -> None:
    dossier, items = quoted(gateway, "D1-claim", 2)
    gateway.record(SHOP, invoiced(dossier, *[billed_lens(item) for item in items]))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    assert ("HIDDEN_ITEM", "claim") in cases(claimed(gateway, INSURER, dossier, items[0]))
    assert ("HIDDEN_ITEM", "claim") not in cases(claimed(gateway, INSURER, dossier, items[0], partial=True))
    assert ("HIDDEN_ITEM", "claim") not in cases(claimed(gateway, INSURER, dossier, *items))


def test_a_claim_that_leaves_an_item_out_is_found_though_nothing_was_opened(gateway: Pipeline) -> None:
    dossier, items = quoted(gateway, "D1-unopened", 2)
    gateway.record(SHOP, invoiced(dossier, *[billed_lens(item) for item in items]))
    gateway.turn()
    view = gateway.desk.verify(gateway.caller(INSURER), VerificationDraft(dossier, (ClaimItem(items[0], {}),)))
    assert (view.claim_verdict, ("HIDDEN_ITEM", "claim") in cases(view)) == ("non_conform", True)


def test_what_a_withdrawn_invoice_said_is_compared_with_nothing(gateway: Pipeline) -> None:
    dossier, (one,) = quoted(gateway, "D1-wrong-price", 1)
    gateway.record(SHOP, invoiced(dossier, billed_lens(one, price={**PRICE, "amount": "999.00"})))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    check = VerificationDraft(dossier)
    assert ("PRICE_SHIFT", "claim") in cases(gateway.desk.verify(gateway.caller(INSURER), check))
    gateway.record(SHOP, {"type": "withdrawn", "dossier": dossier, "invoice": 0, "items": [one]})
    gateway.record(SHOP, invoiced(dossier, billed_lens(one)))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    assert ("PRICE_SHIFT", "claim") not in cases(gateway.desk.verify(gateway.caller(INSURER), check))


def test_a_check_of_a_partial_invoice_is_recorded_though_other_items_are_not_invoiced(gateway: Pipeline) -> None:
    dossier, (one, _) = quoted(gateway, "D1-partial", 2)
    gateway.record(SHOP, invoiced(dossier, billed_lens(one), partial=True))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    view = claimed(gateway, INSURER, dossier, one, partial=True, record=True)
    bare = gateway.desk.verify(gateway.caller(INSURER), VerificationDraft(dossier, partial=True))
    assert bare.ledger_verdict == view.ledger_verdict
    gateway.turn()
    assert view.event is not None
    (event,) = gateway.events(INSURER, [view.event.id])
    assert (event.status, event.step.invoice) == ("anchored", 0)


def test_a_check_is_recorded_once_the_invoice_is_read_and_not_before(gateway: Pipeline) -> None:
    dossier, (one,) = quoted(gateway, "D1-early", 1)
    gateway.record(SHOP, invoiced(dossier, billed_lens(one)))
    gateway.hand(SHOP, INSURER, dossier)
    with pytest.raises(NotFound):
        claimed(gateway, INSURER, dossier, one, record=True)
    gateway.turn()
    with pytest.raises(OutOfSequence):
        claimed(gateway, INSURER, dossier, one, record=True, invoice=1)
    claimed(gateway, INSURER, dossier, one, record=True)
    with pytest.raises(AlreadyRecorded):
        claimed(gateway, INSURER, dossier, one, record=True)


def test_two_insurers_of_one_invoice_both_check_and_record_and_a_third_sees_nothing(gateway: Pipeline) -> None:
    dossier, items = quoted(gateway, "D1-two", 2)
    bill = invoiced(dossier, *[billed_lens(item) for item in items], insurers=[INSURER, OTHER_INSURER])
    gateway.record(SHOP, bill)
    gateway.turn()
    for insurer in (INSURER, OTHER_INSURER):
        gateway.hand(SHOP, insurer, dossier)
        assert claimed(gateway, insurer, dossier, *items, record=True).claim_verdict == "incomplete"
    gateway.turn()
    seen = gateway.desk.dossier(gateway.caller(SHOP), dossier)
    assert {step.party for step in seen.steps if step.kind == "verified"} == {INSURER, OTHER_INSURER}
    with pytest.raises(NotFound):
        gateway.desk.dossier(gateway.caller(THIRD_INSURER), dossier)
    with pytest.raises(NotFound):
        claimed(gateway, THIRD_INSURER, dossier)
    with pytest.raises(NotPermitted):
        gateway.hand(SHOP, THIRD_INSURER, dossier)


def test_whoever_is_not_a_named_insurer_checks_but_does_not_record(gateway: Pipeline) -> None:
    dossier, (one,) = quoted(gateway, "D1-shop", 1)
    gateway.record(SHOP, invoiced(dossier, billed_lens(one)))
    gateway.turn()
    assert claimed(gateway, SHOP, dossier, one).claim_verdict == "incomplete"
    with pytest.raises(NotPermitted):
        claimed(gateway, SHOP, dossier, one, record=True)


def test_a_glassmaker_that_checks_hears_of_its_own_lenses_only(gateway: Pipeline) -> None:
    dossier, (mine,) = quoted(gateway, "D1-glass", 1)
    other = str(gateway.record(SHOP, quoted_lens("D1-glass-other", "D1-glass", glassmaker=OTHER_MAKER))[0].item)
    gateway.record(SHOP, ordered(mine, RIGHT), invoiced(dossier, billed_lens(other)))
    gateway.hand(SHOP, MAKER, dossier)
    gateway.turn()
    checked = gateway.desk.verify(gateway.caller(MAKER), VerificationDraft(dossier))
    assert cases(checked) == set()
    assert ("HIDDEN_ITEM", "ledger") in cases(gateway.desk.dossier(gateway.caller(SHOP), dossier))
    with pytest.raises(NotFound):
        gateway.desk.item(gateway.caller(MAKER), other)


def test_a_glassmakers_step_may_come_before_the_quote_it_belongs_to(bench: Bench, gateway: Pipeline) -> None:
    elsewhere = bench.pipeline()
    elsewhere.turn()
    (quote,) = elsewhere.record(SHOP, quoted_lens("early-1", "D1-before"))
    elsewhere.record(SHOP, ordered(str(quote.item), RIGHT))
    elsewhere.hand(SHOP, MAKER, quote.dossier, to=gateway)
    (made,) = gateway.record(MAKER, manufactured(str(quote.item), RIGHT, "V1"))
    gateway.turn(4)
    view = gateway.desk.item(gateway.caller(MAKER), str(quote.item))
    assert [(event.status, event.waiting and event.waiting.code) for event in view.pending] == [
        ("accepted", "unknown_subject")
    ]
    elsewhere.turn()
    gateway.turn()
    view = gateway.desk.item(gateway.caller(MAKER), str(quote.item))
    assert [step.kind for step in view.steps] == ["quoted", "ordered", "manufactured"]
    assert (view.pending, view.assurance.level) == ([], "glassmaker_confirmed")
    assert gateway.events(MAKER, [made.id])[0].status == "anchored"
