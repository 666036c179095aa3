"""Every operation, by every role, with every standing of the key and the party, about every kind of id."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.services.api_keys import KeyEnd, KeyTerms, create_api_key, id_of
from app.store.registry import PartyState, Role
from tests.hostile.house import House, house
from tests.hostile.matrix import Scene, acts_of
from tests.hostile.table import ACTORS, SAME, TABLE, TELLS_APART
from tests.hostile.trade import ROLES

NO_GOOD = ("none", "unknown", "wrong_secret", "revoked", "expired")


@dataclass(frozen=True)
class Admitted:
    """A house, and keys of every standing for the party of each role."""

    house: House
    keys: Mapping[Role, Mapping[str, str | None]]
    scenes: dict[str, Scene] = field(default_factory=dict)

    def scene(self, act: str) -> Scene:
        """Where `act` comes next; made once."""
        name = Scene.name(act)
        if name not in self.scenes:
            self.scenes[name] = Scene.before(self.house, act)
        return self.scenes[name]


def keys_of(served: House, party: int) -> dict[str, str | None]:
    ground = served.gateway.ground
    revoked = create_api_key(ground, party, KeyTerms("revoked-1"))
    served.send(party, "DELETE", f"/v1/keys/{id_of(revoked)}")
    expired = create_api_key(ground, party, KeyTerms("expired-1", end=KeyEnd(after=1)))
    known = served.keys[party]
    return {
        "all": known,
        "read": create_api_key(ground, party, KeyTerms("reader-1", "read")),
        "none": None,
        "unknown": f"ot_{secrets.token_hex(4)}_{secrets.token_hex(32)}",
        "wrong_secret": f"ot_{id_of(known)}_{secrets.token_hex(32)}",
        "revoked": revoked,
        "expired": expired,
    }


@pytest.fixture(scope="module")
def admitted(new_database: Callable[[], str]) -> Iterator[Admitted]:
    with house(new_database(), ROLES) as served:
        keys = {role: keys_of(served, party) for role, party in ACTORS.items()}
        for standing in keys.values():
            while served.by(standing["expired"], "GET", "/v1/status").status_code == 200:
                pass
        yield Admitted(served, keys)


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that is seen of an answer, but for the name of the request."""
    name = answer.headers["x-request-id"].encode()
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "x-request-id")
    return answer.status_code, headers, re.sub(name, b"", answer.content)


def test_the_table_has_a_row_for_every_operation_and_no_other(admitted: Admitted) -> None:
    document: dict[str, Any] = admitted.house.client.get("/openapi.json").json()

    assert sorted(acts_of(document)) == sorted(TABLE)


def test_an_operation_that_the_table_does_not_know_is_found(admitted: Admitted) -> None:
    document = admitted.house.client.get("/openapi.json").json()
    document["paths"]["/v1/items/{item}"]["patch"] = {}

    assert set(acts_of(document)) - set(TABLE) == {"PATCH /v1/items/{item}"}


@pytest.mark.parametrize("act", TABLE)
def test_a_key_that_is_no_good_gets_nothing_whatever_it_asks_for(admitted: Admitted, act: str) -> None:
    row, scene = TABLE[act], admitted.scene("GET /v1/status")
    seen = set()
    for role in ACTORS:
        for whose in row.ids if role is Role.OPTICIAN else ("own",):
            request = scene.request(act, role, whose)
            for standing in NO_GOOD:
                answer = request.send(admitted.house, admitted.keys[role][standing])
                assert answer.status_code == (row.expected(role, whose) if row.open else 401), (role, whose, standing)
                seen.add(str(told(answer)))
    assert row.open or len(seen) == 1, seen


@pytest.mark.parametrize("act", [act for act, row in TABLE.items() if not row.open])
def test_a_party_that_left_gets_in_nowhere_and_nothing_is_handed_to_it(admitted: Admitted, act: str) -> None:
    scene = admitted.scene(act)
    for role, party in ACTORS.items():
        request = scene.request(act, role, "own")
        admitted.house.set_state(PartyState.REVOKED, party)
        answer = request.send(admitted.house, admitted.keys[role]["all"])
        admitted.house.set_state(PartyState.ACTIVE, party)
        assert answer.status_code == 401, (role, answer.text)


@pytest.mark.parametrize("act", TABLE)
def test_each_role_gets_what_the_table_says(admitted: Admitted, act: str) -> None:
    row, served = TABLE[act], admitted.house
    scene = admitted.scene(act)
    weaker = {"read": row.read, "suspended": row.suspended}
    for role in ACTORS:
        # One's own comes last, because only that may change anything.
        for whose in reversed(row.ids):
            request = scene.request(act, role, whose)
            expected = row.expected(role, whose)
            for standing, instead in weaker.items():
                if instead != SAME:
                    answer = standing_answer(admitted, role, standing, request)
                    allowed = {instead} if expected < 300 else {instead, expected}
                    assert answer.status_code in allowed, (role, whose, standing, answer.text)
            answer = request.send(served, admitted.keys[role]["all"])
            assert answer.status_code == expected, (role, whose, answer.text)


def standing_answer(admitted: Admitted, role: Role, standing: str, request: Any) -> httpx.Response:
    """The answer to a party that is suspended, or whose key may only read."""
    key = admitted.keys[role]["read" if standing == "read" else "all"]
    if standing == "suspended":
        admitted.house.set_state(PartyState.SUSPENDED, ACTORS[role])
    answer: httpx.Response = request.send(admitted.house, key)
    if standing == "suspended":
        admitted.house.set_state(PartyState.ACTIVE, ACTORS[role])
    return answer


@pytest.mark.parametrize("standing", ["read", "suspended"])
@pytest.mark.parametrize("act", [act for act in TABLE if not act.startswith("POST /v1/events")])
def test_weaker_standing_changes_nothing_but_what_the_table_says(admitted: Admitted, act: str, standing: str) -> None:
    row = TABLE[act]
    if {"read": row.read, "suspended": row.suspended}[standing] != SAME:
        return
    scene = admitted.scene(act)
    for role in ACTORS:
        for whose in reversed(row.ids):
            answer = standing_answer(admitted, role, standing, scene.request(act, role, whose))
            assert answer.status_code == row.expected(role, whose), (role, whose, answer.text)


@pytest.mark.parametrize("act", [act for act, row in TABLE.items() if "other" in row.ids and act not in TELLS_APART])
@pytest.mark.parametrize("standing", ["all", "read", "suspended"])
def test_what_is_anothers_looks_exactly_like_what_is_not_there(admitted: Admitted, act: str, standing: str) -> None:
    row, scene = TABLE[act], admitted.scene(act)
    for role in ACTORS:
        if row.expected(role, "other") != row.expected(role, "absent"):
            continue
        other, absent = (
            told(standing_answer(admitted, role, standing, scene.request(act, role, whose)))
            for whose in ("other", "absent")
        )
        assert other == absent, role
