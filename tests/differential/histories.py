"""
Random histories of one trade: two or three items, most steps lawful, some not, in any order.

A history is a list of (party, step). It is drawn from a seed, so a run can be repeated and sliced. Roots, nullifiers
and times come from small ranges, so that everything agrees, differs and collides often.
"""

from collections.abc import Callable
from random import Random

from app.domain import details
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.merkle import path, root
from app.domain.steps import GROUPS, Step

OPTICIAN, RIVAL, MAKER, OTHER_MAKER, FIRST, SECOND, AUDITOR = 11, 12, 22, 23, 33, 34, 44
ROLES = {
    OPTICIAN: "optician",
    RIVAL: "optician",
    MAKER: "glassmaker",
    OTHER_MAKER: "glassmaker",
    FIRST: "insurer",
    SECOND: "insurer",
    AUDITOR: "auditor",
}
MINUTE = 60
ERRORS = (
    *((bit, kind) for bit in (0, 1) for kind in (Kind.QUOTED, Kind.ORDERED)),
    *((bit, kind) for bit in (2, 3, 4) for kind in (Kind.ORDERED, Kind.MANUFACTURED)),
    *((bit, kind) for bit in (5, 6, 7) for kind in (Kind.MANUFACTURED, Kind.INVOICED)),
    *((bit, kind) for bit in (8, 9, 10, 11) for kind in (Kind.QUOTED, Kind.INVOICED)),
    *((12, kind) for kind in (Kind.MANUFACTURED, Kind.DELIVERED)),
)
WEIGHTS: dict[Kind, int] = {
    Kind.ORDERED: 6,
    Kind.MANUFACTURED: 6,
    Kind.SHIPPED: 2,
    Kind.RECEIVED: 2,
    Kind.DELIVERED: 5,
    Kind.INVOICED: 7,
    Kind.VERIFIED: 3,
    Kind.QUOTED: 4,
    Kind.SUBSTITUTED: 4,
    Kind.ERROR_DECLARED: 6,
    Kind.EXCHANGED: 4,
    Kind.WITHDRAWN: 3,
    Kind.DRAWN: 3,
}


