"""The ledger's rules in Python: bits never fall, and the order of arrival between parties decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import conformity, steps
from app.domain.comparisons import COMPARISONS
from app.domain.conformity import (
    LEFT_OUT,
    Assurance,
    Case,
    DossierState,
    ItemState,
    Verdict,
)
from app.domain.lifecycle import PREDECESSOR
from app.domain.steps import GROUPS, INVOICE_GROUPS, Kind, Step

OPTICIAN, MAKER, FIRST, SECOND = 11, 22, 33, 44
DOSSIER = OPTICIAN.to_bytes(4, "big") + b"dossier-dos!"
ITEMS = [OPTICIAN.to_bytes(4, "big") + f"item-{n:07}".encode() for n in range(3)]
AGREED, OTHER = b"\x01" * 32, b"\x02" * 32


@dataclass
class Ledger:
    """The states of one dossier, moved by recorded steps alone."""

    dossier: DossierState = field(default_factory=DossierState)
    items: dict[bytes, ItemState] = field(default_factory=dict)

    def record(self, step: Step, party: int = FIRST) -> None:
        """Fold one step into the states."""
        if step.kind is Kind.QUOTED:
            self.items[step.subject], self.dossier = conformity.after_quote(step, self.dossier)
        elif step.kind is Kind.INVOICED:
            self.dossier, after = conformity.after_invoice(step, self.dossier, self.items)
            self.items |= after
        elif step.kind is Kind.VERIFIED:
            self.dossier, after = conformity.after_check(step, party, self.dossier, self.items)
            self.items |= after
        else:
            self.items[step.subject] = conformity.after_item_step(self.items[step.subject], step)

    @property
    def verdicts(self) -> tuple[Verdict, list[Verdict]]:
        """Verdict of the dossier, and of each item in order."""
        whole = conformity.dossier_verdict(self.dossier, self.items.values())
        return whole, [conformity.item_verdict(self.items[name]) for name in sorted(self.items)]


def step(kind: Kind, item: bytes, roots: Sequence[bytes] = (), maker: int = MAKER) -> Step:
    """A step about one item; roots left out are the agreed ones."""
    words = tuple(roots) or (AGREED,) * len(GROUPS[kind])
    if kind is Kind.QUOTED:
        return Step(kind, 0, 1, item, steps.quoted_detail(maker), (steps.item_word(DOSSIER), *words))
    return Step(kind, 0, 1, item, bytes(9), words)


def invoice(items: Sequence[bytes], roots: Sequence[bytes] = (), *, partial: bool = False, occurrence: int = 0) -> Step:
    """An invoice of these items, each with the same roots."""
    words = tuple(roots) or (AGREED,) * len(GROUPS[Kind.INVOICED])
    lines = [word for item in items for word in (steps.invoiced_item_word(item), *words)]
    detail = steps.invoiced_detail(partial, [FIRST])
    return Step(Kind.INVOICED, occurrence, 1, DOSSIER, detail, ((AGREED,) * len(INVOICE_GROUPS)) + tuple(lines))


def checked(items: Sequence[bytes], occurrence: int = 0) -> Step:
    """A check of the first invoice."""
    words = tuple(steps.item_word(item) for item in items)
    return Step(Kind.VERIFIED, occurrence, 1, DOSSIER, steps.verified_detail(1, 0, 0), words)


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Step], list[Step]]:
    """What an optician and a glassmaker each sign about a dossier, in their own order, agreeing or not."""

    def some(kind: Kind) -> list[bytes]:
        return [draw(st.sampled_from([AGREED, AGREED, OTHER])) for _ in GROUPS[kind]]

    shop: list[Step] = []
    factory: list[Step] = []
    for item in ITEMS[: draw(st.integers(1, 2))]:
        maker = draw(st.sampled_from([MAKER, MAKER, 0]))
        shop.append(step(Kind.QUOTED, item, some(Kind.QUOTED), maker))
        own = [Kind.ORDERED, Kind.RECEIVED, Kind.DELIVERED] if maker else [Kind.DELIVERED]
        shop += [step(kind, item, some(kind)) for kind in own if draw(st.integers(0, 4))]
        if maker:
            made = [kind for kind in (Kind.MANUFACTURED, Kind.SHIPPED) if draw(st.integers(0, 4))]
            factory += [step(kind, item, some(kind)) for kind in made]
    billed = [each.subject for each in shop if each.kind is Kind.QUOTED]
    if draw(st.booleans()):
        shop.insert(
            draw(st.integers(len(billed), len(shop))) if len(billed) == 1 else len(shop),
            invoice(billed, some(Kind.INVOICED)),
        )
    return shop, factory


def lawful(order: Sequence[Step]) -> bool:
    """Whether every step comes after the steps that the ledger wants before it."""
    seen: set[tuple[bytes, Kind]] = set()
    for each in order:
        for item in each.items:
            before = PREDECESSOR.get(each.kind)
            if each.kind is not Kind.QUOTED and (item, Kind.QUOTED) not in seen:
                return False
            if before is not None and (item, before) not in seen:
                return False
            seen.add((item, each.kind))
    return True


@st.composite
def interleaved(draw: st.DrawFn, one: list[Step], other: list[Step]) -> list[Step]:
    """Both sequences as one, each in its own order."""
    places = draw(st.lists(st.booleans(), min_size=len(one) + len(other), max_size=len(one) + len(other)))
    first, second, order = list(one), list(other), []
    for place in places:
        order.append((first if (place and first) or not second else second).pop(0))
    return order


@given(st.data(), lives())
def test_every_lawful_order_of_arrival_ends_in_the_same_verdicts(
    data: st.DataObject, life: tuple[list[Step], list[Step]]
) -> None:
    shop, factory = life
    orders = [[*shop, *factory], data.draw(interleaved(shop, factory))]
    if not all(lawful(order) for order in orders):
        return
    ends = []
    for order in orders:
        ledger = Ledger()
        for each in order:
            ledger.record(each)
        bits = [(item.recorded, item.mismatches, item.flags, item.roots) for item in ledger.items.values()]
        ends.append((ledger.verdicts, bits, ledger.dossier))
    assert ends[0] == ends[1]


@given(st.data(), lives())
def test_a_mismatch_never_falls_and_a_number_never_goes_back(
    data: st.DataObject, life: tuple[list[Step], list[Step]]
) -> None:
    shop, factory = life
    ledger = Ledger()
    for each in [*shop, *data.draw(st.permutations(factory))]:
        if not lawful([*shop, each]):
            continue
        before = dict(ledger.items)
        ledger.record(each)
        for name, old in before.items():
            new = ledger.items[name]
            assert old.mismatches & ~new.mismatches == 0
            assert old.recorded & ~new.recorded == 0
            assert old.flags & ~new.flags == 0
            assert new.sequence - old.sequence == (name in each.items)
            assert all(after == root for root, after in zip(old.roots, new.roots, strict=True) if root != bytes(32))


@pytest.mark.parametrize("bit", range(len(COMPARISONS)))
@pytest.mark.parametrize("late", [False, True])
def test_each_comparison_sets_its_own_bit_whichever_side_comes_last(bit: int, late: bool) -> None:
    comparison = COMPARISONS[bit]
    maker = 0 if comparison.without_glassmaker else MAKER
    ledger = Ledger()
    ledger.record(step(Kind.QUOTED, ITEMS[0], maker=maker))
    sides = [kind for kind in (comparison.first, comparison.second) if kind is not Kind.QUOTED]
    wrong = comparison.second
    for kind in reversed(sides) if late else sides:
        roots = [AGREED] * len(GROUPS[kind])
        if kind is wrong:
            roots[GROUPS[kind].index(comparison.group)] = OTHER
        ledger.record(invoice([ITEMS[0]], roots) if kind is Kind.INVOICED else step(kind, ITEMS[0], roots))
    found = ledger.items[ITEMS[0]].mismatches
    # An invoiced coding stands in two comparisons: with the quote and with what was made.
    assert found >> bit & 1
    same = {n for n, each in enumerate(COMPARISONS) if each.group == comparison.group and each.second is wrong}
    assert {n for n in range(len(COMPARISONS)) if found >> n & 1} <= same
    assert conformity.item_verdict(ledger.items[ITEMS[0]]) is Verdict.NON_CONFORM


def test_a_frame_is_compared_with_its_quote_and_a_lens_with_its_maker() -> None:
    for maker, expected in ((0, {10, 11}), (MAKER, set())):
        ledger = Ledger()
        ledger.record(step(Kind.QUOTED, ITEMS[0], maker=maker))
        ledger.record(invoice([ITEMS[0]], [OTHER, OTHER, AGREED, AGREED]))
        bits = ledger.items[ITEMS[0]].mismatches
        assert {n for n in range(len(COMPARISONS)) if bits >> n & 1} == expected


def test_an_honest_life_is_conform_only_when_it_is_whole() -> None:
    ledger, item = Ledger(), ITEMS[0]
    seen = []
    whole = [step(kind, item) for kind in (Kind.QUOTED, Kind.ORDERED, Kind.MANUFACTURED, Kind.SHIPPED, Kind.RECEIVED)]
    for each in [*whole, step(Kind.DELIVERED, item), invoice([item])]:
        ledger.record(each)
        seen.append((ledger.verdicts[0], conformity.item_assurance(ledger.items[item])))
    assert [verdict for verdict, _ in seen[:-1]] == [Verdict.INCOMPLETE] * 6
    assert seen[-1] == (Verdict.CONFORM, Assurance.GLASSMAKER_AND_RECEPTION)
    assert [level for _, level in seen] == [Assurance(n) for n in (1, 1, 2, 2, 3, 3, 3)]


def test_an_item_left_out_of_a_whole_invoice_shows_and_one_left_out_of_a_partial_one_does_not() -> None:
    for partial in (True, False):
        ledger = Ledger()
        for item in ITEMS[:2]:
            ledger.record(step(Kind.QUOTED, item, maker=0))
        ledger.record(invoice(ITEMS[:1], partial=partial))
        hidden = [finding.case for finding in conformity.dossier_findings(ledger.dossier)]
        assert hidden == ([] if partial else [Case.HIDDEN_ITEM])
        assert (ledger.verdicts[0] is Verdict.NON_CONFORM) is not partial


def test_an_item_that_joins_after_a_whole_invoice_shows() -> None:
    ledger = Ledger()
    ledger.record(step(Kind.QUOTED, ITEMS[0], maker=0))
    ledger.record(invoice(ITEMS[:1]))
    assert not ledger.dossier.flags & LEFT_OUT
    ledger.record(step(Kind.QUOTED, ITEMS[1], maker=0))
    assert ledger.dossier.flags & LEFT_OUT
    assert ledger.verdicts[0] is Verdict.NON_CONFORM


def test_a_second_invoice_of_an_item_is_duplicate_use_and_keeps_the_first_ones_roots() -> None:
    ledger = Ledger()
    ledger.record(step(Kind.QUOTED, ITEMS[0], maker=0))
    ledger.record(invoice(ITEMS[:1]))
    ledger.record(invoice(ITEMS[:1], [OTHER] * 4, occurrence=1))
    item = ledger.items[ITEMS[0]]
    assert item.roots[14:18] == (AGREED,) * 4
    assert Case.DUPLICATE_USE in {finding.case for finding in conformity.item_findings(item)}
    assert ledger.dossier.invoiced == 1


def test_a_check_counts_for_its_items_and_changes_no_verdict() -> None:
    ledger = Ledger()
    ledger.record(step(Kind.QUOTED, ITEMS[0], maker=0))
    ledger.record(invoice(ITEMS[:1]))
    before = ledger.verdicts
    ledger.record(checked(ITEMS[:1]), FIRST)
    assert ledger.items[ITEMS[0]].has(Kind.VERIFIED)
    assert ledger.verdicts == before
    assert ledger.dossier.flags & conformity.FIRST_CHECK


def test_only_the_first_insurers_first_check_has_a_bit_of_its_own() -> None:
    for party, occurrence, expected in ((FIRST, 0, True), (SECOND, 0, False), (FIRST, 1, False)):
        ledger = Ledger()
        ledger.record(step(Kind.QUOTED, ITEMS[0], maker=0))
        ledger.record(invoice(ITEMS[:1]))
        ledger.record(checked(ITEMS[:1], occurrence), party)
        assert bool(ledger.dossier.flags & conformity.FIRST_CHECK) is expected


def test_the_assurance_of_a_dossier_is_the_lowest_of_its_items_with_a_glassmaker() -> None:
    frame = ItemState(DOSSIER, 0)
    made = ItemState(DOSSIER, MAKER, recorded=1 << Kind.MANUFACTURED)
    arrived = ItemState(DOSSIER, MAKER, recorded=1 << Kind.MANUFACTURED | 1 << Kind.SHIPPED | 1 << Kind.RECEIVED)
    assert conformity.dossier_assurance([frame, arrived]) is Assurance.GLASSMAKER_AND_RECEPTION
    assert conformity.dossier_assurance([frame, arrived, made]) is Assurance.GLASSMAKER_CONFIRMED
    assert conformity.dossier_assurance([frame]) is Assurance.OPTICIAN_ONLY


def test_no_two_fields_of_a_packed_state_share_a_bit() -> None:
    fields: dict[str, Any] = {"recorded": 32, "mismatches": 16, "justified": 16, "flags": 16}
    fields |= {"sequence": 32, "glassmaker": 32}
    seen, empty = 0, ItemState(b"\0" * 16, 0)
    for name, size in fields.items():
        bits = replace(empty, **{name: (1 << size) - 1}).packed
        assert bits
        assert not bits & seen
        seen |= bits
    dossier = ItemState(b"\0" * 4 + b"\xff" * 12, 0).packed
    assert not dossier & seen
    assert (dossier | seen).bit_length() <= 256
