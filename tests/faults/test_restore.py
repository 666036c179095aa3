"""
A backup taken while events come in is restored elsewhere, when the gateway has gone on for a while.

What the backup holds is all there, what the chain learnt since is read from it, and nothing is anchored twice.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.chain.client import NodeChain
from app.chain.signer import key_from_file
from app.store.database import Database
from app.store.ledger_tables import ledger_steps
from tests.deploy.processes import answer, until
from tests.faults.checker import rebuilt
from tests.gateway.sales import quoted_lens
from tests.support.files import settings
from tests.support.gateways import OPTICIAN, Ground0, deployed_chain
from tests.support.postgres import Server, programs
from tests.support.warm import optitrace, running

PAUSE_SECONDS = 0.2
"""Between two events: what they are worth here is their number on either side of the backup."""


@dataclass
class Shop:
    """One gateway as a process, and its client."""

    folder: Path
    env: dict[str, str]
    key: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.env['OPTITRACE_PORT']}"

    @contextmanager
    def open(self) -> Iterator[None]:
        """The gateway runs."""
        with running("app.main", self.env, self.folder / "log"):
            until(lambda: answer(self.url, "/healthz")[0] == 200, "the gateway answers")
            yield

    def command(self, *arguments: str) -> str:
        """Run a command of the operator; gives what it prints."""
        done = optitrace(self.env, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def post(self, name: str) -> None:
        """Post one event, and note what was promised."""
        self.post_event(quoted_lens(f"{name}/OD", name), name)

    def post_event(self, event: dict[str, Any], name: str | None = None) -> None:
        """The same of any event; `name` is the key that it may be sent again under."""
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": name} if name else {})
        taken = httpx.post(f"{self.url}/v1/events", json=event, headers=headers, trust_env=False, timeout=60)
        assert taken.status_code == 202, taken.text
        self.told += [each["id"] for each in taken.json()["events"]]

    def event(self, name: str) -> dict[str, Any]:
        """An event as the gateway knows it."""
        return answer(self.url, f"/v1/events/{name}", self.key)[1]

    def settled(self) -> bool:
        """Whether nothing waits."""
        return bool(answer(self.url, "/v1/status", self.key)[1].get("waiting") == 0)


def on_chain(ground: Ground0, folder: Path, name: str) -> list[str]:
    """The digests of all steps that the chain has, in their order."""
    chain = NodeChain(ground.url, ground.network, key_from_file(folder / "relayer.key"))
    there: Database = rebuilt(chain, ground.network, f"sqlite:///{folder}/{name}.db")
    with there.reading() as connection:
        found = connection.execute(select(ledger_steps.c.digest).order_by(ledger_steps.c.sequence)).scalars().all()
    there.close()
    chain.close()
    return list(found)


@pytest.fixture
def ground() -> Iterator[Ground0]:
    """A chain that takes a second for each block, so that something is always under way."""
    with deployed_chain(block_seconds=1) as found:
        yield found


@pytest.fixture
def places(
    ground: Ground0, database_url: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Shop, Shop]:
    """A gateway, and a second place with the first one's keys and an empty database of the same kind."""
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    second_url = f"sqlite:///{tmp_path}/second/gateway.db"
    if database_url.startswith("postgresql"):
        server: Server = request.getfixturevalue("postgres")
        second_url = server.new_database()
    shops = []
    for name, url in (("first", database_url), ("second", second_url)):
        (tmp_path / name).mkdir()
        shops.append(Shop(tmp_path / name, settings(ground, tmp_path / name, OPTICIAN, database_url=url)))
    for name in ("relayer.key", "vault.keys"):
        shutil.copy(shops[0].folder / name, shops[1].folder / name)
    return shops[0], shops[1]


@contextmanager
def writing(shop: Shop) -> Iterator[None]:
    """Events come in one after the other meanwhile."""
    end = threading.Event()

    def write() -> None:
        number = 0
        while not end.wait(PAUSE_SECONDS):
            shop.post(f"W-{number}")
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def test_an_older_backup_goes_on_elsewhere_and_anchors_nothing_twice(
    ground: Ground0, places: tuple[Shop, Shop], tmp_path: Path
) -> None:
    first, second = places
    first.key = second.key = first.command("party", "key", "create", "--party", str(OPTICIAN)).strip()
    with first.open():
        with writing(first):
            until(lambda: len(first.told) > 5, "events come in")
            promised = list(first.told)
            first.command("backup", str(tmp_path / "backup"))
            went_on = len(first.told)
            until(lambda: len(first.told) > went_on + 5, "events come in after the backup, too")
        until(first.settled, "all are anchored")
    before = on_chain(ground, first.folder, "before")
    assert len(before) == len(first.told)

    second.command("restore", str(tmp_path / "backup"))
    with second.open():
        until(second.settled, "what the backup had under way is anchored")
        second.post("R-1")
        until(second.settled, "and what came after it")
        kept = {each for each in first.told if second.event(each).get("status") == "anchored"}
        assert set(promised) <= kept
        assert second.event(second.told[0])["status"] == "anchored"
        steps = answer(second.url, "/v1/status", second.key)[1]["chain"]["indexed_steps"]
    assert len(kept) < len(first.told), "the backup is older than what the chain has"
    after = on_chain(ground, second.folder, "after")
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) == steps == len(before) + 1
