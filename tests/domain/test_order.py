"""The order in which different parties' steps arrive decides nothing: random trades, played in random orders."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import details
from app.domain.conformity import Finding, dossier_findings, judged_item
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from app.domain.shapes import is_well_formed
from app.domain.steps import GROUPS, Step
from tests.domain.trade import (
    DOSSIER,
    FIRST,
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    START,
    Trade,
    nullifier,
    root,
)

HOURS = st.integers(0, 200).map(lambda hour: START + hour * 1800)
ITEMS = st.sampled_from([ITEM, ITEM, NEXT])
OPTICIANS_ERRORS = ((9, Kind.QUOTED), (9, Kind.INVOICED), (4, Kind.ORDERED), (12, Kind.DELIVERED))
GLASSMAKERS_ERRORS = ((4, Kind.ORDERED), (12, Kind.DELIVERED), (2, Kind.MANUFACTURED))


def some(draw: st.DrawFn, kind: Kind) -> tuple[bytes, ...]:
    """Roots of a kind, most of them agreed."""
    return tuple(root(group, draw(st.sampled_from(["", "", "", "other"]))) for group in GROUPS[kind])


@st.composite
def opticians_steps(draw: st.DrawFn) -> list[Step]:
    """What an optician signs about two items, the second perhaps in the first one's place; in an order of its own."""
    maker = draw(st.sampled_from([MAKER, MAKER, MAKER, 0]))
    words = (details.id_word(DOSSIER), *some(draw, Kind.QUOTED))
    found = [Step(Kind.QUOTED, 0, draw(HOURS), ITEM, details.quoted_detail(maker), words)]
    return found + [_opticians(draw, kind) for kind in draw(_most_of(OPTICIANS))]


@st.composite
def _most_of(draw: st.DrawFn, kinds: Sequence[Kind]) -> list[Kind]:
    """Most of these kinds, in any order."""
    return [kind for kind in draw(st.permutations(kinds)) if draw(st.integers(0, 4))]


OPTICIANS = (
    Kind.QUOTED,
    Kind.ORDERED,
    Kind.ORDERED,
    Kind.RECEIVED,
    Kind.DELIVERED,
    Kind.DELIVERED,
    Kind.INVOICED,
    Kind.INVOICED,
    Kind.WITHDRAWN,
    Kind.SUBSTITUTED,
    Kind.CANCELLED,
    Kind.REFUSED_ON_ARRIVAL,
    Kind.RETURNED,
    Kind.EXCHANGED,
    Kind.ERROR_DECLARED,
    Kind.ERROR_DECLARED,
)


def _opticians(draw: st.DrawFn, kind: Kind) -> Step:
    item, at = draw(ITEMS), draw(HOURS)
    if kind is Kind.QUOTED:
        words = (details.id_word(DOSSIER), details.id_word(ITEM))
        return Step(kind, 0, at, NEXT, details.replacing_detail(MAKER), words)
    if kind is Kind.INVOICED:
        line = (details.invoiced_item_word(item), *some(draw, kind))
        detail = details.invoiced_detail(draw(st.booleans()), [FIRST])
        return Step(kind, draw(st.integers(0, 1)), at, DOSSIER, detail, (root("claim"), root("renewal"), *line))
    if kind is Kind.WITHDRAWN:
        number = draw(st.integers(0, 1))
        return Step(kind, number, at, DOSSIER, details.occurrence_detail(number), (details.id_word(item),))
    if kind is Kind.EXCHANGED:
        return Step(kind, 0, at, NEXT, details.reason_detail(1), (details.id_word(ITEM),))
    if kind is Kind.ERROR_DECLARED:
        return _error(draw, item, at, OPTICIANS_ERRORS)
    return _item_step(draw, kind, item, at)


