"""Fifty opticians on one gateway: none of them finds out that there are others."""

import random
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.table import TABLE
from tests.hostile.trade import EXAMPLE, MAKER, Trio, event_about

SHOPS = [1001001000 + number for number in range(50)]
ROLES = {**dict.fromkeys(SHOPS, Role.OPTICIAN), MAKER: Role.GLASSMAKER}
PAIRS = 400
KINDS_EACH = 4
BY_OPTICIANS = [
    act.removeprefix("POST /v1/events ")
    for act, row in TABLE.items()
    if act.startswith("POST /v1/events ") and row.expected(Role.OPTICIAN, "other") == 404
]
"""Every kind of event that an optician may record and that names an item, a dossier or a lot."""


@dataclass(frozen=True)
class Street:
    """The gateway, and the quote of each shop by its number."""

    house: House
    quotes: dict[int, dict[str, Any]]
    references: dict[int, dict[str, str]]


@pytest.fixture(scope="module")
def street(new_database: Callable[[], str]) -> Iterator[Street]:
    with house(new_database(), ROLES) as served:
        quotes, references = {}, {}
        for shop in SHOPS:
            wanted = event_about(Trio(shop), EXAMPLE, "quoted", "", "")
            (quotes[shop],) = served.record(shop, wanted)
            references[shop] = {kind: wanted[f"{kind}_reference"] for kind in ("item", "dossier")}
        yield Street(served, quotes, references)


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that is seen of an answer, but for the name of the request."""
    name = answer.headers["x-request-id"].encode()
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "x-request-id")
    return answer.status_code, headers, re.sub(name, b"", answer.content)


def requests_about(at: int, item: str, dossier: str, event: str, key: str) -> list[tuple[str, str, Any]]:
    """Every operation that takes an identifier, with these; of the kinds of events some, by turns."""
    kinds = [BY_OPTICIANS[(KINDS_EACH * at + more) % len(BY_OPTICIANS)] for more in range(KINDS_EACH)]
    about = [event_about(Trio(), EXAMPLE, kind, item, dossier) for kind in kinds]
    return [
        ("GET", f"/v1/items/{item}", None),
        ("GET", f"/v1/items/{item}/package?for={MAKER}", None),
        ("GET", f"/v1/items/{item}/package?for={MAKER}&form=sealed", None),
        ("DELETE", f"/v1/items/{item}/record", None),
        ("GET", f"/v1/dossiers/{dossier}", None),
        ("GET", f"/v1/dossiers/{dossier}/openings", None),
        ("GET", f"/v1/dossiers/{dossier}/package?for={MAKER}", None),
        ("GET", f"/v1/dossiers/{dossier}/package?for={MAKER}&form=sealed", None),
        ("GET", f"/v1/events/{event}", None),
        ("POST", "/v1/verifications", {"dossier": dossier}),
        ("POST", "/v1/verifications", {"dossier": dossier, "record": True}),
        *(("POST", "/v1/events", each | {"insurers": []} if each["type"] == "invoiced" else each) for each in about),
        ("POST", f"/v1/keys/{key}/rotate", {}),
        ("DELETE", f"/v1/keys/{key}", None),
    ]


def sent(street: Street, shop: int, requests: list[tuple[str, str, Any]]) -> list[Any]:
    """What a shop is told for each request."""
    return [
        told(street.house.send(shop, method, path, **({} if body is None else {"json": body})))
        for method, path, body in requests
    ]


def names_of(street: Street, shop: int) -> tuple[str, str, str, str]:
    quote = street.quotes[shop]
    return quote["item"], quote["dossier"], quote["id"], street.house.key_ids()[shop]


def test_every_operation_answers_about_the_next_shops_ids_as_about_ids_that_nobody_has(street: Street) -> None:
    assert len(SHOPS) * KINDS_EACH >= len(BY_OPTICIANS) > 15
    for at, (shop, following) in enumerate(zip(SHOPS, [*SHOPS[1:], SHOPS[0]], strict=True)):
        absent = (*(f"{following:08x}{secrets.token_hex(12)}" for _ in range(2)), secrets.token_hex(16), "0" * 8)
        others = sent(street, shop, requests_about(at, *names_of(street, following)))
        assert {answer[0] for answer in others} == {404}, [each for each in others if each[0] != 404]
        assert others == sent(street, shop, requests_about(at, *absent)), (shop, following)


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
        item, dossier, _, _ = names_of(street, shop)

        def listed(path: str, part: str, by: int = shop) -> list[dict[str, Any]]:
            answer = street.house.send(by, "GET", path, params={"limit": 200})
            found: list[dict[str, Any]] = answer.json()[part]
            return found

        assert [each["item"] for each in listed("/v1/items", "items")] == [item]
        assert [each["dossier"] for each in listed("/v1/dossiers", "dossiers")] == [dossier]
        assert listed("/v1/inbox", "entries") == []
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
