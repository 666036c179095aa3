"""
Forget values whose time is over, group by group.

Of such a group neither values nor keys remain, so that its roots on the ledger cannot be searched either; what stays
of the item is sealed anew, and the ledger shows which groups are gone. An item of which nothing stays that the party
held is erased as a whole, and so is a unit of stock. A unit that the party drew follows its item.
"""

from collections import Counter
from collections.abc import Callable

import structlog

from app.domain.access import Act, Actor, Deed
from app.domain.retention import DAY, over
from app.domain.schemas import GROUPS_OF_DOSSIERS, possible_groups
from app.domain.stock import UNIT_GROUPS, drawn_unit
from app.errors import StoreUnavailable
from app.services.access_log import WORKER, note
from app.services.announce import announce_groups
from app.services.erase import destroy, erase_within
from app.services.ground import Ground
from app.services.stock import drawn_by, drawn_item, units_behind
from app.store import erasures, own, read_model, stock, vault
from app.store.database import Connection
from app.store.holdings import holds_any_in
from app.store.own import OwnItem
from app.store.registry import Role
from app.store.vault import DOSSIER_SCHEMA, Held

AT_ONCE = 100
log = structlog.get_logger()

Listed = Callable[[Connection, int, str, int, int, Held | None], list[Held]]
Forgets = Callable[[Ground, Connection, int, Held], bool]


def forget_old(ground: Ground) -> int:
    """Forget what is older than its retention allows; returns how many items, dossiers and units were changed."""
    kinds: tuple[tuple[Listed, Forgets], ...] = ((vault.holding, _forget), (stock.holding, _forget_unit))
    return sum(
        _forget_group(ground, party, group, listed, forgets)
        for party in sorted(ground.roles)
        for group in _due(ground, party)
        for listed, forgets in kinds
    )


def _due(ground: Ground, party: int) -> list[str]:
    """
    The groups whose time can be over for anything at all: most often none, and then nothing more is asked.

    Those of a dossier come last, for it may go as a whole with its last item.
    """
    with ground.database.reading() as connection:
        since = own.oldest(connection, party)
    found = frozenset[str]() if since is None else over(ground.retention, since, ground.clock.now())
    return [*sorted(found - GROUPS_OF_DOSSIERS), *sorted(found & GROUPS_OF_DOSSIERS)]


def _forget_group(ground: Ground, party: int, group: str, listed: Listed, forgets: Forgets) -> int:
    """
    A hundred or so at a time, each by itself, so that nobody waits long for the lock; what is left is found again.

    What cannot be forgotten now, because its rows cannot be read, say, is left for the next time and stops no other.
    """
    before = ground.clock.now() - ground.retention[group] * DAY
    done, after, failed = 0, None, Counter[str]()
    while done < AT_ONCE:
        with ground.database.reading() as connection:
            due = listed(connection, party, group, before, AT_ONCE, after)
        for each in due:
            try:
                with ground.database.writing(party) as connection:
                    done += forgets(ground, connection, party, each)
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001
                # The message stays out of the log, for it may quote a value; an identifier is not logged either.
                failed[type(error).__name__] += 1
        if len(due) < AT_ONCE:
            break
        after = due[-1]
    if failed:
        log.error("what is older than its retention could not be forgotten", group=group, errors=dict(failed))
    return done


def _forget(ground: Ground, connection: Connection, party: int, held: Held) -> bool:
    """An item or a dossier."""
    schema = held.schema or DOSSIER_SCHEMA
    gone = over(ground.retention, held.since, ground.clock.now()) & possible_groups(schema)
    known = own.items_known(connection, party, [held.subject]).get(held.subject)
    there, actor = vault.groups_held(connection, party, held.subject, schema), Actor(party, None, WORKER)
    if known is not None and gone >= there:
        erase_within(ground, connection, actor, known)
        return True
    _narrow(ground, connection, party, held, gone, *units_behind(connection, party, held.subject))
    subject, lost = held.subject, gone & there
    if ground.roles[party] is Role.INSURER:
        # It says of the dossier what it holds of no item of it any more.
        subject = held.dossier
        lost = frozenset(group for group in lost if not holds_any_in(connection, party, subject, [group]))
    announce_groups(ground, connection, actor, subject, held.dossier, lost)
    return True


def _narrow(ground: Ground, connection: Connection, party: int, held: Held, gone: frozenset[str], *more: str) -> None:
    now, schema = ground.clock.now(), held.schema or DOSSIER_SCHEMA
    for subject in (held.subject, *more):
        vault.narrow(connection, party, subject, schema, gone)
    erasures.ask_scrub(connection, now)
    deed = Deed(Act.GROUPS_FORGOTTEN, held.subject, held.dossier, fields=tuple(sorted(gone)))
    note(ground, connection, Actor(party, None, WORKER), deed)


def _forget_unit(ground: Ground, connection: Connection, party: int, held: Held) -> bool:
    """A unit of stock; its glassmaker says on the ledger that it is gone if an item was made of it."""
    lot = bytes.fromhex(held.dossier)
    if held.subject in {drawn_unit(step) for step in drawn_by(connection, party, lot).values()}:
        return False
    schema, now, actor = str(held.schema), ground.clock.now(), Actor(party, None, WORKER)
    gone = over(ground.retention, held.since, now) & possible_groups(schema)
    there = vault.groups_held(connection, party, held.subject, schema)
    item = _item_of(connection, party, lot, held.subject)
    if not gone >= there:
        _narrow(ground, connection, party, held, gone)
        if item is not None:
            announce_groups(ground, connection, actor, item.item, item.dossier, gone & there & {*UNIT_GROUPS})
        return True
    if item is not None and not erasures.erased(connection, party, [item.item]):
        erase_within(ground, connection, actor, item)
    else:
        note(ground, connection, actor, Deed(Act.RECORD_ERASED, held.subject, held.dossier))
        destroy(ground, connection, party, held.dossier, {held.subject: now})
    return True


def _item_of(connection: Connection, party: int, lot: bytes, unit: str) -> OwnItem | None:
    """The item that somebody made of a unit of the party's own lot, as the ledger shows it."""
    drawn = (step for step in read_model.drawn_from(connection, lot) if drawn_unit(step) == unit)
    found = (drawn_item(connection, party, step.subject.hex()) for step in drawn)
    return next((each for each in found if each is not None), None)
