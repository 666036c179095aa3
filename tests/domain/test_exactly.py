"""An exception explains exactly what it causes and no more: two writings of the rule say the same of random lives."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.domain.conformity import CASE_OF_GROUP, Finding
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.life import explained_gaps
from app.domain.steps import Step
from tests.domain.exactly import COMPARED, ENDINGS, NAMED_BY_EXCHANGE, NAMED_BY_SUBSTITUTION, Account
from tests.domain.lives import THEMES, again, lives
from tests.domain.test_order import played
from tests.domain.trade import Trade
from tests.domain.trades import FOCI, trades

BITS = range(len(COMPARED))
EXCEPTIONS = frozenset({Kind.SUBSTITUTED, Kind.EXCHANGED, Kind.ERROR_DECLARED, *ENDINGS})
MANY = 5
MUTE = frozenset({Kind.ANSWERED, Kind.RENEWAL_STATED, Kind.BREAKAGE_REPLACED, Kind.COVER_REQUESTED})
NO_HURRY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def reported(trade: Trade, item: bytes) -> dict[int, set[Kind]]:
    """What the code says justifies each mismatch."""
    return {bit: set(kinds) for bit, kinds in bits_of(trade.shelf, item).by.items()}


def compared(trade: Trade, item: bytes) -> dict[int, Finding]:
    """The cases of an item that a comparison shows, by bit."""
    shown = {
        finding.comparison.name + finding.comparison.group: finding
        for finding in trade.judged(item).findings
        if finding.comparison
    }
    return {bit: shown[key] for bit in BITS if (key := key_of(bit)) in shown}


def key_of(bit: int) -> str:
    """How the code names a comparison."""
    ones, other, group = COMPARED[bit]
    return f"{ones[0].label} = {other.label}{group}"


def agree(trade: Trade) -> set[tuple[Kind, int]]:
    """Hold both writings against each other; returns which kind explained which mismatch."""
    account, explained = Account(trade.seen), set[tuple[Kind, int]]()
    for item in trade.shelf.items:
        bits, by, ended = bits_of(trade.shelf, item), account.by(item), account.ended_by(item)
        assert bits.mismatches == sum(1 << bit for bit in account.counted(item))
        assert reported(trade, item) == by
        findings = compared(trade, item)
        assert set(findings) == account.counted(item)
        for bit, finding in findings.items():
            assert finding.case is CASE_OF_GROUP[COMPARED[bit][2]]
            assert set(finding.by) <= by.get(bit, ended)
            assert finding.justified is bool(by.get(bit, ended))
            explained |= {(kind, bit) for kind in finding.by}
        gaps = explained_gaps(trade.shelf, item, trade.item(item))
        assert (None if gaps is None else set(gaps)) == account.gap_reasons(item)
    return explained


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=150, suppress_health_check=NO_HURRY)
@given(data=st.data())
def test_what_is_justified_is_what_the_protocol_says_and_nothing_else(theme: str, data: st.DataObject) -> None:
    for kind, bit in agree(data.draw(lives(theme))):
        event(f"{kind.label} explains {bit}")


def names(step: Step) -> frozenset[int]:
    """The mismatches that an exception may justify at all; what ends an item justifies it whole, not one of them."""
    if step.kind is Kind.ERROR_DECLARED:
        return frozenset({step.occurrence})
    return {Kind.SUBSTITUTED: NAMED_BY_SUBSTITUTION, Kind.EXCHANGED: NAMED_BY_EXCHANGE}.get(step.kind, frozenset())


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=60, suppress_health_check=NO_HURRY)
@given(data=st.data())
def test_an_exception_more_or_less_changes_no_mismatch_that_it_does_not_name(theme: str, data: st.DataObject) -> None:
    trade = data.draw(lives(theme))
    places = [place for place, each in enumerate(trade.seen) if each.step.kind in EXCEPTIONS | MUTE]
    for place in places:
        less, step = again(trade, [place]), trade.seen[place].step
        for item in trade.shelf.items:
            named = names(step) if step.subject == item else frozenset()
            with_it, without_it = reported(trade, item), reported(less, item)
            changed = {bit for bit in BITS if with_it.get(bit) != without_it.get(bit)}
            assert changed <= named
            appeared = differing(trade, item) ^ differing(less, item)
            assert appeared <= (named & {5, 6, 7} if step.kind is Kind.EXCHANGED else frozenset())
    bare = again(trade, places)
    assert not any(finding.by for item in bare.shelf.items for finding in bare.judged(item).findings)


def differing(trade: Trade, item: bytes) -> set[int]:
    """The mismatches of an item as the ledger keeps them."""
    return {bit for bit in BITS if trade.item(item).mismatches >> bit & 1}


@pytest.mark.parametrize("focus", FOCI)
@settings(max_examples=40, suppress_health_check=NO_HURRY)
@given(data=st.data())
def test_it_is_in_random_trades_of_everybody_too(focus: str, data: st.DataObject) -> None:
    agree(played(data.draw(trades(FOCI[focus])), []))


def test_each_exception_is_seen_to_explain_each_mismatch_that_it_names_many_times() -> None:
    seen: Counter[tuple[Kind, int]] = Counter()
    for theme in THEMES:

        @settings(max_examples=300, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        @given(trade=lives(theme))
        def play(trade: Trade) -> None:
            seen.update(agree(trade))

        play()
    named = {(Kind.SUBSTITUTED, bit) for bit in NAMED_BY_SUBSTITUTION}
    named |= {(Kind.EXCHANGED, bit) for bit in NAMED_BY_EXCHANGE} | {(Kind.ERROR_DECLARED, bit) for bit in BITS}
    assert {pair for pair in seen if pair[0] not in ENDINGS} == named
    assert sorted(pair for pair in named if seen[pair] < MANY) == []
    assert {kind for kind, _ in seen} == EXCEPTIONS
