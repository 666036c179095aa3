"""What goes out to other gateways and what came in from them, as a party may see it: parties and states, no values."""

from typing import Any, cast

from app.domain.packages import moment
from app.queries.exchange_views import (
    IncomingPage,
    IncomingStatus,
    IncomingView,
    OutgoingPage,
    OutgoingStatus,
    OutgoingView,
)
from app.queries.gateway import Filter
from app.queries.lists import cursor_of, key_of
from app.queries.views import Reason
from app.store import awaited, exchange_inbox, exchange_outbox, read_model
from app.store.database import Connection
from app.store.exchange_inbox import Sealed
from app.store.exchange_outbox import WAITING, Due

_REASONS = {
    "address_malformed": "the registry's address of the recipient is none that a gateway can have",
    "address_not_https": "the registry's address of the recipient does not begin with https",
    "address_not_public": "the registry's address of the recipient leads to a place that is not public",
    "address_unknown": "the name in the registry's address of the recipient was not found",
    "contradicted": "the ledger has another step in place of one in the package, or the deadline of one passed",
    "no_exchange_key": "the registry, or this gateway, has no exchange key for one of the two parties",
    "no_gateway": "the registry has no address of the recipient's gateway: hand it the file that form=sealed gives",
    "no_receipt": "the recipient's gateway answered without a receipt that holds",
    "package_refused": "the recipient does not believe the package, or has no part in it",
    "record_erased": "one of the two parties erased its record",
    "store_unavailable": "this gateway's database does not answer",
    "unreachable": "the recipient's gateway does not answer",
    "vault_unreadable": "this gateway cannot read its vault: see its keys",
}


def _reason(code: str | None) -> Reason | None:
    return None if code is None else Reason(code, _REASONS.get(code, "the answer was a problem of this code"))


def outgoing_page(connection: Connection, party: int, wanted: Filter) -> OutgoingPage:
    """What the party sends to others by itself, oldest first."""
    after = key_of(wanted.cursor, int) or (0,)
    rows = exchange_outbox.page(connection, party, after[0], wanted.limit + 1)
    return OutgoingPage([_outgoing(row) for row in rows[: wanted.limit]], _next(rows, wanted.limit))


def incoming_page(connection: Connection, party: int, wanted: Filter) -> IncomingPage:
    """What came in for the party from other gateways, oldest first."""
    after = key_of(wanted.cursor, int) or (0,)
    rows = exchange_inbox.page(connection, party, after[0], wanted.limit + 1)
    return IncomingPage([_incoming(connection, party, row) for row in rows[: wanted.limit]], _next(rows, wanted.limit))


def _outgoing(row: Due) -> OutgoingView:
    waits = row.status == WAITING
    return OutgoingView(
        row.package, row.recipient, row.dossier, list(row.items), cast(OutgoingStatus, row.status), row.attempts,
        moment(row.created_at), moment(row.due_at) if waits else None,
        None if row.settled_at is None else moment(row.settled_at), _reason(row.reason),
    )  # fmt: skip


def _incoming(connection: Connection, party: int, row: Sealed) -> IncomingView:
    shown = read_model.steps_by_digest(connection, row.sender, row.digests)
    status: IncomingStatus = "confirmed" if len(shown) == len(row.digests) else "unconfirmed"
    reason = row.reason
    if reason is not None:
        status = "refused"
    elif awaited.given_up(connection, party, row.sender, row.digests):
        status = reason = "contradicted"
    return IncomingView(row.package, row.sender, row.dossier, moment(row.received_at), status, _reason(reason))


def _next(rows: list[Any], limit: int) -> str | None:
    return cursor_of((rows[limit - 1].number,)) if len(rows) > limit else None
