"""
Forget what a package said and the ledger contradicts.

Openings lead to the ledger or, while their step is queued, to the list that its sender signed. When the ledger has
another step in its place, or no block can take it any more, they lead nowhere: a sender could show a partner one thing
and say another in public.
"""

from app.domain.access import Act, Actor, Deed
from app.domain.packages import Package
from app.domain.retention import DAY
from app.domain.steps import LIST_LIFETIME
from app.errors import PackageRefused
from app.services.access_log import WORKER, note
from app.services.ground import Ground
from app.store import awaited, erasures, read_model, stock, vault
from app.store.awaited import Awaited
from app.store.database import Connection


def check_recorded(connection: Connection, party: int, package: Package, now: int) -> None:
    """Refuse a package with a step that the ledger is known to contradict, or that could be waited for without end."""
    digests = [shared.step.digest.hex() for shared in package.steps]
    shown = read_model.steps_by_digest(connection, package.sender, digests)
    late = awaited.given_up(connection, party, package.sender, digests)
    for number, shared in enumerate(package.steps):
        digest, where = shared.step.digest.hex(), f"/steps/{number}"
        if digest in shown:
            continue
        in_its_place = read_model.step_by_identity(connection, package.sender, shared.step)
        # The very step may have been read from the chain since the look at all of them.
        if in_its_place is not None and in_its_place.digest != digest:
            raise PackageRefused(
                "the ledger has another step in place of this one", where, "Ask the sender which of the two it means."
            )
        if shared.deadline > now + LIST_LIFETIME + DAY:
            raise PackageRefused(
                "the deadline of the step's list is further off than the ledger takes",
                where + "/list/deadline",
                "Ask the sender to sign the list again, with its clock set.",
            )
        if late.get(digest, -1) >= shared.deadline:
            raise PackageRefused(
                "the deadline of the step's list has passed and the ledger does not show the step",
                where + "/list/deadline",
                "Ask the sender to record it, and for the package after that.",
            )


def wait_for_steps(connection: Connection, party: int, package: Package) -> None:
    """Note which steps of a package the ledger does not show yet."""
    digests = [shared.step.digest.hex() for shared in package.steps]
    shown = read_model.steps_by_digest(connection, package.sender, digests)
    left = [(each.step, each.deadline) for each in package.steps if each.step.digest.hex() not in shown]
    awaited.expect(connection, party, package.sender, package.dossier, left)


def forget_contradicted(ground: Ground, until: int | None) -> int:
    """
    Forget the values of steps that the ledger contradicts; returns of how many steps.

    `until` is the moment up to which all of the ledger was read, None if some of it was not: what is missing there may
    still come.
    """
    with ground.database.reading() as connection:
        found = awaited.contradicted(connection, ground.roles, until)
    for each in found:
        with ground.database.writing(each.party) as connection:
            _forget(ground, connection, each)
    return len(found)


def _forget(ground: Ground, connection: Connection, each: Awaited) -> None:
    now = ground.clock.now()
    groups: tuple[str, ...] = ()
    if awaited.is_due(connection, each):
        shown = vault.openings(connection, each.party, each.digest)
        groups = tuple(sorted({opening.values.group for opening in shown}))
        for subject in sorted({opening.subject for opening in shown}):
            if vault.forget_step(connection, each.party, subject, each.digest):
                stock.let_go(connection, each.party, [subject])
        erasures.ask_scrub(connection, now)
    awaited.give_up(connection, each, now)
    deed = Deed(Act.CONTRADICTED, each.dossier, each.dossier, each.sender, groups)
    note(ground, connection, Actor(each.party, None, WORKER), deed)
