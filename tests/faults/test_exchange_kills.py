"""A gateway killed while it hands over a package, or right after it took one in: everything arrives once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.processes import ASKING, environment, until
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.gateways import GLASSMAKER, OPTICIAN, ROLES, Ground0, deployed_chain
from tests.support.keys import key_file
from tests.support.ports import free_port
from tests.support.warm import optitrace, running

KILLED = 137


@dataclass
class House:
    """One party's gateway as a process, with its files and its client."""

    ground: Ground0
    party: int
    folder: Path
    port: int
    allowed: str
    api_key: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        entry = {
            "number": self.party,
            "role": ROLES[self.party].label,
            "key_file": "signing.key",
            "exchange_key_file": "exchange.key",
        }
        files = {
            "network.json": json.dumps({**asdict(self.ground.deployment), "development": True}),
            "parties.json": json.dumps([entry]),
            "signing.key": self.ground.keys[self.party].hex(),
            "exchange.key": self.ground.exchange[self.party].hex(),
            "relayer.key": secrets.token_hex(32),
        }
        for name, content in files.items():
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(content)
        made = optitrace(self.settings(), "party", "key", "create", "--party", str(self.party))
        assert made.returncode == 0, made.stderr
        self.api_key = made.stdout.strip().splitlines()[-1]

    def settings(self, failpoint: str | None = None) -> dict[str, str]:
        """The environment of the gateway."""
        armed = {"failpoint": failpoint} if failpoint else {}
        return environment(
            database_url=f"sqlite:///{self.folder}/gateway.db",
            rpc_url=self.ground.url,
            network_file=self.folder / "network.json",
            parties_file=self.folder / "parties.json",
            relayer_key_file=self.folder / "relayer.key",
            vault_key_file=key_file(self.folder),
            exchange_allow=self.allowed,
            port=self.port,
            lease_seconds=3,
            **armed,
        )

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer, once the gateway is there."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:
            answer = client.request(method, f"http://127.0.0.1:{self.port}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def lives(self) -> bool:
        """Whether the gateway answers."""
        try:
            return ASKING.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def packages(self, box: str) -> list[dict[str, Any]]:
        """What stands in the outbox or the inbox."""
        found: list[dict[str, Any]] = self.call("GET", f"/v1/exchange/{box}")["packages"]
        return found


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """An optician's and a glassmaker's gateway; nothing runs yet."""
    ports = {OPTICIAN: free_port(), GLASSMAKER: free_port()}
    allowed = ",".join(f"127.0.0.1:{port}" for port in ports.values())
    with deployed_chain() as ground:
        for party, port in ports.items():
            ground.register(party, f"http://127.0.0.1:{port}")
        shop, maker = (House(ground, each, tmp_path / str(each), ports[each], allowed) for each in ports)
        yield shop, maker


def order(shop: House, name: str) -> None:
    (quote,) = shop.call("POST", "/v1/events", quoted_lens(name, name))["events"]
    shop.call("POST", "/v1/events", ordered(quote["item"], RIGHT))


def accepted(shop: House) -> bool:
    return {each["status"] for each in shop.packages("outbox")} == {"accepted"}


def test_a_sender_killed_before_it_noted_the_receipt_hands_over_once(houses: tuple[House, House]) -> None:
    shop, maker = houses
    log = shop.folder / "log"
    with running("app.main", maker.settings(), maker.folder / "log"):
        until(maker.lives, "the glassmaker's gateway answers")
        with running("app.main", shop.settings("K13"), log) as process:
            until(shop.lives, "the optician's gateway answers")
            order(shop, "A")
            until(lambda: process.poll() is not None, "it died with the receipt in its hand")
            assert process.returncode == KILLED
            # The context asks a living process to end; this one died as planned.
            process.returncode = -9
        assert len(maker.packages("inbox")) == 1
        with running("app.main", shop.settings(), log):
            until(shop.lives, "the optician's gateway answers again")
            until(lambda: accepted(shop), "the receipt is there")
        assert len(maker.packages("inbox")) == 1


def test_a_recipient_killed_before_it_answered_takes_in_once(houses: tuple[House, House]) -> None:
    shop, maker = houses
    log = maker.folder / "log"
    with running("app.main", shop.settings(), shop.folder / "log"):
        until(shop.lives, "the optician's gateway answers")
        with running("app.main", maker.settings("K14"), log) as process:
            until(maker.lives, "the glassmaker's gateway answers")
            order(shop, "B")
            until(lambda: process.poll() is not None, "it died with the receipt unsent")
            assert process.returncode == KILLED
            process.returncode = -9
        assert not accepted(shop)
        with running("app.main", maker.settings(), log):
            until(lambda: accepted(shop), "the receipt is there")
            assert len(maker.packages("inbox")) == 1
