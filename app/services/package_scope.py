"""
What a package may hold, by who sends it to whom: what is not held cannot leak.

The types of `domain.disclosures` say it. The sender's side is `give_package`; here the receiver holds the sender to
them, and to what is already known about the items.
"""

from collections.abc import Mapping

from app.domain.details import FIRST_VERSION
from app.domain.disclosures import Disclosure, ForGlassmaker, ForInsurer, ForOptician, FromInsurer
from app.domain.packages import Package, SharedKey, SharedStep
from app.domain.steps import DOSSIER_GROUPS, Kind, Step
from app.errors import PackageRefused
from app.store import outbox, own, read_model, vault
from app.store.database import Connection
from app.store.registry import Role

MEND = "Ask the sender for the package again, and pass it on unchanged."


SCOPES: Mapping[Role, type[Disclosure]] = {
    Role.GLASSMAKER: ForGlassmaker,
    Role.INSURER: ForInsurer,
    Role.OPTICIAN: ForOptician,
}


def check_scope(role: Role, party: int, package: Package, sender: Role | None) -> None:
    """Refuse keys, steps and openings that this sender, in its role, may not hand to this party."""
    scope = FromInsurer if (role, sender) == (Role.OPTICIAN, Role.INSURER) else SCOPES.get(role)
    if scope is None:
        raise PackageRefused("a party of this role takes in no packages", "/for", "Hand it to its recipient.")
    optician = int(package.dossier[:8], 16)
    if optician != (party if role is Role.OPTICIAN else package.sender):
        raise PackageRefused("the sender has no part in this dossier towards the recipient", "/from", MEND)
    if any(int(item[:8], 16) != optician for item in package.schemas):
        raise PackageRefused("an item is not by the dossier's optician", "/items", MEND)
    for key in package.keys:
        _check_key(scope, package, key)
    for number, shared in enumerate(package.steps):
        _check_step(scope, party, package, shared, f"/steps/{number}")
    if not package.schemas.keys() <= _entitled(scope, [shared.step for shared in package.steps]):
        raise PackageRefused("an item has no step that entitles the recipient to it", "/items", MEND)


def _entitled(scope: type[Disclosure], steps: list[Step]) -> set[str]:
    """The items that the steps let the recipient see; a request for cover is about what the dossier quotes."""
    covering = {scope.covering}
    if any(step.kind is Kind.COVER_REQUESTED for step in steps):
        covering.add(Kind.QUOTED)
    return {item.hex() for step in steps if step.kind in covering for item in step.items}


def _check_key(scope: type[Disclosure], package: Package, key: SharedKey) -> None:
    if not scope.may_key(key.subject == package.dossier, key.group) or key.version != FIRST_VERSION:
        raise PackageRefused("a key is for a group that the recipient may not open", "/items", MEND)


def _check_step(scope: type[Disclosure], party: int, package: Package, shared: SharedStep, where: str) -> None:
    step = shared.step
    subject = step.subject.hex()
    about = subject == package.dossier if step.kind in DOSSIER_GROUPS else subject in package.schemas
    if step.kind is Kind.QUOTED:
        about = about and step.dossier.hex() == package.dossier
    if step.kind not in scope.openings or not about:
        raise PackageRefused("a step is of no concern to the recipient", where, MEND)
    if step.kind is Kind.INVOICED and party not in step.insurers:
        raise PackageRefused("the invoice does not name the recipient", where, MEND)
    if step.kind is Kind.COVER_REQUESTED and step.number != party:
        raise PackageRefused("the request for cover is not to the recipient", where, MEND)
    if any(not scope.may_open(step.kind, values.group) for _, values in shared.openings):
        raise PackageRefused("an opening is of a group that the recipient may not see", where + "/openings", MEND)


def check_against_known(connection: Connection, role: Role, party: int, package: Package) -> None:
    """Refuse what contradicts the ledger, an earlier package, or the recipient's own items."""
    names = sorted(package.schemas)
    held = own.items_known(connection, party, names)
    _check_asked(connection, party, package)
    if role is Role.OPTICIAN and any(name not in held or held[name].glassmaker != package.sender for name in names):
        raise PackageRefused("an item is not one that this glassmaker was named for", "/items", MEND)
    for name, item in held.items():
        if (item.dossier, item.schema) != (package.dossier, package.schemas[name]):
            raise PackageRefused("an item is known in another dossier or under another schema", "/items", MEND)
    states = read_model.item_states(connection, names)
    if any(state.dossier.hex() != package.dossier for state in states.values()):
        raise PackageRefused("the ledger shows an item in another dossier", "/items", MEND)
    if role is Role.GLASSMAKER and any(state.glassmaker != party for state in states.values()):
        raise PackageRefused("the ledger names another glassmaker for an item", "/items", MEND)
    for key in package.keys:
        if vault.group_keys(connection, party, key.subject).get(key.group, key.key) != key.key:
            raise PackageRefused("a key differs from the one that came before", "/items", MEND)


def _check_asked(connection: Connection, party: int, package: Package) -> None:
    """Refuse an answer to a request for cover that the recipient never made of this insurer."""
    answers = [shared.step for shared in package.steps if shared.step.kind is Kind.COVER_ANSWERED]
    if not answers:
        return
    asked = {step.occurrence: step.number for step in _requests(connection, party, package.dossier)}
    if any(asked.get(step.about) != package.sender for step in answers):
        raise PackageRefused("an answer is to a request that was not made of the sender", "/steps", MEND)


def _requests(connection: Connection, party: int, dossier: str) -> list[Step]:
    own_events = outbox.events_of(connection, party, dossiers=[dossier])
    steps = [event.step for event in own_events] + read_model.steps_by(connection, party, dossier)
    return [step for step in steps if step.kind is Kind.COVER_REQUESTED]
