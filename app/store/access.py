"""API keys, each bound to one party; only a digest is kept."""

from sqlalchemy import Connection, insert, select

from app.store.tables import api_keys


def add_api_key(connection: Connection, key_id: str, party: int, digest: str, now: int) -> None:
    """Store the digest of a new key."""
    connection.execute(insert(api_keys).values(id=key_id, party=party, digest=digest, created_at=now))


def api_key(connection: Connection, key_id: str) -> tuple[int, str] | None:
    """Party and digest of a key; None if there is none of this id."""
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    return None if row is None else (row.party, row.digest)
