"""An observer of the chain learns what docs/privacy.md lists, and the same whatever was sold at what price."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
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
from tests.leaks.observer import TOLD, Report, report
from tests.support import benches
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, SHOP

ROOT = Path(__file__).resolve().parents[2]
LENSES: Mapping[str, Mapping[str, Any]] = {
    "one": {"product": PROGRESSIVE, "correction": RIGHT, "coding": CODING, "price": PRICE},
    "other": {
        "product": SINGLE,
        "correction": LEFT,
        "coding": SINGLE_CODING,
        "price": {"amount": "61.50", "services": "0.00", "currency": "EUR"},
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


def sell(gateway: Pipeline, lens: Mapping[str, Any], at: str, *, overcharged: bool = False) -> None:
    """A lens, sold from the quote to the invoice; every step is claimed for the same moment."""
    name, coding = secrets.token_hex(4), {"coding": lens["coding"], "product": lens["product"]}

    def record(party: int, event: Mapping[str, Any]) -> Any:
        (done,) = gateway.record(party, {**event, "occurred_at": at})
        return done

    quote = record(SHOP, quoted_lens(f"I-{name}", f"D-{name}", price=lens["price"], glassmaker=MAKER, **coding))
    dossier, item = str(quote.dossier), str(quote.item)
    record(SHOP, ordered(item, lens["correction"], lens["product"]))
    gateway.hand(SHOP, MAKER, dossier)
    record(MAKER, {**manufactured(item, lens["correction"], f"V-{name}", lens["product"]), "coding": lens["coding"]})
    price = {**lens["price"], "amount": "999.00"} if overcharged else lens["price"]
    line = {**billed_lens(item), **coding, "price": price}
    record(SHOP, invoiced(dossier, line, insurers=[INSURER]))
    gateway.turn()


def told(network: Bench, lens: Mapping[str, Any], at: str) -> Report:
    """What an observer reports of an honest sale of this lens, and of one that was overcharged."""
    gateway = network.pipeline()
    gateway.turn()
    sell(gateway, lens, at)
    sell(gateway, lens, at, overcharged=True)
    return report(network.pipeline())


def test_an_observer_learns_the_same_whatever_was_sold(network: Bench, another: Bench) -> None:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    one, other = told(network, LENSES["one"], at), told(another, LENSES["other"], at)
    assert one == other
    assert one.keys() == {SHOP, MAKER}
    assert one[SHOP]["partners"] == {MAKER: 2, INSURER: 2}
    assert "PRICE_SHIFT, quoted = invoiced, open" in str(one[SHOP]["verdicts"])

    gateway = network.pipeline()
    gateway.turn()
    sell(gateway, LENSES["one"], at)
    assert report(network.pipeline()) != one, "the report tells what happens"


def test_what_an_observer_learns_is_what_the_documentation_lists() -> None:
    text = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    _, _, section = text.partition("### What an observer learns\n")
    listed = re.findall(r"^- \*\*([a-z ]+)\*\*", section.partition("\n#")[0], re.MULTILINE)
    assert listed == list(TOLD)
