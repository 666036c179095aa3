"""Trades drawn at random: what each of eight parties signs, of every kind, in an order of its own."""

from collections.abc import Callable, Mapping, Sequence

from hypothesis import strategies as st

from app.domain import details
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.steps import GROUPS, Step
from tests.domain.trade import (
    AUDITOR,
    DOSSIER,
    FIRST,
    ITEM,
    LOT,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    RIVAL,
    SECOND,
    START,
    name,
    nullifier,
    root,
    unit_leaves,
    unit_path,
    unit_words,
)

HOURS = st.integers(0, 200).map(lambda hour: START + hour * 1800)
LATER, LATER_ITEM = name("later"), name("later item")
"""A second sale of the same shop, to replace what broke."""
FOREIGN, FOREIGN_ITEM, FOREIGN_OTHER = name("sale", RIVAL), name("lens", RIVAL), name("frame", RIVAL)
"""A sale of another shop."""
HOME = {ITEM: DOSSIER, NEXT: DOSSIER, LATER_ITEM: LATER, FOREIGN_ITEM: FOREIGN, FOREIGN_OTHER: FOREIGN}
DOSSIERS = (DOSSIER, LATER, FOREIGN)
OWN = {OPTICIAN: (ITEM, ITEM, NEXT, LATER_ITEM), RIVAL: (FOREIGN_ITEM, FOREIGN_ITEM, FOREIGN_OTHER)}
DEVICES = st.sampled_from("uuv")
"""Two devices go round among all items."""

OPTICIANS_ERRORS = ((9, Kind.QUOTED), (9, Kind.INVOICED), (4, Kind.ORDERED), (12, Kind.DELIVERED))
GLASSMAKERS_ERRORS = ((4, Kind.ORDERED), (12, Kind.DELIVERED), (2, Kind.MANUFACTURED))

Steps = list[Step]
Queue = tuple[int, Steps]
Drawing = Callable[[st.DrawFn, Kind, int], Step]
"""Of a kind, for a party."""


def some(draw: st.DrawFn, kind: Kind) -> tuple[bytes, ...]:
    """Roots of a kind, most of them agreed."""
    return tuple(root(group, draw(st.sampled_from(["", "", "", "other"]))) for group in GROUPS[kind])


def _numbered(draw: st.DrawFn, kind: Kind, subject: bytes, detail: bytes, words: Sequence[bytes] = ()) -> Step:
    return Step(kind, draw(st.integers(0, 1)), draw(HOURS), subject, detail, tuple(words))


# -- opticians --

SHOP = (
    *(Kind.QUOTED, Kind.QUOTED, Kind.ORDERED, Kind.ORDERED, Kind.DRAWN, Kind.RECEIVED, Kind.MOUNTED, Kind.DELIVERED),
    *(Kind.DELIVERED, Kind.INVOICED, Kind.INVOICED, Kind.INVOICED, Kind.WITHDRAWN, Kind.SUBSTITUTED, Kind.CANCELLED),
    *(Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING, Kind.RETURNED, Kind.EXCHANGED, Kind.ERROR_DECLARED),
    *(Kind.ERROR_DECLARED, Kind.COVER_REQUESTED, Kind.COVER_CANCELLED, Kind.BREAKAGE_REPLACED, Kind.RENEWAL_STATED),
    *(Kind.ANSWERED, Kind.ERASED, Kind.LOT_TRANSFERRED),
)
_FROM_STOCK = (NEXT, FOREIGN_OTHER)
"""Drawn and never ordered: a shop that says both of one item decides by its own order which of them is recorded."""


def _shops(draw: st.DrawFn, kind: Kind, party: int) -> Step:
    item, at = draw(st.sampled_from(OWN[party])), draw(HOURS)
    if kind is Kind.QUOTED:
        return _quote(draw, item, at, draw(st.sampled_from([MAKER, MAKER, OTHER_MAKER, 0])))
    if kind is Kind.DRAWN:
        unit = draw(st.integers(0, 1))
        words = (details.id_word(LOT), *unit_words(unit), *unit_path(unit, 2))
        return Step(kind, 0, at, _FROM_STOCK[party == RIVAL], details.drawn_detail(unit), words)
    if kind is Kind.ORDERED:
        item = OWN[party][0]
    if kind is Kind.INVOICED:
        return _invoice(draw, item, at)
    if kind is Kind.WITHDRAWN:
        number = draw(st.integers(0, 1))
        return Step(kind, number, at, HOME[item], details.occurrence_detail(number), (details.id_word(item),))
    if kind is Kind.EXCHANGED:
        return Step(kind, 0, at, NEXT, details.reason_detail(1), (details.id_word(ITEM),))
    if kind is Kind.ERROR_DECLARED:
        return _error(draw, item, at, OPTICIANS_ERRORS)
    if kind in _OF_A_SALE:
        return _of_a_sale(draw, kind, HOME[item])
    if kind is Kind.ERASED:
        return _erasure(draw, item, at)
    return Step(kind, 0, at, item, *_content(draw, kind)) if kind is not Kind.LOT_TRANSFERRED else _hand_on(draw)


