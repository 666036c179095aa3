"""
From drafts to steps: canonical values, group roots, heads.

Nothing is written here. A composer reads what the party already knows and did, checks each draft against it and
against the drafts before it in the same request, and collects what has to be stored if all of them stand.
"""

from collections.abc import Callable, Mapping

from app.domain import details
from app.domain.commitment import group_root
from app.domain.conformity import Case, Verdict
from app.domain.kinds import ROLES
from app.domain.lifecycle import CLOCK_TOLERANCE
from app.domain.records import group_values
from app.domain.schemas import SCHEMAS
from app.domain.steps import GROUPS, INVOICE_GROUPS, Kind
from app.errors import AlreadyRecorded, InvalidRecord, NotPermitted
from app.services import nullifiers
from app.services.coding import coded, quoted_at
from app.services.compose_after_sale import breakage_replaced, renewal_stated
from app.services.compose_dossiers import (
    answered,
    cover_answered,
    cover_cancelled,
    cover_requested,
    decided,
    opening_demanded,
)
from app.services.compose_exceptions import credited, error_declared, exchanged, reasoned, replacing, withdrawn
from app.services.compose_stock import drawn, lot_shipped, lot_transferred, with_code, with_token
from app.services.composing import DOSSIER_SCHEMA, Additions, Composed, Composing, Opened
from app.services.drafts import EventDraft
from app.services.ground import Ground, not_found
from app.store import own, read_model
from app.store.database import Connection
from app.store.own import OwnItem
from app.store.registry import Role

_DETAILS = {Kind.ORDERED: details.ordered_detail(), Kind.SUBSTITUTED: details.substituted_detail()}


class Composer:
    """Composes the drafts of one request of one party, in order."""

    def __init__(self, ground: Ground, connection: Connection, party: int) -> None:
        self._at = Composing(ground, connection, party)

    @property
    def additions(self) -> Additions:
        """What has to be stored beside the steps."""
        return self._at.additions

    def composed(self, draft: EventDraft) -> Composed:
        """Check one draft and make it a step; raises what is wrong with it, saying where."""
        kind = Kind[draft.kind.upper()]
        if self._at.role not in ROLES[kind]:
            raise NotPermitted(
                f"a party in the role {self._at.role} does not sign {kind.label}",
                f"{draft.where}/type",
                f"{kind.label} is signed by the {' or '.join(ROLES[kind])}.",
            )
        if draft.occurred_at is not None and draft.occurred_at > self._at.now + CLOCK_TOLERANCE:
            raise InvalidRecord(f"{draft.where}/occurred_at", "the event lies in the future", "Check the clock.")
        return _COMPOSED.get(kind, _item_step)(self._at, kind, draft)


# -- quotes --


