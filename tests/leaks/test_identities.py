"""
A wearer's name, birth date or insured number is refused in every place of every event, and stays nowhere.

The number of an insured person has a key, so it is told from any other code however it is spaced. A name is refused for
its space, its accent or its apostrophe, and one bare word because it has no digit. A date is refused everywhere but
where a date belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.matrix import Scene
from tests.hostile.table import ACTORS, TABLE
from tests.hostile.trade import ROLES
from tests.support.canary import Canaries
from tests.support.database_files import files_of
from tests.support.listening import debugging, told
from tests.support.postgres import Server

NUMBERS = ("131079935174419", "1.31.07.99.351.744.19", "1-31-07-99-351-744/19", "253062A00112331")
BIRTH_DATES = ("1952-07-31", "31/07/1952", "31.07.1952", "19520731", "31071952")
NAMES = ("Éloïse ZZQXJVOLE", "ZZQXJVOLE ANNE", "ZZQXJVOLÉ", "ZZQXJVOLE'S", "Zzqxjvole", "ANNE-ZZQXJVOLE")
SOUGHT = Canaries((*NUMBERS, *BIRTH_DATES, "ZZQXJVOL"))
KINDS = [act for act in TABLE if act.startswith("POST /v1/events ")]


HAS_A_DATE = re.compile("[_/](date|until|on)$")
"""Places of days that are no birth dates, but look like them."""


def with_one_text_changed(body: Any, text: str) -> Iterator[tuple[str, Any]]:
    """The body with one text after the other replaced, those in lists too; with the place of each."""
    if isinstance(body, dict):
        for name, inner in body.items():
            for place, changed in with_one_text_changed(inner, text):
                yield f"/{name}{place}", {**body, name: changed}
    elif isinstance(body, list):
        for at, inner in enumerate(body):
            for place, changed in with_one_text_changed(inner, text):
                yield f"/{at}{place}", [*body[:at], changed, *body[at + 1 :]]
    elif isinstance(body, str):
        yield "", text


@pytest.fixture
def served(database_url: str) -> Iterator[House]:
    with house(database_url, ROLES) as found:
        yield found


def refusal(answer: httpx.Response) -> tuple[int, str, str] | None:
    """Why and where a request was refused; None if it was not."""
    if answer.is_success:
        return None
    problem = answer.json()
    return answer.status_code, problem["code"], problem["where"]


def author(act: str) -> Role:
    """Somebody who may record this kind of event."""
    return next(role for role in ACTORS if TABLE[act].expected(role, "own") != 403)


def test_names_birth_dates_and_insured_numbers_are_refused_everywhere_and_stay_nowhere(
    served: House, server: Server | None
) -> None:
    # Refusing is no matter of the database, only what stays: there one of each will do.
    texts = (*NUMBERS, *NAMES, *BIRTH_DATES) if server is None else (NUMBERS[0], NAMES[4], BIRTH_DATES[0])
    taken, leaked, tried = [], [], 0
    with debugging() as log:
        for act in KINDS:
            role = author(act)
            request = Scene.before(served, act).request(act, role, "own")
            refused = TABLE[act].expected(role, "own") >= 300
            # What is refused anyway has to be refused for the text.
            anyway = refusal(served.send(ACTORS[role], "POST", "/v1/events", json=request.body)) if refused else None
            for text in texts:
                for place, body in with_one_text_changed(request.body, text):
                    if text in BIRTH_DATES and HAS_A_DATE.search(place):
                        continue
                    answer = served.send(ACTORS[role], "POST", "/v1/events", json=body)
                    tried += 1
                    if answer.status_code != 422 or refusal(answer) == anyway:
                        taken.append((act, place, text, answer.status_code))
                    leaked += [(act, place, hit) for hit in SOUGHT.search(told(answer))]
        leaked += [("the log", "", hit) for hit in SOUGHT.search(log.getvalue().encode())]
    for file in files_of(served.gateway.ground.database, server):
        leaked += [(file.suffix, "", hit) for hit in SOUGHT.search(file.read_bytes())]
    assert tried > 100 * len(texts)
    assert taken == []
    assert leaked == []
