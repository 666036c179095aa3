"""Fifty opticians on one gateway: none of them finds out that there are others."""

import random
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.api import examples
from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.table import TABLE
from tests.hostile.trade import EXAMPLE, INSURER, MAKER, Trio, event_about

SHOPS = [1001001000 + number for number in range(50)]
ROLES = {**dict.fromkeys(SHOPS, Role.OPTICIAN), MAKER: Role.GLASSMAKER}
PAIRS = 400
WALKED = 10
"""Shops that try every operation."""
TRIED_ELSEWHERE = {
    "GET /v1/items": "narrowed to a reference, below",
    "GET /v1/dossiers": "narrowed to a reference, below",
    "POST /v1/packages": "what it says is of the body, which the sender has; nothing of another party's is looked up",
    "GET /v1/audit/events": "an auditor's alone, and that one sees all",
    "GET /v1/access": "one's own looks at an id stand in one's own log, so it tells whether one looked",
}
"""Operations that may be narrowed to an id and do not answer 404 about another's, and why."""


@dataclass(frozen=True)
class Street:
    """The gateway; by the number of each shop its quote, its references, and the lot that it was shipped."""

    house: House
    quotes: dict[int, dict[str, Any]]
    references: dict[int, dict[str, str]]
    lots: dict[int, str]


@pytest.fixture(scope="module")
def street(new_database: Callable[[], str]) -> Iterator[Street]:
    with house(new_database(), ROLES) as served:
        quotes, references = {}, {}
        for shop in SHOPS:
            wanted = event_about(Trio(shop), EXAMPLE, "quoted", "", "")
            (quotes[shop],) = served.record(shop, wanted)
            references[shop] = {kind: wanted[f"{kind}_reference"] for kind in ("item", "dossier")}
        # Without these, `form=sealed` would be refused for the keys that are missing, before anything is looked up.
        served.give_exchange_keys(*ROLES)
        yield Street(served, quotes, references, {shop: shipped(served, shop) for shop in SHOPS})


