"""Erasing a record over HTTP, on a real gateway."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.services.api_keys import KeyTerms, create_api_key
from app.store.vault_tables import vault_keys
from tests.api.hosting import GLASSMAKER, INSURER, OPTICIAN, OTHER, Hosted, hosting
from tests.gateway.sales import RIGHT, ordered, quoted_lens


@pytest.fixture
def hosted(database_url: str) -> Iterator[Hosted]:
    with hosting(database_url) as found:
        yield found


def ordered_lens(hosted: Hosted) -> str:
    """A lens that was ordered, with its package handed to the glassmaker."""
    (quote,) = hosted.record(quoted_lens("R", glassmaker=GLASSMAKER))
    item = str(quote["item"])
    hosted.record(ordered(item, RIGHT))
    package = hosted.send("GET", f"/v1/items/{item}/package?for={GLASSMAKER}")
    assert hosted.send("POST", "/v1/packages", GLASSMAKER, json=package.json()).status_code == 201
    return item


def test_a_record_is_erased_and_the_answer_says_who_still_has_copies(hosted: Hosted) -> None:
    item = ordered_lens(hosted)
    answer = hosted.send("DELETE", f"/v1/items/{item}/record")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["item"], told["party"], told["status"]) == (item, OPTICIAN, "erasing")
    assert told["given_to"] == told["may_still_open"] == [GLASSMAKER]
    # The ledger does not know the item: nobody can reach it here.
    assert (told["sequence"], told["block"], told["block_time"]) == (None, None, None)
    assert hosted.gateway.ground.database.scrub()
    again = hosted.send("DELETE", f"/v1/items/{item}/record")
    assert (again.status_code, again.json()) == (202, {**told, "status": "erased"})
    assert hosted.send("GET", f"/v1/items/{item}").json()["erased"] == again.json()


def test_what_was_erased_is_gone_and_says_so(hosted: Hosted) -> None:
    item = ordered_lens(hosted)
    hosted.send("DELETE", f"/v1/items/{item}/record")
    answer = hosted.send("GET", f"/v1/items/{item}/package?for={GLASSMAKER}")
    assert answer.status_code == 410
    assert answer.json()["code"] == "record_erased"
    assert f"party {OPTICIAN} erased its record on 20" in answer.json()["detail"]
    theirs = hosted.send("GET", f"/v1/items/{item}", GLASSMAKER).json()
    assert theirs["erased"] is None


def test_nobody_says_that_a_record_was_erased_without_erasing_it(hosted: Hosted) -> None:
    item = ordered_lens(hosted)
    answer = hosted.send("POST", "/v1/events", json={"type": "erased", "item": item})
    assert answer.status_code == 422
    assert hosted.send("GET", f"/v1/items/{item}").json()["erased"] is None


def test_a_key_that_may_only_read_erases_nothing(hosted: Hosted) -> None:
    item = ordered_lens(hosted)
    reader = create_api_key(hosted.gateway.ground, OPTICIAN, KeyTerms("reader-1", "read"))
    answer = hosted.client.delete(f"/v1/items/{item}/record", headers={"Authorization": f"Bearer {reader}"})
    assert answer.status_code == 403
    assert hosted.send("GET", f"/v1/items/{item}").json()["erased"] is None


@pytest.mark.parametrize("party", [OTHER, INSURER])
def test_what_is_another_partys_is_not_found(hosted: Hosted, party: int) -> None:
    item = ordered_lens(hosted)
    assert hosted.send("DELETE", f"/v1/items/{item}/record", party).status_code == 404


def test_a_vault_that_cannot_be_read_is_a_problem_without_a_value(hosted: Hosted) -> None:
    item = ordered_lens(hosted)
    with hosted.gateway.ground.database.writing() as connection:
        connection.execute(update(vault_keys).values(wrapped=bytes(60)))
    answer = hosted.send("GET", f"/v1/items/{item}/package?for={GLASSMAKER}")
    assert (answer.status_code, answer.json()["code"]) == (503, "vault_unreadable")
    assert "VERALIA0" not in answer.text
    assert answer.headers["Retry-After"] == "5"
