"""An observer of the chain learns what docs/privacy.md lists, and the same whatever was sold at what price."""

from __future__ import annotations

import random
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.sales import (
    CODING,
    LEFT,
    PRICE,
    PROGRESSIVE,
    RIGHT,
    SINGLE,
    SINGLE_CODING,
    billed_lens,
    invoiced,
    manufactured,
    ordered,
    quoted_lens,
)
from tests.gateway.test_dossier_events import COVER, GRANT
from tests.leaks.observer import TOLD, report, written
from tests.support import benches
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, SHOP

ROOT = Path(__file__).resolve().parents[2]
LENSES: Mapping[str, Mapping[str, Any]] = {
    "one": {
        "product": PROGRESSIVE,
        "correction": RIGHT,
        "coding": CODING,
        "price": PRICE,
        "cover": COVER,
        "grant": GRANT,
        "renewal": {"legal_case": "vision_changed", "previous_date": "2025-11-03"},
    },
    "other": {
        "product": SINGLE,
        "correction": LEFT,
        "coding": SINGLE_CODING,
        "price": {"amount": "61.50", "services": "0.00", "currency": "EUR"},
        "cover": {"amount": "61.50", "currency": "EUR", "request_date": "2026-01-30"},
        "grant": {"cover_number": "PEC-2", "amount": "7.00", "currency": "EUR", "valid_until": "2026-02-28"},
        "renewal": None,
    },
}


@pytest.fixture
def network(migrated: Path, tmp_path: Path) -> Iterator[Bench]:
    numbers = count()
    with benches.bench(lambda: f"sqlite:///{shutil.copy(migrated, tmp_path / f'{next(numbers)}.db')}") as found:
        yield found


@pytest.fixture
def another(migrated: Path, tmp_path: Path) -> Iterator[Bench]:
    numbers = count(1000)
    with benches.bench(lambda: f"sqlite:///{shutil.copy(migrated, tmp_path / f'{next(numbers)}.db')}") as found:
        yield found


def sell(
    gateway: Pipeline, lens: Mapping[str, Any], at: str, *, overcharged: bool = False, argued: bool = False
) -> None:
    """A lens, sold from the quote to the invoice, perhaps argued about; every step is claimed for the same moment."""
    name, coding = secrets.token_hex(4), {"coding": lens["coding"], "product": lens["product"]}

    def record(party: int, event: Mapping[str, Any]) -> Any:
        (done,) = gateway.record(party, {**event, "occurred_at": at})
        return done

    quote = record(SHOP, quoted_lens(f"I1-{name}", f"D1-{name}", price=lens["price"], glassmaker=MAKER, **coding))
    dossier, item = str(quote.dossier), str(quote.item)
    if argued:
        record(SHOP, {"type": "cover_requested", "dossier": dossier, "insurer": INSURER, "cover": lens["cover"]})
        gateway.turn()
        gateway.hand(SHOP, INSURER, dossier)
        record(INSURER, {"type": "cover_answered", "dossier": dossier, "answer": "granted", "grant": lens["grant"]})
    record(SHOP, ordered(item, lens["correction"], lens["product"]))
    gateway.hand(SHOP, MAKER, dossier)
    record(MAKER, {**manufactured(item, lens["correction"], f"V1-{name}", lens["product"]), "coding": lens["coding"]})
    price = {**lens["price"], "amount": "999.00"} if overcharged else lens["price"]
    line = {**billed_lens(item), **coding, "price": price}
    record(SHOP, {**invoiced(dossier, line, insurers=[INSURER]), "renewal": lens["renewal"]})
    gateway.turn()
    if argued:
        argue(gateway, record, dossier, item)


