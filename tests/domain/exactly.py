"""
What explains a mismatch, written a second time: from recorded steps alone, and from nothing of the code that is tested.

The rules are *Justified*, *Comparisons* and *Words* of `contracts/interfaces/IEquipmentLedger.sol`, and section 6 of
`docs/protocol.md`. Nothing is kept here: each question is asked of all steps anew.
"""

from collections.abc import Sequence

from app.domain.kinds import Kind
from app.domain.steps import Step
from tests.domain.trade import Recorded

MADE = (Kind.MANUFACTURED, Kind.DRAWN)
COMPARED: tuple[tuple[tuple[Kind, ...], Kind, str], ...] = (
    ((Kind.QUOTED,), Kind.ORDERED, "product"),
    ((Kind.QUOTED,), Kind.ORDERED, "supplements"),
    ((Kind.ORDERED,), Kind.MANUFACTURED, "product"),
    ((Kind.ORDERED,), Kind.MANUFACTURED, "supplements"),
    ((Kind.ORDERED,), Kind.MANUFACTURED, "correction"),
    (MADE, Kind.INVOICED, "product"),
    (MADE, Kind.INVOICED, "supplements"),
    (MADE, Kind.INVOICED, "coding"),
    ((Kind.QUOTED,), Kind.INVOICED, "coding"),
    ((Kind.QUOTED,), Kind.INVOICED, "price"),
    ((Kind.QUOTED,), Kind.INVOICED, "product"),
    ((Kind.QUOTED,), Kind.INVOICED, "supplements"),
    (MADE, Kind.DELIVERED, "device"),
)
"""Both sides of each comparison and the group compared, bit by bit."""
WORD_OF = {
    Kind.QUOTED: {"product": 1, "supplements": 2, "coding": 3, "price": 4},
    Kind.ORDERED: {"product": 0, "supplements": 1, "correction": 2},
    Kind.MANUFACTURED: {"product": 0, "supplements": 1, "correction": 2, "coding": 3, "device": 4},
    Kind.DRAWN: {"product": 2, "supplements": 3, "coding": 5, "device": 6},
    Kind.DELIVERED: {"device": 0},
}
VERSION_OF = {"product": 6, "supplements": 7, "correction": 8}
"""The byte of the detail with the version of a group; in the item's word of an invoice it is the 24th after it."""

NAMED_BY_SUBSTITUTION = frozenset({0, 1, 2, 3, 8})
NAMED_BY_EXCHANGE = frozenset({0, 1, 5, 6, 7})
BY_OPTICIAN_ALONE = frozenset({8, 9, 10, 11})
FRAMES_ALONE = frozenset({10, 11})
ENDINGS = frozenset(
    {Kind.CANCELLED, Kind.RETURNED, Kind.CREDITED, Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING},
)
Value = tuple[int, bytes]
"""Version and root."""


