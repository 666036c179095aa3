"""
Secrets and values of the parties served here: what must never leave except to those entitled.

Kept in tables of their own and reached through this module alone. Each is sealed with the data key of its subject, an
item or a dossier: a dossier's own are its secret, its claim and its renewal. To erase a subject is to destroy its key.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, insert, null, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.commitment import group_key as derived_key
from app.domain.records import GroupValues
from app.domain.schemas import GROUPS_OF_DOSSIERS, possible_groups
from app.domain.stock import DRAWN_CODING
from app.store import data_keys, erasures
from app.store.sealing import Place, opened, sealed
from app.store.tables import dossiers, items
from app.store.vault_tables import vault_group_keys, vault_keys, vault_secrets, vault_values

DOSSIER_SCHEMA = "dossier/1"


@dataclass(frozen=True, slots=True)
class Opening:
    """Values of one group of one subject, as committed by the step with this digest."""

    digest: str
    subject: str
    values: GroupValues


@dataclass(frozen=True, slots=True)
class Held:
    """An item, or a dossier (then `schema` is None), of which something is held, since when, and in which dossier."""

    subject: str
    dossier: str
    schema: str | None
    since: int


@dataclass(frozen=True, slots=True)
class GivenKey:
    """The key of one group of one subject, as another party's package gave it."""

    subject: str
    group: str
    version: int
    key: bytes


def add_secrets(connection: Connection, party: int, secrets: Mapping[str, bytes]) -> None:
    """Keep the secrets of new items and dossiers."""
    keys = data_keys.made(connection, party, secrets)
    rows = [
        {"party": party, "subject": subject, "secret": sealed(keys[subject], _secret_at(party, subject), secret)}
        for subject, secret in secrets.items()
    ]
    if rows:
        connection.execute(insert(vault_secrets), rows)


def secret(connection: Connection, party: int, subject: str) -> bytes | None:
    """
    The secret of an item or dossier that this party made; None if it made none, or keeps single group keys only.

    Raises RecordErased.
    """
    rows = _with_keys(vault_secrets).where(vault_secrets.c.party == party, vault_secrets.c.subject == subject)
    row = connection.execute(rows).first()
    if row is None:
        erasures.refuse(connection, party, [subject])
        return None
    return opened(data_keys.unwrapped(connection, [row])[subject], _secret_at(party, subject), row.secret)


def add_group_keys(connection: Connection, party: int, given: Iterable[GivenKey]) -> None:
    """Keep group keys that came in a package; the same ones again change nothing. Raises RecordErased."""
    given = list(given)
    keys = data_keys.made(connection, party, (each.subject for each in given))
    rows = []
    for each in given:
        place = _group_key_at(party, each.subject, each.group, each.version)
        content = sealed(keys[each.subject], place, each.key)
        rows.append(
            {
                "party": party,
                "subject": each.subject,
                "group_name": each.group,
                "version": each.version,
                "secret": content,
            }
        )
    _insert_new(connection, vault_group_keys, rows)


def group_keys(connection: Connection, party: int, subject: str) -> dict[str, bytes]:
    """The keys, at version 1, that this party holds for a subject beside its secret."""
    rows = _with_keys(vault_group_keys).where(
        vault_group_keys.c.party == party,
        vault_group_keys.c.subject == subject,
        vault_group_keys.c.version == 1,
    )
    found = connection.execute(rows).all()
    keys = data_keys.unwrapped(connection, found)
    return {
        row.group_name: opened(keys[subject], _group_key_at(party, subject, row.group_name, 1), row.secret)
        for row in found
    }


def group_key(connection: Connection, party: int, subject: str, group: str) -> bytes | None:
    """The key of one group, derived or given; None if the party holds none. Raises RecordErased."""
    own = secret(connection, party, subject)
    return derived_key(own, group) if own is not None else group_keys(connection, party, subject).get(group)


def add_openings(connection: Connection, party: int, shown: Iterable[Opening]) -> None:
    """Keep the values behind groups of steps; the same ones again change nothing. Raises RecordErased."""
    shown = list(shown)
    keys = data_keys.made(connection, party, (each.subject for each in shown))
    rows = []
    for each in shown:
        content = json.dumps(dict(each.values.values), ensure_ascii=True).encode()
        row = {
            "party": party,
            "digest": each.digest,
            "subject": each.subject,
            "group_name": each.values.group,
            "schema": each.values.schema,
        }
        rows.append(row | {"content": sealed(keys[each.subject], _content_at(row), content)})
    _insert_new(connection, vault_values, rows)


def openings(connection: Connection, party: int, digest: str) -> list[Opening]:
    """All values that this party holds behind a step."""
    rows = _with_keys(vault_values).where(vault_values.c.party == party, vault_values.c.digest == digest)
    return _openings(connection, connection.execute(rows).all())


def openings_about(connection: Connection, party: int, subjects: Sequence[str]) -> list[Opening]:
    """All values that this party holds of these subjects, whatever the step."""
    rows = _with_keys(vault_values).where(vault_values.c.party == party, vault_values.c.subject.in_(subjects))
    return _openings(connection, connection.execute(rows).all())


def _openings(connection: Connection, rows: Sequence[Row[Any]]) -> list[Opening]:
    keys = data_keys.unwrapped(connection, rows)
    found = []
    for row in sorted(rows, key=lambda row: (row.digest, row.subject, row.group_name)):
        content = json.loads(opened(keys[row.subject], _content_at(row._mapping), row.content))
        found.append(Opening(row.digest, row.subject, GroupValues.kept(row.schema, row.group_name, content)))
    return found