def argue(gateway: Pipeline, record: Callable[[int, Mapping[str, Any]], Any], dossier: str, item: str) -> None:
    """The insurer asks, the optician answers; the lens comes back, and its price with it."""
    record(INSURER, {"type": "verified", "dossier": dossier, "verdict": "conform", "cases": []})
    gateway.turn()
    question = {"type": "decided", "dossier": dossier, "decision": "questioned", "reason": "proof_missing"}
    record(INSURER, {**question, "deadline": "2199-01-01T00:00:00Z"})
    gateway.turn()
    proof = record(SHOP, {"type": "mounted", "item": item})
    about = {"party": INSURER, "answers": "decided", "event": proof.id}
    record(SHOP, {"type": "answered", "dossier": dossier, **about})
    record(INSURER, {"type": "opening_demanded", "dossier": dossier, "item": item, "group": "device"})
    record(SHOP, {"type": "returned", "item": item, "reason": "not_adapted"})
    record(MAKER, {"type": "credited", "item": item, "reason": "returned_goods"})
    gateway.turn()


def any_lens(draw: random.Random) -> dict[str, Any]:
    """A lens with lawful values of every group, drawn by chance."""
    product, coding = draw.choice(((PROGRESSIVE, CODING), (SINGLE, SINGLE_CODING)))
    sphere, cylinder = draw.randrange(-48, 33) / 4, draw.randrange(1, 17) / 4
    correction = {
        "eye": draw.choice(("right", "left")),
        "sphere": f"{sphere:+.2f}",
        "diameter": str(draw.randrange(55, 81)),
    }
    astigmatic = {"cylinder": f"-{cylinder:.2f}", "axis": draw.randrange(1, 181)}
    days = [f"{draw.randrange(2024, 2026)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}" for _ in range(3)]
    amounts = [f"{draw.randrange(100, 900)}.{draw.randrange(100):02}" for _ in range(3)]
    money = [{"amount": amount, "currency": "EUR"} for amount in amounts]
    return {
        "product": {**product, "code": f"{product['code']}{draw.choice(('', '-B', '-BLUE-UV'))}"},
        "coding": coding,
        "correction": correction | (astigmatic if draw.getrandbits(1) else {}),
        "price": {**money[0], "services": f"{draw.randrange(30)}.00"},
        "cover": {**money[1], "request_date": days[0]},
        "grant": {**money[2], "cover_number": f"PEC-{draw.randrange(10**6)}", "valid_until": days[1]},
        "renewal": {"legal_case": "vision_changed", "previous_date": days[2]} if draw.getrandbits(1) else None,
    }


def test_an_observer_learns_the_same_whatever_was_sold(
    network: Bench, another: Bench, seed: int, pytestconfig: pytest.Config
) -> None:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    draw = random.Random(seed)
    plots: list[dict[str, bool]] = [{}, {"overcharged": True}, {"argued": True}]
    sales = [(plot, LENSES["one"], LENSES["other"]) for plot in plots]
    sales += [(draw.choice(plots), any_lens(draw), any_lens(draw)) for _ in range(pytestconfig.getoption("--sales"))]
    for bench, which in ((network, 1), (another, 2)):
        gateway = bench.pipeline()
        gateway.turn()
        for sale in sales:
            sell(gateway, sale[which], at, **sale[0])
    one, other = report(network.pipeline()), report(another.pipeline())
    assert one == other
    assert written(network) == written(another)
    assert one.keys() == {SHOP, MAKER, INSURER}
    assert one[SHOP]["partners"] == {MAKER: len(sales), INSURER: len(sales)}
    assert "PRICE_SHIFT, quoted = invoiced, open" in str(one[SHOP]["verdicts"])

    gateway = network.pipeline()
    gateway.turn()
    sell(gateway, LENSES["one"], at)
    assert report(network.pipeline()) != one, "the report tells what happens"
    assert written(network) != written(another), "and so does what was written"


def test_what_an_observer_learns_is_what_the_documentation_lists() -> None:
    text = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    _, _, section = text.partition("### What an observer learns\n")
    listed = re.findall(r"^- \*\*([a-z ]+)\*\*", section.partition("\n#")[0], re.MULTILINE)
    assert listed == list(TOLD)
