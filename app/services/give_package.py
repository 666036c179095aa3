"""
What a party may hand another about an item or dossier: decided by who they are to it, never by the caller.

The types of `domain.disclosures` hold what there is to give, and cannot hold more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.domain.access import Act, Actor, Deed
from app.domain.commitment import group_key
from app.domain.disclosures import Disclosure, ForGlassmaker, ForInsurer, ForOptician, FromInsurer
from app.domain.packages import MAX_ITEMS, MAX_STEPS, Package, SharedKey, SharedStep
from app.domain.steps import Kind
from app.domain.stock import DRAWN_CODING
from app.errors import InvalidRecord, NotPermitted, OutOfSequence
from app.services.access_log import groups_in, note
from app.services.give_stock import for_holder, lot_events
from app.services.ground import Ground, not_found
from app.services.stock import drawn_key
from app.store import erasures, outbox, own, vault
from app.store.database import Connection
from app.store.erasures import record_erased
from app.store.outbox import EventRow
from app.store.own import OwnItem
from app.store.registry import PartyState, Role, registered_party

_MOST_REQUESTS = MAX_STEPS // 2
"""Of one dossier, the newest: what a package holds beside its quotes and invoices."""
Disclosed = TypeVar("Disclosed", bound=Disclosure)


@dataclass(frozen=True, slots=True)
class About:
    """What a package is asked for: some items of one dossier, or a whole dossier."""

    items: Sequence[str] = ()
    dossier: str | None = None


def give_package(ground: Ground, actor: Actor, recipient: int, about: About) -> Package:
    """
    The package from the actor's party for `recipient`; the access log has it.

    Raises NotFound if it does not concern the party, NotPermitted if the recipient has no part in it, OutOfSequence
    if the step that lets the recipient see anything has not been accepted yet, InvalidRecord for a dossier of more
    items than a package holds.
    """
    with ground.database.writing(actor.party) as connection:
        package = package_for(ground, connection, actor.party, recipient, about)
        note_given(ground, connection, actor, package, about)
        return package


def note_given(ground: Ground, connection: Connection, actor: Actor, package: Package, about: About) -> None:
    """Note in the access log that a package leaves the party."""
    subject = about.items[0] if len(about.items) == 1 else package.dossier
    groups = groups_in(package)
    note(ground, connection, actor, Deed(Act.PACKAGE_GIVEN, subject, package.dossier, package.recipient, groups))


def package_for(ground: Ground, connection: Connection, party: int, recipient: int, about: About) -> Package:
    """The same without a note; raises what `give_package` raises."""
    to = registered_party(connection, recipient)
    if to is not None and to.state is PartyState.REVOKED:
        raise NotPermitted("the recipient has left the network", mend="Nothing is handed to it any more.")
    if lot := lot_events(connection, party, about.dossier):
        stock = for_holder(connection, party, recipient, lot)
        return stock.package(ground.network.chain_id, ground.network.ledger, party, recipient)
    items = _items(connection, party, about)
    events = outbox.events_of(connection, party, dossiers=[items[0].dossier])
    found = _for(ground, connection, party, recipient, items, events)
    return found.package(ground.network.chain_id, ground.network.ledger, party, recipient)


def _for(
    ground: Ground, connection: Connection, party: int, recipient: int, items: list[OwnItem], events: list[EventRow]
) -> Disclosure:
    """What there is to give, by who the two parties are to these items."""
    if ground.roles[party] is Role.GLASSMAKER:
        return _from_glassmaker(connection, party, recipient, items, events)
    if ground.roles[party] is Role.INSURER:
        return _from_insurer(connection, party, recipient, items, events)
    if ground.roles[party] is not Role.OPTICIAN:
        raise not_found()
    made = [each for each in items if each.glassmaker == recipient]
    if made:
        return _for_glassmaker(connection, party, made, events)
    return _for_insurer(connection, party, recipient, items, events)


def _items(connection: Connection, party: int, about: About) -> list[OwnItem]:
    if about.dossier is not None:
        found = own.items_in(connection, party, about.dossier)
    else:
        found = list(own.items_known(connection, party, list(about.items)).values())
    if not found or any(each.dossier != found[0].dossier for each in found):
        raise not_found()
    gone = erasures.erased(connection, party, [each.item for each in found])
    left = [each for each in found if each.item not in gone]
    if not left:
        raise record_erased(next(iter(gone.values())))
    return left


def _for_glassmaker(connection: Connection, party: int, items: list[OwnItem], events: list[EventRow]) -> ForGlassmaker:
    ordered = {event.item for event in events if event.step.kind is Kind.ORDERED}
    ready = [each for each in items if each.item in ordered]
    if not ready:
        raise OutOfSequence("nothing is ordered from this glassmaker yet", mend="Send the ordered event first.")
    keys = [key for each in ready for key in _derived(connection, party, each.item, ForGlassmaker.item_keys)]
    return _disclosed(ForGlassmaker, connection, party, ready, keys, _openable(ForGlassmaker, events, ready))


def _for_insurer(
    connection: Connection, party: int, recipient: int, items: list[OwnItem], events: list[EventRow]
) -> ForInsurer:
    invoices = [e for e in events if e.step.kind is Kind.INVOICED and recipient in e.step.insurers]
    requests = [e for e in events if e.step.kind is Kind.COVER_REQUESTED and recipient == e.step.number]
    if not invoices and not requests:
        raise NotPermitted(
            "the recipient is neither a glassmaker of these items nor an insurer that was asked or is named",
            mend="Ask the insurer for cover or name it in the invoice first; a quote names the glassmaker.",
        )
    names = {name.hex() for event in invoices for name in event.step.items} | _quoted_before(requests, events)
    covered = [each for each in items if each.item in names]
    if not covered:
        raise not_found()
    of_the_item = ForInsurer.item_keys - {DRAWN_CODING}
    keys = [key for each in covered for key in _derived(connection, party, each.item, of_the_item)]
    asked = (("claim", invoices), ("cover", requests), ("grant", requests))
    keys += _derived(connection, party, covered[0].dossier, [group for group, steps in asked if steps])
    drawn = ((each.item, drawn_key(connection, party, each.item, "coding")) for each in covered)
    keys += [SharedKey(item, DRAWN_CODING, 1, key) for item, key in drawn if key is not None]
    quotes = [each for each in _openable(ForInsurer, events, covered) if each.step.kind is Kind.QUOTED]
    return _disclosed(ForInsurer, connection, party, covered, keys, quotes + requests[-_MOST_REQUESTS:] + invoices)


def _quoted_before(requests: list[EventRow], events: list[EventRow]) -> set[str]:
    """The items that a request for cover was about: those of the dossier that were quoted by then."""
    if not requests:
        return set()
    before = events[: events.index(requests[-1])]
    return {str(event.item) for event in before if event.step.kind is Kind.QUOTED}


def _from_glassmaker(
    connection: Connection, party: int, recipient: int, items: list[OwnItem], events: list[EventRow]
) -> ForOptician:
    if int(items[0].dossier[:8], 16) != recipient:
        raise NotPermitted("a glassmaker's package is for the item's optician", mend="Ask for it for the optician.")
    steps = _openable(ForOptician, events, items)
    if not steps:
        raise OutOfSequence("none of these items is manufactured yet", mend="Send the manufactured event first.")
    made = {event.item for event in steps}
    done = [each for each in items if each.item in made]
    return _disclosed(ForOptician, connection, party, done, [], steps)


def _from_insurer(
    connection: Connection, party: int, recipient: int, items: list[OwnItem], events: list[EventRow]
) -> FromInsurer:
    if int(items[0].dossier[:8], 16) != recipient:
        raise NotPermitted("an insurer's package is for the dossier's optician", mend="Ask for it for the optician.")
    answers = [each for each in events if each.step.kind is Kind.COVER_ANSWERED]
    if not answers:
        raise OutOfSequence("no request for cover is answered yet", mend="Send the cover_answered event first.")
    dossier = items[0].dossier
    shared = tuple(_shared_step(connection, party, event, FromInsurer, {dossier}) for event in answers[-MAX_STEPS:])
    return FromInsurer(dossier, {}, (), shared)


def _openable(kind: type[Disclosure], events: Iterable[EventRow], items: Iterable[OwnItem]) -> list[EventRow]:
    names = {each.item for each in items}
    return [event for event in events if event.step.kind in kind.openings and event.item in names]


def _derived(connection: Connection, party: int, subject: str, groups: Iterable[str]) -> list[SharedKey]:
    secret = vault.secret(connection, party, subject)
    keys = vault.group_keys(connection, party, subject) if secret is None else {}
    found = {group: group_key(secret, group) if secret is not None else keys.get(group) for group in sorted(groups)}
    if not any(found.values()):
        raise not_found()
    # Of a group that was forgotten there is no key to hand over.
    return [SharedKey(subject, group, 1, key) for group, key in found.items() if key is not None]


def _disclosed(
    kind: type[Disclosed],
    connection: Connection,
    party: int,
    items: list[OwnItem],
    keys: list[SharedKey],
    steps: list[EventRow],
) -> Disclosed:
    about = {each.item for each in items} | {items[0].dossier}
    schemas = {each.item: each.schema for each in items}
    if len(items) > MAX_ITEMS or len(steps) > MAX_STEPS:
        raise InvalidRecord(None, f"a package holds {MAX_ITEMS} items at most", "Ask for the package of each item.")
    shared = tuple(_shared_step(connection, party, event, kind, about) for event in steps)
    return kind(items[0].dossier, schemas, tuple(keys), shared)


def _shared_step(
    connection: Connection, party: int, event: EventRow, kind: type[Disclosure], about: Collection[str]
) -> SharedStep:
    signed = outbox.stored_list(connection, event.list_id).signed
    openings = tuple(
        (each.subject, each.values)
        for each in vault.openings(connection, party, event.digest)
        if kind.may_open(event.step.kind, each.values.group) and each.subject in about
    )
    digests = tuple(outbox.list_digests(connection, event.list_id))
    return SharedStep(
        party, event.step, signed.deadline, signed.signer, digests, event.position, signed.signature, openings
    )
