"""An error that the insurer did not know at its check is told, once, though it may explain nothing any more."""

from typing import Any

from tests.gateway.sales import PRICE
from tests.pipeline.test_told_once import check, sold, told
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, SHOP

DEAR = {**PRICE, "amount": "999.00"}


def declare(gateway: Pipeline, item: str) -> None:
    """Let the optician declare that the price of its quote was wrong."""
    error: dict[str, Any] = {"type": "error_declared", "item": item, "comparison": "quoted = invoiced"}
    error |= {"group": "price", "in_error": "quoted", "nature": "incorrect_data", "corrected": DEAR}
    (event,) = gateway.record(SHOP, error)
    gateway.turn()
    assert gateway.events(SHOP, [event.id])[0].status == "anchored"


def test_an_error_declared_after_the_check_is_told_though_nothing_changes(bench: Bench) -> None:
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "error-after-1")
    other, _ = sold(gateway, "error-other-1")
    assert [check(gateway, each) for each in (dossier, other)] == ["conform", "conform"]
    declare(gateway, item)
    (news,) = told(gateway, INSURER, dossier=dossier)
    assert (news.before.verdict, news.after) == ("conform", news.before)
    assert news.step is not None
    assert (news.cause, news.step.kind, news.step.item) == ("step", "error_declared", item)
    assert told(gateway, INSURER, dossier=other) == []
    assert [told(gateway, party, dossier=dossier) for party in (OTHER_INSURER, SHOP, MAKER)] == [[], [], []]


def test_an_error_that_the_insurer_knew_when_it_checked_is_not_told(bench: Bench) -> None:
    clock = ShiftedClock()
    gateway = bench.pipeline(clock=clock)
    dossier, item = sold(gateway, "error-before-1")
    declare(gateway, item)
    # A chain that makes many blocks at once dates them ahead of the clock.
    clock.ahead = 60
    check(gateway, dossier)
    assert told(gateway, INSURER, dossier=dossier) == []


def test_it_is_told_once_though_the_chain_takes_the_step_back_and_brings_it_again(bench: Bench) -> None:
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "error-again-1")
    check(gateway, dossier)
    declare(gateway, item)
    (before,) = told(gateway, INSURER, dossier=dossier)
    bench.ask("anvil_reorg", 1, [])
    gateway.turn(80)
    (after,) = told(gateway, INSURER, dossier=dossier)
    assert before.step is not None
    assert after.step is not None
    assert before.step.block < after.step.block, "it came again, in another block"
    assert gateway.mirror() == bench.replay()
