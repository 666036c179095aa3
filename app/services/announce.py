"""
Say on the ledger that a party erased its record: once for each item or dossier, as the ledger takes it by role.

An optician says it of an item, and of the dossier that went with its last item; a glassmaker of its item; an insurer of
the dossier, when it has erased all that it held of it. Where the time of single groups is over, they are said each
once, by the same parties of the same subjects. What the ledger would not record now, because it does not know the item,
is not signed: it would wait for a month and be refused. Should the item appear there, a whole record is said then.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from app.domain.access import Actor
from app.domain.details import NO_DETAIL, erased_detail
from app.domain.kinds import ERASABLE, Kind
from app.domain.lifecycle import outcome
from app.domain.outcomes import Outcome
from app.domain.steps import Step
from app.services.access_log import WORKER
from app.services.composing import Composed
from app.services.ground import Ground
from app.services.past import Past
from app.services.record_events import record_steps
from app.store import erasures
from app.store.database import Connection
from app.store.erasures import Erasure
from app.store.registry import Role
from app.store.shelf import StoredFacts

AT_ONCE = 100


def announce(ground: Ground, connection: Connection, actor: Actor, done: Iterable[Erasure]) -> int:
    """Sign what the ledger would record of these erasures, in the party's transaction; returns how many steps."""
    past, steps = Past(connection, actor.party), []
    for each in done:
        step = Step(Kind.ERASED, 0, each.erased_at, bytes.fromhex(each.subject), NO_DETAIL, ())
        if not past.has(Kind.ERASED, each.subject):
            item = None if each.subject == each.dossier else each.subject
            steps.append(Composed(step, item, each.dossier, ()))
    return _sign(ground, connection, actor, steps)


def announce_groups(
    ground: Ground, connection: Connection, actor: Actor, subject: str, dossier: str, gone: AbstractSet[str]
) -> None:
    """Sign likewise that of a subject these groups alone are gone, those of which it is not said."""
    past = Past(connection, actor.party)
    if past.has(Kind.ERASED, subject):
        return
    said = {group for step in past.steps(Kind.ERASED, subject) for group in step.erased_groups}
    left = [group for group in ERASABLE if group in gone - said]
    if not left:
        return
    name, now = bytes.fromhex(subject), ground.clock.now()
    # The first group's number makes the step one that nothing else can be: each group is said once.
    step = Step(Kind.ERASED, ERASABLE[left[0]], now, name, erased_detail(left), ())
    _sign(ground, connection, actor, [Composed(step, None if subject == dossier else subject, dossier, ())])


def _sign(ground: Ground, connection: Connection, actor: Actor, steps: Iterable[Composed]) -> int:
    """Sign those of these steps that the ledger would record now."""
    facts, now = StoredFacts(connection), ground.clock.now()
    good = [each for each in steps if outcome(facts, actor.party, each.step, now) is Outcome.RECORDED]
    record_steps(ground, connection, actor, good)
    return len(good)


def announce_left(ground: Ground) -> int:
    """Say what could not be said when it was erased, or what the ledger refused since; returns how many steps."""
    found = 0
    with ground.database.reading() as connection:
        erasers = erasures.erasers(connection)
    for party, role in sorted(ground.roles.items()):
        if role is Role.AUDITOR or party not in erasers:
            continue
        with ground.database.reading() as connection:
            of = {"items": role is not Role.INSURER, "dossiers": role is not Role.GLASSMAKER}
            left = erasures.unsaid(connection, party, **of)
        for start in range(0, len(left), AT_ONCE):
            with ground.database.writing(party) as connection:
                actor = Actor(party, None, WORKER)
                found += announce(ground, connection, actor, left[start : start + AT_ONCE])
    return found + _announce_groups_left(ground)


def _announce_groups_left(ground: Ground) -> int:
    found = 0
    with ground.database.reading() as connection:
        left = erasures.unsaid_groups(connection, ground.roles)
    for event in left:
        with ground.database.writing(event.party) as connection:
            if Past(connection, event.party).has(Kind.ERASED, event.step.subject.hex()):
                continue
            again = Composed(event.step, event.item, event.dossier, ())
            found += _sign(ground, connection, Actor(event.party, None, WORKER), [again])
    return found
