"""
Answers kept for a day, so that a request sent again under its key gets the same answer.

Of the request's body only an HMAC under a key of the day is kept, and that key only sealed. Both go after 24 hours:
nothing that could be searched for a correction stays behind. With a record that is erased, its answers go at once.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, false, insert, or_, select

from app.errors import IdempotencyConflict
from app.randomness import random_bytes
from app.store import data_keys
from app.store.sealing import Place, opened, sealed, unreadable
from app.store.tables import day_keys, idempotency

DAY = 24 * 3600
NOBODY = 0
"""Whose the keys of days are: they stand for all parties of the gateway."""


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
    secret = _secret(connection, row.day)
    if secret is None or not hmac.compare_digest(_mac(secret, body), row.body_mac):
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
    secret = _secret(connection, day) or _new_secret(connection, day)
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
    old = delete(day_keys).where(day_keys.c.day < (now - DAY) // DAY).returning(day_keys.c.day)
    data_keys.destroy(connection, NOBODY, [_subject(day) for day in connection.execute(old).scalars()])


def forget_answers(connection: Connection, party: int, events: Sequence[str]) -> None:
    """Drop the party's answers that name one of these events."""
    about = or_(false(), *(idempotency.c.events.contains(event) for event in events))
    connection.execute(delete(idempotency).where(idempotency.c.party == party, about))


def _secret(connection: Connection, day: int) -> bytes | None:
    stored = connection.execute(select(day_keys.c.secret).where(day_keys.c.day == day)).scalar_one_or_none()
    if stored is None:
        return None
    keys = data_keys.held(connection, NOBODY, [_subject(day)])
    if _subject(day) not in keys:
        raise unreadable()
    return opened(keys[_subject(day)], _place(day), stored)


def _new_secret(connection: Connection, day: int) -> bytes:
    secret = random_bytes(32)
    key = data_keys.made(connection, NOBODY, [_subject(day)])[_subject(day)]
    connection.execute(insert(day_keys).values(day=day, secret=sealed(key, _place(day), secret)))
    return secret


def _subject(day: int) -> str:
    return f"day-{day}"


def _place(day: int) -> Place:
    return Place("day_keys", "secret", NOBODY, (str(day),))


def _mac(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
