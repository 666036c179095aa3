"""
The data keys of the vault, wrapped: made, unwrapped, destroyed, and wrapped anew under another key-encryption key.

Which key-encryption key is in use stands in the database, so that all processes of a gateway agree on it: who makes a
data key holds a lock that whoever changes it has to wait for, and no data key is left behind under the old one.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from app.errors import VaultUnreadable
from app.ports import KeyEncryption
from app.randomness import random_bytes
from app.store import erasures
from app.store.sealing import DATA_KEY, unreadable
from app.store.vault_tables import vault_keks, vault_keys

KEYS: Final = "optitrace_keys"
"""The option of an engine that holds its key-encryption keys."""
_LOCK: Final = 0x6F75 << 40
_PROVEN: Final = bytes(DATA_KEY)
_CHUNK: Final = 500
_MEND: Final = "See docs/operations.md, the keys of the vault."


def keys_of(connection: Connection) -> KeyEncryption:
    """The key-encryption keys that the database was opened with."""
    found: KeyEncryption | None = connection.get_execution_options().get(KEYS)
    if found is None:
        raise VaultUnreadable("no key-encryption key was given", mend=_MEND)
    return found


def check_keys(connection: Connection) -> None:
    """
    See that every key-encryption key in use is here and is the right one, and begin to use the newest.

    Raises VaultUnreadable, naming the key that is missing or another one.
    """
    keys = keys_of(connection)
    used = connection.execute(select(vault_keks).order_by(vault_keks.c.id)).all()
    for row in used:
        _prove(keys, row.id, row.proof)
    if not any(row.current and row.id == keys.newest for row in used):
        _use(connection, keys, keys.newest)


def _prove(keys: KeyEncryption, key_id: str, proof: bytes) -> None:
    try:
        right = keys.unwrap(key_id, [(_proof_context(key_id), proof)]) == [_PROVEN]
    except VaultUnreadable as error:
        if error.where is not None:
            # It says itself which key is missing.
            raise
        right = False
    if not right:
        raise VaultUnreadable(
            f"the key-encryption key {key_id} is not the one that the database was written under", mend=_MEND
        )


def _use(connection: Connection, keys: KeyEncryption, key_id: str) -> None:
    _lock(connection, shared=False)
    connection.execute(update(vault_keks).values(current=False))
    if connection.execute(update(vault_keks).where(vault_keks.c.id == key_id).values(current=True)).rowcount == 0:
        (proof,) = keys.wrap(key_id, [(_proof_context(key_id), _PROVEN)])
        connection.execute(insert(vault_keks).values(id=key_id, proof=proof, current=True))


def _lock(connection: Connection, *, shared: bool) -> None:
    """SQLite has one writer at a time as it is."""
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(lock(_LOCK)))


def _current(connection: Connection, keys: KeyEncryption) -> str:
    _lock(connection, shared=True)
    found = connection.execute(select(vault_keks.c.id).where(vault_keks.c.current)).scalar_one_or_none()
    if found is not None:
        return str(found)
    _use(connection, keys, keys.newest)
    return keys.newest


def made(connection: Connection, party: int, subjects: Iterable[str]) -> dict[str, bytes]:
    """The data keys of these subjects, new ones where there were none; raises RecordErased for an erased one."""
    wanted = sorted(set(subjects))
    found = held(connection, party, wanted)
    missing = [subject for subject in wanted if subject not in found]
    if not missing:
        return found
    erasures.refuse(connection, party, missing)
    keys = keys_of(connection)
    key_id = _current(connection, keys)
    fresh = {subject: random_bytes(DATA_KEY) for subject in missing}
    wrapped = keys.wrap(key_id, [(_context(party, subject), key) for subject, key in fresh.items()])
    rows = [
        {"party": party, "subject": subject, "kek": key_id, "wrapped": each}
        for subject, each in zip(fresh, wrapped, strict=True)
    ]
    connection.execute(insert(vault_keys), rows)
    return found | fresh


def held(connection: Connection, party: int, subjects: Sequence[str]) -> dict[str, bytes]:
    """The data keys of those of these subjects that have one."""
    rows: list[Any] = []
    for start in range(0, len(subjects), _CHUNK):
        some = vault_keys.c.subject.in_(subjects[start : start + _CHUNK])
        rows += connection.execute(select(vault_keys).where(vault_keys.c.party == party, some))
    return unwrapped(connection, rows)


def unwrapped(connection: Connection, rows: Iterable[Any]) -> dict[str, bytes]:
    """By subject, the data keys in rows that hold party, subject, key-encryption key and wrapped key."""
    by_kek: dict[str, dict[str, tuple[bytes, bytes]]] = {}
    for row in rows:
        if row.wrapped is None:
            raise unreadable()
        by_kek.setdefault(row.kek, {})[row.subject] = (_context(row.party, row.subject), row.wrapped)
    found: dict[str, bytes] = {}
    for key_id, entries in by_kek.items():
        plain = keys_of(connection).unwrap(key_id, list(entries.values()))
        found |= dict(zip(entries, plain, strict=True))
    return found


def joined(table: Any) -> Any:
    """
    The condition that a row of a table of the vault belongs to a data key.

    What was erased has none, also if its rows were put back from a copy.
    """
    erased = erasures.is_erased(table.c.party, table.c.subject)
    return and_(vault_keys.c.party == table.c.party, vault_keys.c.subject == table.c.subject, ~erased)


def destroy(connection: Connection, party: int, subjects: Sequence[str]) -> None:
    """Delete data keys; until the next scrub their wrapped form may still lie in the database's files."""
    for start in range(0, len(subjects), _CHUNK):
        some = vault_keys.c.subject.in_(subjects[start : start + _CHUNK])
        connection.execute(delete(vault_keys).where(vault_keys.c.party == party, some))


