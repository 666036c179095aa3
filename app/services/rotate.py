"""Wrap every data key anew with the newest key-encryption key, beside gateways that go on working."""

from collections.abc import Callable
from dataclasses import dataclass

from app.store import data_keys, erasures
from app.store.database import Database

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many data keys were wrapped anew, and the key-encryption keys that nothing needs any more."""

    keys: int
    retired: tuple[str, ...]


def rotate(database: Database, now: int, told: Callable[[int, int], None]) -> Rotated:
    """
    Wrap all data keys with the key in use; `told` hears how many are done and how many are left.

    Each step is a transaction of its own: after a kill, the next call goes on where this one ended.
    """
    done = 0
    while True:
        with database.writing() as connection:
            some = data_keys.wrap_anew(connection, AT_ONCE)
            left = data_keys.left_over(connection)
        done += some
        told(done, left)
        if not some:
            break
    with database.writing() as connection:
        retired = data_keys.retire_unused(connection)
        if done:
            # The old wrapped forms still lie in the files, and the old key may be known to others.
            erasures.ask_scrub(connection, now)
    database.scrub()
    return Rotated(done, tuple(retired))
