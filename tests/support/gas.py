"""
What an item's life costs in gas on the deployed contracts, with the habits of signing and relaying of one profile.

The steps are those of dossiers of two lenses, with or without a frame, from the quote to the check, with nothing wrong
and identifiers and roots as random as in the field. A step that the frame has too is divided by all three items, so a
lens costs less beside a frame than without one. Figures are whole transactions, with their 21,000 and their calldata,
from the receipts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app.domain import details
from app.domain.folding import record
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from app.domain.shelf import MemoryShelf
from app.domain.steps import GROUPS, SignedList, Step
from app.domain.witness import Witness, witness
from app.store.registry import Role
from tests.differential.ledgers import ChainLedger, said
from tests.support.chain import connected, running_chain
from tests.support.gateways import deployed_on

LIFE = tuple(Kind(number) for number in range(1, 9))
OF_FRAMES = (Kind.QUOTED, Kind.DELIVERED, Kind.INVOICED, Kind.VERIFIED)
GLASSMAKER, INSURER = 0x61A55001, 0x1A500001
OPTICIANS = tuple(int.from_bytes(keccak256(f"optician {number}".encode())[:4], "big") for number in range(30))
MAX_STEPS = 200
"""As many as a list may hold."""


@dataclass(frozen=True, slots=True)
class Profile:
    """
    How steps are put into lists, and lists into transactions.

    `dossiers` of `opticians`, with a frame each if `framed`; at most `steps` in a list and `lists` in a transaction.
    """

    framed: bool
    dossiers: int
    opticians: int
    steps: int
    lists: int


PROFILES: Mapping[str, Profile] = {
    "dossiers with a frame": Profile(True, 30, 30, MAX_STEPS, 30),
    "dossiers of two lenses": Profile(False, 30, 30, MAX_STEPS, 30),
    "long lists": Profile(True, 67, 1, MAX_STEPS, 1),
    "each step signed alone": Profile(True, 10, 10, 1, 30),
    "each step a transaction": Profile(True, 10, 10, 1, 1),
}


@contextmanager
def gas_ledger() -> Iterator[ChainLedger]:
    """The committed contracts on a chain of their own, with the parties of the profiles."""
    roles = dict.fromkeys(OPTICIANS, Role.OPTICIAN) | {GLASSMAKER: Role.GLASSMAKER, INSURER: Role.INSURER}
    with running_chain(options=("--auto-impersonate",)) as url, connected(url) as node:
        yield ChainLedger(node, deployed_on(node, url, roles))


def measured(ledger: ChainLedger, name: str) -> dict[Kind, int]:
    """Gas of each kind of step for one lens. Two rounds, because what a party does first may cost more; the second."""
    sale = _Sales(ledger, name, PROFILES[name])
    sale.round(0)
    return sale.round(1)


def life(gas: Mapping[Kind, int]) -> int:
    """The whole life of a lens."""
    return sum(gas.values())


class _Sales:
    def __init__(self, ledger: ChainLedger, name: str, profile: Profile) -> None:
        self._ledger, self._name, self._profile = ledger, name, profile
        self._shelf = MemoryShelf()

    def round(self, number: int) -> dict[Kind, int]:
        """Play the life of every dossier, kind by kind."""
        return {kind: self._kind(number, kind) for kind in LIFE}

    def _kind(self, number: int, kind: Kind) -> int:
        framed = self._profile.framed and kind in OF_FRAMES
        steps: list[tuple[int, Step]] = []
        for index in range(self._profile.dossiers):
            optician = OPTICIANS[index % self._profile.opticians]
            dossier, *items = (
                self._id(optician, f"{what} {number} {index}") for what in ("dossier", "left", "right", "frame")
            )
            steps += self._steps(kind, optician, dossier, items[: 3 if framed else 2])
        lists = [self._ledger.signed(party, own) for party, own in self._runs(steps)]
        width = self._profile.lists
        used = sum(self._submit(lists[start : start + width]) for start in range(0, len(lists), width))
        return used // (self._profile.dossiers * (3 if framed else 2))

    def _runs(self, steps: Sequence[tuple[int, Step]]) -> Iterator[tuple[int, list[Step]]]:
        """Each party's steps that stand one behind the other, as long as a list may be."""
        own: list[Step] = []
        for index, (party, step) in enumerate(steps):
            own.append(step)
            ends = index + 1 == len(steps) or steps[index + 1][0] != party
            if ends or len(own) == self._profile.steps:
                yield party, own
                own = []

    def _submit(self, lists: Sequence[SignedList]) -> int:
        witnesses: list[list[Witness]] = []
        for one in lists:
            witnesses.append([witness(self._shelf, step) for step in one.steps])
            for step in one.steps:
                record(self._shelf, one.party, step)
        receipt = self._ledger.relay(lists, witnesses)
        outcomes = [each.outcome for each in said(receipt["logs"])]
        assert outcomes == [Outcome.RECORDED] * sum(len(one.steps) for one in lists)
        return receipt["gasUsed"]

    def _steps(self, kind: Kind, optician: int, dossier: bytes, items: Sequence[bytes]) -> Iterator[tuple[int, Step]]:
        if kind is Kind.INVOICED:
            words = [_root(dossier, "claim"), _root(dossier, "renewal")]
            for item in items:
                words += [details.invoiced_item_word(item), *_roots(item, kind)]
            yield optician, self._step(kind, dossier, details.invoiced_detail(False, [INSURER]), words)
        elif kind is Kind.VERIFIED:
            yield INSURER, self._step(kind, dossier, details.verified_detail(1, 0, 0))
        else:
            for position, item in enumerate(items):
                yield self._of_item(kind, optician, dossier, item, GLASSMAKER if position < 2 else 0)

    def _of_item(self, kind: Kind, optician: int, dossier: bytes, item: bytes, maker: int) -> tuple[int, Step]:
        detail, words = {
            Kind.QUOTED: (details.quoted_detail(maker), [details.id_word(dossier), *_roots(item, kind)]),
            Kind.ORDERED: (details.ordered_detail(), _roots(item, kind)),
            Kind.MANUFACTURED: (details.manufactured_detail(), [*_roots(item, kind), _root(item, "nullifier")]),
            Kind.DELIVERED: (details.NO_DETAIL, _roots(item, kind)),
        }.get(kind, (details.NO_DETAIL, []))
        by_maker = kind in (Kind.MANUFACTURED, Kind.SHIPPED)
        return GLASSMAKER if by_maker else optician, self._step(kind, item, detail, words)

    def _step(self, kind: Kind, subject: bytes, detail: bytes, words: Sequence[bytes] = ()) -> Step:
        return Step(kind, 0, self._ledger.time, subject, detail, tuple(words))

    def _id(self, optician: int, what: str) -> bytes:
        """Without zero bytes but by chance, as in the field: they would make the calldata look cheaper."""
        return optician.to_bytes(4, "big") + keccak256(f"{self._name} {what}".encode())[:12]


def _root(subject: bytes, group: str) -> bytes:
    return keccak256(subject + group.encode())


def _roots(subject: bytes, kind: Kind) -> list[bytes]:
    return [_root(subject, group) for group in GROUPS[kind]]
