"""Take in a lot of stock: every unit whole, and together exactly what the lot's root on the ledger commits to."""

from app.domain.details import FIRST_VERSION
from app.domain.disclosures import ForHolder
from app.domain.kinds import LOT_KINDS
from app.domain.packages import Package
from app.domain.steps import Kind
from app.domain.stock import Unit, lot_root, unit_names, unit_of
from app.errors import OutOfSequence, PackageRefused
from app.services.package_scope import MEND
from app.store import vault
from app.store.database import Connection
from app.store.registry import Role
from app.store.shelf import StoredFacts


def is_stock(package: Package) -> bool:
    """Whether a package is about a lot."""
    return any(shared.step.kind in LOT_KINDS for shared in package.steps)


def check_stock(connection: Connection, role: Role, party: int, package: Package) -> None:
    """
    Refuse what is no lot for this party.

    Raises OutOfSequence, which may pass, for a lot handed on that the ledger does not show here yet.
    """
    if role is not Role.OPTICIAN or len(package.steps) != 1:
        raise PackageRefused("a lot goes to an optician, with the one step that names it", "/steps", MEND)
    step = package.steps[0].step
    if step.subject.hex() != package.dossier or step.kind not in LOT_KINDS or step.number != party:
        raise PackageRefused("the step does not name the recipient for this lot", "/steps/0", MEND)
    if step.kind is Kind.LOT_SHIPPED and int(package.dossier[:8], 16) != package.sender:
        raise PackageRefused("the lot was not made by the sender", "/from", MEND)
    leaves = [unit.leaf for unit in _units(connection, party, package)]
    if len(set(leaves)) != len(leaves) or not leaves or lot_root(leaves) != _root(connection, package):
        raise PackageRefused("the units do not lead to the lot's root", "/items", MEND)


def _root(connection: Connection, package: Package) -> bytes:
    step = package.steps[0].step
    if step.kind is Kind.LOT_SHIPPED:
        return step.words[0]
    lot = StoredFacts(connection).lot(step.subject)
    if lot is None:
        raise OutOfSequence("the ledger does not show this lot here yet", "/steps/0", "Send the package again later.")
    return lot.root


def _units(connection: Connection, party: int, package: Package) -> list[Unit]:
    numbers = unit_names(bytes.fromhex(package.dossier))
    found = []
    for place, (name, schema) in enumerate(package.schemas.items()):
        where = f"/items/{place}"
        values = {of.group: of for subject, of in package.steps[0].openings if subject == name}
        keys = {each.group: each.key for each in package.keys if (each.subject, each.version) == (name, FIRST_VERSION)}
        given = sum(each.subject == name for each in package.keys)
        if not keys.keys() == values.keys() == ForHolder.item_keys or given != len(keys) or name not in numbers:
            raise PackageRefused("a unit is not whole, or not of this lot", where, MEND)
        if any(vault.group_keys(connection, party, name).get(group, key) != key for group, key in keys.items()):
            raise PackageRefused("a key differs from the one that came before", where, MEND)
        try:
            unit = unit_of(bytes.fromhex(package.dossier), numbers[name], values, keys)
        except ValueError:
            raise PackageRefused("a unit has no token, or more than one schema", where, MEND) from None
        if unit.schema != schema:
            raise PackageRefused("a unit is of another schema than its values", where, MEND)
        found.append(unit)
    if any(each.subject not in package.schemas for each in package.keys):
        raise PackageRefused("a key is of no unit of the lot", "/groups", MEND)
    return found
