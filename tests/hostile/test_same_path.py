"""
What is another party's costs the database the same as what is not there.

The statements are compared, not the time: the time is what they and the few lines around them take. `scripts/bench`
has figures of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.matrix import Request, Scene
from tests.hostile.table import ACTORS, TABLE, TELLS_APART
from tests.hostile.trade import ROLES
from tests.support.grounds import SetClock

HIDDEN = {
    act: [role for role in ACTORS if row.expected(role, "other") == row.expected(role, "absent") == 404]
    for act, row in TABLE.items()
    if "other" in row.ids and act not in TELLS_APART
}


@pytest.fixture
def served(database_url: str) -> Iterator[House]:
    # What is noted once a minute would be noted between two requests that are compared.
    with house(database_url, ROLES, clock=SetClock()) as found:
        yield found


@contextmanager
def listened(served: House) -> Iterator[list[str]]:
    """The statements that the database is given."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    engine = served.gateway.ground.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def statements(served: House, role: Role, request: Request) -> list[str]:
    """What the database is asked for a request that finds nothing."""
    with listened(served) as heard:
        assert request.send(served, served.keys[ACTORS[role]]).status_code == 404
    return heard


def test_anothers_id_asks_the_database_exactly_what_an_absent_one_does(served: House) -> None:
    scenes: dict[str, Scene] = {}
    for act, roles in HIDDEN.items():
        name = Scene.name(act)
        scene = scenes[name] = scenes.get(name) or Scene.before(served, act)
        for role in roles:
            # The first denial of a kind is noted, the next ones are not: let it be over.
            statements(served, role, scene.request(act, role, "absent"))
            other, absent = (statements(served, role, scene.request(act, role, whose)) for whose in ("other", "absent"))
            assert other == absent, (act, role.label)


def test_ones_own_id_asks_for_more(served: House) -> None:
    act = "GET /v1/items/{item}"
    scene = Scene.before(served, act)
    own, absent = (scene.request(act, Role.OPTICIAN, whose) for whose in ("own", "absent"))
    nothing = statements(served, Role.OPTICIAN, absent)
    with listened(served) as heard:
        assert own.send(served, served.keys[ACTORS[Role.OPTICIAN]]).status_code == 200

    assert len(heard) > len(nothing) > 0
