"""
Erase again what a database restored from a backup brought back.

A party's own step on the ledger says that its record was erased, and a backup may be older than that. So whatever the
mirror shows of the parties served here is compared with what they erased in this database, as the ledger is read.
"""

import structlog

from app.domain.access import Act, Actor, Deed
from app.services.access_log import WORKER, note
from app.services.erase import destroy
from app.services.ground import Ground
from app.services.stock import units_behind
from app.store import erasures, own, read_model, vault
from app.store.database import Connection
from app.store.erasures import Said
from app.store.registry import Role

log = structlog.get_logger()


def erase_again(ground: Ground, after: int) -> int:
    """
    Erase what the ledger says after this sequence that a party here erased, and that is still here.

    Returns the sequence up to which that is done. No step is signed: the one on the ledger stands.
    """
    with ground.database.reading() as connection:
        last = read_model.step_count(connection)
        if last == after:
            return last
        # A reorganisation takes steps back and numbers others anew.
        found = erasures.undone(connection, ground.roles, after if after <= last else 0)
    came_back = 0
    for said in found:
        with ground.database.writing(said.party) as connection:
            came_back += _erase(ground, connection, said)
    if came_back:
        log.warning("records that had been erased came back and were erased again", records=came_back)
    return last


def _erase(ground: Ground, connection: Connection, said: Said) -> int:
    """
    Erase what one step says; returns of how many items and dossiers something was there.

    Also of what is not known here is noted that it is erased, so that no package brings it.
    """
    subjects = {said.subject}
    if ground.roles[said.party] is Role.INSURER:
        # An insurer says it of the dossier with all that it held of it.
        subjects |= {each.item for each in own.items_in(connection, said.party, said.dossier)}
    subjects |= {unit for each in sorted(subjects) for unit in units_behind(connection, said.party, each)}
    left = subjects - erasures.erased(connection, said.party, sorted(subjects)).keys()
    actor = Actor(said.party, None, WORKER)
    there = [subject for subject in sorted(left) if vault.holds(connection, said.party, subject)]
    for subject in there:
        note(ground, connection, actor, Deed(Act.RECORD_ERASED, subject, said.dossier))
    if left:
        destroy(ground, connection, said.party, said.dossier, dict.fromkeys(sorted(left), said.claimed_at))
    return len(there)
