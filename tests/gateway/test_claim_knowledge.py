"""What an insurer's claim shows that no ledger does: who it says made an item, and whose breakage it never paid for."""

import pytest

from app.errors import InvalidRecord
from app.services.drafts import ClaimItem, VerificationDraft
from tests.gateway.sales import billed_frame, invoiced, quoted_frame
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, OTHER_MAKER, SHOP


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def frame_sold(gateway: Pipeline, name: str, insurer: int) -> tuple[str, str]:
    """A frame, quoted, handed over and invoiced: its dossier and item."""
    (quote,) = gateway.record(SHOP, quoted_frame("M", name))
    dossier, item = str(quote.dossier), str(quote.item)
    delivered = {"type": "delivered", "item": item, "device": {"gtin": "4006381333931"}}
    gateway.record(SHOP, delivered, invoiced(dossier, billed_frame(item), insurers=[insurer]))
    gateway.turn()
    return dossier, item


def cases(gateway: Pipeline, party: int, draft: VerificationDraft) -> list[tuple[str, bool]]:
    return [(case.code, case.justified) for case in gateway.desk.verify(gateway.caller(party), draft).cases]


def test_a_breakage_of_a_sale_that_this_insurer_never_knew_is_false_for_it_alone(gateway: Pipeline) -> None:
    theirs, _ = frame_sold(gateway, "D1-theirs", OTHER_INSURER)
    ours, _ = frame_sold(gateway, "D1-ours", INSURER)
    after_theirs, _ = frame_sold(gateway, "D1-after-theirs", INSURER)
    after_ours, _ = frame_sold(gateway, "D1-after-ours", INSURER)
    for second, first in ((after_theirs, theirs), (after_ours, ours)):
        gateway.record(SHOP, {"type": "breakage_replaced", "dossier": second, "first": first})
    gateway.turn()
    assert cases(gateway, INSURER, VerificationDraft(after_theirs)) == [("FALSE_BREAKAGE", False)]
    assert cases(gateway, INSURER, VerificationDraft(after_ours)) == []
    for party in (AUDITOR, SHOP):
        assert cases(gateway, party, VerificationDraft(after_theirs)) == []


def test_a_breakage_that_the_insurer_never_knew_explains_no_early_renewal(gateway: Pipeline) -> None:
    for name, insurer, justified in (("known", INSURER, True), ("unknown", OTHER_INSURER, False)):
        first, _ = frame_sold(gateway, f"D1-broke-{name}", insurer)
        second, _ = frame_sold(gateway, f"D1-anew-{name}", INSURER)
        gateway.record(SHOP, {"type": "breakage_replaced", "dossier": second, "first": first})
        gateway.turn()
        found = cases(gateway, INSURER, VerificationDraft(second, last_reimbursed_on="2026-03-01"))
        assert ("FALSE_RENEWAL", justified) in found


def test_a_claim_for_what_a_glassmaker_made_that_the_ledger_does_not_name_is_fictitious(gateway: Pipeline) -> None:
    dossier, item = frame_sold(gateway, "D1-made-by", INSURER)
    assert cases(gateway, INSURER, VerificationDraft(dossier, items=(ClaimItem(item, {}),))) == []
    for maker in (MAKER, OTHER_MAKER):
        draft = VerificationDraft(dossier, items=(ClaimItem(item, {}, maker),))
        assert cases(gateway, INSURER, draft) == [("FICTITIOUS_EQUIPMENT", False)]
    with pytest.raises(InvalidRecord) as raised:
        gateway.desk.verify(gateway.caller(INSURER), VerificationDraft(dossier, items=(ClaimItem(item, {}, SHOP),)))
    assert raised.value.where == "/items/0/glassmaker"
