"""
What somebody learns who reads the chain and nothing else, told by party.

`report` reads as a gateway that serves nobody reads: every log of the ledger, from the first block on. The names of
what it tells are those of the list in docs/privacy.md. `written` is what stands on the chain itself, bit by bit where
it is no digest, no identifier and no signature.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.chain import codec
from app.ports import Place, Recorded
from app.queries.gateway import Filter
from app.queries.views import DossierView, StepView
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import AUDITOR

Report = Mapping[int, Mapping[str, object]]
_WITHOUT_DIGEST: Final = 200
"""Bits that a packed state has at most if no digest is in it; a digest has fewer once in 2^56."""
_LINKING: Final = ("exchanged", "breakage_replaced", "drawn", "lot_transferred")


def report(reader: Pipeline) -> Report:
    """By party number: what the chain tells of it, read with a gateway that knows nothing else."""
    reader.worker.turn()
    auditor = reader.caller(AUDITOR)
    page = reader.desk.dossiers(auditor, Filter(limit=200))
    assert page.next is None
    dossiers = [reader.desk.dossier(auditor, each.dossier) for each in page.dossiers]
    steps = {step.sequence: step for each in dossiers for step in _steps(each)}
    return {
        party: {name: tell(party, dossiers, list(steps.values())) for name, tell in TOLD.items()}
        for party in sorted({step.party for step in steps.values()})
    }


def _steps(dossier: DossierView) -> list[StepView]:
    return [*dossier.steps, *(step for item in dossier.items for step in item.steps)]


def _volumes(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(step.kind for step in steps if step.party == party)


def _hours(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(
        datetime.fromisoformat(step.claimed_at).astimezone(UTC).hour for step in steps if step.party == party
    )


def _partners(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    found: Counter[int] = Counter()
    for each in dossiers:
        makers = {item.glassmaker for item in each.items if item.glassmaker is not None}
        parties = {each.optician, *each.insurers, *makers}
        found.update(parties - {party} if party in parties else ())
    return found


def _verdicts(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    found: dict[str, int] = defaultdict(int)
    for item in (item for each in dossiers for item in each.items if party in (each.optician, item.glassmaker)):
        found[item.verdict] += 1
        for case in item.cases:
            found[f"{case.code}, {case.comparison}, {'justified' if case.justified else 'open'}"] += 1
    return dict(found)


def _sales(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    return sorted(len(each.items) for each in dossiers if each.optician == party)


def _links(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(step.kind for step in steps if step.party == party and step.kind in _LINKING)


TOLD: Final[Mapping[str, Callable[[int, list[DossierView], list[StepView]], object]]] = {
    "volumes": _volumes,
    "hours": _hours,
    "partners": _partners,
    "verdicts": _verdicts,
    "sizes of sales": _sales,
    "links": _links,
}
"""What is told of each party."""


def written(bench: Bench) -> list[object]:
    """Of each transaction to the ledger in order: its length, what it cost, and of each log everything but chance."""
    found: list[object] = []
    for number in range(bench.chain.deployment.deployed_block, bench.head() + 1):
        block = bench.ask("eth_getBlockByNumber", hex(number), True)
        receipts = bench.ask("eth_getBlockReceipts", hex(number))
        for sent, receipt in zip(block["transactions"], receipts, strict=True):
            if str(sent["to"]).lower() == bench.chain.deployment.ledger.lower():
                data = bytes.fromhex(sent["input"][2:])
                logs = [_log(number, each) for each in receipt["logs"]]
                found.append((len(data), receipt["status"], int(receipt["gasUsed"], 16) - _for_bytes(data), logs))
    return found


def _for_bytes(data: bytes) -> int:
    """What the bytes themselves cost: a digest has a zero byte by chance."""
    return 16 * len(data) - 12 * data.count(0)


def _log(block: int, log: Any) -> object:
    topics, data = [bytes.fromhex(each[2:]) for each in log["topics"]], bytes.fromhex(log["data"][2:])
    fact = codec.ledger_log(Place(block, b"", b"", 0), topics, data)
    if not isinstance(fact, Recorded):
        return topics[0].hex(), len(topics), len(data)
    step = fact.step
    said = (step.kind.label, step.occurrence, step.claimed_at, step.detail.hex(), [any(each) for each in step.words])
    return fact.party, fact.sequence, said, [_state(each) for each in fact.states], len(topics), len(data)


def _state(state: int) -> str:
    """A packed state; that of an item begins with twenty bytes of a digest, which say nothing."""
    return f"{state:064x}" if state.bit_length() <= _WITHOUT_DIGEST else f"digest {state & (1 << 96) - 1:024x}"