def _quoted(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    at.check_named(draft.glassmaker, Role.GLASSMAKER, f"{draft.where}/glassmaker")
    schema, reference = str(draft.schema), str(draft.item_reference)
    _check_schema(schema, draft)
    replaced = None if draft.replaces is None else replacing(at, draft)
    dossier = at.dossier_for(str(draft.dossier_reference)) if replaced is None else replaced.dossier
    if any(each.reference == reference for each in at.items_in(dossier)):
        raise AlreadyRecorded(
            "this dossier has an item of this reference",
            f"{draft.where}/item_reference",
            "Look the item up by its reference; it was quoted before.",
        )
    item = at.new_id()
    at.additions.items[item] = OwnItem(item, dossier, reference, schema, draft.glassmaker)
    opened: Opened = ()
    words: tuple[bytes, ...] = (details.id_word(bytes.fromhex(dossier)),)
    if replaced is None:
        at.additions.secrets[item] = at.ground.random(32)
        mappings, claimed = at.ground.mappings, at.claimed(draft)
        groups = coded(mappings, schema, draft.groups or {}, lambda: claimed, draft.where)
        opened, roots = at.committed(kind, item, schema, groups, draft.where)
        detail, words = details.quoted_detail(draft.glassmaker), words + roots
    else:
        at.additions.secrets[item] = replaced.secret
        detail = details.replacing_detail(draft.glassmaker)
        words += (details.id_word(bytes.fromhex(replaced.item)),)
    return Composed(at.step(kind, item, detail, words, draft), item, dossier, opened)


def _check_schema(schema: str, draft: EventDraft) -> None:
    """What a glassmaker commits to has to have its fields in the item's schema."""
    groups = SCHEMAS[schema].groups if schema in SCHEMAS else {}
    if any(group not in groups for group in GROUPS[Kind.QUOTED]):
        raise InvalidRecord(f"{draft.where}/schema", "there is no such schema of an item", "See docs/protocol.md, 2.")
    if draft.glassmaker and any(group not in groups for group in GROUPS[Kind.MANUFACTURED]):
        raise InvalidRecord(
            f"{draft.where}/glassmaker",
            "an item of this schema is made by no party",
            "Leave glassmaker null.",
        )


# -- items --


def _item_step(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    known = at.own_item(str(draft.item), f"{draft.where}/item")
    at.check_made(kind, known, draft.where)
    at.check_order(kind, known.item, draft.where)
    groups = draft.groups or {}
    if kind is Kind.DELIVERED:
        groups = with_token(at, known.item, groups)
    if kind is Kind.MANUFACTURED and known.schema:
        about = (at.connection, known.dossier, known.item)
        groups = coded(at.ground.mappings, known.schema, groups, lambda: quoted_at(*about), draft.where)
    opened, roots = at.committed(kind, known.item, known.schema, groups, draft.where)
    words = (*roots, *_nullifiers(at, kind, known, opened))
    detail = _DETAILS.get(kind, details.NO_DETAIL)
    if kind is Kind.MANUFACTURED:
        detail = details.manufactured_detail(draft.warranty)
    return Composed(at.step(kind, known.item, detail, words, draft), known.item, known.dossier, opened)


def _nullifiers(at: Composing, kind: Kind, item: OwnItem, opened: Opened) -> tuple[bytes, ...]:
    device = next((values for _, values in opened if values.group == "device"), None)
    if device is None:
        return ()
    if kind is Kind.MANUFACTURED:
        return (nullifiers.made(item.glassmaker, device, item.item, at.nullifier_key),)
    return nullifiers.shown_with(at.connection, item.item, item.glassmaker, device)


# -- dossiers --


def _invoiced(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    dossier = str(draft.dossier)
    at.check_knows(dossier, f"{draft.where}/dossier")
    for number, insurer in enumerate(draft.insurers):
        at.check_named(insurer, Role.INSURER, f"{draft.where}/insurers/{number}")
    opened, words = _committed_invoice(at, dossier, draft)
    billed: set[str] = set()
    for number, line in enumerate(draft.items):
        where = f"{draft.where}/items/{number}"
        known = at.own_item(line.item, f"{where}/item")
        if known.dossier != dossier:
            raise InvalidRecord(f"{where}/item", "the item belongs to another dossier", "Invoice it there.")
        if line.item in billed or at.past.invoiced(dossier, line.item):
            raise AlreadyRecorded(
                "this item is invoiced already",
                f"{where}/item",
                "An item is invoiced once; leave it out, or withdraw the invoice for it.",
            )
        at.check_predecessor(kind, line.item, where)
        values, roots = at.committed(kind, line.item, known.schema, with_code(at, line.item, line.groups), where)
        opened += values
        words += (details.invoiced_item_word(bytes.fromhex(line.item)), *roots)
        billed.add(line.item)
    detail = details.invoiced_detail(draft.partial, draft.insurers)
    return Composed(at.step(kind, dossier, detail, words, draft), None, dossier, opened)


def _committed_invoice(at: Composing, dossier: str, draft: EventDraft) -> tuple[Opened, tuple[bytes, ...]]:
    groups = draft.groups or {}
    opened: Opened = ()
    words: tuple[bytes, ...] = ()
    for group in INVOICE_GROUPS:
        values = group_values(DOSSIER_SCHEMA, group, groups.get(group, {}), f"{draft.where}/{group}")
        opened += ((dossier, values),)
        words += (group_root(values, at.group_key(dossier, group, draft.where)),)
    return opened, words


def _verified(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    dossier = str(draft.dossier)
    named = read_model.concerns(at.connection, at.party, dossier)
    if not named and not own.knows_dossier(at.connection, at.party, dossier):
        raise not_found(f"{draft.where}/dossier")
    mask = sum(1 << Case[code] for code in set(draft.cases))
    verdict = Verdict[str(draft.verdict).upper()]
    detail = details.verified_detail(int(verdict), mask, draft.invoice)
    if at.past.said(kind, dossier, detail):
        raise AlreadyRecorded("this check is recorded already", draft.where, "Nothing needs to be done.")
    return Composed(at.step(kind, dossier, detail, (), draft), None, dossier, ())


_COMPOSED: Mapping[Kind, Callable[[Composing, Kind, EventDraft], Composed]] = {
    Kind.QUOTED: _quoted,
    Kind.INVOICED: _invoiced,
    Kind.VERIFIED: _verified,
    Kind.WITHDRAWN: withdrawn,
    Kind.CREDITED: credited,
    Kind.EXCHANGED: exchanged,
    Kind.ERROR_DECLARED: error_declared,
    Kind.BREAKAGE_REPLACED: breakage_replaced,
    Kind.RENEWAL_STATED: renewal_stated,
    Kind.LOT_SHIPPED: lot_shipped,
    Kind.LOT_TRANSFERRED: lot_transferred,
    Kind.DRAWN: drawn,
    Kind.COVER_REQUESTED: cover_requested,
    Kind.COVER_ANSWERED: cover_answered,
    Kind.COVER_CANCELLED: cover_cancelled,
    Kind.DECIDED: decided,
    Kind.ANSWERED: answered,
    Kind.OPENING_DEMANDED: opening_demanded,
    **dict.fromkeys((Kind.CANCELLED, Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING, Kind.RETURNED), reasoned),
}
"""How the kinds are composed that are not one step of one item with groups and nothing more."""