class Account:
    """What the recorded steps of a trade say, in the order in which they were recorded."""

    def __init__(self, seen: Sequence[Recorded]) -> None:
        self._seen = seen

    # -- steps --

    def _find(self, subject: bytes, kind: Kind, occurrence: int = 0, *, ours: bool | None = None) -> Step | None:
        """The step of this kind; with `ours` that of the optician of the subject, or of somebody else."""
        for each in self._seen:
            step = each.step
            by_us = each.party.to_bytes(4, "big") == subject[:4]
            if (step.subject, step.kind, step.occurrence) == (subject, kind, occurrence) and ours in (None, by_us):
                return step
        return None

    def _first_step(self, item: bytes) -> Step:
        found = self._find(item, Kind.QUOTED)
        assert found is not None
        return found

    def _maker(self, item: bytes) -> bytes:
        return self._first_step(item).detail[:4]

    def _replaced(self, item: bytes) -> bytes | None:
        words = self._first_step(item).words
        return words[1][:16] if len(words) == 2 else None

    def _is_replaced(self, item: bytes) -> bool:
        return any(each.step.kind is Kind.QUOTED and self._replaced(each.step.subject) == item for each in self._seen)

    def _quote(self, item: bytes) -> Step | None:
        """The quote that holds for an item: its own, or that of the one it replaces, if the glassmaker is the same."""
        replaced = self._replaced(item)
        if replaced is None:
            return self._first_step(item)
        return self._quote(replaced) if self._maker(replaced) == self._maker(item) else None

    # -- invoices --

    def _own_lines(self, item: bytes) -> list[Sequence[bytes]]:
        """The words about an item of each invoice of it that stands."""
        steps = [each.step for each in self._seen]
        withdrawn = {
            (step.subject, step.detail[0])
            for step in steps
            if step.kind is Kind.WITHDRAWN and item in [word[:16] for word in step.words]
        }
        return [
            step.words[at : at + 5]
            for step in steps
            if step.kind is Kind.INVOICED and (step.subject, step.occurrence) not in withdrawn
            for at in range(2, len(step.words), 5)
            if step.words[at][:16] == item
        ]

    def _inherited_lines(self, item: bytes) -> list[Sequence[bytes]]:
        """The words of the one invoice that stood for the first item when it was exchanged."""
        for number, each in enumerate(self._seen):
            if each.step.kind is Kind.EXCHANGED and each.step.subject == item:
                return Account(self._seen[:number]).lines(each.step.words[0][:16])
        return []

    def lines(self, item: bytes) -> list[Sequence[bytes]]:
        """Own and inherited."""
        return [*self._inherited_lines(item), *self._own_lines(item)]

    # -- comparisons --

    def _values(self, item: bytes, kind: Kind, group: str, *, own: bool) -> list[Value]:
        """What stands under a kind, of invoices with `own` those written for the item itself."""
        if kind is Kind.INVOICED:
            place = ("product", "supplements", "coding", "price").index(group) + 1
            lines = self._own_lines(item) if own else self.lines(item)
            return [(line[0][VERSION_OF[group] + 23] if group in VERSION_OF else 0, line[place]) for line in lines]
        step = self._quote(item) if kind is Kind.QUOTED else self._find(item, kind)
        if step is None:
            return []
        return [(step.detail[VERSION_OF[group]] if group in VERSION_OF else 0, step.words[WORD_OF[kind][group]])]

    def side(self, item: bytes, bit: int, *, second: bool) -> list[Value]:
        """What stands on one side of a comparison; nothing of one that is not made for the item."""
        ones, other, group = COMPARED[bit]
        if bit in FRAMES_ALONE and any(self._maker(item)):
            return []
        kinds = (other,) if second else ones
        own = Kind.QUOTED in ones
        return [value for kind in kinds for value in self._values(item, kind, group, own=own)]

    def _pairs(self, item: bytes, bit: int) -> list[tuple[Value, Value]]:
        ones, others = self.side(item, bit, second=False), self.side(item, bit, second=True)
        return [(one, other) for one in ones for other in others]

    def mismatches(self, item: bytes) -> set[int]:
        """The comparisons in which two sides of one version differ."""
        return {
            bit
            for bit in range(len(COMPARED))
            for one, other in self._pairs(item, bit)
            if one[0] == other[0] and one[1] != other[1]
        }

    def counted(self, item: bytes) -> set[int]:
        """The mismatches that count: of a drawn item the coding quoted was committed under another key."""
        return self.mismatches(item) - ({8} if self._find(item, Kind.DRAWN) else set())

    def is_incomparable(self, item: bytes) -> bool:
        """Whether two sides that are to be equal have different versions."""
        return any(one[0] != other[0] for bit in range(len(COMPARED)) for one, other in self._pairs(item, bit))

    # -- what an exception may justify --

    def explained(self, item: bytes) -> dict[Kind, set[int]]:
        """For each exception that justifies single mismatches those that it may, whether they are there or not."""
        return {
            Kind.SUBSTITUTED: self._by_substitution(item),
            Kind.EXCHANGED: self._by_exchange(item),
            Kind.ERROR_DECLARED: {bit for bit in range(len(COMPARED)) if self._is_error(item, bit)},
        }

    def by(self, item: bytes) -> dict[int, set[Kind]]:
        """What justifies each mismatch that counts, of those that something justifies."""
        explained = self.explained(item)
        found = {bit: {kind for kind, bits in explained.items() if bit in bits} for bit in self.counted(item)}
        return {bit: kinds for bit, kinds in found.items() if kinds}

    def _substitution(self, item: bytes) -> Step | None:
        """What both say was substituted, if they say the same and not after manufactured."""
        ours, theirs = (self._find(item, Kind.SUBSTITUTED, ours=each) for each in (True, False))
        if ours is None or theirs is None or (ours.detail, ours.words) != (theirs.detail, theirs.words):
            return None
        made = self._find(item, Kind.MANUFACTURED)
        late = made is not None and max(ours.claimed_at, theirs.claimed_at) > made.claimed_at
        return None if late else ours

    def _by_substitution(self, item: bytes) -> set[int]:
        said = self._substitution(item)
        if said is None:
            return set()
        product, supplements = (said.detail[6], said.words[0]), (said.detail[7], said.words[1])
        substituted = {0: product, 1: supplements, 2: product, 3: supplements}
        return {8, *(bit for bit, value in substituted.items() if value in self.side(item, bit, second=True))}

    def _by_exchange(self, item: bytes) -> set[int]:
        given, made = self._find(item, Kind.EXCHANGED), self._find(item, Kind.MANUFACTURED)
        if given is None or made is None:
            return set()
        first = given.words[0][:16]
        delivered = self._find(first, Kind.DELIVERED)
        credible = (
            self._replaced(item) == first
            and made.detail[0] == 1
            and self._maker(item) == self._maker(first)
            and delivered is not None
            and delivered.claimed_at < given.claimed_at
            and self._seen_before(delivered, given)
            and self._find(first, Kind.MANUFACTURED) is not None
            and bool(self.lines(first))
            and not self.mismatches(first) & {5, 6, 7}
        )
        return set(NAMED_BY_EXCHANGE) if credible else set()

    def _seen_before(self, one: Step, other: Step) -> bool:
        """Both are the optician's, who says in which order they are recorded."""
        steps = [each.step for each in self._seen]
        return steps.index(one) < steps.index(other)

    def _is_error(self, item: bytes, bit: int) -> bool:
        ours, theirs = (self._find(item, Kind.ERROR_DECLARED, bit, ours=each) for each in (True, False))
        if ours is None or ours.detail[1] != 2:
            return False
        said = [ours]
        if bit not in BY_OPTICIAN_ALONE:
            if theirs is None or (theirs.detail, theirs.words) != (ours.detail, ours.words):
                return False
            said.append(theirs)
        declared = max(step.claimed_at for step in said)
        dossier = self._first_step(item).words[0][:16]
        checks = [each.step for each in self._seen if each.step.kind is Kind.VERIFIED and each.step.subject == dossier]
        if any(check.claimed_at < declared for check in checks):
            return False
        in_error_is_second = ours.detail[0] == COMPARED[bit][1]
        return ours.words[0] in [root for _, root in self.side(item, bit, second=not in_error_is_second)]

    # -- what ends an item, and what explains a gap --

    def ended_by(self, item: bytes) -> set[Kind]:
        """The kinds after which nothing more is expected of an item; none while an invoice of its own stands."""
        if self._own_lines(item):
            return set()
        found = {Kind.CANCELLED} if self._is_cancelled(item) else set()
        exchanged = any(
            each.step.kind is Kind.EXCHANGED and each.step.words[0][:16] == item for each in self._seen
        )  # the first item of an exchange went back for what was given instead
        pair = {Kind.RETURNED, Kind.CREDITED}
        if not exchanged and all(self._find(item, kind) for kind in pair):
            found |= pair
        if self._is_replaced(item):
            found |= self.refusals(item)
        return found

    def _is_cancelled(self, item: bytes) -> bool:
        ours, made = self._find(item, Kind.CANCELLED, ours=True), self._find(item, Kind.MANUFACTURED)
        if ours is None:
            return False
        late = made is not None and ours.claimed_at > made.claimed_at
        return not late or self._find(item, Kind.CANCELLED, ours=False) is not None

    def refusals(self, item: bytes) -> set[Kind]:
        """Refused on arrival, or broken at edging."""
        return {kind for kind in (Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING) if self._find(item, kind)}

    def gap_reasons(self, item: bytes) -> set[Kind] | None:
        """What explains that something could not be compared; None where nothing does what would have to."""
        general = {Kind.SUBSTITUTED} if self._substitution(item) else set()
        general |= {Kind.ERROR_DECLARED} if self.explained(item)[Kind.ERROR_DECLARED] else set()
        replaced = self._replaced(item)
        found: set[Kind] = set()
        for is_there, reasons in (
            (self.is_incomparable(item), general),
            (self._quote(item) is None, general | (self.refusals(replaced) if replaced else set())),
        ):
            if is_there and not reasons:
                return None
            found |= reasons if is_there else set()
        return found