def _quote(draw: st.DrawFn, item: bytes, at: int, maker: int) -> Step:
    if item == NEXT:
        words: tuple[bytes, ...] = (details.id_word(DOSSIER), details.id_word(ITEM))
        return Step(Kind.QUOTED, 0, at, NEXT, details.replacing_detail(maker), words)
    words = (details.id_word(HOME[item]), *some(draw, Kind.QUOTED))
    return Step(Kind.QUOTED, 0, at, item, details.quoted_detail(maker), words)


def _invoice(draw: st.DrawFn, item: bytes, at: int) -> Step:
    line = (details.invoiced_item_word(item), *some(draw, Kind.INVOICED))
    insurers = draw(st.sampled_from([[FIRST], [FIRST], [SECOND], [FIRST, SECOND]]))
    detail = details.invoiced_detail(draw(st.booleans()), insurers)
    words = (root("claim"), root("renewal"), *line)
    return Step(Kind.INVOICED, draw(st.integers(0, 1)), at, HOME[item], detail, words)


def _erasure(draw: st.DrawFn, subject: bytes, at: int) -> Step:
    """Of the whole record, or of some groups alone."""
    groups = draw(st.sampled_from([(), (), ("correction",), ("correction", "price")]))
    return Step(Kind.ERASED, 3 if groups else 0, at, subject, details.erased_detail(groups), ())


def _hand_on(draw: st.DrawFn) -> Step:
    return _numbered(draw, Kind.LOT_TRANSFERRED, LOT, details.party_detail(RIVAL))


_OF_A_SALE = frozenset(
    {Kind.COVER_REQUESTED, Kind.COVER_CANCELLED, Kind.BREAKAGE_REPLACED, Kind.RENEWAL_STATED, Kind.ANSWERED}
)


def _of_a_sale(draw: st.DrawFn, kind: Kind, dossier: bytes) -> Step:
    about = draw(st.integers(0, 1))
    if kind is Kind.BREAKAGE_REPLACED:
        first = draw(st.sampled_from([each for each in DOSSIERS if each != dossier]))
        return _numbered(draw, kind, dossier, details.NO_DETAIL, [details.id_word(first)])
    if kind is Kind.RENEWAL_STATED:
        return _numbered(draw, kind, dossier, details.NO_DETAIL, [root("statement")])
    if kind is Kind.COVER_CANCELLED:
        return _numbered(draw, kind, dossier, details.occurrence_detail(about))
    if kind is Kind.ANSWERED:
        answered = draw(st.sampled_from([Kind.DECIDED, Kind.OPENING_DEMANDED]))
        detail = details.answered_detail(draw(st.sampled_from([FIRST, AUDITOR])), about, answered)
        return _numbered(draw, kind, dossier, detail, [root("what answers")])
    insurer = draw(st.sampled_from([FIRST, SECOND]))
    return _numbered(draw, kind, dossier, details.party_detail(insurer), [root("cover")])


# -- steps on an item --


def _content(draw: st.DrawFn, kind: Kind) -> tuple[bytes, tuple[bytes, ...]]:
    """Detail and words of a step on an item."""
    if kind in (Kind.SHIPPED, Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.MOUNTED):
        return details.NO_DETAIL, ()
    if kind is Kind.ORDERED:
        return details.ordered_detail(), some(draw, kind)
    if kind is Kind.SUBSTITUTED:
        return details.substituted_detail(), some(draw, kind)
    if kind is Kind.DELIVERED:
        return details.NO_DETAIL, (*some(draw, kind), nullifier(draw(DEVICES)))
    if kind is Kind.MANUFACTURED:
        return details.manufactured_detail(draw(st.booleans())), (*some(draw, kind), nullifier(draw(DEVICES)))
    if kind is Kind.CREDITED:
        return details.reason_detail(1), (draw(st.sampled_from([nullifier("u"), nullifier("u"), _UNIT])),)
    return details.reason_detail(1), ()


_UNIT = unit_words(0)[0]
LOT_ROOT = merkle_root(unit_leaves(2))


def _error(draw: st.DrawFn, item: bytes, at: int, among: Sequence[tuple[int, Kind]]) -> Step:
    comparison, kind = draw(st.sampled_from(among))
    corrected = draw(st.sampled_from([None, root("price"), root("correction"), root("device")]))
    detail = details.error_detail(kind, 1 if corrected is None else 2)
    return Step(Kind.ERROR_DECLARED, comparison, at, item, detail, () if corrected is None else (corrected,))


