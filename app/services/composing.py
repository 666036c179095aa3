"""
What the composition of every kind needs: what the party knows and did, its keys, and what the drafts before added.

Nothing is written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.commitment import group_key, group_root
from app.domain.lifecycle import INSTEAD, PREDECESSORS, WITH_GLASSMAKER
from app.domain.records import GroupValues, group_values
from app.domain.shapes import is_well_formed
from app.domain.steps import GROUPS, Kind, Step
from app.domain.stock import UNIT_GROUPS, drawn_unit
from app.errors import AlreadyRecorded, InvalidRecord, NotPermitted, OutOfSequence, PackageMissing, RecordErased
from app.services import nullifiers
from app.services.drafts import EventDraft, RawValues
from app.services.ground import Ground, not_found
from app.services.past import Past
from app.store import own, read_model, vault
from app.store.database import Connection
from app.store.own import OwnItem
from app.store.registry import RegisteredParty, Role, anybody_registered, registered_party
from app.store.shelf import StoredFacts

DOSSIER_SCHEMA = "dossier/1"
Opened = tuple[tuple[str, GroupValues], ...]
"""Values by the subject that they belong to."""


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


class Composing:
    """One request of one party on its way to steps."""

    def __init__(self, ground: Ground, connection: Connection, party: int) -> None:
        self.ground = ground
        self.connection = connection
        self.party = party
        self.role = ground.roles[party].label
        self.now = ground.clock.now()
        self.past = Past(connection, party)
        self.additions = Additions()
        self.drawn: set[tuple[bytes, int]] = set()
        self._registered: dict[int, RegisteredParty | None] = {}

    # -- steps --

    def step(
        self,
        kind: Kind,
        subject: str,
        detail: bytes,
        words: Sequence[bytes],
        draft: EventDraft,
        occurrence: int | None = None,
    ) -> Step:
        """The step, counted as done; raises InvalidRecord if the ledger takes none of this form."""
        number = self.past.free_occurrence(kind, subject) if occurrence is None else occurrence
        if number > 255:
            raise InvalidRecord(draft.where, "the dossier has no number left for a step of this kind")
        step = Step(kind, number, self.claimed(draft), bytes.fromhex(subject), detail, tuple(words))
        if not is_well_formed(step):
            raise InvalidRecord(draft.where, "the ledger takes no step of this form", "See docs/protocol.md, 4.")
        self.past.add(step)
        return step

    def claimed(self, draft: EventDraft) -> int:
        """When the event happened."""
        return self.now if draft.occurred_at is None else draft.occurred_at

    # -- commitments --

    def committed(
        self, kind: Kind, item: str, schema: str, raw: Mapping[str, RawValues], where: str
    ) -> tuple[Opened, tuple[bytes, ...]]:
        """Values and roots of every group that the kind commits an item to."""
        opened: Opened = ()
        roots: tuple[bytes, ...] = ()
        for group in GROUPS[kind]:
            key = self.group_key(item, group, where)
            values = group_values(schema, group, raw.get(group, {}), f"{where}/{group}")
            opened += ((item, values),)
            roots += (group_root(values, key),)
        return opened, roots

    def group_key(self, subject: str, group: str, where: str) -> bytes:
        """The key of a group of an item or a dossier; raises RecordErased and PackageMissing."""
        drawn = self.drawn_step(subject) if group in UNIT_GROUPS else None
        # What was drawn from stock was committed to under the unit's keys, and compares under them only.
        held = subject if drawn is None else drawn_unit(drawn)
        new = self.additions.secrets.get(held)
        if new is not None:
            return group_key(new, group)
        key = vault.group_key(self.connection, self.party, held, group)
        if key is None and self.role == "optician":
            raise RecordErased("the retention of this group is over", f"{where}/item", "Quote the item anew.")
        if key is None:
            raise PackageMissing(
                "the optician's package for this item has not come in",
                f"{where}/item",
                "Take the package in with POST /v1/packages, then send the event again.",
            )
        return key

    def drawn_step(self, item: str) -> Step | None:
        """How the item was drawn from stock: the optician's own step, or for its glassmaker the one on the ledger."""
        if self.role != "glassmaker":
            return self.past.step(Kind.DRAWN, item)
        return next(
            (step for _, step in StoredFacts(self.connection).steps_on(bytes.fromhex(item), (Kind.DRAWN,))), None
        )

    def nullifier_key(self) -> bytes:
        """The key that the party's own tokens are derived under."""
        return nullifiers.nullifier_key(self.connection, self.party, self.additions.secrets, self.ground.random)

    # -- what is known --

    def own_item(self, item: str, where: str) -> OwnItem:
        """The item, if it is the optician's own or names this glassmaker."""
        known = own.items_known(self.connection, self.party, [item]).get(item)
        if known is None:
            state = read_model.item_states(self.connection, [item]).get(item)
            if self.role != "glassmaker" or state is None or state.glassmaker != self.party:
                raise not_found(where)
            # Known from the ledger alone: enough to ship; to commit to values takes the optician's package or a unit.
            known = OwnItem(item, state.dossier.hex(), None, self._schema_of_unit(item), state.glassmaker)
        return known

    def _schema_of_unit(self, item: str) -> str:
        """The schema of the unit that the item was drawn as, from the party's own stock; empty if there is none."""
        step = self.drawn_step(item)
        shown = [] if step is None else vault.openings_about(self.connection, self.party, [drawn_unit(step)])
        return next((each.values.schema for each in shown), "")

    def items_in(self, dossier: str) -> list[OwnItem]:
        """The items of a dossier."""
        new = [each for each in self.additions.items.values() if each.dossier == dossier]
        return own.items_in(self.connection, self.party, dossier) + new

    def check_knows(self, dossier: str, where: str) -> None:
        """Refuse a dossier that the party did not open."""
        if not own.knows_dossier(self.connection, self.party, dossier):
            raise not_found(where)

    def dossier_for(self, reference: str) -> str:
        """The dossier of a reference; a new one if there is none."""
        for dossier, known in self.additions.dossiers.items():
            if known == reference:
                return dossier
        found = own.dossier_by_reference(self.connection, self.party, reference)
        if found is None:
            found = self.new_id()
            self.additions.dossiers[found] = reference
            self.additions.secrets[found] = self.ground.random(32)
        return found

    def new_id(self) -> str:
        """An identifier for a new item or dossier of the party."""
        return (self.party.to_bytes(4, "big") + self.ground.random(12)).hex()

    # -- refusals --

    def check_named(self, number: int, role: Role, where: str) -> None:
        """Refuse a number that is no party of that role, as far as the registry is known here."""
        if not number:
            return
        if number not in self._registered:
            self._registered[number] = registered_party(self.connection, number)
        named = self._registered[number]
        if anybody_registered(self.connection) if named is None else named.role is not role:
            raise InvalidRecord(where, f"there is no {role.label} of this number", "See GET /v1/parties.")

    def check_made(self, kind: Kind, item: OwnItem, where: str) -> None:
        """Refuse steps that make no sense for an item whose maker is not on the network."""
        if kind in WITH_GLASSMAKER and not item.glassmaker:
            raise NotPermitted(
                f"the item names no glassmaker, so it is not {kind.label}",
                f"{where}/type",
                "Quote, deliver and invoice it.",
            )

    def check_order(self, kind: Kind, item: str, where: str) -> None:
        """Refuse what the party did to the item before, or may not do yet."""
        if self.past.has(kind, item):
            raise AlreadyRecorded(
                f"this item is {kind.label} already",
                f"{where}/item",
                "Read the event that was accepted before.",
            )
        if kind in INSTEAD and self.past.has(INSTEAD[kind], item):
            raise OutOfSequence(
                "an item is ordered or drawn from stock, not both", f"{where}/item", "Quote another item for it."
            )
        self.check_predecessor(kind, item, where)

    def check_predecessor(self, kind: Kind, item: str, where: str) -> None:
        """Refuse a step before those of which one comes first."""
        before = PREDECESSORS.get(kind, (Kind.QUOTED,) if self.role == "optician" else ())
        done = any(self.past.has(each, item) for each in before) or (
            Kind.DRAWN in before and self.drawn_step(item) is not None
        )
        if before and not done:
            named = before[0].label
            raise OutOfSequence(
                f"an item is {named} before it is {kind.label}",
                f"{where}/item",
                f"Send the {named} event first, or earlier in the same list.",
            )
