"""
Take in a package: believe nothing in it that its signed steps do not bear out.

The steps, in this order: the package is for this party and this ledger; each list is signed by a key that the registry
knows for its party; keys and openings stay within what the sender may hand over; every opening leads to the root in
its signed step. Then keys and values are kept, or nothing is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.access import Act, Actor, Deed
from app.domain.commitment import group_root
from app.domain.details import FIRST_VERSION
from app.domain.packages import Package, SharedStep, package_of
from app.domain.records import GroupValues
from app.domain.steps import DOSSIER_GROUPS, GROUPS, Kind, list_hash, signing_hash
from app.domain.stock import DRAWN_CODING
from app.errors import PackageRefused, SignerUnknown
from app.services.access_log import groups_in, note
from app.services.contradicted import check_recorded, wait_for_steps
from app.services.ground import Ground
from app.services.package_scope import MEND, check_against_known, check_scope
from app.services.stock import keep_taken
from app.services.take_stock import check_stock, is_stock
from app.store import arrivals, own, read_model, vault
from app.store.database import Connection
from app.store.own import OwnItem
from app.store.registry import KEY_REVOKED, registered_party


@dataclass(frozen=True, slots=True)
class Taken:
    """A package that was taken in; `confirmed` when every step in it is on the ledger."""

    id: str
    sender: int
    dossier: str
    items: tuple[str, ...]
    digests: tuple[str, ...]
    confirmed: bool


def take_package(ground: Ground, actor: Actor, content: Mapping[str, object]) -> Taken:
    """Check a package and keep its keys and values; raises PackageRefused, saying why. Again changes nothing."""
    package = package_of(content)
    with ground.database.writing(actor.party) as connection:
        return take_within(ground, connection, actor, package)


def take_within(ground: Ground, connection: Connection, actor: Actor, package: Package) -> Taken:
    """The same in a writing transaction of the party that the caller holds."""
    party = actor.party
    _check_address(ground, party, package)
    _check_lists(ground, connection, package)
    if is_stock(package):
        check_stock(connection, ground.roles[party], party, package)
    else:
        sender = registered_party(connection, package.sender)
        check_scope(ground.roles[party], party, package, None if sender is None else sender.role)
        check_against_known(connection, ground.roles[party], party, package)
        for number, shared in enumerate(package.steps):
            _check_openings(connection, party, package, shared, f"/steps/{number}")
    now = ground.clock.now()
    check_recorded(connection, party, package, now)
    digests = sorted({shared.step.digest.hex() for shared in package.steps})
    again = arrivals.has_come(connection, party, package.sender, package.dossier, digests)
    if is_stock(package):
        keep_taken(connection, party, package.dossier, package.schemas, again=again, now=now)
    else:
        _learn_items(connection, party, package, now)
    _learn(connection, party, package)
    wait_for_steps(connection, party, package)
    confirmed = len(read_model.steps_by_digest(connection, package.sender, digests)) == len(digests)
    kept = arrivals.add_package(connection, party, package.sender, package.dossier, digests, now)
    about = package.dossier
    note(ground, connection, actor, Deed(Act.PACKAGE_TAKEN, about, about, package.sender, groups_in(package), kept))
    return Taken(kept, package.sender, package.dossier, tuple(package.schemas), tuple(digests), confirmed)


def _check_address(ground: Ground, party: int, package: Package) -> None:
    if package.recipient != party:
        raise PackageRefused("the package is for another party", "/for", "Hand it to the party it is for.")
    if (package.chain_id, package.ledger) != (ground.network.chain_id, ground.network.ledger):
        raise PackageRefused("the package is about another ledger", "/ledger", MEND)
    if not package.steps:
        raise PackageRefused("the package carries no signed step", "/steps", MEND)


def _check_lists(ground: Ground, connection: Connection, package: Package) -> None:
    known = registered_party(connection, package.sender)
    for number, shared in enumerate(package.steps):
        where = f"/steps/{number}/list"
        if shared.party != package.sender:
            raise PackageRefused("a step is signed by another party than the sender", where, MEND)
        if known is None or known.keys.get(shared.signer, (KEY_REVOKED, 0))[0] == KEY_REVOKED:
            raise SignerUnknown("the registry knows no such key of the sender", where + "/signer", MEND)
        digest = signing_hash(ground.separator, list_hash(shared.party, shared.deadline, shared.digests))
        if ground.signer.recovered(digest, shared.signature) != shared.signer:
            raise PackageRefused("the signature is not by the key it names", where + "/signature", MEND)


def _check_openings(connection: Connection, party: int, package: Package, shared: SharedStep, step: str) -> None:
    for number, (subject, values) in enumerate(shared.openings):
        where = f"{step}/openings/{number}"
        root = _root_in(shared, subject, values)
        key = _key(connection, party, package, subject, values.group, shared.step.kind)
        if root is None or key is None:
            raise PackageRefused("an opening belongs to no root of its step, or has no key", where, MEND)
        if group_root(values, key) != root:
            raise PackageRefused("an opening does not lead to the root in its signed step", where, MEND)


def _root_in(shared: SharedStep, subject: str, values: GroupValues) -> bytes | None:
    step = shared.step
    own_groups = DOSSIER_GROUPS.get(step.kind, ())
    if own_groups and step.subject.hex() == subject:
        return step.words[own_groups.index(values.group)] if values.group in own_groups else None
    item = bytes.fromhex(subject)
    if item not in step.items or values.group not in GROUPS[step.kind]:
        return None
    return step.roots_of(item)[GROUPS[step.kind].index(values.group)]


def _key(connection: Connection, party: int, package: Package, subject: str, group: str, kind: Kind) -> bytes | None:
    given = {each.group: each.key for each in package.keys if (each.subject, each.version) == (subject, FIRST_VERSION)}
    if (kind, group) == (Kind.INVOICED, "coding") and DRAWN_CODING in given:
        return given[DRAWN_CODING]
    if group in given:
        return given[group]
    return vault.group_key(connection, party, subject, group)


def _learn_items(connection: Connection, party: int, package: Package, now: int) -> None:
    for item, schema in package.schemas.items():
        maker = party if any(shared.step.kind is Kind.ORDERED for shared in package.steps) else 0
        own.learn_item(connection, party, OwnItem(item, package.dossier, None, schema, maker), now)


def _learn(connection: Connection, party: int, package: Package) -> None:
    given = [vault.GivenKey(each.subject, each.group, each.version, each.key) for each in package.keys]
    vault.add_group_keys(connection, party, given)
    shown = [
        vault.Opening(shared.step.digest.hex(), subject, values)
        for shared in package.steps
        for subject, values in shared.openings
    ]
    vault.add_openings(connection, party, shown)
