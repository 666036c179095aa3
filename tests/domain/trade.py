"""A small trade on a shelf in memory: who takes part, and every kind of step with values that agree unless told so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain import details
from app.domain.conformity import Judgement, judged_dossier, judged_item
from app.domain.facts import DossierState, ItemState
from app.domain.folding import Effect, record
from app.domain.keccak import keccak256
from app.domain.kinds import Kind, Nature
from app.domain.lifecycle import outcome
from app.domain.merkle import path
from app.domain.outcomes import Outcome
from app.domain.reading import Reading
from app.domain.shelf import MemoryShelf, known_dossier, known_item
from app.domain.steps import GROUPS, Step

OPTICIAN, RIVAL, MAKER, OTHER_MAKER, FIRST, SECOND, THIRD, AUDITOR = 11, 12, 22, 23, 33, 34, 35, 44
ROLES = {
    OPTICIAN: "optician",
    RIVAL: "optician",
    MAKER: "glassmaker",
    OTHER_MAKER: "glassmaker",
    FIRST: "insurer",
    SECOND: "insurer",
    THIRD: "insurer",
    AUDITOR: "auditor",
}
DAY = 24 * 3600
START = 1_790_000_000


def name(label: str, party: int = OPTICIAN) -> bytes:
    """An identifier that the party may give."""
    return party.to_bytes(4, "big") + label.encode().ljust(12, b".")


DOSSIER, ITEM, NEXT, LOT = name("dossier"), name("item"), name("next"), name("lot", MAKER)


def root(group: str, variant: str = "") -> bytes:
    """The agreed root of a group, or another one."""
    return keccak256(f"{group} {variant}".encode())


def roots(kind: Kind, **other: str) -> tuple[bytes, ...]:
    """The roots of a kind, all agreed but those of the groups named."""
    return tuple(root(group, other.get(group, "")) for group in GROUPS[kind])


@dataclass(frozen=True)
class Recorded:
    """A recorded step as it is read back."""

    step: Step
    party: int
    block_time: int


@dataclass
class Trade:
    """What was recorded so far, and the clock: each step is claimed a minute after the one before."""

    shelf: MemoryShelf = field(default_factory=lambda: MemoryShelf(dict(ROLES)))
    now: int = START
    seen: list[Recorded] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def take(self, party: int, step: Step, block_time: int | None = None) -> Outcome:
        """Judge a step, and record it if nothing stands against it."""
        time = max(step.claimed_at, self.now) if block_time is None else block_time
        found = outcome(self.shelf, party, step, time)
        if found is Outcome.RECORDED:
            self.effects.append(record(self.shelf, party, step))
            self.seen.append(Recorded(step, party, time))
        return found

    def say(
        self,
        party: int,
        kind: Kind,
        subject: bytes,
        detail: bytes = details.NO_DETAIL,
        words: Sequence[bytes] = (),
        *,
        occurrence: int = 0,
        at: int | None = None,
        block_time: int | None = None,
    ) -> Outcome:
        """Sign a step and hand it in."""
        self.now += 60
        claimed = self.now if at is None else at
        return self.take(party, Step(kind, occurrence, claimed, subject, detail, tuple(words)), block_time)

    # -- an ordinary life --

    def quote(self, item: bytes = ITEM, maker: int = MAKER, dossier: bytes = DOSSIER, **other: str) -> Outcome:
        """Quote an item."""
        words = (details.id_word(dossier), *roots(Kind.QUOTED, **other))
        return self.say(OPTICIAN, Kind.QUOTED, item, details.quoted_detail(maker), words)

    def replace(self, item: bytes = NEXT, old: bytes = ITEM, maker: int = MAKER, dossier: bytes = DOSSIER) -> Outcome:
        """Quote an item that takes another one's place."""
        words = (details.id_word(dossier), details.id_word(old))
        return self.say(OPTICIAN, Kind.QUOTED, item, details.replacing_detail(maker), words)

    def order(self, item: bytes = ITEM, version: int = 1, at: int | None = None, **other: str) -> Outcome:
        """Order an item."""
        detail = details.ordered_detail(version, 1, 1)
        return self.say(OPTICIAN, Kind.ORDERED, item, detail, roots(Kind.ORDERED, **other), at=at)

    def make(
        self,
        item: bytes = ITEM,
        unit: str | None = None,
        *,
        warranty: bool = False,
        maker: int = MAKER,
        at: int | None = None,
        **other: str,
    ) -> Outcome:
        """Manufacture an item; its nullifier is the item's own unless a unit is named."""
        words = (*roots(Kind.MANUFACTURED, **other), nullifier(unit or item.hex()))
        return self.say(maker, Kind.MANUFACTURED, item, details.manufactured_detail(warranty), words, at=at)

    def deliver(self, item: bytes = ITEM, unit: str | None = None, at: int | None = None, **other: str) -> Outcome:
        """Hand an item over; the nullifier is shown if a unit is named."""
        shown = () if unit is None else (nullifier(unit),)
        return self.say(OPTICIAN, Kind.DELIVERED, item, words=(*roots(Kind.DELIVERED, **other), *shown), at=at)

    def bill(
        self,
        *items: bytes,
        occurrence: int = 0,
        partial: bool = False,
        insurers: Sequence[int] = (FIRST,),
        dossier: bytes = DOSSIER,
        version: int = 1,
        at: int | None = None,
        **other: str,
    ) -> Outcome:
        """Invoice items."""
        lines = [
            word
            for item in items or (ITEM,)
            for word in (details.invoiced_item_word(item, version), *roots(Kind.INVOICED, **other))
        ]
        words = (root("claim"), root("renewal"), *lines)
        detail = details.invoiced_detail(partial, insurers)
        return self.say(OPTICIAN, Kind.INVOICED, dossier, detail, words, occurrence=occurrence, at=at)

    def withdraw(self, *items: bytes, invoice: int = 0, occurrence: int = 0, dossier: bytes = DOSSIER) -> Outcome:
        """Withdraw an invoice for items."""
        words = [details.id_word(item) for item in items or (ITEM,)]
        detail = details.occurrence_detail(invoice)
        return self.say(OPTICIAN, Kind.WITHDRAWN, dossier, detail, words, occurrence=occurrence)

    def check(self, party: int = FIRST, invoice: int = 0, occurrence: int = 0, at: int | None = None) -> Outcome:
        """Check an invoice."""
        detail = details.verified_detail(1, 0, invoice)
        return self.say(party, Kind.VERIFIED, DOSSIER, detail, occurrence=occurrence, at=at)

    def live(self, *items: bytes, maker: int = MAKER) -> None:
        """A whole honest life, up to the invoice."""
        for item in items or (ITEM,):
            self.quote(item, maker)
            if maker:
                self.order(item)
                self.make(item)
                self.say(MAKER, Kind.SHIPPED, item)
                self.say(OPTICIAN, Kind.RECEIVED, item)
            self.deliver(item)
        assert self.bill(*items) is Outcome.RECORDED

    # -- what goes otherwise --

    def because(self, party: int, kind: Kind, item: bytes = ITEM, at: int | None = None) -> Outcome:
        """Cancel, refuse, break or return an item."""
        return self.say(party, kind, item, details.reason_detail(1), at=at)

    def credit(self, item: bytes = ITEM, unit: str | None = None) -> Outcome:
        """Credit an item."""
        return self.say(MAKER, Kind.CREDITED, item, details.reason_detail(1), [nullifier(unit or item.hex())])

    def exchange(self, item: bytes = NEXT, first: bytes = ITEM, at: int | None = None) -> Outcome:
        """Exchange the first item for another."""
        return self.say(OPTICIAN, Kind.EXCHANGED, item, details.reason_detail(1), [details.id_word(first)], at=at)

    def substitute(self, party: int, item: bytes = ITEM, at: int | None = None, **other: str) -> Outcome:
        """Declare what takes the place of what was quoted."""
        words = roots(Kind.SUBSTITUTED, **other)
        return self.say(party, Kind.SUBSTITUTED, item, details.substituted_detail(), words, at=at)

    def err(
        self,
        party: int,
        comparison: int,
        kind: Kind,
        corrected: bytes | None,
        item: bytes = ITEM,
        at: int | None = None,
    ) -> Outcome:
        """Declare an error; without a corrected root, that the step did not occur."""
        nature = Nature.DID_NOT_OCCUR if corrected is None else Nature.INCORRECT_DATA
        words = () if corrected is None else (corrected,)
        detail = details.error_detail(kind, nature)
        return self.say(party, Kind.ERROR_DECLARED, item, detail, words, occurrence=comparison, at=at)

    def ship_lot(self, units: bytes, lot: bytes = LOT, buyer: int = OPTICIAN) -> Outcome:
        """Ship a lot of stock whose units have this root."""
        return self.say(MAKER, Kind.LOT_SHIPPED, lot, details.party_detail(buyer), [units])

    def hand_on(self, party: int, holder: int, lot: bytes = LOT, occurrence: int = 0) -> Outcome:
        """Sign that a lot goes to another holder."""
        return self.say(party, Kind.LOT_TRANSFERRED, lot, details.party_detail(holder), occurrence=occurrence)

    def draw(self, item: bytes = ITEM, unit: int = 0, lot: bytes = LOT, count: int = 1, **other: str) -> Outcome:
        """Draw a unit from a lot of so many."""
        words = (*unit_words(unit, **other), *unit_path(unit, count))
        return self.say(OPTICIAN, Kind.DRAWN, item, details.drawn_detail(unit), (details.id_word(lot), *words))

    # -- looking --

    def logged(self) -> tuple[int, ...]:
        """The states that the ledger logs with the last step."""
        return self.effects[-1].states

    def doubles(self) -> tuple[tuple[bytes, int], ...]:
        """The other items that the last step marked, with their states."""
        return self.effects[-1].duplicates

    def item(self, item: bytes = ITEM) -> ItemState:
        """The state of an item."""
        return known_item(self.shelf, item)

    def dossier(self, dossier: bytes = DOSSIER) -> DossierState:
        """The state of a dossier."""
        return known_dossier(self.shelf, dossier)

    def reading(self, now: int | None = None, windows: tuple[tuple[int, int], ...] = ()) -> Reading:
        """All that was recorded, read now."""
        return Reading(self.now if now is None else now, self.seen, windows)

    def judged(self, item: bytes = ITEM, now: int | None = None) -> Judgement:
        """What can be said of an item."""
        return judged_item(self.shelf, item, self.reading(now))

    def cases(self, item: bytes = ITEM, now: int | None = None) -> list[str]:
        """The codes of the cases of an item."""
        return [finding.case.name for finding in self.judged(item, now).findings]

    def verdict(self, dossier: bytes = DOSSIER) -> str:
        """The verdict of a dossier."""
        return judged_dossier(self.shelf, dossier, self.reading()).label


