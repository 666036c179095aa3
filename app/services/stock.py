"""What a party holds of lots of stock: units with their keys, and what became of them."""

from app.domain.shelf import Facts
from app.domain.steps import Kind, Step
from app.domain.stock import DRAWN_CODING, UNIT_GROUPS, Unit, drawn_unit, unit_names, unit_of
from app.store import outbox, vault
from app.store.database import Connection


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
    """The unit that the party drew for an item, under the identifier that it is kept by; none if none was."""
    steps = [event.step for event in outbox.events_of(connection, party, subjects=[item])]
    return [drawn_unit(step) for step in steps if step.kind is Kind.DRAWN]
