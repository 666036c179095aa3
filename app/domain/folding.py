"""
What a recorded step changes: the ledger's rules a second time, as the contract logs their result.

The step is one that `lifecycle.outcome` lets through, or that the ledger's log shows. What it changes is put on the
shelf; what is returned is what the contract logs, bit for bit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.domain.derived import EXCHANGED_DELIVERED, settled
from app.domain.facts import (
    DUPLICATE,
    EXCEPTIONAL,
    EXCHANGED,
    FIRST_CHECK,
    INHERITED,
    MAX_BREAKAGES,
    NOBODY,
    OPEN,
    PLACE,
    RELIEVED,
    REPLACED,
    REPLACEMENT,
    SECTION_GROUPS,
    UNQUOTED,
    WARRANTY,
    DossierState,
    ItemState,
    LotState,
    Nullifier,
    Section,
)
from app.domain.kinds import DOSSIER_KINDS, WITH_NULLIFIER, Kind
from app.domain.shelf import Shelf, known_dossier, known_item
from app.domain.steps import GROUPS, ID_LENGTH, Step


@dataclass(frozen=True, slots=True)
class Effect:
    """The states that the contract logs with a step, and the other items whose duplicates it found, with theirs."""

    states: tuple[int, ...]
    duplicates: tuple[tuple[bytes, int], ...] = ()


def record(shelf: Shelf, party: int, step: Step) -> Effect:
    """Apply a recorded step of `party`."""
    shelf.put_step(party, step)
    fold = _FOLDS.get(step.kind)
    if fold is not None:
        return fold(shelf, party, step)
    return _dossier_step(shelf, party, step) if step.kind in DOSSIER_KINDS else _item_step(shelf, step)


# -- items --


def _quoted(shelf: Shelf, _party: int, step: Step) -> Effect:
    item = ItemState(step.dossier, step.glassmaker, 1 << Kind.QUOTED)
    dossier = _with_step(known_dossier(shelf, step.dossier), Kind.QUOTED)
    shelf.put_dossier(step.dossier, replace(dossier, quoted=dossier.quoted + 1))
    if step.replaces is None:
        section = Section(Kind.QUOTED, step.head, step.roots_of(step.subject))
        state = _put(shelf, step.subject, None, replace(item, sections={Kind.QUOTED: section}))
        return Effect((state.packed, known_dossier(shelf, step.dossier).packed))
    old = known_item(shelf, step.replaces)
    inherits = old.glassmaker == item.glassmaker and Kind.QUOTED in old.sections
    sections = {Kind.QUOTED: old.sections[Kind.QUOTED]} if inherits else {}
    relieved = bool(old.billed) or old.is_marked(RELIEVED)
    flags = REPLACEMENT | (0 if inherits else UNQUOTED) | (RELIEVED if relieved else 0)
    state = _put(shelf, step.subject, None, replace(item, sections=sections, flags=flags, replaces=step.replaces))
    replaced = _put(shelf, step.replaces, old, replace(old, flags=old.flags | REPLACED))
    return Effect((state.packed, replaced.packed, known_dossier(shelf, step.dossier).packed))


def _item_step(shelf: Shelf, step: Step) -> Effect:
    before = known_item(shelf, step.subject)
    after = replace(before, recorded=before.recorded | 1 << step.kind)
    if step.kind in PLACE:
        after = _with_section(after, step)
    others = _use_nullifier(shelf, step)
    if others or (after.has(Kind.MANUFACTURED) and after.has(Kind.DRAWN)):
        after = replace(after, flags=after.flags | DUPLICATE)
    first: tuple[int, ...] = ()
    if step.kind is Kind.EXCHANGED:
        after, exchanged = _exchanged(shelf, step, after)
        first = (exchanged.packed,)
    after = _put(shelf, step.subject, before, after)
    opened = (before.flags ^ after.flags) & OPEN
    dossier = (known_dossier(shelf, after.dossier).packed,) if opened else ()
    return Effect((*_states(after), *first, *dossier), tuple(_marked(shelf, other) for other in others))


def _with_section(item: ItemState, step: Step) -> ItemState:
    by_group = dict(zip(GROUPS[step.kind], step.roots_of(step.subject), strict=True))
    roots = tuple(by_group[group] for group in SECTION_GROUPS[step.kind])
    after = replace(item, sections={**item.sections, step.kind: Section(step.kind, step.head, roots)})
    if step.kind is not Kind.MANUFACTURED:
        return after
    return replace(after, device=by_group["device"], flags=after.flags | (WARRANTY if step.warranty else 0))


def _exchanged(shelf: Shelf, step: Step, item: ItemState) -> tuple[ItemState, ItemState]:
    """The item with the invoice of the first one, and the first one."""
    first = known_item(shelf, step.named)
    delivered = first.sections.get(Kind.DELIVERED)
    earlier = delivered is not None and delivered.claimed_at < step.claimed_at
    after = replace(
        item,
        first=step.named,
        inherited=first.billed[0],
        flags=item.flags | INHERITED,
        exceptions=item.exceptions | (EXCHANGED_DELIVERED if earlier else 0),
    )
    return after, _put(shelf, step.named, first, replace(first, flags=first.flags | EXCHANGED))


def _erased(shelf: Shelf, party: int, step: Step) -> Effect:
    of_item = shelf.item(step.subject) is not None and shelf.role(party) != "insurer"
    if step.erases_all:
        return _item_step(shelf, step) if of_item else _dossier_step(shelf, party, step)
    return Effect(_states(known_item(shelf, step.subject)) if of_item else (known_dossier(shelf, step.subject).packed,))


# -- nullifiers --


def _use_nullifier(shelf: Shelf, step: Step) -> tuple[bytes, ...]:
    """Bind, show or free the nullifier of a step; returns the other items that it stands behind."""
    if step.kind not in WITH_NULLIFIER or step.nullifier is None:
        return ()
    value, item = step.nullifier, step.subject
    known = shelf.nullifier(value)
    if step.kind is Kind.CREDITED:
        kept = Nullifier(*(NOBODY if each == item else each for each in (known.bound, known.shown)))
        shelf.put_nullifier(value, kept)
        return ()
    if step.kind is Kind.DELIVERED and known_item(shelf, item).has(Kind.CREDITED):
        return ()
    others = tuple(dict.fromkeys(each for each in (known.bound, known.shown) if each not in (NOBODY, item)))
    shelf.put_nullifier(value, _used(known, step.kind, item))
    return others


def _used(known: Nullifier, kind: Kind, item: bytes) -> Nullifier:
    if kind is not Kind.DELIVERED:
        return replace(known, bound=item) if known.bound == NOBODY else known
    return replace(known, shown=item) if known.bound != item and known.shown == NOBODY else known


def _marked(shelf: Shelf, name: bytes) -> tuple[bytes, int]:
    """Mark another item as a duplicate; returns it with its state now."""
    item = known_item(shelf, name)
    after = _put(shelf, name, item, replace(item, flags=item.flags | DUPLICATE))
    return name, after.packed


# -- dossiers and lots --


def _invoiced(shelf: Shelf, _party: int, step: Step) -> Effect:
    dossier = _with_step(known_dossier(shelf, step.subject), step.kind)
    bit = 1 << step.occurrence
    named = tuple(dict.fromkeys((*dossier.insurers, *step.insurers)))
    whole = dossier.whole if step.partial else dossier.whole | bit
    shelf.put_dossier(step.subject, replace(dossier, invoices=dossier.invoices | bit, whole=whole, insurers=named))
    items = []
    for name, word in zip(step.items, step.words[2::5], strict=True):
        before = known_item(shelf, name)
        head = word[:ID_LENGTH] + bytes([step.occurrence]) + word[ID_LENGTH + 1 :]
        section = Section(Kind.INVOICED, head, step.roots_of(name))
        billed = replace(
            before,
            recorded=before.recorded | 1 << Kind.INVOICED,
            invoices={**before.invoices, step.occurrence: section},
        )
        items.append(_put(shelf, name, before, billed))
    return _of_dossier(shelf, step, items)


def _withdrawn(shelf: Shelf, _party: int, step: Step) -> Effect:
    shelf.put_dossier(step.subject, _with_step(known_dossier(shelf, step.subject), step.kind))
    items = []
    for name in step.items:
        before = known_item(shelf, name)
        rest = {occurrence: each for occurrence, each in before.invoices.items() if occurrence != step.invoice}
        items.append(_put(shelf, name, before, replace(before, invoices=rest)))
    return _of_dossier(shelf, step, items)


def _of_dossier(shelf: Shelf, step: Step, items: Iterable[ItemState]) -> Effect:
    states = [state for item in items for state in _states(item)]
    return Effect((known_dossier(shelf, step.subject).packed, *states))


def _verified(shelf: Shelf, party: int, step: Step) -> Effect:
    dossier = known_dossier(shelf, step.subject)
    earliest = min(dossier.checked_at, step.claimed_at) if dossier.has(Kind.VERIFIED) else step.claimed_at
    first = step.occurrence == 0 and dossier.insurers[:1] == (party,)
    dossier = replace(dossier, checked_at=earliest, flags=dossier.flags | (FIRST_CHECK if first else 0))
    shelf.put_dossier(step.subject, dossier)
    return _dossier_step(shelf, party, step)


def _dossier_step(shelf: Shelf, _party: int, step: Step) -> Effect:
    dossier = _with_step(known_dossier(shelf, step.subject), step.kind)
    shelf.put_dossier(step.subject, dossier)
    return Effect((dossier.packed,))


def _breakage_replaced(shelf: Shelf, party: int, step: Step) -> Effect:
    _dossier_step(shelf, party, step)
    first = known_dossier(shelf, step.named)
    shelf.put_dossier(step.named, replace(first, breakages=min(first.breakages + 1, MAX_BREAKAGES)))
    return Effect((known_dossier(shelf, step.subject).packed, known_dossier(shelf, step.named).packed))


def _lot_shipped(shelf: Shelf, party: int, step: Step) -> Effect:
    lot = LotState(party, step.number, step.words[0])
    shelf.put_lot(step.subject, lot)
    return Effect((lot.packed,))


def _lot_transferred(shelf: Shelf, _party: int, step: Step) -> Effect:
    lot = shelf.lot(step.subject)
    if lot is None:
        raise KeyError("the lot is not known")
    return Effect((lot.packed,))


# -- pieces --


def _with_step(dossier: DossierState, kind: Kind) -> DossierState:
    return replace(dossier, recorded=dossier.recorded | 1 << kind)


def _states(item: ItemState) -> tuple[int, ...]:
    return (item.packed, item.exceptions) if item.is_marked(EXCEPTIONAL) else (item.packed,)


def _put(shelf: Shelf, name: bytes, before: ItemState | None, item: ItemState) -> ItemState:
    """Keep an item with what follows from it, and count it in its dossier if it opened or closed."""
    after = settled(shelf, name, item)
    shelf.put_item(name, after)
    was_open = before is not None and before.is_marked(OPEN)
    if was_open is not after.is_marked(OPEN):
        dossier = known_dossier(shelf, after.dossier)
        shelf.put_dossier(after.dossier, replace(dossier, open=dossier.open + (-1 if was_open else 1)))
    return after


_FOLDS: dict[Kind, Callable[[Shelf, int, Step], Effect]] = {
    Kind.QUOTED: _quoted,
    Kind.ERASED: _erased,
    Kind.INVOICED: _invoiced,
    Kind.WITHDRAWN: _withdrawn,
    Kind.VERIFIED: _verified,
    Kind.BREAKAGE_REPLACED: _breakage_replaced,
    Kind.LOT_SHIPPED: _lot_shipped,
    Kind.LOT_TRANSFERRED: _lot_transferred,
}
