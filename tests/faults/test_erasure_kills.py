"""
A gateway killed while it erases, or while it says so on the ledger, finishes when it is started again.

Its files then hold nothing of the record, and the ledger has the step once for the item and once for its dossier.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.kinds import Kind
from app.store.database import Database
from app.store.ledger_tables import ledger_steps
from app.store.tables import events
from app.store.vault_tables import erasures, vault_keys, vault_secrets, vault_values
from tests.deploy.processes import until
from tests.faults.test_kills import KILLED, Storm
from tests.faults.test_kills import storm as storm
from tests.gateway.sales import quoted_lens
from tests.support.database_files import files_of, left_over, lying_in
from tests.support.postgres import Server
from tests.support.warm import running


def asked(storm: Storm, method: str, path: str, **more: Any) -> httpx.Response | None:
    """The answer; None if the gateway died over it."""
    headers = {"Authorization": f"Bearer {storm.api_key}"}
    try:
        with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:
            return client.request(method, f"http://127.0.0.1:{storm.port}{path}", **more)
    except httpx.TransportError:
        return None


def record(storm: Storm) -> tuple[str, set[bytes]]:
    """A lens whose quote is anchored, and what its vault holds as it lies in the files."""
    with running("app.main", storm.settings(), storm.folder / "log"):
        until(storm.lives, "the gateway answers")
        answer = asked(storm, "POST", "/v1/events", json=quoted_lens("REF-QX-R1", "DV-QX-7"))
        assert answer is not None
        item = str(answer.json()["events"][0]["item"])
        storm.told.append(answer.json()["events"][0]["id"])
        until(lambda: storm.waiting() == 0, "the quote is anchored")
    database = Database(storm.database_url)
    with database.reading() as connection:
        columns = (vault_keys.c.wrapped, vault_secrets.c.secret, vault_values.c.content)
        found = {bytes(each) for column in columns for each in connection.execute(select(column)).scalars()}
    database.close()
    return item, found | {b"REF-QX-R1", b"DV-QX-7"}


UNANSWERED = {"K15": "before it is committed", "K11": "after that, before it is answered"}
WHILE_SAYING = ("K5", "K6", "K7", "K10", "K8", "K9")
"""In the order in which a step passes them that is carried on by another process each time."""


def killed(storm: Storm, point: str, item: str | None = None) -> httpx.Response | None:
    """Let a gateway die at a failpoint; the answer to the erasure that it is asked for, if it gave one."""
    with running("app.main", storm.settings(point), storm.folder / "log") as process:
        until(lambda: storm.lives() or process.poll() is not None, "the gateway answers or died")
        answer = None if item is None else asked(storm, "DELETE", f"/v1/items/{item}/record")
        until(lambda: process.poll() is not None, f"it died at {point}")
        assert process.returncode == KILLED
        process.returncode = -9
    return answer


def finished(storm: Storm, server: Server | None, item: str, traces: set[bytes]) -> None:
    """Start it once more: the record is gone for good, and both steps are on the ledger once."""
    with running("app.main", storm.settings(), storm.folder / "log"):
        until(storm.lives, "the gateway answers")
        again = asked(storm, "DELETE", f"/v1/items/{item}/record")
        assert again is not None
        assert again.status_code == 202
        until(lambda: told(storm, item) == "erased", "the erasure is finished")
        until(lambda: storm.waiting() == 0, "the ledger has the steps")
        with closing(Database(storm.database_url)) as database:
            assert left_over(database, server, traces) == set()
        package = asked(storm, "GET", f"/v1/items/{item}/package?for=2002002002")
        assert package is not None
        assert package.status_code == 410
    assert storm.check() == []
    with closing(Database(storm.database_url)) as database, database.reading() as connection:
        said = select(ledger_steps.c.subject, ledger_steps.c.dossier).where(ledger_steps.c.kind == int(Kind.ERASED))
        found = connection.execute(said).all()
    assert sorted(row.subject for row in found) == sorted([item, found[0].dossier])


@pytest.mark.parametrize("point", [*UNANSWERED, "K12"])
def test_an_erasure_is_finished_after_a_kill(storm: Storm, server: Server | None, point: str) -> None:
    item, traces = record(storm)
    answer = killed(storm, point, item)
    assert (answer is None) == (point in UNANSWERED)
    with closing(Database(storm.database_url)) as database, database.reading() as connection:
        notes = connection.execute(select(erasures.c.subject)).all()
        steps = connection.execute(select(events.c.id).where(events.c.kind == int(Kind.ERASED))).all()
    # Key, note and step go together: two of each, or none of it happened.
    assert (len(notes), len(steps)) == ((0, 0) if point == "K15" else (2, 2))
    finished(storm, server, item, traces)


def test_an_erasure_is_said_once_whatever_kills_who_says_it(storm: Storm, server: Server | None) -> None:
    item, traces = record(storm)
    assert killed(storm, WHILE_SAYING[0], item) is not None
    for point in WHILE_SAYING[1:]:
        killed(storm, point)
    finished(storm, server, item, traces)


def told(storm: Storm, item: str) -> str | None:
    answer = asked(storm, "GET", f"/v1/items/{item}")
    assert answer is not None
    erased = answer.json()["erased"]
    return erased and str(erased["status"])


def test_before_it_is_erased_the_record_lies_in_the_files(storm: Storm, server: Server | None) -> None:
    _, traces = record(storm)
    with closing(Database(storm.database_url)) as database:
        assert lying_in(files_of(database, server), traces) == traces
