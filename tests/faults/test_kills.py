"""
A gateway killed at each of its ten failpoints, and at moments drawn by chance, loses nothing and doubles nothing.

Each start is armed with the next failpoint, so that what one death left behind is carried on by a process that dies
at another place.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import pytest

from app.chain.client import NodeChain
from app.store.database import Database
from tests.deploy.processes import ASKING, environment, until
from tests.faults.checker import History, faults, rebuilt
from tests.gateway.sales import quoted_lens
from tests.support.gateways import OPTICIAN, Ground0, deployed_chain
from tests.support.keys import key_file
from tests.support.ports import free_port
from tests.support.warm import optitrace, running

POINTS = [f"K{number}" for number in range(1, 11)]
KILLED = 137


@dataclass
class Storm:
    """One gateway as a process, one client, and what the client was told."""

    ground: Ground0
    folder: Path
    database_url: str
    api_key: str = ""
    told: list[str] = field(default_factory=list)
    unanswered: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.port = free_port()
        self.relayer_key = secrets.token_bytes(32)
        files = {
            "network.json": json.dumps({**asdict(self.ground.deployment), "development": True}),
            "parties.json": json.dumps([{"number": OPTICIAN, "role": "optician", "key_file": "optician.key"}]),
            "optician.key": self.ground.keys[OPTICIAN].hex(),
            "relayer.key": self.relayer_key.hex(),
        }
        for name, content in files.items():
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(content)
        made = optitrace(self.settings(), "party", "key", "create", "--party", str(OPTICIAN))
        assert made.returncode == 0, made.stderr
        self.api_key = made.stdout.strip().splitlines()[-1]

    def settings(self, failpoint: str | None = None) -> dict[str, str]:
        """The environment of the gateway."""
        armed = {"failpoint": failpoint} if failpoint else {}
        return environment(
            database_url=self.database_url,
            rpc_url=self.ground.url,
            network_file=self.folder / "network.json",
            parties_file=self.folder / "parties.json",
            vault_key_file=key_file(self.folder),
            relayer_key_file=self.folder / "relayer.key",
            port=self.port,
            lease_seconds=3,
            **armed,
        )

    def post(self) -> bool:
        """Post one event under a key of its own; False if no answer came, and then it is posted again later."""
        self.number += 1
        name = f"S-{self.number}"
        self.unanswered.append((name, quoted_lens(f"{name}/OD", name)))
        return self.post_again()

    def post_again(self) -> bool:
        """Post what was never answered, under the keys it had."""
        while self.unanswered:
            key, event = self.unanswered[0]
            headers = {"Authorization": f"Bearer {self.api_key}", "Idempotency-Key": key}
            try:
                answer = ASKING.post(f"http://127.0.0.1:{self.port}/v1/events", json=event, headers=headers, timeout=30)
            except httpx.TransportError:
                return False
            assert answer.status_code == 202, answer.text
            self.told += [each["id"] for each in answer.json()["events"]]
            self.unanswered.pop(0)
        return True

    def lives(self) -> bool:
        """Whether the gateway answers."""
        try:
            return ASKING.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def waiting(self) -> float:
        """How many events are on their way."""
        metrics = ASKING.get(f"http://127.0.0.1:{self.port}/metrics").text
        lines = [line for line in metrics.splitlines() if "events_waiting" in line and not line.startswith("#")]
        return float(lines[0].split()[-1])

    def calm(self) -> list[str]:
        """Start it once more, let it finish, stop it, and say what the checker finds."""
        with running("app.main", self.settings(), self.folder / "log"):
            until(self.lives, "the gateway answers")
            assert self.post_again()
            until(lambda: self.waiting() == 0, "nothing waits")
        return self.check()

    def check(self) -> list[str]:
        """What contradicts exactly-once."""
        chain = NodeChain(self.ground.url, self.ground.network, self.relayer_key)
        here = Database(self.database_url)
        there = rebuilt(chain, self.ground.network, f"sqlite:///{self.folder}/rebuilt-{self.number}.db")
        try:
            return faults(History(tuple(self.told)), here, there, chain.nonce(chain.relayer))
        finally:
            here.close()
            there.close()
            chain.close()


@pytest.fixture
def storm(tmp_path: Path, database_url: str) -> Iterator[Storm]:
    """A chain and a gateway's files; nothing runs yet."""
    with deployed_chain() as ground:
        yield Storm(ground, tmp_path, database_url)


def test_a_kill_at_each_failpoint_anchors_once(storm: Storm) -> None:
    for point in POINTS:
        with running("app.main", storm.settings(point), storm.folder / "log") as process:
            until(lambda: storm.lives() or process.poll() is not None, "the gateway answers or died")
            end = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < end:
                storm.post_again() and storm.post()
                time.sleep(0.3)
            assert process.poll() == KILLED, f"{point} was not reached"
            # The context asks a living process to end; this one died as planned.
            process.returncode = -9
    assert storm.calm() == []
    assert len(set(storm.told)) >= len(POINTS)


def test_kills_at_any_moment_anchor_once(storm: Storm) -> None:
    chance = random.Random(20260302)
    for _ in range(4):
        with running("app.main", storm.settings(), storm.folder / "log") as process:
            until(storm.lives, "the gateway answers")
            end = time.monotonic() + chance.uniform(0.2, 2.5)
            while time.monotonic() < end:
                storm.post_again() and storm.post()
            process.kill()
            process.wait()
    assert storm.calm() == []


def test_the_checker_sees_a_promise_that_was_not_kept(storm: Storm) -> None:
    with running("app.main", storm.settings(), storm.folder / "log"):
        until(storm.lives, "the gateway answers")
        assert storm.post()
        until(lambda: storm.waiting() == 0, "nothing waits")
    storm.told.append("0" * 32)
    assert storm.check() == [f"accepted and forgotten: {'0' * 32}"]