def shipped(served: House, shop: int) -> str:
    """Have a lot shipped to a shop; gives its identifier."""
    (lot,) = served.record(MAKER, event_about(Trio(shop), EXAMPLE, "lot_shipped", "", ""))
    return str(lot["dossier"])


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that is seen of an answer, but for the name of the request."""
    name = answer.headers["x-request-id"].encode()
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "x-request-id")
    return answer.status_code, headers, re.sub(name, b"", answer.content)


@dataclass(frozen=True)
class Names:
    """What identifiers a request is made with."""

    item: str
    dossier: str
    event: str
    key: str
    lot: str


def events_about(shop: int, names: Names) -> Iterator[tuple[str, dict[str, Any]]]:
    """One event of each kind that names something there is, by its row in the table of who may do what."""
    for act, row in TABLE.items():
        place, _, kind = act.rpartition(" ")
        if place == "POST /v1/events" and ("other" in row.ids or kind == "lot_transferred"):
            body = event_about(Trio(shop, MAKER, INSURER), EXAMPLE, kind, names.item, names.dossier)
            body |= {"insurers": []} if kind == "invoiced" else {}
            body |= {"event": names.event} if kind == "answered" else {}
            yield act, body | ({"lot": names.lot} if "lot" in body else {})
    handed = {"type": "lot_transferred", "lot": names.lot, "holder": SHOPS[SHOPS.index(shop) - 1]}
    yield "POST /v1/events lot_transferred", handed
    replacing = examples.EVENTS["quoted_replacing"]["value"]
    yield "POST /v1/events quoted", replacing | {"replaces": names.item, "glassmaker": MAKER}


def requests_about(shop: int, names: Names) -> list[tuple[str, str, str, Any]]:
    """Every operation that takes an identifier, with these, after its row in the table of who may do what."""
    paths = {act: act.partition(" ") for act, row in TABLE.items() if "{" in act}
    plain = [
        (act, method, path.format(item=names.item, dossier=names.dossier, event=names.event, key=names.key))
        for act, (method, _, path) in paths.items()
    ]
    return [
        *((act, method, path, {} if method == "POST" else None) for act, method, path in plain if "package" not in act),
        *(
            (act, method, f"{path}?for={MAKER}{form}", None)
            for act, method, path in plain
            if "package" in act
            for form in ("", "&form=sealed")
        ),
        ("POST /v1/verifications", "POST", "/v1/verifications", {"dossier": names.dossier}),
        ("POST /v1/verifications record", "POST", "/v1/verifications", {"dossier": names.dossier, "record": True}),
        *((act, "POST", "/v1/events", body) for act, body in events_about(shop, names)),
    ]


def sent(street: Street, shop: int, names: Names) -> list[tuple[str, Any]]:
    """What a shop is told for each request with these names."""
    return [
        (act, told(street.house.send(shop, method, path, **({} if body is None else {"json": body}))))
        for act, method, path, body in requests_about(shop, names)
    ]


def names_of(street: Street, shop: int) -> Names:
    quote = street.quotes[shop]
    return Names(quote["item"], quote["dossier"], quote["id"], street.house.key_ids()[shop], street.lots[shop])


def test_every_operation_that_takes_an_identifier_is_tried() -> None:
    name = "0" * 32
    tried = {act for act, *_ in requests_about(SHOPS[0], Names(name, name, name, "0" * 8, name))}

    named = {act for act, row in TABLE.items() if "other" in row.ids or "{" in act}
    assert named - tried == set(TRIED_ELSEWHERE)
    assert tried - named == {"POST /v1/events quoted", "POST /v1/events lot_transferred"}


def test_every_operation_answers_about_the_next_shops_ids_as_about_ids_that_nobody_has(street: Street) -> None:
    for shop, following in list(zip(SHOPS, [*SHOPS[1:], SHOPS[0]], strict=True))[:: len(SHOPS) // WALKED]:
        begin = f"{following:08x}"
        item, dossier, lot = (begin + secrets.token_hex(12) for _ in range(3))
        absent = Names(item, dossier, secrets.token_hex(16), "0" * 8, f"{MAKER:08x}{lot[8:]}")
        others = sent(street, shop, names_of(street, following))
        for act, answer in others:
            # An event that is another role's is refused for that alone, before anything that it names is looked at.
            foreign = TABLE[act].optician.startswith("403") and act.startswith("POST /v1/events")
            assert answer[0] == (403 if foreign else 404), (act, answer)
        assert others == sent(street, shop, absent), (shop, following)


def test_any_shop_is_told_that_any_others_item_is_not_there(street: Street) -> None:
    seed = secrets.randbits(32)
    draw = random.Random(seed)
    answers = set()
    for _ in range(PAIRS):
        shop, other = draw.sample(SHOPS, 2)
        answer = told(street.house.send(shop, "GET", f"/v1/items/{street.quotes[other]['item']}"))
        answers.add(str(answer))
    assert len(answers) == 1, f"pairs drawn with seed {seed}"


def test_each_shops_lists_hold_its_own_rows_and_nothing_else(street: Street) -> None:
    ids = street.house.key_ids()
    for shop in SHOPS:
        names = names_of(street, shop)

        def listed(path: str, part: str, by: int = shop) -> list[dict[str, Any]]:
            answer = street.house.send(by, "GET", path, params={"limit": 200})
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()[part]
            return found

        assert [each["item"] for each in listed("/v1/items", "items")] == [names.item]
        assert [each["dossier"] for each in listed("/v1/dossiers", "dossiers")] == [names.dossier]
        assert [each["dossier"] for each in listed("/v1/inbox", "entries")] == [names.lot]
        assert [each["key"] for each in listed("/v1/keys", "keys")] == [ids[shop]]
        looks = listed("/v1/access", "entries")
        assert {each["party"] for each in looks} == {shop}
        assert {each["key"] for each in looks} <= {ids[shop], None}


def test_a_reference_finds_only_what_the_shop_itself_calls_so(street: Street) -> None:
    for shop, following in zip(SHOPS, [*SHOPS[1:], SHOPS[0]], strict=True):
        for kind in ("item", "dossier"):
            for whose, found in ((shop, 1), (following, 0)):
                query = {"reference": street.references[whose][kind]}
                page = street.house.send(shop, "GET", f"/v1/{kind}s", params=query).json()
                assert len(page[f"{kind}s"]) == found, (shop, whose)
