"""Bodies that are no JSON or none of ours get the same answer of a real gateway on each database, and leave nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.store.tables import events, metadata
from tests.api.test_bad_input import BODIES
from tests.hostile.house import House, house
from tests.hostile.trade import ROLES, SHOP

PATHS = ("/v1/events", "/v1/packages", "/v1/verifications")


@pytest.fixture
def served(database_url: str) -> Iterator[House]:
    with house(database_url, ROLES) as found:
        yield found


def rows(served: House) -> dict[str, int]:
    """How many rows each table has, but for those that tell who was refused."""
    with served.gateway.ground.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in ("access_log", "api_keys")
        }


def test_each_is_refused_alike_and_leaves_nothing(served: House) -> None:
    before, answers = rows(served), {}
    for name, body, status, code in BODIES:
        for path in PATHS:
            answer = served.send(SHOP, "POST", path, content=body, headers={"Content-Type": "application/json"})
            answers[name, path] = (answer.status_code, answer.json()["code"])
            assert answer.status_code < 500, (name, path)
        assert answers[name, PATHS[0]] == (status, code), name
    assert rows(served) == before
    assert before[events.name] == 0
