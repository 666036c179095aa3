"""What a party holds of lots of stock: units with their keys, and what became of them."""

from collections.abc import Mapping, Sequence

from app.domain.shelf import Facts, optician_of
from app.domain.steps import Kind, Step
from app.domain.stock import DRAWN_CODING, UNIT_GROUPS, Unit, drawn_unit, unit_names, unit_of
from app.services.composing import Composed
from app.services.past import Past
from app.store import outbox, stock, vault
from app.store.database import Connection
from app.store.own import OwnItem
from app.store.shelf import StoredFacts


def units_of(connection: Connection, party: int, lot: bytes) -> dict[int, Unit]:
    """The units of a lot that the party holds whole, by number; none if its package has not come in."""
    found = {}
    names = unit_names(lot)
    shown = vault.openings_about(connection, party, list(names))
    for name in dict.fromkeys(each.subject for each in shown):
        values = {each.values.group: each.values for each in shown if each.subject == name}
        keys = {group: vault.group_key(connection, party, name, group) for group in UNIT_GROUPS}
        whole = {group: key for group, key in keys.items() if key is not None}
        if values.keys() >= set(UNIT_GROUPS) <= whole.keys():
            found[names[name]] = unit_of(lot, names[name], values, whole)
    return dict(sorted(found.items()))


def drawn_by(connection: Connection, party: int, lot: bytes) -> dict[int, Step]:
    """What the party drew from a lot, by the number of the unit."""
    return {step.number: step for step in outbox.drawn_from(connection, party, lot)}


def is_used(facts: Facts, unit: Unit) -> bool:
    """Whether the ledger shows an item behind the unit."""
    known = facts.nullifier(unit.words[0])
    return any(known.bound) or any(known.shown)


def drawn_key(connection: Connection, party: int, item: str, group: str) -> bytes | None:
    """The key that a drawn item is committed to under, from the package it came in or the unit itself; else None."""
    given = vault.group_keys(connection, party, item).get(DRAWN_CODING) if group == "coding" else None
    if given is not None or group not in UNIT_GROUPS:
        return given
    unit = next(iter(units_behind(connection, party, item)), None)
    return None if unit is None else vault.group_key(connection, party, unit, group)


def units_behind(connection: Connection, party: int, item: str) -> list[str]:
    """
    The unit that was drawn for an item, by the party or from a lot that it made, as it is named in the vault.

    Empty if none was, or if the lot is none of the party's.
    """
    return list(dict.fromkeys(drawn_unit(step) for step in _draws(connection, party, item)))


def lots_behind(connection: Connection, party: int, item: str) -> list[bytes]:
    """The lot of that unit; empty likewise."""
    return list(dict.fromkeys(step.named for step in _draws(connection, party, item)))


def _draws(connection: Connection, party: int, item: str) -> list[Step]:
    own = [event.step for event in outbox.events_of(connection, party, subjects=[item])]
    shown = StoredFacts(connection).steps_on(bytes.fromhex(item), (Kind.DRAWN,))
    recorded = [step for author, step in shown if party in (author, optician_of(step.named))]
    return [step for step in own if step.kind is Kind.DRAWN] + recorded


def lot_parties(facts: Facts, lot: bytes) -> set[int]:
    """Who has or had the units of a lot, as the ledger shows it: its glassmaker, its buyer, whoever it went on to."""
    state = facts.lot(lot)
    named = {step.number for _, step in facts.steps_on(lot, (Kind.LOT_TRANSFERRED,))}
    return {optician_of(lot), *named} | (set() if state is None else {state.buyer})


def drawn_item(connection: Connection, party: int, item: str) -> OwnItem | None:
    """An item that the ledger shows drawn from a lot which the party made, and no package told of; else None."""
    facts = StoredFacts(connection)
    state = facts.item(bytes.fromhex(item))
    made = any(optician_of(step.named) == party for _, step in facts.steps_on(bytes.fromhex(item), (Kind.DRAWN,)))
    return OwnItem(item, state.dossier.hex(), None, "", party) if state is not None and made else None


def keep_shipped(connection: Connection, party: int, accepted: Sequence[Composed], now: int) -> None:
    """Note what accepted steps let the party hold of lots, and which lots it hands on or takes back by them."""
    for each in accepted:
        lot = each.step.subject.hex()
        if each.step.kind is Kind.LOT_SHIPPED:
            stock.keep(connection, party, lot, {name: values.schema for name, values in each.openings}, None, now)
        elif each.step.kind is Kind.LOT_TRANSFERRED:
            stock.hand_on(connection, party, lot, None if each.step.number == party else each.step.number)


def keep_taken(
    connection: Connection, party: int, lot: str, schemas: Mapping[str, str], *, again: bool, now: int
) -> None:
    """
    Note the units of a lot that came in.

    What came before and comes `again` does not come back to who handed the lot on since.
    """
    named = named_holder(Past(connection, party), lot) if again else None
    stock.keep(connection, party, lot, schemas, None if named == party else named, now)


def named_holder(past: Past, lot: str) -> int | None:
    """Whom the party named last as the holder of a lot; None if it never named one."""
    last = max(past.steps(Kind.LOT_TRANSFERRED, lot), key=lambda step: step.occurrence, default=None)
    return None if last is None else last.number
