"""A gateway killed while it erases finishes when it is started again, and its files hold nothing of the record."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.store.database import Database
from app.store.vault_tables import vault_keys, vault_secrets, vault_values
from tests.deploy.processes import running, until
from tests.faults.test_kills import KILLED, Storm
from tests.faults.test_kills import storm as storm
from tests.gateway.sales import quoted_lens
from tests.support.database_files import files_of, left_over, lying_in
from tests.support.postgres import Server


def asked(storm: Storm, method: str, path: str, **more: Any) -> httpx.Response | None:
    """The answer; None if the gateway died over it."""
    headers = {"Authorization": f"Bearer {storm.api_key}"}
    try:
        with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:
            return client.request(method, f"http://127.0.0.1:{storm.port}{path}", **more)
    except httpx.TransportError:
        return None


def record(storm: Storm) -> tuple[str, set[bytes]]:
    """A lens that was quoted, and what its vault holds as it lies in the files."""
    with running("app.main", storm.settings(), storm.folder / "log"):
        until(storm.lives, "the gateway answers")
        answer = asked(storm, "POST", "/v1/events", json=quoted_lens("REF-QX-R", "DV-QX-7"))
        assert answer is not None
        item = str(answer.json()["events"][0]["item"])
    database = Database(storm.database_url)
    with database.reading() as connection:
        columns = (vault_keys.c.wrapped, vault_secrets.c.secret, vault_values.c.content)
        found = {bytes(each) for column in columns for each in connection.execute(select(column)).scalars()}
    database.close()
    return item, found | {b"REF-QX-R", b"DV-QX-7"}


@pytest.mark.parametrize("point", ["K11", "K12"])
def test_an_erasure_is_finished_after_a_kill(storm: Storm, server: Server | None, point: str) -> None:
    item, traces = record(storm)
    with running("app.main", storm.settings(point), storm.folder / "log") as process:
        until(storm.lives, "the gateway answers")
        answer = asked(storm, "DELETE", f"/v1/items/{item}/record")
        assert (answer is None) == (point == "K11")
        until(lambda: process.poll() is not None, "it died")
        assert process.returncode == KILLED
        process.returncode = -9
    with running("app.main", storm.settings(), storm.folder / "log"):
        until(storm.lives, "the gateway answers")
        until(lambda: told(storm, item) == "erased", "the erasure is finished")
        with closing(Database(storm.database_url)) as database:
            assert left_over(database, server, traces) == set()
        package = asked(storm, "GET", f"/v1/items/{item}/package?for=2002002002")
        assert package is not None
        assert package.status_code == 410


def told(storm: Storm, item: str) -> str | None:
    answer = asked(storm, "GET", f"/v1/items/{item}")
    assert answer is not None
    erased = answer.json()["erased"]
    return erased and str(erased["status"])


def test_before_it_is_erased_the_record_lies_in_the_files(storm: Storm, server: Server | None) -> None:
    _, traces = record(storm)
    with closing(Database(storm.database_url)) as database:
        assert lying_in(files_of(database, server), traces) == traces
