"""
Forget the units of a lot that was handed on: they are another's.

Not before the ledger shows that the party handed it on, nor before the new holder has the units: its receipt says so,
or, where the package was carried by hand, its own step. Only what the party drew stays, with the items that it became.
All of a lot is forgotten in one transaction, and is found again until that is done.
"""

from app.domain.access import Act, Actor, Deed
from app.domain.kinds import Kind
from app.domain.stock import UNIT_GROUPS, drawn_unit
from app.failpoints import failpoint
from app.services.access_log import WORKER, note
from app.services.ground import Ground
from app.services.stock import drawn_by
from app.store import access_log, answers, erasures, exchange_outbox, outbox, read_model, stock, vault
from app.store.database import Connection
from app.store.exchange_outbox import ACCEPTED, WAITING
from app.store.shelf import StoredFacts


def forget_handed_on(ground: Ground) -> int:
    """Forget what the parties here hold of lots that are others' by now; returns of how many lots."""
    with ground.database.reading() as connection:
        lots = stock.handed_on(connection, ground.roles)
        lots = [each for each in lots if _is_gone(connection, *each)]
    for party, lot, holder in lots:
        with ground.database.writing(party) as connection:
            # It may have been taken back since.
            if (party, lot, holder) in stock.handed_on(connection, [party]):
                _forget(ground, connection, party, lot, holder)
            failpoint("K16")
    return len(lots)


def _is_gone(connection: Connection, party: int, lot: str, holder: int) -> bool:
    """Whether the ledger shows that the party handed the lot on, and the new holder has its units."""
    signed = [event for event in outbox.events_of(connection, party, subjects=[lot]) if event.step.number == holder]
    said = [event.digest for event in signed if event.step.kind is Kind.LOT_TRANSFERRED]
    if not said or not read_model.steps_by_digest(connection, party, said[-1:]):
        return False
    sent = exchange_outbox.newest(connection, party, holder, lot)
    if sent is None or sent.status != WAITING:
        return sent is not None and sent.status == ACCEPTED
    if sent.package is not None:
        # It went out sealed, so a receipt will come.
        return False
    steps = StoredFacts(connection).steps_on(bytes.fromhex(lot), (Kind.LOT_TRANSFERRED,))
    taken = any(author == holder == step.number for author, step in steps)
    return taken and holder in access_log.recipients(connection, party, [lot])


def _forget(ground: Ground, connection: Connection, party: int, lot: str, holder: int) -> None:
    now = ground.clock.now()
    drawn = {drawn_unit(step) for step in drawn_by(connection, party, bytes.fromhex(lot)).values()}
    units = [unit for unit in stock.units_in(connection, party, lot) if unit not in drawn]
    vault.erase(connection, party, units)
    stock.let_go(connection, party, units)
    # What is left is the party's own, and the lot has nothing more to be forgotten.
    stock.hand_on(connection, party, lot, None)
    answers.forget_answers(connection, party, outbox.event_ids(connection, party, lot, now - answers.DAY))
    erasures.ask_scrub(connection, now)
    deed = Deed(Act.GROUPS_FORGOTTEN, lot, lot, holder, tuple(sorted(UNIT_GROUPS)))
    note(ground, connection, Actor(party, None, WORKER), deed)
