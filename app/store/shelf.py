"""
The facts of the ledger as the mirror's tables hold them, for the domain's rules to read.

Declarations, transfers and requests are steps, and are read from the mirrored log. What the rules write goes to memory
first (`app.domain.shelf.MemoryShelf`) and is stored by the mirror.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, Row, select

from app.domain.facts import NOBODY, ZERO, DossierState, ItemState, LotState, Nullifier, Section
from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.steps import HASH_LENGTH, Step
from app.store.ledger_tables import (
    ledger_dossiers,
    ledger_items,
    ledger_links,
    ledger_lots,
    ledger_nullifiers,
    ledger_registry,
    ledger_steps,
)
from app.store.outbox import step_of
from app.store.registry import Role

_DEVICE, _INHERITED, _INVOICE = 0, 64, 128
"""Marks of what is no section of an item's own step; an invoice's occurrence is added to the last."""


class StoredFacts:
    """
    The facts behind one connection, as they stood when first asked for.

    `before` leaves out steps from that sequence on.
    """

    def __init__(self, connection: Connection, before: int | None = None) -> None:
        self._connection = connection
        self._before = before
        self._roles: dict[int, str | None] = {}
        self._items: dict[bytes, ItemState | None] = {}
        self._dossiers: dict[bytes, DossierState | None] = {}

    def role(self, party: int) -> str | None:
        """The label of the role that the registry's log admits the party in."""
        if party not in self._roles:
            rows = select(ledger_registry.c.role).where(
                ledger_registry.c.party == party, ledger_registry.c.role.is_not(None)
            )
            found = self._connection.execute(rows).scalars().first()
            self._roles[party] = None if found is None else Role(found).label
        return self._roles[party]

    def item(self, name: bytes) -> ItemState | None:
        """What is known of an item."""
        if name not in self._items:
            row = self._connection.execute(select(ledger_items).where(ledger_items.c.item == name.hex())).first()
            self._items[name] = None if row is None else item_state(row)
        return self._items[name]

    def dossier(self, name: bytes) -> DossierState | None:
        """What is known of a dossier."""
        if name not in self._dossiers:
            rows = select(ledger_dossiers).where(ledger_dossiers.c.dossier == name.hex())
            row = self._connection.execute(rows).first()
            self._dossiers[name] = None if row is None else dossier_state(row)
        return self._dossiers[name]

    def lot(self, name: bytes) -> LotState | None:
        """What is known of a lot."""
        row = self._connection.execute(select(ledger_lots).where(ledger_lots.c.lot == name.hex())).first()
        return None if row is None else LotState(row.glassmaker, row.buyer, row.root)

    def nullifier(self, value: bytes) -> Nullifier:
        """What a nullifier stands behind."""
        rows = select(ledger_nullifiers).where(ledger_nullifiers.c.nullifier == value.hex())
        row = self._connection.execute(rows).first()
        return Nullifier() if row is None else Nullifier(_name(row.bound), _name(row.shown))

    def step(self, subject: bytes, kind: Kind, author: int, occurrence: int) -> Step | None:
        """The recorded step of this identity."""
        conditions = (ledger_steps.c.party == author, ledger_steps.c.occurrence == occurrence)
        found = list(self._steps(subject, [kind], *conditions))
        return found[0][1] if found else None

    def steps_on(self, subject: bytes, kinds: Collection[Kind]) -> Sequence[tuple[int, Step]]:
        """Author and step of every recorded step of these kinds with this subject, in the order of recording."""
        return list(self._steps(subject, kinds))

    def steps_with(self, nullifier: bytes) -> Sequence[Step]:
        """Every recorded step that has this nullifier."""
        # A step is kept with its words in one; the links tell in which dossiers to look.
        dossiers = select(ledger_links.c.dossier).where(ledger_links.c.name == nullifier.hex())
        rows = select(ledger_steps).where(
            ledger_steps.c.dossier.in_(dossiers), ledger_steps.c.kind.in_([int(kind) for kind in WITH_NULLIFIER])
        )
        if self._before is not None:
            rows = rows.where(ledger_steps.c.sequence < self._before)
        found = [step_of(row) for row in self._connection.execute(rows.order_by(ledger_steps.c.sequence))]
        return [step for step in found if step.nullifier == nullifier]

    def _steps(self, subject: bytes, kinds: Collection[Kind], *conditions: object) -> Iterator[tuple[int, Step]]:
        rows = select(ledger_steps).where(
            ledger_steps.c.subject == subject.hex(),
            ledger_steps.c.kind.in_([int(kind) for kind in kinds]),
            *conditions,  # type: ignore[arg-type]
        )
        if self._before is not None:
            rows = rows.where(ledger_steps.c.sequence < self._before)
        for row in self._connection.execute(rows.order_by(ledger_steps.c.sequence)):
            yield row.party, step_of(row)

    def items_of(self, dossier: bytes) -> Sequence[bytes]:
        """The items quoted under a dossier."""
        rows = select(ledger_items).where(ledger_items.c.dossier == dossier.hex()).order_by(ledger_items.c.item)
        found = {bytes.fromhex(row.item): row for row in self._connection.execute(rows)}
        # Whoever asks which items there are asks for each of them next.
        for name in found.keys() - self._items.keys():
            self._items[name] = item_state(found[name])
        return list(found)


