"""
Accept events: the one way in.

One database transaction holds the records, their secrets, the party's signature over the list, the events in the
outbox and the idempotency key. Before it commits nothing happened; once it has, the events will be anchored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.access import Act, Actor, Deed
from app.domain.steps import LIST_LIFETIME, SignedList, Step, list_hash, signing_hash
from app.domain.weights import LIST_GAS, list_gas
from app.errors import PartySuspended
from app.failpoints import failpoint
from app.services.access_log import note
from app.services.compose import Composer
from app.services.composing import Additions, Composed
from app.services.drafts import EventDraft, Idempotency
from app.services.due_packages import note_due
from app.services.ground import Ground
from app.services.stock import keep_shipped
from app.store import answers, outbox, own, vault
from app.store.database import Connection, WriteConflict
from app.store.outbox import EventRow
from app.store.registry import PartyState, registered_party


def record_events(
    ground: Ground, actor: Actor, drafts: Sequence[EventDraft], idempotency: Idempotency | None
) -> list[str]:
    """
    Accept all of `drafts` or none; returns the ids of the events, in order, once they are durable.

    The same idempotency key with the same body gives the ids of the first time. Raises what is wrong with a draft.
    Commitments and signatures are made before the database is locked; only if another request of the party got in
    between are they made again, under the lock.
    """
    party = actor.party
    with ground.database.reading() as connection:
        if (kept := _kept(ground, connection, party, idempotency)) is not None:
            return kept
        prepared = _prepared(ground, connection, party, drafts)
    try:
        with ground.database.writing(party) as connection:
            ids = _store(ground, connection, actor, prepared)
            _keep(ground, connection, party, idempotency, ids)
            failpoint("K1")
    except WriteConflict:
        with ground.database.writing(party) as connection:
            if (kept := _kept(ground, connection, party, idempotency)) is not None:
                return kept
            ids = record_within(ground, connection, actor, drafts)
            _keep(ground, connection, party, idempotency, ids)
    failpoint("K2")
    return ids


def record_within(ground: Ground, connection: Connection, actor: Actor, drafts: Sequence[EventDraft]) -> list[str]:
    """Accept `drafts` in a writing transaction of the party that the caller holds; returns the ids of the events."""
    return _store(ground, connection, actor, _prepared(ground, connection, actor.party, drafts))


def record_steps(ground: Ground, connection: Connection, actor: Actor, steps: Sequence[Composed]) -> list[str]:
    """Accept steps that the gateway itself composed, in such a transaction; returns the ids of the events."""
    return _store(ground, connection, actor, _signed(ground, actor.party, steps, Additions()))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Steps in signed lists, and what has to be stored with them."""

    lists: tuple[tuple[list[Composed], SignedList], ...]
    additions: Additions


def _prepared(ground: Ground, connection: Connection, party: int, drafts: Sequence[EventDraft]) -> _Prepared:
    check_active(connection, party)
    composer = Composer(ground, connection, party)
    composed = [composer.composed(draft) for draft in drafts]
    return _signed(ground, party, composed, composer.additions)


def _signed(ground: Ground, party: int, composed: Sequence[Composed], additions: Additions) -> _Prepared:
    lists = tuple((part, signed_list(ground, party, tuple(one.step for one in part))) for part in _cut(composed))
    return _Prepared(lists, additions)


def _kept(ground: Ground, connection: Connection, party: int, idempotency: Idempotency | None) -> list[str] | None:
    if idempotency is None:
        return None
    return answers.kept_answer(connection, party, idempotency.key, idempotency.body, ground.clock.now())


def _keep(
    ground: Ground, connection: Connection, party: int, idempotency: Idempotency | None, ids: Sequence[str]
) -> None:
    if idempotency is not None:
        now = ground.clock.now()
        answers.keep_answer(connection, party, idempotency.key, idempotency.body, ids, now)


def check_active(connection: Connection, party: int) -> None:
    """Raise PartySuspended if the registry says that the party may not act; unknown here counts as active."""
    known = registered_party(connection, party)
    if known is not None and known.state is not PartyState.ACTIVE:
        raise PartySuspended(
            f"the registry shows this party as {known.state.label}",
            mend="Ask the council; reading still works, and nothing that was accepted is lost.",
        )


def _cut(composed: Sequence[Composed]) -> Iterator[list[Composed]]:
    """Cut the steps so that each list fits one transaction at worst-case gas."""
    part: list[Composed] = []
    for one in composed:
        if part and list_gas([each.step for each in (*part, one)]) > LIST_GAS:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def signed_list(ground: Ground, party: int, steps: tuple[Step, ...]) -> SignedList:
    """Sign a list of steps with the party's key, good for 35 days from now."""
    deadline = ground.clock.now() + LIST_LIFETIME
    digests = [step.digest for step in steps]
    digest = signing_hash(ground.separator, list_hash(party, deadline, digests))
    signature = ground.signer.sign(party, digest)
    return SignedList(party, deadline, ground.signer.address(party), steps, signature)


def _store(ground: Ground, connection: Connection, actor: Actor, prepared: _Prepared) -> list[str]:
    party, now, additions = actor.party, ground.clock.now(), prepared.additions
    for dossier, reference in additions.dossiers.items():
        own.add_dossier(connection, party, dossier, reference, now)
    for item in additions.items.values():
        own.add_item(connection, party, item, now)
    vault.add_secrets(connection, party, additions.secrets)
    accepted: list[EventRow] = []
    for part, one in prepared.lists:
        number = outbox.add_list(connection, one, now)
        note(ground, connection, actor, Deed(Act.LIST_SIGNED, detail=str(number)))
        rows = [
            EventRow(
                ground.random(16).hex(), party, each.item, each.dossier, each.step, each.step.digest.hex(),
                number, position, "accepted", None, now,
            )
            for position, each in enumerate(part)
        ]  # fmt: skip
        outbox.add_events(connection, rows)
        shown = [
            vault.Opening(row.digest, subject, values)
            for row, each in zip(rows, part, strict=True)
            for subject, values in each.openings
        ]
        vault.add_openings(connection, party, shown)
        keep_shipped(connection, party, part, now)
        accepted += rows
    note_due(connection, party, accepted, now)
    return [row.id for row in accepted]
