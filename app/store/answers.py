"""
Answers kept for a day, so that a request sent again under its key gets the same answer.

Of the request's body only an HMAC under a key of the day is kept. Both go after 24 hours: nothing that could be
searched for a correction stays behind.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import IdempotencyConflict
from app.store.tables import day_keys, idempotency

DAY = 24 * 3600


def kept_answer(connection: Connection, party: int, key: str, body: bytes, now: int) -> list[str] | None:
    """
    The ids of the events that this request made before; None if the key is new.

    Raises IdempotencyConflict if the key was used with another body.
    """
    row = connection.execute(
        select(idempotency).where(
            idempotency.c.party == party, idempotency.c.key == key, idempotency.c.created_at > now - DAY
        )
    ).first()
    if row is None:
        return None
    secret = connection.execute(select(day_keys.c.secret).where(day_keys.c.day == row.day)).scalar_one()
    if not hmac.compare_digest(_mac(secret, body), row.body_mac):
        raise IdempotencyConflict(
            "the idempotency key stands for another request",
            where="Idempotency-Key",
            mend="Send a new request under a new key, or the same bytes under this one.",
        )
    return list(json.loads(row.events))


def keep_answer(connection: Connection, party: int, key: str, body: bytes, events: Sequence[str], now: int) -> None:
    """Keep which events a request made, and drop what is older than a day."""
    drop_old(connection, now)
    day = now // DAY
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(day_keys).values(day=day, secret=secrets.token_bytes(32))
    connection.execute(new.on_conflict_do_nothing())
    secret = connection.execute(select(day_keys.c.secret).where(day_keys.c.day == day)).scalar_one()
    row = {
        "party": party,
        "key": key,
        "day": day,
        "body_mac": _mac(secret, body),
        "events": json.dumps(list(events)),
        "created_at": now,
    }
    connection.execute(insert(idempotency).values(**row))


def drop_old(connection: Connection, now: int) -> None:
    """Drop answers older than a day, and the keys that no answer kept was made with."""
    connection.execute(delete(idempotency).where(idempotency.c.created_at <= now - DAY))
    connection.execute(delete(day_keys).where(day_keys.c.day < (now - DAY) // DAY))


def _mac(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
