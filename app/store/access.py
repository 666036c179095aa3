"""API keys, each bound to one party; of a secret only its digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, tuple_, update

from app.store.tables import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """
    A key as it is stored; moments in seconds since 1970, None where there is none.

    `old_digest` is that of the secret before the last rotation, which is good until `old_until`.
    """

    id: str
    party: int
    digest: str
    old_digest: str | None
    old_until: int | None
    scope: str
    label: str
    created_at: int
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None

    def active(self, now: int) -> bool:
        """Whether the key is good at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def _key(row: Any) -> ApiKey:
    return ApiKey(**row._mapping)


def add_api_key(connection: Connection, key: ApiKey) -> None:
    """Store a new key."""
    values = {name: getattr(key, name) for name in ApiKey.__slots__}
    connection.execute(insert(api_keys).values(**values))


def api_key(connection: Connection, key_id: str) -> ApiKey | None:
    """The key of this id; None if there is none."""
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    return None if row is None else _key(row)


def active_keys(connection: Connection, party: int, now: int) -> list[ApiKey]:
    """The party's keys that are good at `now`."""
    good = (api_keys.c.revoked_at.is_(None), or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now))
    return [_key(row) for row in connection.execute(select(api_keys).where(api_keys.c.party == party, *good))]


def keys_of(connection: Connection, party: int, before: Sequence[Any] | None, limit: int) -> list[ApiKey]:
    """The party's keys, newest first; `before` is (created_at, id) of the last one of the page before."""
    rows = select(api_keys).where(api_keys.c.party == party)
    if before is not None:
        rows = rows.where(tuple_(api_keys.c.created_at, api_keys.c.id) < tuple_(*before))
    rows = rows.order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc()).limit(limit)
    return [_key(row) for row in connection.execute(rows)]


def change_key(connection: Connection, key_id: str, **values: str | int | None) -> None:
    """Set columns of a key."""
    connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))
