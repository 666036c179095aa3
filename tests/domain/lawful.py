"""Strategies for steps that a ledger takes: every kind, with random content."""

from hypothesis import strategies as st

from app.domain import steps
from app.domain.steps import GROUPS, INVOICE_GROUPS, Kind, Step

PARTIES = st.integers(1, (1 << 32) - 1)
MOMENTS = st.integers(0, (1 << 40) - 1)
ROOTS = st.binary(min_size=32, max_size=32).filter(any)


@st.composite
def identifiers(draw: st.DrawFn, party: int | None = None) -> bytes:
    """An identifier of 16 bytes that begins with its maker's number."""
    creator = draw(PARTIES) if party is None else party
    return creator.to_bytes(4, "big") + draw(st.binary(min_size=12, max_size=12))


def roots(count: int) -> st.SearchStrategy[tuple[bytes, ...]]:
    """So many roots, none of them zero."""
    return st.tuples(*[ROOTS] * count)


@st.composite
def lawful_steps(draw: st.DrawFn, *among: Kind) -> Step:
    """A well-formed step of any kind."""
    kind = draw(st.sampled_from(among or tuple(Kind)))
    subject, claimed = draw(identifiers()), draw(MOMENTS)
    occurrence = draw(st.integers(0, 255)) if kind in steps.DOSSIER_KINDS else 0
    detail, words = _content(draw, kind)
    return Step(kind, occurrence, claimed, subject, detail, words)


def _content(draw: st.DrawFn, kind: Kind) -> tuple[bytes, tuple[bytes, ...]]:
    count = len(GROUPS[kind])
    if kind is Kind.QUOTED:
        maker = draw(st.just(0) | PARTIES)
        return steps.quoted_detail(maker), (steps.item_word(draw(identifiers())), *draw(roots(count)))
    items = draw(st.lists(identifiers(), min_size=1, max_size=3, unique=True))
    if kind is Kind.INVOICED:
        insurers = draw(st.lists(PARTIES, max_size=2, unique=True))
        lines = [word for item in items for word in (steps.invoiced_item_word(item), *draw(roots(count)))]
        detail = steps.invoiced_detail(draw(st.booleans()), insurers)
        return detail, (*draw(roots(len(INVOICE_GROUPS))), *lines)
    if kind is Kind.VERIFIED:
        numbers = draw(st.tuples(st.integers(1, 4), st.integers(0, (1 << 32) - 1), st.integers(0, 255)))
        return steps.verified_detail(*numbers), tuple(steps.item_word(item) for item in items)
    made = kind in (Kind.ORDERED, Kind.MANUFACTURED)
    return steps.made_detail() if made else bytes(steps.DETAIL_LENGTH), draw(roots(count))
