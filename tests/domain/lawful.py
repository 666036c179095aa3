"""Strategies for steps that a ledger takes: every kind, with random content."""

from collections.abc import Callable

from hypothesis import strategies as st

from app.domain import details
from app.domain.comparisons import COMPARISONS
from app.domain.kinds import COUNTED, ERASABLE, GROUP_NUMBERS, INVOICES, Decision, Kind, Nature
from app.domain.steps import GROUPS, INVOICE_GROUPS, Step

PARTIES = st.integers(1, (1 << 32) - 1)
MOMENTS = st.integers(0, (1 << 40) - 1)
ROOTS = st.binary(min_size=32, max_size=32).filter(any)
BYTES = st.integers(1, 255)
ANY_BYTE = st.integers(0, 255)

Content = tuple[bytes, tuple[bytes, ...]]


@st.composite
def identifiers(draw: st.DrawFn, party: int | None = None) -> bytes:
    """An identifier of 16 bytes that begins with its maker's number."""
    creator = draw(PARTIES) if party is None else party
    return creator.to_bytes(4, "big") + draw(st.binary(min_size=12, max_size=12))


ID_WORDS = identifiers().map(details.id_word)


def roots(count: int) -> st.SearchStrategy[tuple[bytes, ...]]:
    """So many roots, none of them zero."""
    return st.tuples(*[ROOTS] * count)


@st.composite
def lawful_steps(draw: st.DrawFn, *among: Kind) -> Step:
    """A well-formed step of any kind."""
    kind = draw(st.sampled_from(among or tuple(Kind)))
    occurrence = draw(_occurrences(kind))
    detail, words = _error(draw, occurrence) if kind is Kind.ERROR_DECLARED else _CONTENTS[kind](draw)
    if kind is Kind.ERASED and any(detail):
        occurrence = draw(BYTES)
    # A dossier does not replace itself.
    taken = words[0][:16] if kind is Kind.BREAKAGE_REPLACED else None
    subject = draw(identifiers().filter(lambda name: name != taken))
    return Step(kind, occurrence, draw(MOMENTS), subject, detail, words)


def _occurrences(kind: Kind) -> st.SearchStrategy[int]:
    if kind is Kind.ERROR_DECLARED:
        return st.integers(0, len(COMPARISONS) - 1)
    return st.integers(0, INVOICES - 1 if kind is Kind.INVOICED else 255 if kind in COUNTED else 0)


def _quoted(draw: st.DrawFn) -> Content:
    maker = draw(st.just(0) | PARTIES)
    if draw(st.booleans()):
        return details.replacing_detail(maker), (draw(ID_WORDS), draw(ID_WORDS))
    return details.quoted_detail(maker), (draw(ID_WORDS), *draw(roots(len(GROUPS[Kind.QUOTED]))))


def _invoiced(draw: st.DrawFn) -> Content:
    items = draw(st.lists(identifiers(), min_size=1, max_size=3, unique=True))
    lines = [
        word for item in items for word in (details.invoiced_item_word(item, draw(BYTES), draw(BYTES)), *draw(roots(4)))
    ]
    insurers = draw(st.lists(PARTIES, max_size=2, unique=True))
    return details.invoiced_detail(draw(st.booleans()), insurers), (*draw(roots(len(INVOICE_GROUPS))), *lines)


def _error(draw: st.DrawFn, comparison: int) -> Content:
    kind = draw(st.sampled_from(COMPARISONS[comparison].kinds))
    nature = draw(st.sampled_from(Nature))
    return details.error_detail(kind, nature), draw(roots(nature - 1))


def _decided(draw: st.DrawFn) -> Content:
    decision = draw(st.sampled_from(Decision))
    deadline = draw(st.integers(1, (1 << 40) - 1)) if decision is Decision.QUESTIONED else 0
    return details.decided_detail(decision, draw(BYTES), deadline, draw(ANY_BYTE)), ()


