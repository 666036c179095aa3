"""
The content of `tests/vectors/commitments.json`: what a second implementation must reproduce, byte for byte.

Nothing in it is random: making it again changes nothing unless the protocol changed, and a
released protocol does not change.

`canonical` has trade values with their canonical ones, `refused` trade values with the path of the
first error, `groups` whole commitments with every salt, leaf and path, `trees` bare Merkle trees.
"""

import json
from pathlib import Path
from typing import Any

from app.domain import merkle
from app.domain.commitment import group_key, group_root, openings
from app.domain.keccak import keccak256
from app.domain.records import GroupValues, group_values
from app.errors import InvalidRecord

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "vectors" / "commitments.json"
LENS, FRAME, DOSSIER = "optics.lens/1", "optics.frame/1", "dossier/1"
AID, VISIT = "hearing.aid/1", "hearing.visit/1"
SECRET = keccak256(b"OptiTrace vectors: the secret of an item")
PROGRESSIVE = {"maker": "veralia0", "code": "prg16", "index": "1.600", "geometry": "progressive"}
RIGHT = {"eye": "right", "sphere": "+2.00", "cylinder": "-1.00", "axis": 90}
CENTRED = {"addition": "+2.00", "diameter": "70", "pupillary_distance": "31.5", "fitting_height": "22"}

CANONICAL: list[tuple[str, str, str, dict[str, Any]]] = [
    ("a code is upper case", LENS, "product", PROGRESSIVE),
    ("a decimal comma and a short decimal", LENS, "product", {**PROGRESSIVE, "index": " 1,6 "}),
    ("supplements are a sorted set", LENS, "supplements", {"codes": ["photo", "AR", " ar "]}),
    ("no supplements are absent", LENS, "supplements", {"codes": []}),
    ("minus cylinder stays", LENS, "correction", {**RIGHT, **CENTRED}),
    (
        "plus cylinder is the same lens",
        LENS,
        "correction",
        {**RIGHT, **CENTRED, "sphere": "1,00", "cylinder": "1", "axis": 180},
    ),
    ("axis 0 is 180", LENS, "correction", {**RIGHT, "axis": 0}),
    ("axis 90 turns to 180", LENS, "correction", {**RIGHT, "cylinder": "+0.25"}),
    ("no cylinder has no axis", LENS, "correction", {**RIGHT, "cylinder": "-0.00"}),
    ("an axis without cylinder means nothing", LENS, "correction", {"sphere": "-3.25", "axis": 10}),
    ("a typographic minus", LENS, "correction", {"eye": "left", "sphere": "\u22123.25"}),
    ("minus nothing is nothing", LENS, "correction", {"eye": "left", "sphere": "-0.00", "addition": "0"}),
    ("no prism has no base", LENS, "correction", {"sphere": "0", "prism": "0.00", "prism_base": 90}),
    ("base 360 is 0", LENS, "correction", {"sphere": "0", "prism": "1.5", "prism_base": 360}),
    ("the greatest powers", LENS, "correction", {"sphere": "+40", "cylinder": "-20", "axis": "180"}),
    ("a coding", LENS, "coding", {"grouped_code": "vp2", "class": "b", "mapping": "Sample/1"}),
    ("services of nothing are absent", LENS, "price", {"amount": "249", "services": "0", "currency": "eur"}),
    ("a price with services", LENS, "price", {"amount": "249,00", "services": "12.5", "currency": "EUR"}),
    (
        "a GTIN has 14 digits",
        LENS,
        "device",
        {"number": "vl-26-000117", "gtin": "96385074", "lot": "l7", "udi": "(01)04006381333931(10)a7"},
    ),
    ("a reference", LENS, "reference", {"order": "po-2026/117"}),
    ("a frame", FRAME, "product", {"maker": "ATELIER0", "code": "A-12", "size": "52-18-140"}),
    ("a frame's GTIN", FRAME, "device", {"gtin": "4006381333931"}),
    ("a hearing aid", AID, "product", {"maker": "orelia0", "code": "R7", "form": "receiver_in_canal"}),
    ("an ear", AID, "correction", {"ear": "left", "gain": "045", "output": 115}),
    ("the class of a hearing aid", AID, "coding", {"grouped_code": "ha2", "class": "ii"}),
    ("the visit of a fitting", VISIT, "device", {"number": "v-26/0012", "date": "2026-03-19"}),
    (
        "the claim of a post office's shop",
        DOSSIER,
        "claim",
        {"siret": "356 000 000 49837", "dossier_reference": "2026/0042", "cover_number": "pec-118"},
    ),
    (
        "a renewal",
        DOSSIER,
        "renewal",
        {"legal_case": "two_years", "previous_date": "2024-02-29", "prescription_date": "2026-01-15"},
    ),
]