class History:
    """Draws steps about one trade of its own; `now` is the time of the block that they go into."""

    def __init__(self, seed: int, now: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.start = now - 1000 * MINUTE
        self.dossiers = [self._name("dossier", 0), self._name("dossier", 1)]
        self.items = [self._name("item", number) for number in range(3)]
        self.lot = self._name("lot", 0, MAKER)
        self.maker = self.random.choice([MAKER, MAKER, MAKER, MAKER, 0])
        self.units = [self._unit(number) for number in range(3)]

    def steps(self) -> list[tuple[int, Step]]:
        """The whole history: the quote first, mostly, then anything."""
        found = [self._fresh_quote(self.items[0], self.dossiers[0])]
        if self.random.random() < 0.5:
            found.append((MAKER, self._step(Kind.LOT_SHIPPED, self.lot, details.party_detail(OPTICIAN), [self._lot()])))
        kinds = list(Kind)
        weights = [WEIGHTS.get(kind, 1) for kind in kinds]
        for kind in self.random.choices(kinds, weights, k=self.random.randint(4, 22)):
            found.append(self._spoilt(*self._any(kind)))
        if self.random.random() < 0.1:
            self.random.shuffle(found)
        return found

    # -- values --

    def _name(self, label: str, number: int, party: int = OPTICIAN) -> bytes:
        return party.to_bytes(4, "big") + keccak256(f"{label} {number} {self.seed}".encode())[:12]

    def _root(self, group: str) -> bytes:
        variant = self.random.choice(["", "", "", "", "", "other"])
        return keccak256(f"{group} {variant} {self.seed}".encode())

    def _roots(self, kind: Kind) -> list[bytes]:
        return [self._root(group) for group in GROUPS[kind]]

    def _nullifier(self) -> bytes:
        return keccak256(f"nullifier {self.random.choice('uuuv')} {self.seed}".encode())

    def _version(self) -> int:
        return self.random.choice([1] * 12 + [2])

    def _reason(self) -> bytes:
        return details.reason_detail(self.random.randint(1, 4))

    def _item(self) -> bytes:
        return self.random.choice([self.items[0], self.items[0], *self.items])

    def _dossier(self) -> bytes:
        return self.random.choice([*self.dossiers[:1] * 8, self.dossiers[1]])

    def _step(
        self, kind: Kind, subject: bytes, detail: bytes = details.NO_DETAIL, words: object = (), occurrence: int = 0
    ) -> Step:
        claimed = self.start + self.random.randrange(0, 900) * MINUTE
        return Step(kind, occurrence, claimed, subject, detail, tuple(words))  # type: ignore[arg-type]

    def _unit(self, number: int) -> list[bytes]:
        groups = ("product", "supplements", "correction", "coding", "device")
        token = keccak256(f"nullifier {'uvw'[number]} {self.seed}".encode())
        return [token, *(keccak256(f"{group}  {self.seed}".encode()) for group in groups)]

    def _leaves(self) -> list[bytes]:
        return [details.unit_leaf(number, unit) for number, unit in enumerate(self.units)]

    def _lot(self) -> bytes:
        return root(self._leaves())

    # -- steps --

    def _any(self, kind: Kind) -> tuple[int, Step]:
        make: dict[Kind, Callable[[], tuple[int, Step]]] = {
            Kind.QUOTED: self._quote,
            Kind.INVOICED: self._invoice,
            Kind.ERROR_DECLARED: self._error,
            Kind.DRAWN: self._drawing,
            Kind.ERASED: self._erasure,
            Kind.LOT_SHIPPED: lambda: (
                MAKER,
                self._step(kind, self.lot, details.party_detail(self.random.choice([OPTICIAN, RIVAL])), [self._lot()]),
            ),
            Kind.LOT_TRANSFERRED: self._transfer,
        }
        if kind in make:
            return make[kind]()
        return self._of_dossier(kind) if kind >= Kind.DECIDED or kind is Kind.VERIFIED else self._of_item(kind)

    def _fresh_quote(self, item: bytes, dossier: bytes) -> tuple[int, Step]:
        words = [details.id_word(dossier), *self._roots(Kind.QUOTED)]
        return OPTICIAN, self._step(Kind.QUOTED, item, details.quoted_detail(self.maker), words)

    def _quote(self) -> tuple[int, Step]:
        if self.random.random() < 0.3:
            return self._fresh_quote(self._item(), self._dossier())
        new, old = self.random.choice([self.items[1:], self.items[:0:-1]])[:2][::-1][0], self._item()
        maker = self.random.choice([self.maker, self.maker, self.maker, OTHER_MAKER])
        words = [details.id_word(self._dossier()), details.id_word(old)]
        return OPTICIAN, self._step(Kind.QUOTED, new, details.replacing_detail(maker), words)

    def _invoice(self) -> tuple[int, Step]:
        items = self.random.sample(self.items, self.random.choice([1, 1, 1, 2, 3]))
        if self.random.random() < 0.7:
            items = [self.items[0], *(item for item in items[1:] if item != self.items[0])]
        words = [self._root("claim"), self._root("renewal")]
        for item in items:
            words += [details.invoiced_item_word(item, self._version(), self._version()), *self._roots(Kind.INVOICED)]
        insurers = self.random.choice([[FIRST], [FIRST], [FIRST, SECOND], [SECOND], []])
        detail = details.invoiced_detail(self.random.random() < 0.4, insurers)
        return OPTICIAN, self._step(Kind.INVOICED, self._dossier(), detail, words, self.random.choice([0, 0, 1, 2]))

    def _error(self) -> tuple[int, Step]:
        bit, kind = self.random.choice(ERRORS)
        party = self.random.choice([OPTICIAN, OPTICIAN, MAKER])
        group = ("product", "supplements", "product", "supplements", "correction", "product", "supplements", "coding",
                 "coding", "price", "product", "supplements", "device")[bit]  # fmt: skip
        may_deny = kind in (Kind.ORDERED, Kind.MANUFACTURED, Kind.DELIVERED)
        if may_deny and self.random.random() < 0.2:
            return party, self._step(Kind.ERROR_DECLARED, self._item(), details.error_detail(kind, 1), (), bit)
        words = [self._root(group)]
        return party, self._step(Kind.ERROR_DECLARED, self._item(), details.error_detail(kind, 2), words, bit)

    def _drawing(self) -> tuple[int, Step]:
        number = self.random.randrange(3)
        leaves = self._leaves()
        words = [details.id_word(self.lot), *self.units[number], *path(leaves, leaves[number])]
        party = self.random.choice([OPTICIAN, OPTICIAN, OPTICIAN, RIVAL])
        return party, self._step(Kind.DRAWN, self._item(), details.drawn_detail(number), words)

    def _erasure(self) -> tuple[int, Step]:
        party = self.random.choice([OPTICIAN, MAKER, FIRST])
        subject = self.random.choice([self._item(), self._dossier()])
        occurrence, groups = self.random.choice([(0, ()), (0, ()), (3, ("correction",)), (5, ("price", "device"))])
        return party, self._step(Kind.ERASED, subject, details.erased_detail(groups), (), occurrence)

    def _transfer(self) -> tuple[int, Step]:
        party, holder = self.random.choice([(OPTICIAN, RIVAL), (RIVAL, RIVAL), (RIVAL, OPTICIAN), (OPTICIAN, OPTICIAN)])
        return party, self._step(Kind.LOT_TRANSFERRED, self.lot, details.party_detail(holder), (), self._occurrence())

    def _occurrence(self) -> int:
        return self.random.choice([0, 0, 0, 1])

    def _of_item(self, kind: Kind) -> tuple[int, Step]:
        item = self._item()
        by_maker = kind in (Kind.MANUFACTURED, Kind.SHIPPED, Kind.ACKNOWLEDGED, Kind.CREDITED)
        joint = kind in (Kind.SUBSTITUTED, Kind.CANCELLED) and self.random.random() < 0.5
        party = MAKER if by_maker or joint else OPTICIAN
        versions = (self._version(), self._version(), self._version())
        contents: dict[Kind, tuple[bytes, list[bytes]]] = {
            Kind.ORDERED: (details.ordered_detail(*versions), self._roots(kind)),
            Kind.MANUFACTURED: (
                details.manufactured_detail(self.random.random() < 0.4, *versions),
                [*self._roots(kind), self._nullifier()],
            ),
            Kind.DELIVERED: (
                details.NO_DETAIL,
                [*self._roots(kind), *([self._nullifier()] if self.random.random() < 0.6 else [])],
            ),
            Kind.SUBSTITUTED: (details.substituted_detail(*versions[:2]), self._roots(kind)),
            Kind.CREDITED: (self._reason(), [self._nullifier()]),
            Kind.EXCHANGED: (self._reason(), [details.id_word(self._item())]),
        }
        plain = kind in (Kind.SHIPPED, Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.MOUNTED)
        detail, words = contents.get(kind, (details.NO_DETAIL if plain else self._reason(), []))
        return party, self._step(kind, item, detail, words)

    def _of_dossier(self, kind: Kind) -> tuple[int, Step]:
        insurer = self.random.choice([FIRST, FIRST, SECOND])
        number = self.random.choice([0, 0, 0, 1])
        items = [details.id_word(item) for item in self.random.sample(self.items, self.random.choice([1, 1, 2]))]
        contents: dict[Kind, tuple[int, bytes, list[bytes]]] = {
            Kind.VERIFIED: (insurer, details.verified_detail(self.random.randint(1, 4), 5, number), []),
            Kind.DECIDED: (insurer, details.decided_detail(1, 1, 0, number), []),
            Kind.ANSWERED: (OPTICIAN, details.answered_detail(insurer, number, Kind.DECIDED), [self._root("answer")]),
            Kind.COVER_REQUESTED: (OPTICIAN, details.party_detail(insurer), [self._root("request")]),
            Kind.COVER_ANSWERED: (insurer, details.cover_answered_detail(1, number), [self._root("answer")]),
            Kind.COVER_CANCELLED: (OPTICIAN, details.occurrence_detail(number), []),
            Kind.BREAKAGE_REPLACED: (OPTICIAN, details.NO_DETAIL, [details.id_word(self.random.choice(self.dossiers))]),
            Kind.RENEWAL_STATED: (OPTICIAN, details.NO_DETAIL, [self._root("statement")]),
            Kind.WITHDRAWN: (OPTICIAN, details.occurrence_detail(number), items),
            Kind.OPENING_DEMANDED: (
                self.random.choice([insurer, AUDITOR]),
                details.demanded_detail(self.random.randint(1, 7)),
                items[:1],
            ),
        }
        party, detail, words = contents[kind]
        return party, self._step(kind, self._dossier(), detail, words, self._occurrence())

    def _spoilt(self, party: int, step: Step) -> tuple[int, Step]:
        """Now and then by another party, claimed ahead, repeated with another content, or malformed."""
        fate = self.random.random()
        if fate < 0.03:
            return self.random.choice(list(ROLES)), step
        if fate < 0.04:
            return party, Step(
                step.kind, step.occurrence, self.start + 1200 * MINUTE, step.subject, step.detail, step.words
            )
        if fate < 0.06:
            spot = self.random.randrange(9)
            detail = bytearray(step.detail)
            detail[spot] ^= 1 << self.random.randrange(8)
            return party, Step(step.kind, step.occurrence, step.claimed_at, step.subject, bytes(detail), step.words)
        if fate < 0.07 and step.words:
            return party, Step(
                step.kind, step.occurrence, step.claimed_at, step.subject, step.detail, (*step.words[:-1], bytes(32))
            )
        return party, step