def nullifier(unit: str) -> bytes:
    """The nullifier of a unit."""
    return details.nullifier_of(MAKER, unit.encode())


def unit_words(unit: int, **other: str) -> tuple[bytes, ...]:
    """Nullifier and roots of a unit of stock."""
    return (nullifier(f"unit {unit}"), *roots(Kind.DRAWN, **other))


def unit_leaves(count: int) -> list[bytes]:
    """The leaves of a lot of so many units."""
    return [details.unit_leaf(unit, unit_words(unit)) for unit in range(count)]


def unit_path(unit: int, count: int) -> tuple[bytes, ...]:
    """The siblings of a unit in a lot of so many."""
    return path(unit_leaves(count), unit_leaves(count)[unit])


def field_of(state: int, start: int, size: int) -> int:
    """Some bits of a packed state."""
    return state >> start & (1 << size) - 1


def bits(trade: Trade, item: bytes = ITEM) -> set[int]:
    """The numbers of the mismatches of an item."""
    return {bit for bit in range(16) if trade.item(item).mismatches >> bit & 1}


def exceptions(trade: Trade, item: bytes = ITEM) -> set[int]:
    """The numbers of the bits of an item's exceptions, without the times."""
    return {bit for bit in range(96) if trade.item(item).exceptions >> bit & 1}
