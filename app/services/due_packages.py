"""
Which packages become due by which steps: decided here, and by nobody who asks.

An order is due to the glassmaker it was placed with, what was made to the optician who ordered it, an invoice to the
insurers that it names, a request for cover to the insurer asked, and its answer to the optician who asked, a lot to
whom it is shipped or handed. They are noted in the transaction that accepts the events, so none can be forgotten.
"""

from collections.abc import Iterator, Sequence

from app.domain.kinds import LOT_KINDS
from app.domain.packages import MAX_ITEMS
from app.domain.steps import Kind
from app.store import exchange_outbox, own
from app.store.database import Connection
from app.store.outbox import EventRow


def note_due(connection: Connection, party: int, events: Sequence[EventRow], now: int) -> None:
    """Note what accepted events make due: of the items of one dossier, one package for each recipient."""
    for event in events:
        if event.step.kind in LOT_KINDS and event.step.number != party:
            exchange_outbox.add(connection, party, event.step.number, event.dossier, [], now)
    wanted: dict[tuple[int, str], dict[str, None]] = {}
    for recipient, dossier, item in _due(connection, party, events):
        wanted.setdefault((recipient, dossier), {})[item] = None
    for (recipient, dossier), items in wanted.items():
        names = list(items)
        for start in range(0, len(names), MAX_ITEMS):
            exchange_outbox.add(connection, party, recipient, dossier, names[start : start + MAX_ITEMS], now)


def _due(connection: Connection, party: int, events: Sequence[EventRow]) -> Iterator[tuple[int, str, str]]:
    """Recipient, dossier and item of everything that is due."""
    ordered = [str(event.item) for event in events if event.step.kind is Kind.ORDERED]
    known = own.items_known(connection, party, ordered) if ordered else {}
    for event in events:
        if event.step.kind is Kind.ORDERED and known[str(event.item)].glassmaker:
            yield known[str(event.item)].glassmaker, event.dossier, str(event.item)
        elif event.step.kind is Kind.MANUFACTURED:
            yield int(event.dossier[:8], 16), event.dossier, str(event.item)
        elif event.step.kind is Kind.COVER_REQUESTED:
            items = own.items_in(connection, party, event.dossier)
            yield from ((event.step.number, event.dossier, each.item) for each in items)
        elif event.step.kind is Kind.COVER_ANSWERED:
            items = own.items_in(connection, party, event.dossier)
            yield from ((int(event.dossier[:8], 16), event.dossier, each.item) for each in items)
        elif event.step.kind is Kind.INVOICED:
            for insurer in event.step.insurers:
                yield from ((insurer, event.dossier, item.hex()) for item in event.step.items)
