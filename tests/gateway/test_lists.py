"""Lists: every line once, whatever comes in between two pages, on each kind of database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.errors import BadCursor, NotPermitted
from app.queries.gateway import Filter
from app.wiring import SystemClock
from tests.gateway.sales import RIGHT, billed_frame, invoiced, manufactured, ordered, quoted_frame, quoted_lens
from tests.support import benches
from tests.support.benches import Pipeline
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_SHOP, SHOP, THIRD_SHOP

COUNT = 7


@pytest.fixture(scope="module")
def gateway(new_database: Callable[[], str]) -> Iterator[Pipeline]:
    """Some dossiers, in several states, on the ledger and on their way."""
    with benches.bench(new_database) as bench:
        found = bench.pipeline()
        yield filled(found, found.ground.database.engine.dialect.name)


def filled(found: Pipeline, kind: str) -> Pipeline:
    """Let shops and a glassmaker do some of everything."""
    found.turn()
    for number in range(COUNT):
        (quote,) = found.record(SHOP, quoted_lens(f"{kind}-{number}", f"{kind}-{number}"))
        found.record(OTHER_SHOP, quoted_lens(f"other-{kind}-{number}", f"other-{kind}-{number}"))
        if number % 2:
            found.record(SHOP, ordered(str(quote.item), RIGHT))
            found.hand(SHOP, MAKER, quote.dossier)
            found.turn()
            found.record(MAKER, manufactured(str(quote.item), RIGHT, f"V{number}"))
        found.turn()
    (frame,) = found.record(SHOP, quoted_frame(f"{kind}-frame-0", f"{kind}-frame-0"))
    device = {"type": "delivered", "item": frame.item, "device": {"number": "M1"}}
    found.record(SHOP, device, invoiced(frame.dossier, billed_frame(str(frame.item))))
    found.turn()
    found.record(SHOP, quoted_lens(f"{kind}-pending-0", f"{kind}-pending-0"))
    return found


def walk(
    page: Callable[[Filter], Any], name: str, limit: int, between: Callable[[], object] | None = None
) -> list[Any]:
    """All lines, page by page."""
    seen: list[Any] = []
    cursor = None
    while True:
        found = page(Filter(cursor=cursor, limit=limit))
        seen += getattr(found, name)
        assert len(getattr(found, name)) <= limit
        cursor = found.next
        if cursor is None:
            return seen
        if between is not None:
            between()


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_of_any_size_show_every_item_and_dossier_once(gateway: Pipeline, limit: int) -> None:
    desk, shop = gateway.desk, gateway.caller(SHOP)
    for page, name, key in (
        (lambda narrowed: desk.items(shop, narrowed), "items", "item"),
        (lambda narrowed: desk.dossiers(shop, narrowed), "dossiers", "dossier"),
    ):
        seen = [getattr(line, key) for line in walk(page, name, limit)]
        assert len(seen) == len(set(seen)) == COUNT + 2


def test_items_that_come_in_between_two_pages_move_no_other(gateway: Pipeline) -> None:
    desk, shop = gateway.desk, gateway.caller(THIRD_SHOP)
    kind = gateway.ground.database.engine.dialect.name
    gateway.record(THIRD_SHOP, *[quoted_lens(f"{kind}-{number}", f"{kind}-old-1") for number in range(6)])
    before = {line.item for line in desk.items(shop, Filter()).items}
    numbers = iter(range(100))

    def more() -> None:
        gateway.record(THIRD_SHOP, quoted_lens(f"{kind}-new-{next(numbers)}", f"{kind}-old-1"))
        gateway.turn()

    seen = [line.item for line in walk(lambda narrowed: desk.items(shop, narrowed), "items", 2, more)]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_what_becomes_known_the_other_way_too_keeps_its_place(gateway: Pipeline) -> None:
    desk, maker = gateway.desk, gateway.caller(MAKER)
    kind = gateway.ground.database.engine.dialect.name
    quotes = [gateway.record(SHOP, quoted_lens(f"place-{kind}-{n}", f"place-{kind}-{n}"))[0] for n in range(3)]
    gateway.turn()
    before = [line.item for line in desk.items(maker, Filter(limit=200)).items]
    gateway.record(SHOP, ordered(str(quotes[0].item), RIGHT))
    gateway.hand(SHOP, MAKER, quotes[0].dossier)
    assert [line.item for line in desk.items(maker, Filter(limit=200)).items] == before


def test_a_list_is_narrowed_by_reference_state_verdict_and_date(gateway: Pipeline) -> None:
    desk, shop = gateway.desk, gateway.caller(SHOP)
    kind = gateway.ground.database.engine.dialect.name

    def items(**narrowed: Any) -> list[str | None]:
        return [line.item_reference for line in desk.items(shop, Filter(limit=200, **narrowed)).items]

    def dossiers(**narrowed: Any) -> list[str | None]:
        return [line.dossier_reference for line in desk.dossiers(shop, Filter(limit=200, **narrowed)).dossiers]

    assert items(reference=f"{kind}-3") == [f"{kind}-3"]
    assert items(reference=f"other-{kind}-3") == []
    made = {f"{kind}-{number}" for number in range(COUNT) if number % 2}
    assert set(items(state="manufactured")) == made
    assert made <= set(dossiers(state="quoted"))
    assert dossiers(state="invoiced") == [f"{kind}-frame-0"]
    assert items(verdict="conform") == dossiers(verdict="conform") == [f"{kind}-frame-0"]
    assert f"{kind}-pending-0" in items(verdict="incomplete")
    assert f"{kind}-frame-0" not in items(verdict="incomplete")
    now = SystemClock().now()
    assert items(since=now + 3600) == items(until=now - 3600) == []
    assert set(items(since=now - 3600, until=now + 3600)) == set(items())


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_the_inbox_shows_every_package_and_step_once_while_more_come_in(gateway: Pipeline, limit: int) -> None:
    desk, maker = gateway.desk, gateway.caller(MAKER)
    kind = gateway.ground.database.engine.dialect.name
    whole = desk.inbox(maker, Filter(limit=200)).entries
    numbers = iter(range(3))

    def more() -> None:
        number = next(numbers, None)
        if number is None:
            return
        name = f"in-{kind}-{limit}-{number}"
        (quote,) = gateway.record(SHOP, quoted_lens(name, name))
        gateway.record(SHOP, ordered(str(quote.item), RIGHT))
        gateway.hand(SHOP, MAKER, quote.dossier)
        gateway.turn()

    entries = walk(lambda narrowed: desk.inbox(maker, narrowed), "entries", limit, more)
    seen = [entry.package or (entry.step and entry.step.sequence) for entry in entries]
    assert len(seen) == len(set(seen))
    assert {entry.package or (entry.step and entry.step.sequence) for entry in whole} <= set(seen)


def test_an_auditor_reads_the_whole_ledger_in_order_and_nobody_else_does(gateway: Pipeline) -> None:
    desk, auditor = gateway.desk, gateway.caller(AUDITOR)
    steps = walk(lambda narrowed: desk.audit_events(auditor, narrowed), "events", 5)
    assert [step.sequence for step in steps] == list(range(1, len(steps) + 1))
    by_maker = desk.audit_events(auditor, Filter(party=MAKER, limit=200)).events
    assert {step.kind for step in by_maker} == {"manufactured"}
    late = desk.audit_events(auditor, Filter(from_sequence=5, limit=3)).events
    assert [step.sequence for step in late] == [5, 6, 7]
    for party in (SHOP, MAKER, INSURER):
        with pytest.raises(NotPermitted):
            desk.audit_events(gateway.caller(party), Filter())


def test_a_cursor_of_another_list_is_refused(gateway: Pipeline) -> None:
    desk, shop, auditor = gateway.desk, gateway.caller(SHOP), gateway.caller(AUDITOR)
    cursor = desk.items(shop, Filter(limit=1)).next
    with pytest.raises(BadCursor):
        desk.audit_events(auditor, Filter(cursor=cursor))
    with pytest.raises(BadCursor):
        desk.inbox(shop, Filter(cursor=cursor))
