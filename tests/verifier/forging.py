"""Openings that are forged: one thing of a true one changed, by chance or by a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from app.domain.commitment import Hash, Opening, Salt, group_root, openings, verify_openings
from app.domain.records import GroupValues
from app.domain.schemas import SCHEMAS
from app.errors import InvalidRecord, ProofRejected


@dataclass(frozen=True)
class Claim:
    """Openings, and the root that they are said to lead to."""

    openings: tuple[Opening, ...]
    root: bytes

    @property
    def holds(self) -> bool:
        """Whether our own verifier takes them."""
        try:
            verify_openings(self.openings, self.root)
        except (ProofRejected, InvalidRecord):
            return False
        return True


def true_claim(values: GroupValues, key: bytes, chance: Random) -> Claim:
    """Some fields of a group, opened as they should be, the schema's leaf first."""
    schema, *fields = openings(values, key)
    chosen = chance.sample(fields, chance.randint(1, len(fields)))
    return Claim((schema, *chosen), group_root(values, key))


def bent(octets: bytes, chance: Random) -> bytes:
    """The same bytes with one bit turned."""
    turned = bytearray(octets)
    turned[chance.randrange(len(turned))] ^= 1 << chance.randrange(8)
    return bytes(turned)


def _value(opening: Opening, chance: Random) -> Opening:
    if opening.value is None:
        return replace(opening, value=chance.choice(("", "0", "None", "null")))
    text = opening.value
    place = chance.randrange(len(text))
    other = chance.choice([each for each in "0A1/ \u00e9" if each != text[place]])
    changed = [
        None,
        "",
        text + "0",
        " " + text,
        text[:place] + other + text[place + 1 :],
        text[:place] + text[place + 1 :],
    ]
    return replace(opening, value=chance.choice([each for each in changed if each != text]))


def _salt(opening: Opening, chance: Random) -> Opening:
    return replace(opening, salt=Salt(bent(opening.salt, chance)))


def _sibling(opening: Opening, chance: Random) -> Opening:
    place = chance.randrange(len(opening.siblings))
    siblings = list(opening.siblings)
    siblings[place] = Hash(bent(siblings[place], chance))
    return replace(opening, siblings=tuple(siblings))


def _path(opening: Opening, chance: Random) -> Opening:
    """Siblings left out, added, doubled or moved."""
    siblings = list(opening.siblings)
    place = chance.randrange(len(siblings))
    act = chance.choice(("leave out", "double", "add", "empty", "glue", "cut"))
    if act == "leave out":
        del siblings[place]
    elif act == "double":
        siblings.insert(place, siblings[place])
    elif act == "add":
        siblings.insert(place, Hash(chance.randbytes(32)))
    elif act == "empty":
        siblings = []
    elif act == "glue":
        siblings[place : place + 2] = [b"".join(siblings[place : place + 2]) + b"\0"]  # type: ignore[list-item]
    else:
        siblings[place] = siblings[place][:-1]  # type: ignore[call-overload]
    return replace(opening, siblings=tuple(siblings))


def _name(opening: Opening, chance: Random) -> Opening:
    """Said to be another field of its group, or one that no group has."""
    fields = [field.name for field in SCHEMAS[opening.schema].group(opening.group).fields]
    return replace(
        opening, path=chance.choice([each for each in ("schema", "wearer", *fields) if each != opening.path])
    )


def _place(opening: Opening, chance: Random) -> Opening:
    """Said to be of another schema or group, one that has a field of that name too if there is any."""
    others = [
        (schema.identifier, group.name)
        for schema in SCHEMAS.values()
        for group in schema.groups.values()
        if (schema.identifier, group.name) != (opening.schema, opening.group)
    ]
    alike = [each for each in others if opening.path in {f.name for f in SCHEMAS[each[0]].group(each[1]).fields}]
    schema, group = chance.choice(alike or others)
    return replace(opening, schema=schema, group=group)


CHANGES: tuple[Callable[[Opening, Random], Opening], ...] = (_value, _salt, _sibling, _path, _name, _place)


def forged(claim: Claim, chance: Random) -> Claim:
    """The claim with one thing changed, so that it claims something else, or proves it in another way."""
    act = chance.randrange(10)
    if act == 0:
        return replace(claim, root=bent(claim.root, chance))
    if act == 1:
        return replace(claim, openings=claim.openings[1:])
    if act == 2:
        return replace(claim, openings=(*claim.openings, chance.choice(claim.openings)))
    shown = list(claim.openings)
    place = chance.randrange(len(shown))
    shown[place] = chance.choice(CHANGES)(shown[place], chance)
    return replace(claim, openings=tuple(shown))
