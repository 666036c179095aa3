"""The words in which the histories of `history_stories.py` are told: one trade, said step by step."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import details
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.merkle import path, root
from app.domain.steps import GROUPS, Step

NOW = 1_800_000_000
"""The block of every step, in seconds since 1970; a chain may be a few minutes later."""
HOUR = 3600

SHOP, RIVAL, MAKER, OTHER_MAKER, INSURER, STRANGER, AUDITOR = 11, 12, 22, 23, 33, 34, 44
PARTIES = {
    SHOP: "optician",
    RIVAL: "optician",
    MAKER: "glassmaker",
    OTHER_MAKER: "glassmaker",
    INSURER: "insurer",
    STRANGER: "insurer",
    AUDITOR: "auditor",
}


class Trade:
    """
    A history in the making. `other` names the groups in which a step says something else than all others do; what is
    said of an item in `same` is what is said of the item that it is given there.

    Each step is claimed a quarter of an hour after the one before, the first 40 hours before the block, unless `ahead`
    says by how many hours more.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[tuple[int, Step]] = []
        self.same: dict[str, str] = {}
        self._units = [[self.root("stock", f"nullifier {number}"), *self._made("stock")] for number in range(3)]

    def named(self, what: str, party: int = SHOP) -> bytes:
        """The identifier of an item, dossier or lot, which the party made."""
        return party.to_bytes(4, "big") + keccak256(f"{self.name}, {what}".encode())[:12]

    def root(self, item: str, group: str, other: Sequence[str] = ()) -> bytes:
        """A group root; the secrets behind it are nobody's."""
        return keccak256(f"{self.name}, {item}, {group}{', other' if group in other else ''}".encode())

    def say(
        self,
        party: int,
        kind: Kind,
        subject: bytes,
        detail: bytes = details.NO_DETAIL,
        words: Sequence[bytes] = (),
        *,
        occurrence: int = 0,
        ahead: float = 0,
    ) -> None:
        """Add a step."""
        claimed = NOW - 40 * HOUR + len(self.steps) * HOUR // 4 + round(ahead * HOUR)
        self.steps.append((party, Step(kind, occurrence, claimed, subject, detail, tuple(words))))

    def quote(
        self, item: str, *, maker: int = MAKER, dossier: str = "sale", replaces: str = "", other: Sequence[str] = ()
    ) -> None:
        """An item quoted, or quoted in another one's place."""
        first = details.id_word(self.named(dossier))
        if replaces:
            words, detail = [first, details.id_word(self.named(replaces))], details.replacing_detail(maker)
        else:
            words, detail = [first, *self._roots(item, Kind.QUOTED, other)], details.quoted_detail(maker)
        self.say(SHOP, Kind.QUOTED, self.named(item), detail, words)

    def order(self, item: str, *, party: int = SHOP, other: Sequence[str] = (), ahead: float = 0) -> None:
        """An item ordered."""
        words = self._roots(item, Kind.ORDERED, other)
        self.say(party, Kind.ORDERED, self.named(item), details.ordered_detail(), words, ahead=ahead)

    def make(
        self,
        item: str,
        *,
        party: int = MAKER,
        device: str = "",
        warranty: bool = False,
        other: Sequence[str] = (),
        ahead: float = 0,
    ) -> None:
        """An item manufactured, the device being that of `device` if it is another one's."""
        words = [*self._roots(item, Kind.MANUFACTURED, other), self.root(device or item, "nullifier")]
        detail = details.manufactured_detail(warranty)
        self.say(party, Kind.MANUFACTURED, self.named(item), detail, words, ahead=ahead)

    def deliver(self, item: str, *, device: str = "", other: Sequence[str] = ()) -> None:
        """An item handed over, with the nullifier of `device` if one is shown."""
        shown = [self.root(device, "nullifier")] if device else []
        self.say(SHOP, Kind.DELIVERED, self.named(item), words=[*self._roots(item, Kind.DELIVERED, other), *shown])

    def tell(self, kind: Kind, item: str, party: int = SHOP, reason: int = 0) -> None:
        """A step on an item that says nothing but perhaps a reason."""
        self.say(party, kind, self.named(item), details.reason_detail(reason))

    def fulfil(self, *items: str) -> None:
        """Lenses ordered, made, shipped, received and handed over, with nothing wrong."""
        for item in items:
            self.order(item)
            self.make(item)
            self.tell(Kind.SHIPPED, item, MAKER)
            self.tell(Kind.RECEIVED, item)
            self.deliver(item, device=item)

    def invoice(
        self,
        *items: str,
        number: int = 0,
        partial: bool = False,
        dossier: str = "sale",
        other: Sequence[str] = (),
        insurers: Sequence[int] = (INSURER,),
    ) -> None:
        """The invoice of that number."""
        words = [self.root(dossier, "claim"), self.root(dossier, "renewal")]
        for item in items:
            words += [details.invoiced_item_word(self.named(item)), *self._roots(item, Kind.INVOICED, other)]
        detail = details.invoiced_detail(partial, insurers)
        self.say(SHOP, Kind.INVOICED, self.named(dossier), detail, words, occurrence=number)

    def check(self, verdict: int = 1, *, invoice: int = 0, party: int = INSURER, occurrence: int = 0) -> None:
        """An insurer's check of an invoice."""
        detail = details.verified_detail(verdict, 0, invoice)
        self.say(party, Kind.VERIFIED, self.named("sale"), detail, occurrence=occurrence)

    def substitute(self, item: str, party: int, *, other: Sequence[str]) -> None:
        """A substitution as one of both says it."""
        words = self._roots(item, Kind.SUBSTITUTED, other)
        self.say(party, Kind.SUBSTITUTED, self.named(item), details.substituted_detail(), words)

    def correct(self, item: str, comparison: int, kind: Kind, group: str, other: Sequence[str] = ()) -> None:
        """The optician declares that what it said in a step of `kind` is incorrect, and what is right."""
        words, detail = [self.root(item, group, other)], details.error_detail(kind, 2)
        self.say(SHOP, Kind.ERROR_DECLARED, self.named(item), detail, words, occurrence=comparison)

    def credit(self, item: str) -> None:
        """The glassmaker takes an item back from its account."""
        words = [self.root(item, "nullifier")]
        self.say(MAKER, Kind.CREDITED, self.named(item), details.reason_detail(1), words)

    def exchange(self, item: str, first: str) -> None:
        """An item given for the first one under the warranty."""
        words = [details.id_word(self.named(first))]
        self.say(SHOP, Kind.EXCHANGED, self.named(item), details.reason_detail(1), words)

    def withdraw(self, *items: str, invoice: int = 0) -> None:
        """An invoice withdrawn for these items."""
        words = [details.id_word(self.named(item)) for item in items]
        self.say(SHOP, Kind.WITHDRAWN, self.named("sale"), details.occurrence_detail(invoice), words)

    def stock(self) -> None:
        """A lot of three units shipped to the shop."""
        words = [root(self._leaves())]
        self.say(MAKER, Kind.LOT_SHIPPED, self.named("lot", MAKER), details.party_detail(SHOP), words)

    def draw(self, item: str, unit: int, *, party: int = SHOP, claims: int | None = None) -> None:
        """A unit of the lot drawn for an item, under the number `claims` if that is another one."""
        leaves = self._leaves()
        siblings = path(leaves, leaves[unit])
        words = [details.id_word(self.named("lot", MAKER)), *self._units[unit], *siblings]
        detail = details.drawn_detail(unit if claims is None else claims)
        self.say(party, Kind.DRAWN, self.named(item), detail, words)

    def _made(self, item: str) -> list[bytes]:
        return self._roots(item, Kind.DRAWN, ())

    def _roots(self, item: str, kind: Kind, other: Sequence[str]) -> list[bytes]:
        return [self.root(self.same.get(item, item), group, other) for group in GROUPS[kind]]

    def _leaves(self) -> list[bytes]:
        return [details.unit_leaf(number, unit) for number, unit in enumerate(self._units)]
