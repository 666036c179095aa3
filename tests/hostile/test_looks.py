"""An optician can read who looked at its dossiers on this gateway, through lists too."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.store.registry import PartyState
from tests.hostile.house import House, house
from tests.hostile.trade import AUDITOR, INSURER, MAKER, OTHER_SHOP, ROLES, SHOP, Sale, sale


@pytest.fixture(scope="module")
def hosted(new_database: Callable[[], str]) -> Iterator[House]:
    with house(new_database(), ROLES) as served:
        yield served


@pytest.fixture(scope="module")
def sold(hosted: House) -> Sale:
    return sale(hosted)


def looks(served: House, reader: int, dossier: str) -> list[dict[str, Any]]:
    answer = served.send(reader, "GET", "/v1/access", params={"subject": dossier, "limit": 200})
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["entries"] if each["party"] != reader]


@pytest.mark.parametrize(
    ("party", "path", "query", "fields"),
    [
        (INSURER, "/v1/dossiers", {}, ["verdict"]),
        (AUDITOR, "/v1/items", {}, ["verdict"]),
        (AUDITOR, "/v1/audit/events", {"limit": 200}, ["steps"]),
        (MAKER, "/v1/inbox", {"limit": 200}, ["steps"]),
    ],
)
def test_a_list_that_shows_a_dossier_is_a_look_at_it(
    hosted: House, sold: Sale, party: int, path: str, query: dict[str, int], fields: list[str]
) -> None:
    assert hosted.send(party, "GET", path, params=query, headers={"Purpose": "audit"}).status_code == 200

    found = [each for each in looks(hosted, SHOP, sold.dossier) if each["party"] == party and each["act"] == "listed"]

    assert (fields, "audit") in [(each["fields"], each["purpose"]) for each in found]


def test_whoever_reads_a_dossier_is_named_with_what_it_was_shown(hosted: House, sold: Sale) -> None:
    assert hosted.send(INSURER, "GET", f"/v1/dossiers/{sold.dossier}").status_code == 200

    found = [each for each in looks(hosted, SHOP, sold.dossier) if each["act"] == "read"]

    assert [(each["party"], each["fields"]) for each in found] == [(INSURER, ["cases", "steps", "verdict"])]


def test_one_s_own_lists_are_no_looks_and_another_shop_reads_of_none(hosted: House, sold: Sale) -> None:
    assert hosted.send(SHOP, "GET", "/v1/dossiers").status_code == 200

    own = hosted.send(SHOP, "GET", "/v1/access", params={"subject": sold.dossier, "limit": 200}).json()["entries"]
    assert [each for each in own if each["party"] == SHOP and each["act"] == "listed"] == []
    assert looks(hosted, OTHER_SHOP, sold.dossier) == []


def test_nothing_is_handed_to_a_party_that_left(hosted: House, sold: Sale) -> None:
    hosted.set_state(PartyState.REVOKED, INSURER)
    answer = hosted.send(SHOP, "GET", f"/v1/dossiers/{sold.dossier}/package", params={"for": INSURER})
    hosted.set_state(PartyState.ACTIVE, INSURER)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
