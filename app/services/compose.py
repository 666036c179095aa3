"""
From drafts to steps: canonical values, group roots, heads.

Nothing is written here. A composer reads what the party already knows and did, checks each draft against it and
against the drafts before it in the same request, and collects what has to be stored if all of them stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.domain import details
from app.domain.commitment import group_key, group_root
from app.domain.conformity import Case, Verdict
from app.domain.kinds import ROLES
from app.domain.lifecycle import CLOCK_TOLERANCE, PREDECESSOR, WITH_GLASSMAKER
from app.domain.records import GroupValues, group_values
from app.domain.schemas import SCHEMAS
from app.domain.shapes import is_well_formed
from app.domain.steps import GROUPS, INVOICE_GROUPS, Kind, Step
from app.errors import AlreadyRecorded, InvalidRecord, NotPermitted, OutOfSequence, PackageMissing, RecordErased
from app.services import nullifiers
from app.services.coding import coded, quoted_at
from app.services.drafts import EventDraft, RawValues
from app.services.ground import Ground, not_found
from app.services.past import Past
from app.store import own, read_model, vault
from app.store.database import Connection
from app.store.own import OwnItem
from app.store.registry import Role, registered_parties

DOSSIER_SCHEMA = "dossier/1"
_BEFORE = dict.fromkeys((Kind.ORDERED, Kind.DELIVERED, Kind.INVOICED), Kind.QUOTED) | PREDECESSOR
_DETAILS = {Kind.ORDERED: details.ordered_detail(), Kind.MANUFACTURED: details.manufactured_detail()}
Opened = tuple[tuple[str, GroupValues], ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A step ready to be signed, with the values behind it by subject."""

    step: Step
    item: str | None
    dossier: str
    openings: Opened


@dataclass(slots=True)
class Additions:
    """What the drafts bring that was not there: dossiers with their references, items, secrets of both."""

    dossiers: dict[str, str] = field(default_factory=dict)
    items: dict[str, OwnItem] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)


