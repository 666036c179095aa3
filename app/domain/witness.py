"""
The witness of a step: the tables of the items it is about, as a relayer adds them unsigned.

Which places are expanded, kind by kind, is the table of `contracts/interfaces/IEquipmentLedger.sol`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.domain.facts import DEVICE_PLACE, INVOICE_PLACE, PLACE, PLACES, ZERO, ItemState
from app.domain.kinds import Kind
from app.domain.shelf import Facts
from app.domain.steps import HASH_LENGTH, Step

Witness = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is brought: which places expanded, whether place 7 as its sections' hashes, and place 0 or not."""

    expanded: Collection[int] = ()
    hashes: bool = False
    names_dossier: bool = True


_GIVEN, _FIRST = Form((3, 6), hashes=True), Form((5, 7))
FORMS: Mapping[Kind, Form] = {
    Kind.CREDITED: Form(),
    Kind.ORDERED: Form((1, 3)),
    Kind.MANUFACTURED: Form((2, 5, 7)),
    Kind.DELIVERED: Form((6,)),
    Kind.DRAWN: Form((5, 7)),
    Kind.INVOICED: Form((1, 3, 6), hashes=True, names_dossier=False),
    Kind.WITHDRAWN: Form((1, 2, 3, 6, 7), names_dossier=False),
    Kind.SUBSTITUTED: Form((2, 3)),
    Kind.CANCELLED: Form((3,)),
    Kind.ERROR_DECLARED: Form((1, 2, 3, 5, 6, 7)),
}
"""How the kinds bring the table of each of their items; other kinds need none, or have a rule of their own."""


def witness(shelf: Facts, step: Step) -> Witness:
    """The witness of a step as the facts stand; empty for an item that is not known."""
    if step.kind is Kind.QUOTED:
        return () if step.replaces is None else _of(shelf, step.replaces, Form())
    if step.kind is Kind.EXCHANGED:
        return _of(shelf, step.subject, _GIVEN) + _of(shelf, step.named, _FIRST)
    form = FORMS.get(step.kind)
    return () if form is None else tuple(word for name in step.items for word in _of(shelf, name, form))


def _of(shelf: Facts, name: bytes, form: Form) -> Witness:
    item = shelf.item(name)
    return () if item is None else tuple(_words(item, form))


def _words(item: ItemState, form: Form) -> Iterator[bytes]:
    if form.names_dossier:
        yield item.dossier.ljust(HASH_LENGTH, b"\0")
    by_place = {PLACE[kind]: section for kind, section in item.sections.items()}
    for place in range(1, PLACES - 1):
        if place == DEVICE_PLACE and item.device != ZERO:
            yield item.device
        elif place in by_place:
            section = by_place[place]
            yield from section.words if place in form.expanded else (section.hash,)
    if INVOICE_PLACE in form.expanded:
        yield from (word for section in item.billed for word in section.words)
    elif form.hashes:
        yield from (section.hash for section in item.billed)
    elif item.billed:
        yield item.table[INVOICE_PLACE]