def left_over(connection: Connection) -> int:
    """How many data keys are not wrapped with the key-encryption key in use."""
    return int(connection.execute(select(func.count()).select_from(vault_keys).where(_old())).scalar_one())


def _old() -> Any:
    return vault_keys.c.kek.not_in(select(vault_keks.c.id).where(vault_keks.c.current))


def wrap_anew(connection: Connection, most: int) -> int:
    """Wrap so many data keys with the key-encryption key in use that are not yet; how many that were."""
    keys = keys_of(connection)
    key_id = _current(connection, keys)
    rows = connection.execute(select(vault_keys).where(_old()).limit(most).with_for_update()).all()
    for old in {row.kek for row in rows}:
        some = [row for row in rows if row.kek == old]
        contexts = [_context(row.party, row.subject) for row in some]
        plain = keys.unwrap(old, list(zip(contexts, (row.wrapped for row in some), strict=True)))
        again = keys.wrap(key_id, list(zip(contexts, plain, strict=True)))
        for row, wrapped in zip(some, again, strict=True):
            its = and_(vault_keys.c.party == row.party, vault_keys.c.subject == row.subject)
            connection.execute(update(vault_keys).where(its).values(kek=key_id, wrapped=wrapped))
    return len(rows)


def retire_unused(connection: Connection) -> list[str]:
    """Forget the key-encryption keys that wrap nothing any more; returns their ids."""
    _lock(connection, shared=False)
    used = select(vault_keys.c.kek).where(vault_keys.c.kek == vault_keks.c.id).exists()
    unused = delete(vault_keks).where(~vault_keks.c.current, ~used).returning(vault_keks.c.id)
    return sorted(connection.execute(unused).scalars())


def _context(party: int, subject: str) -> bytes:
    return f"optitrace.vault/1\0data key\0{party}\0{subject}".encode()


def _proof_context(key_id: str) -> bytes:
    return f"optitrace.vault/1\0proof\0{key_id}".encode()
