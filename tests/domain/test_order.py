"""The order in which different parties' steps arrive decides nothing: random trades, played in random orders."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.conformity import Finding, dossier_findings, judged_dossier, judged_item
from app.domain.facts import DUPLICATE
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from app.domain.shapes import is_well_formed
from app.domain.steps import Step
from tests.domain.trade import START, Trade
from tests.domain.trades import FOCI, PARTIES, Queue, trades

TURNS = st.lists(st.integers(0, len(PARTIES) - 1), max_size=80)


def played(queues: Sequence[Queue], turns: Sequence[int]) -> Trade:
    """Each party hands in its own steps in its own order, what waits again and again, until nothing moves."""
    trade = Trade(now=START + 400 * 1800)
    left = [(party, list(steps)) for party, steps in queues]
    for turn in turns:
        _next(trade, *left[turn % len(left)])
    moved = True
    while moved:
        moved = sum(_next(trade, party, steps) for party, steps in left) > 0
    return trade


def _next(trade: Trade, party: int, steps: list[Step]) -> bool:
    """Hand in a party's first step that does not wait; returns whether there was one."""
    settled = next((step for step in steps if not _waits(trade.take(party, step))), None)
    if settled is not None:
        steps.remove(settled)
    return settled is not None


def _waits(found: Outcome) -> bool:
    return found is not Outcome.RECORDED and not found.final


def said(trade: Trade) -> object:
    """
    Everything that can be said of the trade in the end.

    Only the ledger's mark of a duplicate is left out: it says that two items shared a device at some moment.
    """
    shelf, reading = trade.shelf, trade.reading()
    items = {
        name: (state.packed & ~(DUPLICATE << 48), state.exceptions, bits_of(shelf, name))
        for name, state in sorted(shelf.items.items())
    }
    judged = {name: judged_item(shelf, name, reading) for name in items}
    dossiers = {
        name: (state, _cases(dossier_findings(shelf, name)), judged_dossier(shelf, name, reading))
        for name, state in shelf.dossiers.items()
    }
    return items, judged, dossiers, shelf.lots


def _cases(findings: Sequence[Finding]) -> list[str]:
    return [finding.case.name for finding in findings]


@pytest.mark.parametrize("focus", FOCI)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), turns=TURNS)
def test_every_order_of_arrival_ends_in_the_same_states_and_verdicts(
    focus: str, data: st.DataObject, turns: list[int]
) -> None:
    queues = data.draw(trades(FOCI[focus]))
    assert all(is_well_formed(step) for _, steps in queues for step in steps)
    assert said(played(queues, [])) == said(played(queues, turns))


def test_random_trades_record_every_kind() -> None:
    recorded: set[Kind] = set()

    @settings(max_examples=100, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(trades(FOCI["everything"]))
    def play(queues: list[Queue]) -> None:
        recorded.update(one.step.kind for one in played(queues, []).seen)

    play()
    assert recorded == set(Kind)
