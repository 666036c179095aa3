"""
What a party may hand another about an item or dossier: decided by who they are to it, never by the caller.

The table stands in docs/protocol.md, 5. A group that is not in it cannot get into a package.
"""

from collections.abc import Collection, Iterable, Mapping

from app.domain.access import Act, Actor, Deed
from app.domain.commitment import group_key
from app.domain.packages import MAX_ITEMS, MAX_STEPS, Package, SharedKey, SharedStep
from app.domain.steps import Kind
from app.errors import InvalidRecord, NotPermitted, OutOfSequence
from app.services.access_log import groups_in, note
from app.services.ground import Ground, not_found
from app.store import erasures, outbox, own, vault
from app.store.database import Connection
from app.store.erasures import record_erased
from app.store.outbox import EventRow
from app.store.own import OwnItem
from app.store.registry import Role

TO_GLASSMAKER_KEYS = ("product", "supplements", "correction", "coding", "device", "reference")
TO_GLASSMAKER: Mapping[Kind, Collection[str]] = {Kind.ORDERED: ("product", "supplements", "correction")}
TO_INSURER_KEYS = ("coding", "price")
TO_INSURER: Mapping[Kind, Collection[str]] = {
    Kind.QUOTED: ("coding", "price"),
    Kind.INVOICED: ("coding", "price", "claim"),
}
TO_OPTICIAN: Mapping[Kind, Collection[str]] = {Kind.MANUFACTURED: ("device", "reference")}


def give_package(
    ground: Ground, actor: Actor, recipient: int, *, item: str | None = None, dossier: str | None = None
) -> Package:
    """
    The package about one item, or a whole dossier, from the actor's party for `recipient`; the access log has it.

    Raises NotFound if it does not concern the party, NotPermitted if the recipient has no part in it, OutOfSequence
    if the step that lets the recipient see anything has not been accepted yet, InvalidRecord for a dossier of more
    items than a package holds.
    """
    party = actor.party
    with ground.database.writing(party) as connection:
        items = _items(connection, party, item, dossier)
        events = outbox.events_of(connection, party, dossiers=[items[0].dossier])
        package = _for(ground, connection, party, recipient, items, events)
        about = (item or package.dossier, package.dossier)
        note(ground, connection, actor, Deed(Act.PACKAGE_GIVEN, *about, recipient, groups_in(package)))
        return package


def _for(
    ground: Ground, connection: Connection, party: int, recipient: int, items: list[OwnItem], events: list[EventRow]
) -> Package:
    """The package, by who the two parties are to these items."""
    if ground.roles[party] is Role.GLASSMAKER:
        return _from_glassmaker(ground, connection, party, recipient, items, events)
    if ground.roles[party] is not Role.OPTICIAN:
        raise not_found()
    made = [each for each in items if each.glassmaker == recipient]
    if made:
        return _for_glassmaker(ground, connection, party, recipient, made, events)
    return _for_insurer(ground, connection, party, recipient, items, events)


def _items(connection: Connection, party: int, item: str | None, dossier: str | None) -> list[OwnItem]:
    if item is not None:
        found = list(own.items_known(connection, party, [item]).values())
    else:
        found = own.items_in(connection, party, str(dossier))
    if not found:
        raise not_found()
    gone = erasures.erased(connection, party, [each.item for each in found])
    left = [each for each in found if each.item not in gone]
    if not left:
        raise record_erased(next(iter(gone.values())))
    return left


def _for_glassmaker(
    ground: Ground,
    connection: Connection,
    party: int,
    recipient: int,
    items: list[OwnItem],
    events: list[EventRow],
) -> Package:
    ordered = {event.item for event in events if event.step.kind is Kind.ORDERED}
    ready = [each for each in items if each.item in ordered]
    if not ready:
        raise OutOfSequence("nothing is ordered from this glassmaker yet", mend="Send the ordered event first.")
    keys = [key for each in ready for key in _derived(connection, party, each.item, TO_GLASSMAKER_KEYS)]
    return _package(ground, connection, party, recipient, ready, keys, _openable(events, ready, TO_GLASSMAKER))


