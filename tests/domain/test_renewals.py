"""What explains an early renewal, and what does not: every combination of conditions, against the protocol."""

from itertools import product
from typing import NamedTuple

import pytest

from app.domain import details
from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from app.domain.renewals import renewal_explained
from app.domain.standing import seen_by, standing_of
from tests.domain.trade import DAY, DOSSIER, FIRST, ITEM, NEXT, OPTICIAN, SECOND, Trade, name, root

LATER, THIRD = name("later"), name("third")
FALSE_RENEWAL = 1 << Case.FALSE_RENEWAL


class Told(NamedTuple):
    """What is on the ledger of a second sale, and of the first one that it may say was broken."""

    stated: bool
    replaced: bool
    delivered: bool
    cancelled: bool
    in_time: bool
    named_twice: bool
    known_to_insurer: bool

    @property
    def explained_by(self) -> set[Kind]:
        """A statement, or a replaced breakage that is no FALSE_BREAKAGE, of a sale that came to this insurer."""
        live = self.delivered and not self.cancelled
        rightly = self.replaced and live and self.in_time and not self.named_twice and self.known_to_insurer
        return {
            *((Kind.RENEWAL_STATED,) if self.stated else ()),
            *((Kind.BREAKAGE_REPLACED,) if rightly else ()),
        }


def play(told: Told) -> Trade:
    """Two sales of frames, and what is said of the second; an answer and a cover beside it, which explain nothing."""
    trade = Trade()
    trade.quote(maker=0)
    if told.delivered:
        trade.deliver()
    if told.cancelled:
        trade.because(OPTICIAN, Kind.CANCELLED)
    trade.bill(insurers=[FIRST if told.known_to_insurer else SECOND])
    trade.now += (100 if told.in_time else 800) * DAY
    trade.quote(NEXT, maker=0, dossier=LATER)
    trade.deliver(NEXT)
    trade.bill(NEXT, dossier=LATER, insurers=[FIRST])
    if told.replaced:
        trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, LATER, words=[details.id_word(DOSSIER)])
    if told.named_twice:
        trade.quote(name("third item"), maker=0, dossier=THIRD)
        trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, THIRD, words=[details.id_word(DOSSIER)])
    if told.stated:
        trade.say(OPTICIAN, Kind.RENEWAL_STATED, LATER, words=[root("statement")])
    trade.say(OPTICIAN, Kind.ANSWERED, LATER, details.answered_detail(FIRST, 0, Kind.DECIDED), [root("answer")])
    trade.say(OPTICIAN, Kind.COVER_REQUESTED, LATER, details.party_detail(FIRST), [root("cover")])
    assert trade.item(ITEM).has(Kind.DELIVERED) is told.delivered
    return trade


@pytest.mark.parametrize("told", [Told(*drawn) for drawn in product((False, True), repeat=len(Told._fields))])
def test_an_early_renewal_is_explained_by_what_the_protocol_names_and_by_nothing_else(told: Told) -> None:
    trade = play(told)
    assert set(renewal_explained(trade.shelf, LATER, FIRST)) == told.explained_by
    now = standing_of(trade.shelf, LATER, trade.reading())
    assert not now.mask & FALSE_RENEWAL
    assert seen_by(trade.shelf, LATER, FIRST, now) == now
    found = details.verified_detail(Verdict.NON_CONFORM, FALSE_RENEWAL, 0)
    assert trade.say(FIRST, Kind.VERIFIED, LATER, found) is Outcome.RECORDED
    seen = seen_by(trade.shelf, LATER, FIRST, now)
    assert seen.mask == now.mask | FALSE_RENEWAL
    assert seen.verdict is max(now.verdict, Verdict.JUSTIFIED if told.explained_by else Verdict.NON_CONFORM)
    assert seen_by(trade.shelf, LATER, SECOND, now) == now
