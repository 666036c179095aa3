"""
Lives of two lenses or frames drawn at random, the second in the first one's place, with every exception there is.

Each exception is whole more often than not, and lacks one of its conditions otherwise: another word, another moment, a
party that is silent. What does not fit is refused by the rules, and is not part of the history.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st

from app.domain import details
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.outcomes import Outcome
from app.domain.steps import GROUPS
from tests.domain.exactly import COMPARED, Account
from tests.domain.trade import (
    DOSSIER,
    FIRST,
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    START,
    Trade,
    name,
    root,
    unit_leaves,
)

EARLIER, EARLIER_ITEM, BETWEEN = name("earlier"), name("earlier item"), name("between")
MOMENTS = st.integers(0, 60).map(lambda minute: START + minute * 60)
SELDOM = st.sampled_from([False] * 5 + [True])
OFTEN = SELDOM.map(lambda drawn: not drawn)
ENDS = (Kind.CANCELLED, Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING, Kind.RETURNED)
THEMES = ("substituted", "exchanged", "error_declared", "ended")
"""What a life is about: of everything a little, and of this more."""
Move = Callable[[], object]


@st.composite
def lives(draw: st.DrawFn, theme: str) -> Trade:
    """What was recorded of such lives; `seen` are the steps, with which the same can be played again."""
    trade = Trade()
    maker = draw(st.sampled_from([MAKER, MAKER, 0])) if theme in ("error_declared", "ended") else MAKER
    trade.quote(maker=maker, **_values(draw, Kind.QUOTED))
    _moved(draw, [*_life(draw, trade, ITEM, maker, theme), *_exceptions(draw, trade, ITEM, maker, theme)])
    if theme == "exchanged" or draw(st.booleans()):
        _replaced(draw, trade, maker, theme)
    if theme == "exchanged" and draw(SELDOM):
        trade.because(OPTICIAN, Kind.RETURNED)
        trade.credit()
        trade.withdraw()
    if draw(SELDOM):
        trade.withdraw()
    if draw(SELDOM):
        trade.check(at=draw(MOMENTS))
    for item in trade.shelf.items_of(DOSSIER):
        _errors(draw, trade, item, theme)
    _what_explains_nothing(draw, trade)
    return trade


def _replaced(draw: st.DrawFn, trade: Trade, maker: int, theme: str) -> None:
    """The second item, of the same glassmaker or another, exchanged for the first or not; seldom with one between."""
    maker = OTHER_MAKER if draw(SELDOM) else maker
    replaced = BETWEEN if draw(SELDOM) else ITEM
    if replaced == BETWEEN:
        trade.replace(BETWEEN, ITEM, maker)
    trade.replace(NEXT, replaced, maker)
    moves = [*_life(draw, trade, NEXT, maker, theme), *_exceptions(draw, trade, NEXT, maker, theme)]
    if theme == "exchanged" or draw(SELDOM):
        moves.append(partial(trade.exchange, at=draw(MOMENTS)))
    _moved(draw, moves)


def again(trade: Trade, without: Sequence[int] = ()) -> Trade:
    """The same steps in the same order, but for those at these places."""
    fresh = Trade()
    for number, each in enumerate(trade.seen):
        if number not in without:
            fresh.take(each.party, each.step, each.block_time)
    return fresh


def _moved(draw: st.DrawFn, moves: Sequence[Move]) -> None:
    for move in draw(st.permutations(moves)):
        move()


def _values(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """A variant for each group, mostly the agreed one."""
    return {group: draw(st.sampled_from(["", "", "new"])) for group in GROUPS[kind]}


def _life(draw: st.DrawFn, trade: Trade, item: bytes, maker: int, theme: str) -> list[Move]:
    """Ordered or drawn, made, delivered, invoiced; what is to be exchanged is as invoiced, and delivered early."""
    first_of_two = theme == "exchanged" and item == ITEM
    version = draw(st.sampled_from([1] * 7 + [2]))
    made, lines = _values(draw, Kind.MANUFACTURED), _values(draw, Kind.INVOICED)
    if first_of_two and draw(OFTEN):
        lines |= {group: made[group] for group in ("product", "supplements", "coding")}
    delivered = START if first_of_two else draw(MOMENTS)
    moves: list[Move] = [
        partial(trade.order, item, version, **_values(draw, Kind.ORDERED)),
        partial(trade.make, item, maker=maker, warranty=draw(OFTEN), at=draw(MOMENTS), **made),
        partial(trade.deliver, item, at=delivered, **_values(draw, Kind.DELIVERED)),
    ]
    if draw(SELDOM):
        lot = name("lot", maker or MAKER)
        trade.ship_lot(merkle_root(unit_leaves(2)), lot)
        moves[:2] = [partial(trade.draw, item, lot=lot, count=2)]
    if draw(SELDOM):
        moves.pop(draw(st.integers(0, len(moves) - 1)))
    billed = draw(SELDOM if theme == "ended" or (theme == "exchanged" and item == NEXT) else OFTEN)
    return [*moves, partial(trade.bill, item, occurrence=int(item == NEXT), **lines)] if billed else moves


def _exceptions(draw: st.DrawFn, trade: Trade, item: bytes, maker: int, theme: str) -> list[Move]:
    """Substituted by both, by one, or in two ways; cancelled, refused, broken, returned and credited."""
    moves: list[Move] = []
    if draw(OFTEN if theme == "substituted" else SELDOM):
        said = _values(draw, Kind.SUBSTITUTED)
        theirs = _values(draw, Kind.SUBSTITUTED) if draw(SELDOM) else said
        for party, values in ((OPTICIAN, said), (maker, theirs)):
            early = START if draw(st.booleans()) else draw(MOMENTS)
            moves += [partial(trade.substitute, party, item, early, **values)] if draw(OFTEN) else []
    end = draw(st.sampled_from(ENDS)) if theme == "ended" else None
    for kind in ENDS:
        if kind is not end and not draw(SELDOM):
            continue
        moves.append(partial(trade.because, OPTICIAN, kind, item, draw(MOMENTS)))
        if kind is Kind.RETURNED and draw(OFTEN):
            moves.append(partial(trade.credit, item))
    if draw(SELDOM):
        moves.append(partial(trade.because, maker, Kind.CANCELLED, item))
    return moves


def _errors(draw: st.DrawFn, trade: Trade, item: bytes, theme: str) -> None:
    """Errors are declared in what differs, mostly to the root of the other side, and seldom in what does not."""
    account = Account(trade.seen)
    for bit, (ones, other, group) in enumerate(COMPARED):
        often = theme == "error_declared" and bit in account.mismatches(item)
        if not draw(OFTEN if often else SELDOM):
            continue
        second = draw(st.booleans())
        kind = other if second else ones[0]
        found = [value for _, value in account.side(item, bit, second=not second)]
        corrected = draw(st.sampled_from([*found * 4, root(group, "third"), None]))
        if corrected is None and kind not in (Kind.ORDERED, Kind.MANUFACTURED, Kind.DELIVERED):
            corrected = root(group, "third")
        trade.err(OPTICIAN, bit, kind, corrected, item, draw(MOMENTS))
        if draw(OFTEN):
            theirs = root(group, "fourth") if draw(SELDOM) else corrected
            for maker in (MAKER, OTHER_MAKER):
                trade.err(maker, bit, kind, theirs, item, draw(MOMENTS))


def _what_explains_nothing(draw: st.DrawFn, trade: Trade) -> None:
    """Steps that explain no mismatch: an answer, a statement of renewal, a breakage, a request for cover."""
    trade.quote(EARLIER_ITEM, dossier=EARLIER)
    answer = details.answered_detail(FIRST, 0, Kind.DECIDED)
    steps = {
        Kind.ANSWERED: (answer, [root("what answers")]),
        Kind.RENEWAL_STATED: (details.NO_DETAIL, [root("statement")]),
        Kind.BREAKAGE_REPLACED: (details.NO_DETAIL, [details.id_word(EARLIER)]),
        Kind.COVER_REQUESTED: (details.party_detail(FIRST), [root("cover")]),
    }
    for kind, (detail, words) in steps.items():
        if draw(SELDOM):
            assert trade.say(OPTICIAN, kind, DOSSIER, detail, words) is Outcome.RECORDED
