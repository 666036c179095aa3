"""
A wearer's name, birth date or insured number is refused in every text that any operation takes, and stays nowhere.

The texts are those of the OpenAPI document, so one that is added is tried too, and an operation that is added fails
until there is a request for it. `test_identities` tries more values in what events usually hold.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from tests.hostile.house import House, house
from tests.hostile.matrix import Request, Scene
from tests.hostile.table import ACTORS, TABLE
from tests.hostile.trade import INSURER, MAKER, ROLES, SHOP
from tests.leaks.inputs import Input, texts_of, with_text
from tests.leaks.test_identities import BIRTH_DATES, HAS_A_DATE, NAMES, NUMBERS, SOUGHT, author, refusal
from tests.support.canary import Hit
from tests.support.database_files import files_of
from tests.support.listening import debugging, told
from tests.support.postgres import Server

EVERY: Final = (*NUMBERS, *NAMES, *BIRTH_DATES)
AN_EVENT: Final = "POST /v1/events quoted"
"""What the header is tried with, which all events have."""
FEW: Final = (NUMBERS[0], NAMES[4], BIRTH_DATES[0])
"""One of each: for the bodies of events, which `test_identities` tries with all."""
OF_A_PACKAGE: Final = ("steps/*/openings/*/values/*", "items/*/schema", "steps/*/claimed_at", "groups/ZZQXJVOLE")
REFUSED: Final = frozenset({400, 404, 415, 422})
"""404 answers an identifier that nothing has: what is written in its place is looked up, and not kept."""


@dataclass
class Tried:
    """A house whose operations are tried; what they took in, and where anything of it was found."""

    house: House
    scenes: dict[str, Scene] = field(default_factory=dict)
    bases: dict[str, Request] = field(default_factory=dict)
    anyway: dict[str, tuple[int, str, str] | None] = field(default_factory=dict)
    taken: list[tuple[str, str, str, int]] = field(default_factory=list)
    found: list[tuple[str, Hit]] = field(default_factory=list)
    times: int = 0

    def scene(self, act: str) -> Scene:
        """Where `act` comes next; made once."""
        name = Scene.name(act)
        if name not in self.scenes:
            self.scenes[name] = Scene.before(self.house, act)
        return self.scenes[name]

    def base(self, act: str) -> Request:
        """A lawful request, with room in it for everything; made once."""
        if act not in self.bases:
            base = self.scene(act).request(act, author(act), "own")
            if act == "POST /v1/verifications":
                sold = self.scene(act).own
                items = [{"item": sold.item, **sold.values.line("coding", "price")}]
                claim = {"dossier": sold.dossier, "claim": dict(sold.values.claim), "items": items}
                base = replace(base, body=claim)
            self.bases[act] = base
            if TABLE[act].expected(author(act), "own") >= 300:
                self.anyway[act] = refusal(self.send(act, base))
        return self.bases[act]

    def send(self, act: str, request: Request, **more: Any) -> httpx.Response:
        """The answer to its author."""
        body = {} if request.body is None else {"json": request.body}
        author_ = ACTORS[author(act)]
        return self.house.send(author_, request.method, request.path, params=dict(request.query), **body, **more)

    def place(self, each: Input, text: str) -> None:
        """Send a text in a place, in all ways that there are. What is refused anyway has to be refused for the text."""
        for request, more in with_it(self.base(each.operation), each, text):
            answer = self.send(each.operation, request, **more)
            self.times += 1
            if answer.status_code not in REFUSED or refusal(answer) == self.anyway.get(each.operation):
                self.taken.append((each.operation, each.place, text, answer.status_code))
            self.search(f"the answer to {each.operation}", told(answer))

    def search(self, where: str, written: bytes) -> None:
        """Note whatever of it lies there."""
        self.found += [(where, hit) for hit in SOUGHT.search(written)]

    def search_files(self, server: Server | None) -> None:
        """The same in all files of the database."""
        for file in files_of(self.house.gateway.ground.database, server):
            self.search("the files", file.read_bytes())


def with_it(request: Request, each: Input, text: str) -> Iterator[tuple[Request, Mapping[str, Any]]]:
    """The request with the text in that place, and what more it is sent with."""
    kind, _, name = each.place.partition(" ")
    if kind == "query":
        yield replace(request, query={**request.query, name: text}), {}
    elif kind == "header":
        # An item of its own: what a lawful key records must not stand in the way of the other texts.
        for body in with_text(request.body, ["item_reference"], "NAMED"):
            yield replace(request, body=body), {"headers": {name: text.encode()}}
    elif kind == "path":
        template = each.operation.split(" ")[1].split("/")
        parts = request.path.split("/")
        parts[template.index(f"{{{name}}}")] = quote(text, safe="")
        yield replace(request, path="/".join(parts)), {}
    elif not name:
        yield replace(request, body=None), {"content": text.encode(), "headers": {"Content-Type": "application/jose"}}
    else:
        for body in with_text(request.body, name.split("/")[1:], text):
            yield replace(request, body=body), {}


def wanted(each: Input, server: Server | None) -> Iterator[str]:
    """What is tried in a place: what the document does not refuse by itself, and no day where a day belongs."""
    few = each.operation.startswith("POST /v1/events ") and each.place.startswith("body ")
    # Refusing is no matter of the database, only what stays: with PostgreSQL fewer will do.
    many, less = (EVERY, FEW) if server is None else (FEW, FEW[:1])
    for text in less if few else many:
        if each.fits(text) and not (text in BIRTH_DATES and HAS_A_DATE.search(each.place)):
            yield text


@pytest.fixture
def tried(database_url: str) -> Iterator[Tried]:
    with house(database_url, ROLES) as served:
        served.give_exchange_keys(SHOP, MAKER, INSURER)
        yield Tried(served)


def inputs(tried: Tried) -> list[Input]:
    """The texts of the operations; an event in a list is an event."""
    document = tried.house.client.get("/openapi.json").json()
    named = (
        replace(each, operation=AN_EVENT) if each.operation == "POST /v1/events" else each
        for each in texts_of(document)
        if not (each.operation.startswith("POST /v1/events ") and each.place.startswith("body /*"))
    )
    return list(dict.fromkeys(named))


def test_no_text_of_any_operation_takes_a_name_a_birth_date_or_an_insured_number(
    tried: Tried, server: Server | None
) -> None:
    by_operation: dict[str, int] = defaultdict(int)
    with debugging() as log:
        for each in inputs(tried):
            assert each.operation in TABLE, f"no request for {each}"
            for text in wanted(each, server):
                by_operation[each.operation] += 1
                tried.place(each, text)
        tried.search("the log", log.getvalue().encode())
    tried.search_files(server)
    assert tried.taken == []
    # A text that is refused for something else would show nothing.
    assert [
        act for act, base in tried.bases.items() if not (act in tried.anyway or tried.send(act, base).is_success)
    ] == []
    assert tried.found == []
    # With a digit it is no name, and taken: it is found where it is kept, so anything else would be.
    assert tried.house.send(SHOP, "POST", "/v1/keys", json={"label": "ZZQXJVOLE0"}).status_code == 201
    tried.search_files(server)
    assert {(where, hit.value) for where, hit in tried.found} == {("the files", "ZZQXJVOL")}
    assert by_operation.keys() >= {"POST /v1/packages", "POST /v1/verifications", "POST /v1/keys", "POST /v1/exchange"}
    assert tried.times > (1000 if server is None else 300)


def test_a_sealed_package_with_any_of_it_is_refused_by_a_receipt_that_repeats_nothing(
    tried: Tried, server: Server | None
) -> None:
    dossier = tried.scene("GET /v1/status").own.dossier
    results = []
    with debugging() as log:
        for sender, recipient in ((SHOP, MAKER), (MAKER, SHOP), (SHOP, INSURER), (INSURER, SHOP)):
            path = f"/v1/dossiers/{dossier}/package"
            package = tried.house.send(sender, "GET", path, params={"for": recipient}).json()
            for place, text in product(OF_A_PACKAGE, EVERY if server is None else FEW):
                for changed in with_text(package, place.split("/"), text):
                    receipt = tried.house.carry(sender, recipient, changed)
                    results.append(receipt["result"])
                    tried.search("a receipt", json.dumps(receipt, ensure_ascii=False).encode())
        tried.search("the log", log.getvalue().encode())
    tried.search_files(server)
    assert len(results) > (200 if server is None else 40)
    assert set(results) == {"refused"}
    assert tried.found == []


def test_a_text_that_is_added_is_found() -> None:
    plain, listed = {"type": "string"}, {"type": "string", "enum": ["a"]}
    document = {
        "paths": {
            "/a/{b}": {
                "post": {
                    "parameters": [{"in": "path", "name": "b", "schema": {**plain, "pattern": "^[0-9]{3}$"}}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Each"}}}},
                }
            }
        },
        "components": {
            "schemas": {
                "Each": {"discriminator": {"mapping": {"one": "#/components/schemas/One"}}, "oneOf": [plain]},
                "One": {
                    "properties": {
                        "word": listed,
                        "note": {"anyOf": [plain, {"type": "null"}]},
                        "notes": {"type": "array", "items": {"properties": {"more": plain, "any": {}}}},
                        "map": {"propertyNames": plain, "additionalProperties": listed},
                        "again": {"$ref": "#/components/schemas/One"},
                    }
                },
            }
        },
    }
    found = [(each.operation, each.place) for each in texts_of(document)]
    places = ["body /note", "body /notes/*/more", "body /notes/*/any", "body /map/a name"]
    assert found == [("POST /a/{b}", "path b"), *(("POST /a/{b} one", place) for place in places)]
    assert [each.fits("1952-07-31") for each in texts_of(document)] == [False, True, True, True, True]


def test_a_text_is_put_in_every_entry() -> None:
    body = {"lines": [{"a": 1}, {}], "map": {"x": {}, "y": {}}}
    assert list(with_text(body, ["lines", "*", "a"], "T")) == [
        {**body, "lines": [{"a": "T"}, {}]},
        {**body, "lines": [{"a": 1}, {"a": "T"}]},
    ]
    assert [each["map"] for each in with_text(body, ["map", "*", "k"], "T")] == [
        {"x": {"k": "T"}, "y": {}},
        {"x": {}, "y": {"k": "T"}},
    ]
    assert list(with_text(None, ["new", "*", "k"], "T")) == [{"new": [{"k": "T"}]}]
