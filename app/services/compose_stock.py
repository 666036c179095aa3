"""The composition of steps on stock: lots shipped and handed on, and units drawn from them."""

import hmac
from collections.abc import Mapping

from app.domain import details, merkle
from app.domain.commitment import group_key
from app.domain.details import unit_leaf
from app.domain.records import GroupValues, group_values
from app.domain.shelf import optician_of
from app.domain.steps import Kind
from app.domain.stock import UNIT_GROUPS, Unit, drawn_unit, lot_root, unit_name, unit_of
from app.errors import AlreadyRecorded, InvalidRecord, OutOfSequence, PackageMissing
from app.services.coding import coded
from app.services.composing import Composed, Composing, Opened
from app.services.drafts import EventDraft, RawValues, UnitDraft
from app.services.ground import not_found
from app.services.stock import drawn_by, is_used, named_holder, units_of
from app.store import vault
from app.store.registry import Role
from app.store.shelf import StoredFacts


def lot_shipped(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """A glassmaker ships units to a buyer, each committed to under a secret of its own."""
    at.check_named(draft.holder, Role.OPTICIAN, f"{draft.where}/buyer")
    lot = bytes.fromhex(at.new_id())
    opened: Opened = ()
    units = []
    for number, line in enumerate(draft.units, 1):
        unit = _made(at, lot, number, line, draft, f"{draft.where}/units/{number - 1}")
        opened += tuple((unit_name(lot, number).hex(), values) for values in unit.values.values())
        units.append(unit)
    if len({unit.words[0] for unit in units}) != len(units):
        raise InvalidRecord(f"{draft.where}/units", "two units have one device", "Give each its own number or token.")
    words = (lot_root(unit.leaf for unit in units),)
    step = at.step(kind, lot.hex(), details.party_detail(draft.holder), words, draft)
    return Composed(step, None, lot.hex(), opened)


def _made(at: Composing, lot: bytes, number: int, line: UnitDraft, draft: EventDraft, where: str) -> Unit:
    name, secret = unit_name(lot, number).hex(), at.ground.random(32)
    at.additions.secrets[name] = secret
    groups = coded(at.ground.mappings, line.schema, line.groups, lambda: at.claimed(draft), where)
    values = {
        group: group_values(line.schema, group, groups.get(group, {}), f"{where}/{group}") for group in UNIT_GROUPS
    }
    values["device"] = _with_token(at, values["device"], name)
    return unit_of(lot, number, values, {group: group_key(secret, group) for group in UNIT_GROUPS})


def _with_token(at: Composing, device: GroupValues, name: str) -> GroupValues:
    """The device with the token that draws it: the glassmaker's own, or one made from the device's number."""
    if device.values.get("token") is not None:
        return device
    number = device.values.get("number") or name
    token = hmac.digest(at.nullifier_key(), number.encode(), "sha256").hex()
    return GroupValues(device.schema, device.group, {**device.values, "token": token})


def lot_transferred(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """A holder hands a lot on, or the new holder takes it: both sign the same."""
    lot, where = str(draft.lot), f"{draft.where}/lot"
    at.check_named(draft.holder, Role.OPTICIAN, f"{draft.where}/holder")
    held = bool(units_of(at.connection, at.party, bytes.fromhex(lot)))
    if not held and (draft.holder != at.party or not _is_named(at, bytes.fromhex(lot))):
        raise not_found(where)
    if named_holder(at.past, lot) == draft.holder:
        raise AlreadyRecorded("this is said already", where, "Nothing needs to be done.")
    if draft.holder != at.party:
        _check_holds(at, lot, where)
    return Composed(at.step(kind, lot, details.party_detail(draft.holder), (), draft), None, lot, ())


def _is_named(at: Composing, lot: bytes) -> bool:
    """Whether the ledger shows that another party shipped or handed the lot to this one: it is told of no other lot."""
    facts = StoredFacts(at.connection)
    # Both are asked for whatever the first says, so that a lot of others costs what an absent one does.
    known, handed = facts.lot(lot), facts.steps_on(lot, (Kind.LOT_TRANSFERRED,))
    named = any(step.number == at.party != author for author, step in handed)
    return known is not None and (named or known.buyer == at.party)


def _check_holds(at: Composing, lot: str, where: str) -> None:
    if named_holder(at.past, lot) not in (None, at.party):
        raise OutOfSequence("the lot was handed on", where, "Take it back with lot_transferred first.")


def drawn(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician takes a lens from its stock for an item, instead of ordering it."""
    known = at.own_item(str(draft.item), f"{draft.where}/item")
    at.check_made(kind, known, draft.where)
    at.check_order(kind, known.item, draft.where)
    lot, where = bytes.fromhex(str(draft.lot)), f"{draft.where}/lot"
    units, taken = units_of(at.connection, at.party, lot), drawn_by(at.connection, at.party, lot)
    if not units:
        raise PackageMissing(
            "no package of this lot has come in", where, "Take it in with POST /v1/packages, then send the event again."
        )
    if optician_of(lot) != known.glassmaker:
        raise InvalidRecord(where, "the lot is of another glassmaker than the item", "Quote the item with that one.")
    _check_holds(at, lot.hex(), where)
    unit = _free(at, units, lot, draft, known.schema)
    leaves = {number: unit_leaf(number, step.words[1:7]) for number, step in taken.items()}
    leaves |= {number: each.leaf for number, each in units.items()}
    siblings = merkle.path(list(leaves.values()), unit.leaf)
    words = (details.id_word(lot), *unit.words, *siblings)
    step = at.step(kind, known.item, details.drawn_detail(unit.number), words, draft)
    at.drawn.add((lot, unit.number))
    return Composed(step, known.item, known.dossier, tuple((known.item, values) for values in unit.values.values()))


def _free(at: Composing, units: Mapping[int, Unit], lot: bytes, draft: EventDraft, schema: str) -> Unit:
    """The unit that the draft names, if nothing was drawn of it yet."""
    where, unit = f"{draft.where}/unit", units.get(draft.unit)
    mine = {*drawn_by(at.connection, at.party, lot), *(number for name, number in at.drawn if name == lot)}
    if draft.unit in mine or (unit is not None and is_used(StoredFacts(at.connection), unit)):
        raise AlreadyRecorded("this unit stands behind an item already", where, "Draw another one.")
    if unit is None:
        raise not_found(where)
    if unit.schema != schema:
        raise InvalidRecord(where, "the unit is of another schema than the item", "Draw one of its schema.")
    return unit


def with_token(at: Composing, item: str, groups: Mapping[str, RawValues]) -> Mapping[str, RawValues]:
    """The groups said of an item; a drawn device whose token is left out has the one that it was drawn with."""
    step, device = at.drawn_step(item), groups.get("device")
    if step is None or device is None or device.get("token") is not None:
        return groups
    return {**groups, "device": {**device, "token": _of_unit(at, drawn_unit(step), "device").get("token")}}


def with_code(at: Composing, item: str, groups: Mapping[str, RawValues]) -> Mapping[str, RawValues]:
    """
    The groups of an invoice's line; a drawn lens whose coding is left empty has that of its unit.

    It was coded when it was made for stock, by the table of that day, and is compared with the invoice as it was.
    """
    step = at.drawn_step(item)
    return (
        groups
        if step is None or groups.get("coding")
        else {**groups, "coding": _of_unit(at, drawn_unit(step), "coding")}
    )


def _of_unit(at: Composing, unit: str, group: str) -> RawValues:
    shown = vault.openings_about(at.connection, at.party, [unit])
    return next((each.values.values for each in shown if each.values.group == group), {})
