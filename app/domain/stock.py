"""
Stock: the units of a lot, each committed to under keys of its own, and what draws one of them.

The leaf of a unit and the root of a lot are those of `contracts/interfaces/IEquipmentLedger.sol`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain import merkle
from app.domain.commitment import group_root
from app.domain.details import nullifier_of, unit_leaf
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.records import GroupValues
from app.domain.shelf import optician_of
from app.domain.steps import GROUPS, ID_LENGTH, Step

MAX_UNITS = 16
"""Units of one lot; they are numbered from 1."""
UNIT_GROUPS = GROUPS[Kind.DRAWN]
"""The groups that a unit commits to."""
DRAWN_CODING = "drawn_coding"
"""Under this name the coding key of the unit that was drawn goes with the item."""
_TAG = b"optitrace unit/1"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a lot: its values by group, and its words in `drawn` after the lot."""

    number: int
    schema: str
    values: Mapping[str, GroupValues]
    words: tuple[bytes, ...]

    @property
    def leaf(self) -> bytes:
        """What stands for it under the lot's root."""
        return unit_leaf(self.number, self.words)


def unit_name(lot: bytes, number: int) -> bytes:
    """Under this identifier a party keeps what it holds of a unit; it never stands on the ledger."""
    return lot[:4] + keccak256(_TAG + lot + number.to_bytes(4, "big"))[: ID_LENGTH - 4]


def unit_names(lot: bytes) -> dict[str, int]:
    """The numbers of all units that a lot may have, by their identifiers in hex."""
    return {unit_name(lot, number).hex(): number for number in range(1, MAX_UNITS + 1)}


def drawn_unit(step: Step) -> str:
    """Drawn: the identifier of the unit, in hex."""
    return unit_name(step.named, step.number).hex()


def unit_of(lot: bytes, number: int, values: Mapping[str, GroupValues], keys: Mapping[str, bytes]) -> Unit:
    """The unit of these values under these keys, all groups of it; KeyError or ValueError if it is not whole."""
    token = values["device"].values["token"]
    if token is None or len({values[group].schema for group in UNIT_GROUPS}) != 1:
        raise ValueError("a unit has a token and one schema")
    nullifier = nullifier_of(optician_of(lot), bytes.fromhex(token))
    roots = tuple(group_root(values[group], keys[group]) for group in UNIT_GROUPS)
    return Unit(number, values["device"].schema, values, (nullifier, *roots))


def lot_root(leaves: Iterable[bytes]) -> bytes:
    """The root that a lot is shipped with."""
    return merkle.root(list(leaves))
