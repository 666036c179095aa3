"""The chain goes away and comes back: nothing is refused meanwhile, and each event is anchored once afterwards."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo import anvil

from app.api.app import create_app
from app.services.api_keys import create_api_key
from tests.api.serving import served
from tests.deploy.processes import until
from tests.gateway.sales import quoted_lens
from tests.support.chain import connected
from tests.support.gateways import OPTICIAN, Party, deployed_on, gateway
from tests.support.ports import free_port


@contextmanager
def chain_on(port: int, state: Path) -> Iterator[None]:
    """The chain whose state is kept in a file; ended as the demonstration ends it."""
    anvil.mend(state)
    command = [*anvil.command(port, block_seconds=1), "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(port), "the chain listens")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settled(party: Party, ids: list[str]) -> bool:
    """Whether all of a party's events are anchored."""
    return all(party.get(f"/v1/events/{each}")["status"] == "anchored" for each in ids)


def test_events_of_an_outage_are_accepted_and_anchored_once_when_the_chain_is_back(
    tmp_path: Path, database_url: str
) -> None:
    port, state = free_port(), tmp_path / "chain.json"
    with chain_on(port, state):
        url = f"http://127.0.0.1:{port}"
        with connected(url) as node:
            ground = deployed_on(node, url)
    with gateway(ground, [OPTICIAN], database_url) as hosted:
        key = create_api_key(hosted.ground, OPTICIAN)
        with served(create_app(hosted, production=False)) as client:
            client.headers["Authorization"] = f"Bearer {key}"
            shop = Party(OPTICIAN, hosted, client, key)
            ids = []
            for number in range(3):
                quote = quoted_lens(f"O-{number}/OD", f"O-{number}")
                ids += [each["id"] for each in shop.post("/v1/events", quote, 202)["events"]]
            until(lambda: not shop.get("/v1/status")["chain"]["reachable"], "the outage is seen")
            status = shop.get("/v1/status")
            assert status["waiting"] == 3
            assert "nothing is lost" in status["works"]
            assert client.get("/readyz").status_code == 503
            with chain_on(port, state):
                until(lambda: settled(shop, ids), "all are anchored")
                until(lambda: client.get("/readyz").status_code == 200, "the gateway is ready again")
                sequences = [shop.get(f"/v1/events/{each}")["sequence"] for each in ids]
    assert sorted(sequences) == [1, 2, 3]
