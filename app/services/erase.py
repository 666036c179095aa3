"""
Erase a party's record of an item: destroy its data key, delete what it sealed, and leave a note of who and when.

What the ledger shows stays, and it shows since then that the record was erased. With its last item a dossier loses its
claim, its renewal and its secret too. The files of the database are written anew afterwards, by the worker: until then
the erasure is `erasing`.
"""

from collections.abc import Mapping

from app.domain.access import Act, Actor, Deed
from app.failpoints import failpoint
from app.services.access_log import note
from app.services.announce import announce
from app.services.ground import Ground, not_found
from app.services.stock import drawn_item, units_behind
from app.store import answers, erasures, outbox, own, stock, vault
from app.store.database import Connection
from app.store.erasures import Erasure
from app.store.own import OwnItem


def erase_item(ground: Ground, actor: Actor, item: str) -> Erasure:
    """
    Erase the record of an item that the actor's party holds; raises NotFound if it holds none.

    Again changes nothing and gives the erasure that there is. Once this returns, nothing of the record can be read.
    """
    party = actor.party
    with ground.database.writing(party) as connection:
        # No package tells a glassmaker of the item that a lens of its lot became; the ledger does.
        known = own.items_known(connection, party, [item]).get(item) or drawn_item(connection, party, item)
        if known is None:
            raise not_found()
        before = erasures.erased(connection, party, [item]).get(item)
        if before is not None:
            return before
        erase_within(ground, connection, actor, known)
        found = erasures.erased(connection, party, [item])[item]
    failpoint("K11")
    return found


def erase_within(ground: Ground, connection: Connection, actor: Actor, known: OwnItem) -> None:
    """
    Erase an item that is not erased yet, in a writing transaction of the party that the caller holds.

    The step that says so on the ledger is part of the same transaction: there is none without the other.
    """
    party, dossier, now = actor.party, known.dossier, ground.clock.now()
    others = [each.item for each in own.items_in(connection, party, dossier) if each.item != known.item]
    last = len(erasures.erased(connection, party, others)) == len(others)
    # A lens drawn from stock is kept twice: as the item, and as a unit of its lot.
    units = units_behind(connection, party, known.item)
    # Items may come to a dossier that was erased with all that it had then.
    last = last and not erasures.erased(connection, party, [dossier])
    subjects = [known.item, *units, dossier] if last else [known.item, *units]
    note(ground, connection, actor, Deed(Act.RECORD_ERASED, known.item, dossier))
    destroy(ground, connection, party, dossier, dict.fromkeys(subjects, now))
    announce(ground, connection, actor, erasures.erased(connection, party, subjects).values())
    failpoint("K15")


def destroy(ground: Ground, connection: Connection, party: int, dossier: str, subjects: Mapping[str, int]) -> None:
    """Destroy what the party holds of these subjects of a dossier, and note since when, by subject, it is erased."""
    now = ground.clock.now()
    scrub = erasures.ask_scrub(connection, now)
    for subject, erased_at in subjects.items():
        erasures.add(connection, party, subject, dossier, erased_at, scrub)
    vault.erase(connection, party, list(subjects))
    stock.let_go(connection, party, list(subjects))
    own.forget_references(connection, party, list(subjects))
    # An HMAC of a request could be searched for what was in it by whoever has the day's key.
    answers.forget_answers(connection, party, outbox.event_ids(connection, party, dossier, now - answers.DAY))
