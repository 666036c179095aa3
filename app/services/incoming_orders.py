"""The orders that came in for a glassmaker, as its own software needs them to make the lenses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.access import Act, Actor, Deed
from app.domain.disclosures import ForGlassmaker
from app.domain.packages import moment
from app.domain.steps import Kind
from app.errors import NotPermitted
from app.services.access_log import note
from app.services.ground import Ground
from app.store import arrivals, outbox, vault
from app.store.arrivals import Arrival
from app.store.database import Connection
from app.store.registry import Role

AT_ONCE = 100
_GROUPS = ForGlassmaker.openings[Kind.ORDERED]


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """
    One lens that was ordered: who ordered it, and its values in canonical form (docs/protocol.md, 1).

    `number` is that of the package it came in, in the order of arrival.
    """

    number: int
    item: str
    dossier: str
    optician: int
    received_at: str
    groups: Mapping[str, Mapping[str, str | None]] = field(repr=False)


def incoming_orders(ground: Ground, actor: Actor, after: int) -> Iterator[IncomingOrder]:
    """
    Orders that came in after the package of this number and are not manufactured yet, oldest first.

    Raises NotPermitted unless the party is a glassmaker. The access log says that they were read.
    """
    if ground.roles[actor.party] is not Role.GLASSMAKER:
        raise NotPermitted("only a glassmaker has incoming orders", mend="Name a glassmaker's number.")
    with ground.database.writing(actor.party) as connection:
        note(ground, connection, actor, Deed(Act.LISTED, detail="orders"))
    while True:
        with ground.database.reading() as connection:
            came = arrivals.packages_after(connection, actor.party, after, AT_ONCE)
            found = [order for each in came for order in _orders(connection, actor.party, each)]
        yield from found
        if not came:
            return
        after = came[-1].number


def _orders(connection: Connection, party: int, arrival: Arrival) -> Iterator[IncomingOrder]:
    events = outbox.events_of(connection, party, dossiers=[arrival.dossier])
    made = {event.item for event in events if event.step.kind is Kind.MANUFACTURED}
    by_item: dict[str, dict[str, Mapping[str, str | None]]] = {}
    for digest in arrival.digests:
        for opening in vault.openings(connection, party, digest):
            if opening.values.group in _GROUPS:
                by_item.setdefault(opening.subject, {})[opening.values.group] = dict(opening.values.values)
    at = moment(arrival.received_at)
    for item, groups in by_item.items():
        if item not in made:
            yield IncomingOrder(arrival.number, item, arrival.dossier, arrival.sender, at, groups)