def _item_step(draw: st.DrawFn, kind: Kind, item: bytes, at: int) -> Step:
    contents = {
        Kind.ORDERED: (details.ordered_detail(), some(draw, Kind.ORDERED)),
        Kind.MANUFACTURED: (
            details.manufactured_detail(draw(st.booleans())),
            (*some(draw, Kind.MANUFACTURED), nullifier(draw(st.sampled_from("uv")))),
        ),
        Kind.DELIVERED: (details.NO_DETAIL, (*some(draw, Kind.DELIVERED), nullifier(draw(st.sampled_from("uv"))))),
        Kind.SUBSTITUTED: (details.substituted_detail(), some(draw, Kind.SUBSTITUTED)),
        Kind.SHIPPED: (details.NO_DETAIL, ()),
        Kind.RECEIVED: (details.NO_DETAIL, ()),
        Kind.ACKNOWLEDGED: (details.NO_DETAIL, ()),
        Kind.CREDITED: (details.reason_detail(1), (nullifier("w"),)),
    }
    detail, words = contents.get(kind, (details.reason_detail(1), ()))
    return Step(kind, 0, at, item, detail, words)


def _error(draw: st.DrawFn, item: bytes, at: int, among: Sequence[tuple[int, Kind]]) -> Step:
    comparison, kind = draw(st.sampled_from(among))
    corrected = draw(st.sampled_from([None, root("price"), root("correction"), root("device")]))
    detail = details.error_detail(kind, 1 if corrected is None else 2)
    return Step(Kind.ERROR_DECLARED, comparison, at, item, detail, () if corrected is None else (corrected,))


GLASSMAKERS = (
    Kind.MANUFACTURED,
    Kind.MANUFACTURED,
    Kind.SHIPPED,
    Kind.ACKNOWLEDGED,
    Kind.SUBSTITUTED,
    Kind.CANCELLED,
    Kind.CREDITED,
    Kind.ERROR_DECLARED,
    Kind.ERROR_DECLARED,
)


@st.composite
def glassmakers_steps(draw: st.DrawFn) -> list[Step]:
    """What a glassmaker signs about the two items, in an order of its own."""
    return [
        _error(draw, draw(ITEMS), draw(HOURS), GLASSMAKERS_ERRORS)
        if kind is Kind.ERROR_DECLARED
        else _item_step(draw, kind, draw(ITEMS), draw(HOURS))
        for kind in draw(_most_of(GLASSMAKERS))
    ]


@st.composite
def insurers_steps(draw: st.DrawFn) -> list[Step]:
    """The checks of an insurer."""
    numbers = draw(st.lists(st.integers(0, 1), max_size=2, unique=True))
    return [Step(Kind.VERIFIED, n, draw(HOURS), DOSSIER, details.verified_detail(1, 0, n), ()) for n in numbers]


Queue = tuple[int, list[Step]]


def played(queues: Sequence[Queue], turns: Sequence[int]) -> Trade:
    """Each party hands in its own steps in its own order, what waits again and again, until nothing moves."""
    trade = Trade(now=START + 400 * 1800)
    left = [(party, list(each)) for party, each in queues]
    for turn in [*turns, *range(3 * 25)]:
        party, steps = left[turn % len(left)]
        settled = next((step for step in steps if not _waits(trade.take(party, step))), None)
        if settled is not None:
            steps.remove(settled)
    return trade


def _waits(found: Outcome) -> bool:
    return found is not Outcome.RECORDED and not found.final


def said(trade: Trade) -> object:
    """Everything that can be said of the trade in the end."""
    items = {
        name: (state.packed & ((1 << 48) - 1), state.packed >> 48, state.exceptions, bits_of(trade.shelf, name))
        for name, state in sorted(trade.shelf.items.items())
    }
    judged = {name: judged_item(trade.shelf, name, trade.reading()) for name in items}
    return items, judged, trade.shelf.dossiers, _cases(dossier_findings(trade.shelf, DOSSIER))


def _cases(findings: Sequence[Finding]) -> list[str]:
    return [finding.case.name for finding in findings]


@settings(max_examples=200)
@given(opticians_steps(), glassmakers_steps(), insurers_steps(), st.lists(st.integers(0, 2), max_size=40))
def test_every_order_of_arrival_ends_in_the_same_states_and_verdicts(
    shop: list[Step], factory: list[Step], office: list[Step], turns: list[int]
) -> None:
    assert all(is_well_formed(step) for step in (*shop, *factory, *office))
    queues = [(OPTICIAN, shop), (MAKER, factory), (FIRST, office)]
    assert said(played(queues, [])) == said(played(queues, turns))