REFUSED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("a word for plano", LENS, "correction", {"sphere": "PLAN"}),
    ("three decimals", LENS, "correction", {"sphere": "1.125"}),
    ("a number that is not a string", LENS, "correction", {"sphere": -3}),
    ("an exponent", LENS, "correction", {"sphere": "1e1"}),
    ("a no-break space", LENS, "correction", {"sphere": "\u00a01.00"}),
    ("a sphere out of range", LENS, "correction", {"sphere": "-40.01"}),
    ("a meridian out of range", LENS, "correction", {"sphere": "-30", "cylinder": "-10.01", "axis": 5}),
    ("a cylinder without axis", LENS, "correction", {"sphere": "1", "cylinder": "1"}),
    ("a cylinder without sphere", LENS, "correction", {"cylinder": "1", "axis": 5}),
    ("a prism without base", LENS, "correction", {"sphere": "1", "prism": "1"}),
    ("a binocular distance", LENS, "correction", {"pupillary_distance": "63"}),
    ("an unknown field", LENS, "product", {"wearer": "X"}),
    ("a name where a code belongs", LENS, "product", {"maker": "JEAN DUPONT 2"}),
    ("a name of one word", LENS, "product", {"maker": "DUPONT"}),
    ("a name parted by what a code may hold", DOSSIER, "claim", {"dossier_reference": "Jean-Paul_Dupont"}),
    ("a name of two letters", LENS, "device", {"number": "LI"}),
    ("a name among supplements", LENS, "supplements", {"codes": ["AR", "DUPONT"]}),
    ("a name where a currency belongs", LENS, "price", {"amount": "249.00", "currency": "LEA"}),
    ("a name where a legal case belongs", DOSSIER, "renewal", {"legal_case": "dupont"}),
    ("a letter outside ASCII", LENS, "product", {"maker": "VERALI\u00c10"}),
    ("an insured number", DOSSIER, "claim", {"cover_number": "2 69 05 49 588 157 80".replace(" ", "")}),
    ("an insured number of Corsica in a code that is lower", DOSSIER, "renewal", {"legal_case": "253062a00112331"}),
    ("an insured number as the name of a table", LENS, "coding", {"mapping": "269054958815780/1"}),
    ("money without currency", LENS, "price", {"amount": "249.00"}),
    ("a SIRET whose digits do not fit", DOSSIER, "claim", {"siret": "73282932000075"}),
    ("a GTIN whose digits do not fit", LENS, "device", {"gtin": "4006381333932"}),
    ("a class of lenses for a hearing aid", AID, "coding", {"class": "B"}),
    ("a detailed code of a lens", LENS, "coding", {"grouped_code": "2261874"}),
    ("a detailed code with more around it", AID, "coding", {"grouped_code": "lpp2261874"}),
    ("a day that does not exist", DOSSIER, "renewal", {"previous_date": "2026-02-29"}),
]


def vectors() -> dict[str, Any]:
    """Give everything that the file holds."""
    groups = [_commitment(name, group_values(schema, group, trade), 1) for name, schema, group, trade in CANONICAL]
    groups.append(_commitment("version 2 of a group", group_values(LENS, "product", PROGRESSIVE), 2))
    groups.append(_commitment("an absent group", GroupValues.absent(DOSSIER, "renewal"), 1))
    return {
        "protocol": 1,
        "canonical": [_canonical(*case) for case in CANONICAL],
        "refused": [_refused(*case) for case in REFUSED],
        "groups": groups,
        "trees": [_tree(count) for count in range(1, 12)],
    }


def text() -> str:
    """Give the content of the file."""
    return json.dumps(vectors(), indent=2, ensure_ascii=True) + "\n"


def _canonical(name: str, schema: str, group: str, trade: dict[str, Any]) -> dict[str, Any]:
    values = group_values(schema, group, trade).values
    return {"name": name, "schema": schema, "group": group, "trade": trade, "canonical": dict(values)}


def _refused(name: str, schema: str, group: str, trade: dict[str, Any]) -> dict[str, Any]:
    try:
        group_values(schema, group, trade)
    except InvalidRecord as error:
        return {"name": name, "schema": schema, "group": group, "trade": trade, "where": error.where or ""}
    raise AssertionError(f"not refused: {name}")


def _commitment(name: str, values: GroupValues, version: int) -> dict[str, Any]:
    key = group_key(SECRET, values.group, version)
    opened = openings(values, key)
    fields = [
        {
            "position": position,
            "path": each.path,
            "present": each.value is not None,
            "value": each.value or "",
            "salt": _hex(each.salt),
            "leaf": _hex(each.leaf()),
            "siblings": [_hex(sibling) for sibling in each.siblings],
        }
        for position, each in enumerate(opened)
    ]
    return {
        "name": name,
        "schema": values.schema,
        "group": values.group,
        "secret": _hex(SECRET),
        "version": version,
        "key": _hex(key),
        "fields": fields,
        "root": _hex(group_root(values, key)),
    }


def _tree(count: int) -> dict[str, Any]:
    leaves = [keccak256(keccak256(bytes([number]))) for number in range(count)]
    return {"leaves": [_hex(leaf) for leaf in leaves], "root": _hex(merkle.root(leaves))}


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