class Composer:
    """Composes the drafts of one request of one party, in order."""

    def __init__(self, ground: Ground, connection: Connection, party: int) -> None:
        self._ground = ground
        self._connection = connection
        self._party = party
        self._role = ground.roles[party].label
        self._now = ground.clock.now()
        self._registered = registered_parties(connection)
        self._past = Past(connection, party)
        self.additions = Additions()

    def composed(self, draft: EventDraft) -> Composed:
        """Check one draft and make it a step; raises what is wrong with it, saying where."""
        kind = Kind[draft.kind.upper()]
        if self._role not in ROLES[kind]:
            raise NotPermitted(
                f"a party in the role {self._role} does not sign {kind.label}",
                f"{draft.where}/type",
                f"{kind.label} is signed by the {' or '.join(ROLES[kind])}.",
            )
        if draft.occurred_at is not None and draft.occurred_at > self._now + CLOCK_TOLERANCE:
            raise InvalidRecord(f"{draft.where}/occurred_at", "the event lies in the future", "Check the clock.")
        if kind is Kind.QUOTED:
            return self._quoted(draft)
        if kind is Kind.INVOICED:
            return self._invoiced_step(draft)
        if kind is Kind.VERIFIED:
            return self._verified(draft)
        return self._item_step(kind, draft)

    # -- kinds --

    def _quoted(self, draft: EventDraft) -> Composed:
        self._check_named(draft.glassmaker, Role.GLASSMAKER, f"{draft.where}/glassmaker")
        schema, reference = str(draft.schema), str(draft.item_reference)
        self._check_schema(schema, draft)
        dossier = self._dossier_for(str(draft.dossier_reference))
        if any(each.reference == reference for each in self._items_in(dossier)):
            raise AlreadyRecorded(
                "this dossier has an item of this reference",
                f"{draft.where}/item_reference",
                "Look the item up by its reference; it was quoted before.",
            )
        item = self._new_id()
        self.additions.items[item] = OwnItem(item, dossier, reference, schema, draft.glassmaker)
        self.additions.secrets[item] = self._ground.random(32)
        mappings, claimed = self._ground.mappings, self._claimed(draft)
        groups = coded(mappings, schema, draft.groups or {}, lambda: claimed, draft.where)
        opened, roots = self._committed(Kind.QUOTED, item, schema, groups, draft.where)
        words = (details.id_word(bytes.fromhex(dossier)), *roots)
        step = self._step(Kind.QUOTED, item, details.quoted_detail(draft.glassmaker), words, draft)
        return Composed(step, item, dossier, opened)

    def _check_schema(self, schema: str, draft: EventDraft) -> None:
        """What a glassmaker commits to has to have its fields in the item's schema."""
        groups = SCHEMAS[schema].groups if schema in SCHEMAS else {}
        if any(group not in groups for group in GROUPS[Kind.QUOTED]):
            raise InvalidRecord(
                f"{draft.where}/schema", "there is no such schema of an item", "See docs/protocol.md, 2."
            )
        if draft.glassmaker and any(group not in groups for group in GROUPS[Kind.MANUFACTURED]):
            raise InvalidRecord(
                f"{draft.where}/glassmaker",
                "an item of this schema is made by no party",
                "Leave glassmaker null.",
            )

    def _item_step(self, kind: Kind, draft: EventDraft) -> Composed:
        known = self._own_item(str(draft.item), f"{draft.where}/item")
        if kind in WITH_GLASSMAKER and not known.glassmaker:
            raise NotPermitted(
                f"the item names no glassmaker, so it is not {kind.label}",
                f"{draft.where}/type",
                "Quote, deliver and invoice it.",
            )
        self._check_order(kind, known.item, draft.where)
        groups = draft.groups or {}
        if kind is Kind.MANUFACTURED and known.schema:
            about = (self._connection, known.dossier, known.item)
            groups = coded(self._ground.mappings, known.schema, groups, lambda: quoted_at(*about), draft.where)
        opened, roots = self._committed(kind, known.item, known.schema, groups, draft.where)
        words = (*roots, *self._nullifiers(kind, known, opened))
        detail = _DETAILS.get(kind, details.NO_DETAIL)
        return Composed(self._step(kind, known.item, detail, words, draft), known.item, known.dossier, opened)

    def _nullifiers(self, kind: Kind, item: OwnItem, opened: Opened) -> tuple[bytes, ...]:
        device = next((values for _, values in opened if values.group == "device"), None)
        if device is None:
            return ()
        if kind is not Kind.MANUFACTURED:
            return nullifiers.shown_with(self._connection, item.item, item.glassmaker, device)
        secrets = self.additions.secrets
        key = partial(nullifiers.nullifier_key, self._connection, self._party, secrets, self._ground.random)
        return (nullifiers.made(item.glassmaker, device, item.item, key),)

    def _invoiced_step(self, draft: EventDraft) -> Composed:
        dossier = str(draft.dossier)
        if not self._knows(dossier):
            raise not_found(f"{draft.where}/dossier")
        for number, insurer in enumerate(draft.insurers):
            self._check_named(insurer, Role.INSURER, f"{draft.where}/insurers/{number}")
        opened, words = self._committed_invoice(dossier, draft)
        billed: set[str] = set()
        for number, line in enumerate(draft.items):
            where = f"{draft.where}/items/{number}"
            known = self._own_item(line.item, f"{where}/item")
            if known.dossier != dossier:
                raise InvalidRecord(f"{where}/item", "the item belongs to another dossier", "Invoice it there.")
            if line.item in billed or self._past.invoiced(dossier, line.item):
                raise AlreadyRecorded(
                    "this item is invoiced already",
                    f"{where}/item",
                    "An item is invoiced once; leave it out.",
                )
            self._check_predecessor(Kind.INVOICED, line.item, where)
            values, roots = self._committed(Kind.INVOICED, line.item, known.schema, line.groups, where)
            opened += values
            words += (details.invoiced_item_word(bytes.fromhex(line.item)), *roots)
            billed.add(line.item)
        detail = details.invoiced_detail(draft.partial, draft.insurers)
        return Composed(self._step(Kind.INVOICED, dossier, detail, words, draft), None, dossier, opened)

    def _committed_invoice(self, dossier: str, draft: EventDraft) -> tuple[Opened, tuple[bytes, ...]]:
        groups = draft.groups or {}
        opened: Opened = ()
        words: tuple[bytes, ...] = ()
        for group in INVOICE_GROUPS:
            values = group_values(DOSSIER_SCHEMA, group, groups.get(group, {}), f"{draft.where}/{group}")
            opened += ((dossier, values),)
            words += (group_root(values, self._group_key(dossier, group, draft.where)),)
        return opened, words

    def _verified(self, draft: EventDraft) -> Composed:
        dossier = str(draft.dossier)
        named = read_model.concerns(self._connection, self._party, dossier)
        if not named and not own.knows_dossier(self._connection, self._party, dossier):
            raise not_found(f"{draft.where}/dossier")
        mask = sum(1 << Case[code] for code in set(draft.cases))
        verdict = Verdict[str(draft.verdict).upper()]
        detail = details.verified_detail(int(verdict), mask, draft.invoice)
        if self._past.checked(dossier, detail):
            raise AlreadyRecorded("this check is recorded already", draft.where, "Nothing needs to be done.")
        return Composed(self._step(Kind.VERIFIED, dossier, detail, (), draft), None, dossier, ())

    # -- pieces --

    def _step(self, kind: Kind, subject: str, detail: bytes, words: Sequence[bytes], draft: EventDraft) -> Step:
        occurrence = self._past.free_occurrence(kind, subject)
        step = Step(kind, occurrence, self._claimed(draft), bytes.fromhex(subject), detail, tuple(words))
        if not is_well_formed(step):
            raise InvalidRecord(draft.where, "the ledger takes no step of this form", "See docs/protocol.md, 4.")
        self._past.add(step)
        return step

    def _claimed(self, draft: EventDraft) -> int:
        return self._now if draft.occurred_at is None else draft.occurred_at

    def _committed(
        self, kind: Kind, item: str, schema: str, raw: Mapping[str, RawValues], where: str
    ) -> tuple[Opened, tuple[bytes, ...]]:
        """Values and roots of every group that the kind commits an item to."""
        opened: Opened = ()
        roots: tuple[bytes, ...] = ()
        for group in GROUPS[kind]:
            key = self._group_key(item, group, where)
            values = group_values(schema, group, raw.get(group, {}), f"{where}/{group}")
            opened += ((item, values),)
            roots += (group_root(values, key),)
        return opened, roots

    def _group_key(self, item: str, group: str, where: str) -> bytes:
        new = self.additions.secrets.get(item)
        if new is not None:
            return group_key(new, group)
        key = vault.group_key(self._connection, self._party, item, group)
        if key is None and self._role == "optician":
            raise RecordErased("the retention of this group is over", f"{where}/item", "Quote the item anew.")
        if key is None:
            raise PackageMissing(
                "the optician's package for this item has not come in",
                f"{where}/item",
                "Take the package in with POST /v1/packages, then send the event again.",
            )
        return key

    def _own_item(self, item: str, where: str) -> OwnItem:
        """The item, if it is the optician's own or names this glassmaker."""
        known = own.items_known(self._connection, self._party, [item]).get(item)
        if known is None:
            state = read_model.item_states(self._connection, [item]).get(item)
            if self._role != "glassmaker" or state is None or state.glassmaker != self._party:
                raise not_found(where)
            # Known from the ledger alone: enough to ship; to commit to values takes the optician's package.
            known = OwnItem(item, state.dossier.hex(), None, "", state.glassmaker)
        return known

    def _items_in(self, dossier: str) -> list[OwnItem]:
        new = [each for each in self.additions.items.values() if each.dossier == dossier]
        return own.items_in(self._connection, self._party, dossier) + new

    def _knows(self, dossier: str) -> bool:
        return own.knows_dossier(self._connection, self._party, dossier)

    def _dossier_for(self, reference: str) -> str:
        for dossier, known in self.additions.dossiers.items():
            if known == reference:
                return dossier
        found = own.dossier_by_reference(self._connection, self._party, reference)
        if found is None:
            found = self._new_id()
            self.additions.dossiers[found] = reference
            self.additions.secrets[found] = self._ground.random(32)
        return found

    def _new_id(self) -> str:
        return (self._party.to_bytes(4, "big") + self._ground.random(12)).hex()

    def _check_named(self, number: int, role: Role, where: str) -> None:
        """Refuse a number that is no party of that role, as far as the registry is known here."""
        if not number or not self._registered:
            return
        named = self._registered.get(number)
        if named is None or named.role is not role:
            raise InvalidRecord(where, f"there is no {role.label} of this number", "See GET /v1/parties.")

    def _check_order(self, kind: Kind, item: str, where: str) -> None:
        if self._past.has(kind, item):
            raise AlreadyRecorded(
                f"this item is {kind.label} already",
                f"{where}/item",
                "Read the event that was accepted before.",
            )
        self._check_predecessor(kind, item, where)

    def _check_predecessor(self, kind: Kind, item: str, where: str) -> None:
        before = _BEFORE.get(kind)
        if before is not None and not self._past.has(before, item):
            raise OutOfSequence(
                f"an item is {before.label} before it is {kind.label}",
                f"{where}/item",
                f"Send the {before.label} event first, or earlier in the same list.",
            )
