"""
Forget values whose time is over, group by group.

Of such a group neither values nor keys remain, so that its roots on the ledger cannot be searched either; what stays
of the item is sealed anew. An item of which nothing stays that the party held is erased as a whole.
"""

from app.domain.access import Act, Actor, Deed
from app.domain.retention import DAY, over
from app.domain.schemas import schema_of
from app.services.access_log import WORKER, note
from app.services.erase import erase_within
from app.services.ground import Ground
from app.services.stock import units_behind
from app.store import erasures, own, vault
from app.store.database import Connection
from app.store.vault import DOSSIER_SCHEMA, Held

AT_ONCE = 100


def forget_old(ground: Ground) -> int:
    """Forget what is older than its retention allows; returns how many items and dossiers were changed."""
    return sum(_forget_group(ground, party, group) for party in sorted(ground.roles) for group in ground.retention)


def _forget_group(ground: Ground, party: int, group: str) -> int:
    """A hundred at a time, so that nobody waits long for the lock; what is left over is found again."""
    before = ground.clock.now() - ground.retention[group] * DAY
    with ground.database.writing(party) as connection:
        due = vault.holding(connection, party, group, before, AT_ONCE)
        for each in due:
            _forget(ground, connection, party, each)
    return len(due)


def _forget(ground: Ground, connection: Connection, party: int, held: Held) -> None:
    now, actor = ground.clock.now(), Actor(party, None, WORKER)
    schema = held.schema or DOSSIER_SCHEMA
    groups = schema_of(schema).groups
    gone = over(ground.retention, held.since, now) & groups.keys()
    known = own.items_known(connection, party, [held.subject]).get(held.subject)
    if known is not None and gone >= vault.groups_held(connection, party, held.subject, schema):
        erase_within(ground, connection, actor, known)
        return
    for subject in (held.subject, *units_behind(connection, party, held.subject)):
        vault.narrow(connection, party, subject, schema, gone)
    erasures.ask_scrub(connection, now)
    note(ground, connection, actor, Deed(Act.GROUPS_FORGOTTEN, held.subject, held.dossier, fields=tuple(sorted(gone))))