# -- glassmakers, insurers, an auditor --

FACTORY = (
    *(Kind.MANUFACTURED, Kind.MANUFACTURED, Kind.MANUFACTURED, Kind.SHIPPED, Kind.SHIPPED, Kind.ACKNOWLEDGED),
    *(Kind.SUBSTITUTED, Kind.CANCELLED, Kind.CREDITED, Kind.CREDITED, Kind.ERROR_DECLARED, Kind.ERROR_DECLARED),
    *(Kind.ERASED, Kind.LOT_SHIPPED),
)


def _factories(draw: st.DrawFn, kind: Kind, party: int) -> Step:
    item, at = draw(st.sampled_from([*HOME, ITEM])), draw(HOURS)
    if kind is Kind.ERROR_DECLARED:
        return _error(draw, item, at, GLASSMAKERS_ERRORS)
    if kind is Kind.LOT_SHIPPED:
        return Step(kind, 0, at, name("lot", party), details.party_detail(OPTICIAN), (LOT_ROOT,))
    if kind is Kind.ERASED:
        return _erasure(draw, item, at)
    return Step(kind, 0, at, item, *_content(draw, kind))


OFFICE = (
    *(Kind.VERIFIED, Kind.VERIFIED, Kind.DECIDED, Kind.COVER_ANSWERED, Kind.OPENING_DEMANDED, Kind.ERASED),
    Kind.VERIFIED,
)
AUDIT = (Kind.OPENING_DEMANDED, Kind.OPENING_DEMANDED)


def _offices(draw: st.DrawFn, kind: Kind, _party: int) -> Step:
    dossier, about = draw(st.sampled_from([DOSSIER, DOSSIER, FOREIGN])), draw(st.integers(0, 1))
    if kind is Kind.VERIFIED:
        return Step(kind, about, draw(HOURS), dossier, details.verified_detail(1, 0, about), ())
    if kind is Kind.DECIDED:
        return _numbered(draw, kind, dossier, details.decided_detail(1, 1, 0, about))
    if kind is Kind.COVER_ANSWERED:
        return _numbered(draw, kind, dossier, details.cover_answered_detail(1, about), [root("grant")])
    if kind is Kind.ERASED:
        return _erasure(draw, dossier, draw(HOURS))
    item = details.id_word(draw(st.sampled_from(list(HOME))))
    return _numbered(draw, kind, dossier, details.demanded_detail(draw(st.integers(1, 7))), [item])


# -- together --

PARTIES: tuple[tuple[int, tuple[Kind, ...], Drawing], ...] = (
    (OPTICIAN, SHOP, _shops),
    (RIVAL, SHOP, _shops),
    (MAKER, FACTORY, _factories),
    (OTHER_MAKER, FACTORY, _factories),
    (FIRST, OFFICE, _offices),
    (SECOND, OFFICE, _offices),
    (AUDITOR, AUDIT, _offices),
)


FOCI: Mapping[str, frozenset[Kind]] = {
    "everything": frozenset(Kind),
    "devices": frozenset(
        {Kind.MANUFACTURED, Kind.DELIVERED, Kind.CREDITED, Kind.DRAWN, Kind.LOT_SHIPPED, Kind.LOT_TRANSFERRED}
    ),
    "exchanges": frozenset(
        {Kind.QUOTED, Kind.MANUFACTURED, Kind.DELIVERED, Kind.INVOICED, Kind.WITHDRAWN, Kind.EXCHANGED, Kind.CREDITED}
    ),
    "errors": frozenset(
        {Kind.ORDERED, Kind.MANUFACTURED, Kind.SUBSTITUTED, Kind.ERROR_DECLARED, Kind.CANCELLED, Kind.VERIFIED}
    ),
    "claims": frozenset(
        {Kind.INVOICED, Kind.VERIFIED, Kind.DECIDED, Kind.BREAKAGE_REPLACED, Kind.DELIVERED, Kind.CANCELLED}
    ),
}
"""What a trade is about: with all kinds it is long and thin, with a few the same things are said again and again."""


@st.composite
def trades(draw: st.DrawFn, focus: frozenset[Kind]) -> list[Queue]:
    """What each party signs, in an order of its own; both shops quote first, as nothing can be said before."""
    queues = []
    for party, kinds, drawing in PARTIES:
        quoted = [_quote(draw, item, draw(HOURS), MAKER) for item in dict.fromkeys(OWN.get(party, ())) if item != NEXT]
        about = [kind for kind in kinds if kind in focus] * (1 if len(focus) == len(Kind) else 2)
        most = [kind for kind in draw(st.permutations(about)) if draw(st.integers(0, 4))]
        queues.append((party, quoted + [drawing(draw, kind, party) for kind in most]))
    return queues