def erase(connection: Connection, party: int, subjects: Sequence[str]) -> None:
    """Destroy the data keys of these items and dossiers, and delete what was sealed with them."""
    data_keys.destroy(connection, party, subjects)
    for table in (vault_secrets, vault_group_keys, vault_values):
        connection.execute(delete(table).where(table.c.party == party, table.c.subject.in_(subjects)))


def holding(
    connection: Connection, party: int, group: str, before: int, limit: int, after: Held | None = None
) -> list[Held]:
    """
    Items and dossiers known since `before` or earlier of which values or a key of this group are still held.

    Oldest first, and of those only what comes after `after`.
    """
    of_items = (items, items.c.item, items.c.schema.label("schema"))
    of_dossiers = (dossiers, dossiers.c.dossier, null().label("schema"))
    table, name, schema = of_dossiers if group in GROUPS_OF_DOSSIERS else of_items
    rows = select(name.label("subject"), table.c.dossier, schema, table.c.created_at)
    rows = rows.where(table.c.party == party, table.c.created_at <= before, is_held(party, name, group))
    if after is not None:
        rows = rows.where(tuple_(table.c.created_at, name) > tuple_(after.since, after.subject))
    return [Held(*row) for row in connection.execute(rows.order_by(table.c.created_at, name).limit(limit))]


def is_held(party: int, name: ColumnElement[Any], group: str) -> ColumnElement[bool]:
    """The condition that the party holds values or a key of this group of a subject."""
    traces = (
        (vault_secrets, ()),
        (vault_group_keys, (vault_group_keys.c.group_name == group,)),
        (vault_values, (vault_values.c.group_name == group,)),
    )
    return or_(
        *(
            exists(select(each.c.subject).where(each.c.party == party, each.c.subject == name, *of_group))
            for each, of_group in traces
        )
    )


def groups_held(connection: Connection, party: int, subject: str, schema: str) -> set[str]:
    """The groups of a subject of which the party holds values or a key; with its secret, all that there can be."""
    if secret(connection, party, subject) is not None:
        return set(possible_groups(schema))
    tables = (vault_group_keys, vault_values)
    rows = [
        select(each.c.group_name).where(each.c.party == party, each.c.subject == subject).distinct() for each in tables
    ]
    found = {name for row in rows for name in connection.execute(row).scalars()}
    # The coding of a unit that was drawn is the coding of the item, under another key.
    return {"coding" if name == DRAWN_CODING else name for name in found}


def holds(connection: Connection, party: int, subject: str) -> bool:
    """Whether the party holds anything of a subject that it can open."""
    rows = select(vault_keys.c.subject).where(vault_keys.c.party == party, vault_keys.c.subject == subject)
    return connection.execute(rows).first() is not None


def narrow(connection: Connection, party: int, subject: str, schema: str, gone: Collection[str]) -> None:
    """
    Forget some groups of a subject: their values, and every key that a root of theirs could be searched with.

    What remains is sealed anew under a new data key. A secret, of which every group's key follows, goes; the keys of
    the other groups take its place, also of those that only other schemas have: when they go tells nothing either.
    """
    of_it = _with_keys(vault_values).where(vault_values.c.party == party, vault_values.c.subject == subject)
    rest = [each for each in _openings(connection, connection.execute(of_it).all()) if each.values.group not in gone]
    own = secret(connection, party, subject)
    kept = group_keys(connection, party, subject)
    if own is not None:
        kept |= {group: derived_key(own, group) for group in possible_groups(schema)}
    erase(connection, party, [subject])
    gone = {*gone, DRAWN_CODING} if "coding" in gone else gone
    given = [GivenKey(subject, group, 1, key) for group, key in sorted(kept.items()) if group not in gone]
    add_group_keys(connection, party, given)
    add_openings(connection, party, rest)


def forget_step(connection: Connection, party: int, subject: str, digest: str) -> bool:
    """
    Forget the values of a subject behind one step, and keep what stays under a new data key.

    Where they were all that the party had of it, the keys that came with them go too; returns whether that is so.
    """
    rest = [each for each in openings_about(connection, party, [subject]) if each.digest != digest]
    own, kept = secret(connection, party, subject), group_keys(connection, party, subject)
    erase(connection, party, [subject])
    if own is None and not rest:
        return True
    add_secrets(connection, party, {} if own is None else {subject: own})
    add_group_keys(connection, party, (GivenKey(subject, group, 1, key) for group, key in sorted(kept.items())))
    add_openings(connection, party, rest)
    return False


def _with_keys(table: Any) -> Any:
    """The rows of a table of the vault with the wrapped data key of each."""
    keys = (vault_keys.c.kek, vault_keys.c.wrapped)
    return select(table, *keys).select_from(table.outerjoin(vault_keys, data_keys.joined(table)))


def _secret_at(party: int, subject: str) -> Place:
    return Place("vault_secrets", "secret", party, (subject,))


def _group_key_at(party: int, subject: str, group: str, version: int) -> Place:
    return Place("vault_group_keys", "secret", party, (subject, group, str(version)))


def _content_at(row: Mapping[Any, Any]) -> Place:
    # The schema is none of the row's key, but says how the values are read.
    named = (row["digest"], row["subject"], row["group_name"], row["schema"])
    return Place("vault_values", "content", row["party"], named)


def _insert_new(connection: Connection, table: Any, rows: list[dict[str, object]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    if rows:
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