def _for_insurer(
    ground: Ground,
    connection: Connection,
    party: int,
    recipient: int,
    items: list[OwnItem],
    events: list[EventRow],
) -> Package:
    invoices = [e for e in events if e.step.kind is Kind.INVOICED and recipient in e.step.insurers]
    names = {name.hex() for event in invoices for name in event.step.items}
    if not any(recipient in e.step.insurers for e in events if e.step.kind is Kind.INVOICED):
        raise NotPermitted(
            "the recipient is neither a glassmaker of these items nor an insurer that an invoice names",
            mend="Name the insurer in the invoice first; a quote names the glassmaker.",
        )
    covered = [each for each in items if each.item in names]
    if not covered:
        raise not_found()
    keys = [key for each in covered for key in _derived(connection, party, each.item, TO_INSURER_KEYS)]
    keys += _derived(connection, party, covered[0].dossier, ("claim",))
    quotes = [e for e in _openable(events, covered, TO_INSURER) if e[0].step.kind is Kind.QUOTED]
    billed = [(event, TO_INSURER[Kind.INVOICED]) for event in invoices]
    return _package(ground, connection, party, recipient, covered, keys, quotes + billed)


def _from_glassmaker(
    ground: Ground,
    connection: Connection,
    party: int,
    recipient: int,
    items: list[OwnItem],
    events: list[EventRow],
) -> Package:
    if int(items[0].dossier[:8], 16) != recipient:
        raise NotPermitted("a glassmaker's package is for the item's optician", mend="Ask for it for the optician.")
    steps = _openable(events, items, TO_OPTICIAN)
    if not steps:
        raise OutOfSequence("none of these items is manufactured yet", mend="Send the manufactured event first.")
    made = {event.item for event, _ in steps}
    done = [each for each in items if each.item in made]
    return _package(ground, connection, party, recipient, done, [], steps)


def _openable(
    events: Iterable[EventRow], items: Iterable[OwnItem], table: Mapping[Kind, Collection[str]]
) -> list[tuple[EventRow, Collection[str]]]:
    names = {each.item for each in items}
    return [(event, table[event.step.kind]) for event in events if event.step.kind in table and event.item in names]


def _derived(connection: Connection, party: int, subject: str, groups: Iterable[str]) -> list[SharedKey]:
    secret = vault.secret(connection, party, subject)
    keys = vault.group_keys(connection, party, subject) if secret is None else {}
    found = {group: group_key(secret, group) if secret is not None else keys.get(group) for group in groups}
    if not any(found.values()):
        raise not_found()
    # Of a group that was forgotten there is no key to hand over.
    return [SharedKey(subject, group, 1, key) for group, key in found.items() if key is not None]


def _package(
    ground: Ground,
    connection: Connection,
    party: int,
    recipient: int,
    items: list[OwnItem],
    keys: list[SharedKey],
    steps: list[tuple[EventRow, Collection[str]]],
) -> Package:
    about = {each.item for each in items} | {items[0].dossier}
    schemas = {each.item: each.schema for each in items}
    if len(items) > MAX_ITEMS or len(steps) > MAX_STEPS:
        raise InvalidRecord(None, f"a package holds {MAX_ITEMS} items at most", "Ask for the package of each item.")
    shared = tuple(_shared_step(connection, party, event, groups, about) for event, groups in steps)
    return Package(
        ground.network.chain_id, ground.network.ledger, party, recipient, items[0].dossier, schemas, tuple(keys),
        shared,
    )  # fmt: skip


def _shared_step(
    connection: Connection, party: int, event: EventRow, groups: Collection[str], about: Collection[str]
) -> SharedStep:
    signed = outbox.stored_list(connection, event.list_id).signed
    openings = tuple(
        (each.subject, each.values)
        for each in vault.openings(connection, party, event.digest)
        if each.values.group in groups and each.subject in about
    )
    digests = tuple(outbox.list_digests(connection, event.list_id))
    return SharedStep(
        party, event.step, signed.deadline, signed.signer, digests, event.position, signed.signature, openings
    )
