"""Values that are looked for everywhere they must not be: of records, and of a wearer whom no record may name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from typing import Any, Final
from urllib.parse import quote

from app.domain.schemas import SCHEMAS
from tests.hostile.matrix import Request
from tests.hostile.trade import EXAMPLE, Values

NAME, BIRTH, INSURED = "Éloïse ZZQXJVOLE", "1931-07-29", "131079935174419"
WEARER: Final = (NAME, "ZZQXJVOLE", BIRTH, INSURED)


def marked(word: str, sphere: str, cents: str, year: int) -> Values:
    """Lawful values of a sale in each of which there is `word`, or a number, cents or a year, that nothing else has."""
    return replace(
        EXAMPLE,
        product={**EXAMPLE.product, "maker": f"{word}MAKER0", "code": f"{word}PRG16"},
        supplements={"codes": [f"{word}SUPP0"]},
        coding={**EXAMPLE.coding, "grouped_code": f"{word}VP2"},
        price={**EXAMPLE.price, "amount": f"38471.{cents}"},
        correction={"eye": "right", "sphere": sphere},
        device={"number": f"{word}-DEV/26", "udi": f"(01){word.lower()}", "lot": f"{word}LOT0"},
        reference={"order": f"{word}-ORDER0"},
        claim={**EXAMPLE.claim, "cover_number": f"{word}-PEC0"},
        cover={**EXAMPLE.cover, "amount": f"36529.{cents}"},
        grant={**EXAMPLE.grant, "cover_number": f"{word}-GRANT0", "amount": f"34983.{cents}"},
        statement={**EXAMPLE.statement, "previous_date": f"{year}-10-23"},
        renewal={"legal_case": f"{word.lower()}.breakage0"},
    )


OURS, THEIRS = marked("ZQXOURS", "-38.17", "66", 1908), marked("QZXTHEM", "-27.43", "88", 1909)
_MARKED: Final = re.compile("ZQXOURS|QZXTHEM|38.17|27.43|[0-9]{5}[.](66|88)|190[89]-", re.IGNORECASE)


def _values(group: str) -> Iterator[str]:
    for values in (OURS, THEIRS):
        for given in getattr(values, group).values():
            yield from filter(_MARKED.search, given if isinstance(given, list) else [given])


HEALTH: Final[Mapping[str, tuple[str, ...]]] = {
    group: tuple(_values(group)) for group in sorted({name for schema in SCHEMAS.values() for name in schema.groups})
}
"""By the group of the protocol that they belong to."""

HEADERS: Final = ("Authorization", "Purpose", "Idempotency-Key", "Content-Type", "User-Agent", "Cookie", "X-Wearer")
PARAMETERS: Final = ("limit", "cursor", "reference", "state", "since", "for", "party", "item", "subject", "wait", NAME)


AS_JSON: Final = {"headers": {"Content-Type": "application/json"}}


def spoilt(request: Request) -> Iterator[tuple[str, Request, dict[str, Any]]]:
    """The same request with the wearer's values where they do not belong; what more it is sent with."""
    for name, value in zip(PARAMETERS, cycle((NAME, BIRTH, INSURED)), strict=False):
        yield f"query {name}", replace(request, query={**request.query, name: value}), {}
    for header in HEADERS:
        yield f"header {header}", request, {"headers": {header: f"{NAME} {BIRTH}; {INSURED}".encode()}}
    yield "a header's name", request, {"headers": {"ZZQXJVOLE": BIRTH}}
    parts = request.path.split("/")
    for at in range(1, len(parts)):
        yield "path", replace(request, path="/".join([*parts[:at], quote(NAME), *parts[at + 1 :]])), {}
    yield "path", replace(request, path="/".join([*parts[:-1], INSURED])), {}
    yield "method", replace(request, method="ZZQXJVOLE"), {}
    if request.body is not None:
        for place, body in spoilt_bodies(request.body):
            yield f"body {place}", replace(request, body=body), {}
        text = json.dumps(request.body)
        for raw in (
            text[:-1] + f', "{NAME}": "{BIRTH}" {INSURED}',
            f'{text}"{NAME}"',
            f'"\\ud800{NAME}"',
            f"{INSURED}.5",
        ):
            yield "no JSON", replace(request, body=None), {"content": raw.encode(), **AS_JSON}
        yield "no UTF-8", replace(request, body=None), {"content": text.encode() + NAME.encode("latin-1"), **AS_JSON}


def spoilt_bodies(body: Any) -> Iterator[tuple[str, Any]]:
    """The body with one value after the other replaced, and with one field more in each object."""
    if isinstance(body, dict):
        yield "field", {**body, NAME: BIRTH}
        yield "field", {**body, "wearer": {"name": NAME, "birth": BIRTH, "number": INSURED}}
        for name, inner in body.items():
            for place, changed in spoilt_bodies(inner):
                yield f"{place} {name}", {**body, name: changed}
    elif isinstance(body, list):
        yield "entry", [*body, NAME]
        for place, changed in spoilt_bodies(body[0]) if body else ():
            yield place, [changed, *body[1:]]
    else:
        yield "value", INSURED if isinstance(body, int) else NAME