# -- rows --


def item_columns(state: ItemState) -> dict[str, object]:
    """The facts of an item as the columns that hold them."""
    return {
        "dossier": state.dossier.hex(),
        "glassmaker": state.glassmaker,
        "recorded": state.recorded,
        "mismatches": state.mismatches,
        "flags": state.flags,
        "exceptions": state.exceptions.to_bytes(HASH_LENGTH, "big"),
        "sections": b"".join(_packed_sections(state)),
        "replaces": _hex(state.replaces),
        "first": _hex(state.first),
    }


def item_state(row: Row[tuple[object, ...]]) -> ItemState:
    """The facts that a row of `ledger_items` holds."""
    parts = dict(_read_sections(row.sections))
    return ItemState(
        bytes.fromhex(row.dossier),
        row.glassmaker,
        row.recorded,
        row.mismatches,
        row.flags,
        int.from_bytes(row.exceptions, "big"),
        {Kind(mark): _section(Kind(mark), words) for mark, words in parts.items() if 0 < mark < _INHERITED},
        parts.get(_DEVICE, (ZERO,))[0],
        {mark - _INVOICE: _section(Kind.INVOICED, words) for mark, words in parts.items() if mark >= _INVOICE},
        _section(Kind.INVOICED, parts[_INHERITED]) if _INHERITED in parts else None,
        _name(row.replaces),
        _name(row.first),
    )


def dossier_columns(state: DossierState) -> dict[str, object]:
    """The facts of a dossier as the columns that hold them."""
    return {
        "recorded": state.recorded,
        "quoted": state.quoted,
        "open": state.open,
        "invoices": state.invoices,
        "whole": state.whole,
        "flags": state.flags,
        "breakages": state.breakages,
        "insurers": ",".join(str(number) for number in state.insurers),
        "checked_at": state.checked_at,
    }


def dossier_state(row: Row[tuple[object, ...]]) -> DossierState:
    """The facts that a row of `ledger_dossiers` holds."""
    insurers = tuple(int(number) for number in row.insurers.split(",") if number)
    return DossierState(
        row.recorded, row.quoted, row.open, row.invoices, row.whole, row.flags, row.breakages, insurers, row.checked_at
    )


def _packed_sections(state: ItemState) -> Iterator[bytes]:
    marked: list[tuple[int, tuple[bytes, ...]]] = [(kind, each.words) for kind, each in state.sections.items()]
    marked += [(_INVOICE + occurrence, each.words) for occurrence, each in state.invoices.items()]
    if state.device != ZERO:
        marked.append((_DEVICE, (state.device,)))
    if state.inherited is not None:
        marked.append((_INHERITED, state.inherited.words))
    for mark, words in sorted(marked):
        yield bytes([mark, len(words)]) + b"".join(words)


def _read_sections(packed: bytes) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    at = 0
    while at < len(packed):
        mark, count = packed[at], packed[at + 1]
        end = at + 2 + count * HASH_LENGTH
        yield mark, tuple(packed[start : start + HASH_LENGTH] for start in range(at + 2, end, HASH_LENGTH))
        at = end


def _section(kind: Kind, words: tuple[bytes, ...]) -> Section:
    return Section(kind, words[0], words[1:])


def _hex(name: bytes) -> str | None:
    return None if name == NOBODY else name.hex()


def _name(text: str | None) -> bytes:
    return NOBODY if text is None else bytes.fromhex(text)