def _answered(draw: st.DrawFn) -> Content:
    kind = draw(st.sampled_from([Kind.DECIDED, Kind.OPENING_DEMANDED]))
    return details.answered_detail(draw(PARTIES), draw(ANY_BYTE), kind), draw(roots(1))


def _reason(words: int) -> Callable[[st.DrawFn], Content]:
    return lambda draw: (details.reason_detail(draw(BYTES)), draw(roots(words)))


def _party(words: int) -> Callable[[st.DrawFn], Content]:
    return lambda draw: (details.party_detail(draw(PARTIES)), draw(roots(words)))


def _bare(_draw: st.DrawFn) -> Content:
    return details.NO_DETAIL, ()


_CONTENTS: dict[Kind, Callable[[st.DrawFn], Content]] = {
    Kind.QUOTED: _quoted,
    Kind.ORDERED: lambda draw: (details.ordered_detail(draw(BYTES), draw(BYTES), draw(BYTES)), draw(roots(3))),
    Kind.MANUFACTURED: lambda draw: (
        details.manufactured_detail(draw(st.booleans()), draw(BYTES), draw(BYTES), draw(BYTES)),
        draw(roots(7)),
    ),
    Kind.SHIPPED: _bare,
    Kind.RECEIVED: _bare,
    Kind.DELIVERED: lambda draw: (details.NO_DETAIL, draw(roots(1) | roots(2))),
    Kind.INVOICED: _invoiced,
    Kind.VERIFIED: lambda draw: (
        details.verified_detail(draw(st.integers(1, 4)), draw(st.integers(0, (1 << 32) - 1)), draw(ANY_BYTE)),
        (),
    ),
    Kind.ACKNOWLEDGED: _bare,
    Kind.MOUNTED: _bare,
    Kind.DRAWN: lambda draw: (
        details.drawn_detail(draw(st.integers(0, (1 << 32) - 1))),
        (draw(ID_WORDS), *draw(roots(6)), *draw(st.lists(st.binary(min_size=32, max_size=32), max_size=3))),
    ),
    Kind.SUBSTITUTED: lambda draw: (details.substituted_detail(draw(BYTES), draw(BYTES)), draw(roots(2))),
    Kind.CANCELLED: _reason(0),
    Kind.REFUSED_ON_ARRIVAL: _reason(0),
    Kind.BROKEN_AT_EDGING: _reason(0),
    Kind.RETURNED: _reason(0),
    Kind.CREDITED: _reason(1),
    Kind.EXCHANGED: lambda draw: (details.reason_detail(draw(BYTES)), (draw(ID_WORDS),)),
    Kind.ERASED: lambda draw: (details.erased_detail(draw(st.sets(st.sampled_from(sorted(ERASABLE))))), ()),
    Kind.DECIDED: _decided,
    Kind.ANSWERED: _answered,
    Kind.COVER_REQUESTED: _party(1),
    Kind.COVER_ANSWERED: lambda draw: (
        details.cover_answered_detail(draw(st.integers(1, 3)), draw(ANY_BYTE)),
        draw(roots(1)),
    ),
    Kind.COVER_CANCELLED: lambda draw: (details.occurrence_detail(draw(ANY_BYTE)), ()),
    Kind.BREAKAGE_REPLACED: lambda draw: (details.NO_DETAIL, (draw(ID_WORDS),)),
    Kind.RENEWAL_STATED: lambda draw: (details.NO_DETAIL, draw(roots(1))),
    Kind.WITHDRAWN: lambda draw: (
        details.occurrence_detail(draw(st.integers(0, INVOICES - 1))),
        tuple(draw(st.lists(ID_WORDS, min_size=1, max_size=3, unique=True))),
    ),
    Kind.OPENING_DEMANDED: lambda draw: (
        details.demanded_detail(draw(st.sampled_from(sorted(GROUP_NUMBERS.values())))),
        (draw(ID_WORDS),),
    ),
    Kind.LOT_SHIPPED: _party(1),
    Kind.LOT_TRANSFERRED: _party(0),
}
