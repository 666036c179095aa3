"""What steps cost on a real chain, against the figures that lists are cut and transactions filled by."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.conformity import Case
from app.domain.kinds import INVOICES
from app.domain.weights import LIST_GAS, TRANSACTION_BASE, TRANSACTION_GAS, list_gas
from app.store.outbox import EventRow
from app.store.tables import transactions
from tests.gateway.sales import (
    PROGRESSIVE,
    RIGHT,
    SUPPLEMENTS,
    billed_frame,
    billed_lens,
    invoiced,
    manufactured,
    ordered,
    quoted_frame,
    quoted_lens,
)
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, SHOP

MANY = 16
LOOSE = 2.5
"""A figure further above the truth than this makes lists needlessly short."""


ERROR: Mapping[str, object] = {
    "comparison": "ordered = manufactured",
    "group": "product",
    "in_error": "manufactured",
    "nature": "incorrect_data",
    "corrected": PROGRESSIVE,
}


class Scales:
    """Weighs lists by bringing each on the chain in a transaction of its own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.gateway: Pipeline = bench.pipeline()
        self.gateway.turn()

    def weigh(self, party: int, *events: Mapping[str, Any]) -> list[EventRow]:
        """Bring events on the chain; fails unless what they cost is within the figures, and not far within."""
        rows = self.gateway.record(party, *events)
        self.gateway.turn()
        with self.gateway.ground.database.reading() as connection:
            newest = select(transactions.c.hash).order_by(transactions.c.id.desc())
            name = connection.execute(newest).scalars().first()
        used = int(self.bench.ask("eth_getTransactionReceipt", f"0x{name}")["gasUsed"], 16)
        bound = TRANSACTION_BASE + list_gas([row.step for row in rows])
        kinds = {row.step.kind.label for row in rows}
        assert used <= bound <= LOOSE * used, f"{kinds}: {used} of {bound}"
        assert {row.status for row in self.gateway.events(party, [row.id for row in rows])} == {"anchored"}
        return rows


@pytest.fixture(scope="module")
def scales(bench: Bench) -> Scales:
    return Scales(bench)


def made(items: list[str]) -> list[dict[str, Any]]:
    """Each with a device of its own: what shares one with another is judged together with it, and takes long."""
    return [manufactured(item, RIGHT, item) for item in items]


def handed_over(items: list[str]) -> list[dict[str, Any]]:
    return [{"type": "delivered", "item": item, "device": {"number": item}} for item in items]


def replacing(item: str) -> dict[str, Any]:
    named = {"item_reference": f"R-{item}"[:35], "schema": "optics.lens/1", "glassmaker": MAKER}
    return {"type": "quoted", "replaces": item, **named}


@pytest.mark.parametrize("last", ["invoiced", "manufactured", "delivered"])
def test_a_life_costs_what_the_figures_say_whatever_comes_last(scales: Scales, last: str) -> None:
    weigh, name = scales.weigh, f"D1-{last}"
    quotes = weigh(SHOP, *[quoted_lens(f"A{number}", name) for number in range(MANY)])
    dossier, items = quotes[0].dossier, [str(row.item) for row in quotes]
    weigh(SHOP, *[ordered(item, RIGHT) for item in items])
    scales.gateway.hand(SHOP, MAKER, dossier)
    bill = invoiced(dossier, *[billed_lens(item) for item in items], insurers=[INSURER, OTHER_INSURER])
    steps = {"manufactured": (MAKER, made(items)), "delivered": (SHOP, handed_over(items)), "invoiced": (SHOP, [bill])}
    for kind in [*(kind for kind in steps if kind != last), last]:
        weigh(steps[kind][0], *steps[kind][1])
    weigh(MAKER, *[{"type": "shipped", "item": item} for item in items])
    weigh(SHOP, *[{"type": "received", "item": item} for item in items])
    check = {"type": "verified", "dossier": dossier, "verdict": "conform", "cases": []}
    for insurer in (INSURER, OTHER_INSURER):
        weigh(insurer, check)
        weigh(insurer, *[check | {"verdict": "non_conform", "cases": [case.name]} for case in Case])


def test_dossiers_opened_and_invoices_told_apart_cost_what_the_figures_say(scales: Scales) -> None:
    scales.weigh(SHOP, quoted_lens("first-1", "D1-first"))
    scales.weigh(SHOP, *[quoted_lens("A", f"D-{number}") for number in range(MANY)])
    quotes = scales.weigh(SHOP, *[quoted_frame(f"F{number}", "D1-many") for number in range(MANY)])
    some = quotes[:INVOICES]
    bills = [invoiced(some[0].dossier, billed_frame(str(row.item)), partial=True, insurers=[]) for row in some]
    scales.weigh(SHOP, *bills)


def test_a_full_list_fits_one_transaction(scales: Scales) -> None:
    count = (LIST_GAS - list_gas([])) // list_gas([scales.weigh(SHOP, quoted_lens("one-1", "D1-one"))[0].step])
    scales.weigh(SHOP, *[quoted_lens(f"A{number}", f"D1-full-{number}") for number in range(count)])
    assert TRANSACTION_BASE + LIST_GAS <= TRANSACTION_GAS


def test_what_goes_otherwise_costs_what_the_figures_say(scales: Scales) -> None:
    weigh = scales.weigh
    quotes = weigh(SHOP, *[quoted_lens(f"A{number}", "D1-otherwise") for number in range(MANY)])
    dossier, items = quotes[0].dossier, [str(row.item) for row in quotes]
    weigh(SHOP, *[ordered(item, RIGHT) for item in items])
    scales.gateway.hand(SHOP, MAKER, dossier)
    weigh(MAKER, *[made | {"warranty": True} for made in made(items)])
    weigh(SHOP, invoiced(dossier, *[billed_lens(item) for item in items]))
    new = weigh(SHOP, *[replacing(item) for item in items])

    def each(party: int, kind: str, **more: object) -> None:
        weigh(party, *[{"type": kind, "item": item, **more} for item in items])

    each(MAKER, "acknowledged")
    each(SHOP, "mounted")
    for kind in ("refused_on_arrival", "broken_at_edging", "returned", "cancelled"):
        each(SHOP, kind, reason="other")
    each(MAKER, "credited", reason="other")
    for party in (SHOP, MAKER):
        each(party, "substituted", product=PROGRESSIVE, supplements=SUPPLEMENTS)
        each(party, "error_declared", **ERROR)
    swaps = zip(new, items, strict=True)
    weigh(SHOP, *[{"type": "exchanged", "item": row.item, "first": item, "reason": "other"} for row, item in swaps])
    weigh(SHOP, {"type": "withdrawn", "dossier": dossier, "items": items})
