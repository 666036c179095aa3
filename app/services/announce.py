"""
Say on the ledger that a party erased its record: once for each item or dossier, as the ledger takes it by role.

An optician says it of an item, and of the dossier that went with its last item; a glassmaker of its item; an insurer of
the dossier, when it has erased all that it held of it. What the ledger would not record now, because it does not know
the item, is not signed: it would wait for a month and be refused. Should the item appear there, it is said then.
"""

from collections.abc import Iterable

from app.domain.access import Actor
from app.domain.details import NO_DETAIL
from app.domain.kinds import Kind
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
    facts, past, now = StoredFacts(connection), Past(connection, actor.party), ground.clock.now()
    steps = []
    for each in done:
        step = Step(Kind.ERASED, 0, each.erased_at, bytes.fromhex(each.subject), NO_DETAIL, ())
        said = past.has(Kind.ERASED, each.subject)
        if not said and outcome(facts, actor.party, step, now) is Outcome.RECORDED:
            item = None if each.subject == each.dossier else each.subject
            steps.append(Composed(step, item, each.dossier, ()))
    record_steps(ground, connection, actor, steps)
    return len(steps)


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
    return found
