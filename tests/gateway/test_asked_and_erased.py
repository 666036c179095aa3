"""An insurer that was asked for cover and never invoiced is told what was erased, and erases what it holds."""

import pytest

from app.errors import NotFound
from app.queries.erasure_views import ErasedView
from app.queries.gateway import Filter
from app.services.drafts import VerificationDraft
from app.store import vault
from tests.gateway.sales import RIGHT, manufactured, ordered, quoted_lens
from tests.gateway.test_dossier_events import COVER
from tests.gateway.test_openings import asking
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, SHOP, THIRD_INSURER

Told = dict[tuple[str, int, str | None], bool | None]


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def test_an_insurer_that_was_only_asked_says_that_it_erased(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-asked", glassmaker=MAKER))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(SHOP, {"type": "cover_requested", "dossier": dossier, "insurer": INSURER, "cover": COVER})
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    with pytest.raises(NotFound):
        gateway.desk.erase(gateway.caller(OTHER_INSURER), item)
    gateway.desk.erase(gateway.caller(INSURER), item)
    gateway.turn()
    erasures = gateway.desk.dossier(gateway.caller(SHOP), dossier).erasures
    assert [(each.party, each.item, each.sequence is not None) for each in erasures] == [(INSURER, None, True)]
    with gateway.ground.database.reading() as connection:
        assert not vault.holds(connection, INSURER, dossier)
        assert not vault.holds(connection, INSURER, item)


def asked_of_two(gateway: Pipeline) -> tuple[str, str, str]:
    """A dossier that two insurers hold openings of, with a lens that was made and one that was not: it and these."""
    quotes = gateway.record(SHOP, *[quoted_lens(name, "D1-told", glassmaker=MAKER) for name in "AB"])
    dossier, (made, other) = quotes[0].dossier, [str(each.item) for each in quotes]
    for insurer in (INSURER, OTHER_INSURER):
        gateway.record(SHOP, asking(dossier, insurer, "80.00"))
    gateway.record(SHOP, ordered(made, RIGHT))
    gateway.turn()
    for party in (MAKER, INSURER, OTHER_INSURER):
        gateway.hand(SHOP, party, dossier)
    gateway.record(MAKER, manufactured(made, RIGHT, "V-told-1"))
    gateway.turn()
    return dossier, made, other


def erase(gateway: Pipeline, party: int, *items: str) -> None:
    for item in items:
        gateway.desk.erase(gateway.caller(party), item)
    gateway.turn()


def inbox(gateway: Pipeline, party: int, dossier: str) -> Told:
    """Kind, author and item of each step of a dossier that an inbox shows, and whether its openings are still held."""
    entries = gateway.desk.inbox(gateway.caller(party), Filter(limit=200)).entries
    steps = [(each.step, each.still_held) for each in entries if each.step and each.step.dossier == dossier]
    view = gateway.desk.dossier(gateway.caller(party), dossier)
    shown = {step.sequence for step in (*view.steps, *(step for item in view.items for step in item.steps))}
    assert {step.sequence for step, _ in steps} <= shown
    return {(step.kind, step.party, step.item): held for step, held in steps}


def said(erasures: list[ErasedView]) -> dict[str | None, list[int]]:
    """Who may still open what the optician erased; it is all that is said of erasures here."""
    assert {each.party for each in erasures} <= {SHOP}
    return {each.item: each.may_still_open for each in erasures}


def test_an_insurer_that_was_only_asked_is_told_what_the_optician_erased_and_nothing_more(gateway: Pipeline) -> None:
    dossier, made, other = asked_of_two(gateway)
    (later,) = gateway.record(SHOP, quoted_lens("C", "D1-told", glassmaker=MAKER))
    asked: Told = {("cover_requested", SHOP, None): None}
    assert inbox(gateway, INSURER, dossier) == asked
    erase(gateway, SHOP, made)
    erase(gateway, MAKER, made)
    erase(gateway, OTHER_INSURER, made, other)
    one: Told = {("erased", SHOP, made): True}
    assert inbox(gateway, INSURER, dossier) == asked | one
    item = gateway.desk.item(gateway.caller(INSURER), made)
    assert ([step.kind for step in item.steps], item.glassmaker) == (["erased"], None)
    check = gateway.desk.verify(gateway.caller(INSURER), VerificationDraft(dossier))
    whole = gateway.desk.dossier(gateway.caller(INSURER), dossier)
    assert [said(each.erasures) for each in (item, whole, check)] == [{made: [INSURER]}] * 3

    erase(gateway, SHOP, other, str(later.item))
    rest: Told = {("erased", SHOP, other): True, ("erased", SHOP, None): True}
    assert inbox(gateway, INSURER, dossier) == asked | one | rest
    # Of the lens that was quoted later it was given nothing.
    whole = gateway.desk.dossier(gateway.caller(INSURER), dossier)
    assert said(whole.erasures) == {made: [INSURER], other: [INSURER], None: [INSURER]}
    assert inbox(gateway, OTHER_INSURER, dossier) == dict.fromkeys(asked | one | rest, False) | asked
    # Who was never given anything of the dossier itself is not told of it, nor of any insurer.
    assert {item for kind, _, item in inbox(gateway, MAKER, dossier)} == {made, other, str(later.item)}
    assert gateway.desk.dossier(gateway.caller(MAKER), dossier).steps == []
    with pytest.raises(NotFound):
        gateway.desk.dossier(gateway.caller(THIRD_INSURER), dossier)
    strange = gateway.desk.inbox(gateway.caller(THIRD_INSURER), Filter(limit=200)).entries
    assert dossier not in {each.dossier for each in strange}
