"""
Secrets and values of the parties served here: what must never leave except to those entitled.

Kept in tables of their own and reached through this module alone, so that encrypting them, and erasing them by
destroying a key, concerns this module only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.records import GroupValues, canonical_values
from app.store.tables import vault_group_keys, vault_secrets, vault_values


@dataclass(frozen=True, slots=True)
class Opening:
    """Values of one group of one subject, as committed by the step with this digest."""

    digest: str
    subject: str
    values: GroupValues


def add_secret(connection: Connection, party: int, subject: str, secret: bytes) -> None:
    """Keep the secret of a new item or dossier."""
    connection.execute(insert(vault_secrets).values(party=party, subject=subject, secret=secret))


def secret(connection: Connection, party: int, subject: str) -> bytes | None:
    """The secret of an item or dossier that this party made; None if it made none."""
    rows = select(vault_secrets.c.secret).where(vault_secrets.c.party == party, vault_secrets.c.subject == subject)
    return connection.execute(rows).scalar_one_or_none()


def add_group_key(connection: Connection, party: int, subject: str, group: str, version: int, key: bytes) -> None:
    """Keep a group key that came in a package; the same one again changes nothing."""
    row = {"party": party, "subject": subject, "group_name": group, "version": version, "secret": key}
    _insert_new(connection, vault_group_keys, row)


def group_keys(connection: Connection, party: int, subject: str) -> dict[str, bytes]:
    """The keys, at version 1, that this party was given for a subject."""
    rows = select(vault_group_keys.c.group_name, vault_group_keys.c.secret).where(
        vault_group_keys.c.party == party,
        vault_group_keys.c.subject == subject,
        vault_group_keys.c.version == 1,
    )
    return {row.group_name: row.secret for row in connection.execute(rows)}


def add_values(connection: Connection, party: int, opening: Opening) -> None:
    """Keep the values behind one group of a step; the same ones again change nothing."""
    content = json.dumps(dict(opening.values.values), ensure_ascii=True).encode()
    row = {
        "party": party,
        "digest": opening.digest,
        "subject": opening.subject,
        "group_name": opening.values.group,
        "schema": opening.values.schema,
        "content": content,
    }
    _insert_new(connection, vault_values, row)


def openings(connection: Connection, party: int, digest: str) -> list[Opening]:
    """All values that this party holds behind a step."""
    rows = select(vault_values).where(vault_values.c.party == party, vault_values.c.digest == digest)
    found = []
    for row in connection.execute(rows.order_by(vault_values.c.subject, vault_values.c.group_name)):
        content: Mapping[str, str | None] = json.loads(row.content)
        found.append(Opening(row.digest, row.subject, canonical_values(row.schema, row.group_name, content)))
    return found


def _insert_new(connection: Connection, table: object, row: Mapping[str, object]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).values(**row).on_conflict_do_nothing())
