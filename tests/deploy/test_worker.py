"""The worker in a process of its own: it anchors what the API took in, and the API knows how it is."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.api import examples
from app.chain.key_files import write_file
from tests.deploy.processes import ROOT, answer, environment, optitrace, running, until
from tests.support.gateways import GLASSMAKER, OPTICIAN, Ground0, deployed_chain
from tests.support.keys import key_file
from tests.support.ports import free_port

QUOTE = {**examples.QUOTED, "glassmaker": GLASSMAKER}


@dataclass
class Split:
    """The settings of one gateway whose parts run apart."""

    folder: Path
    env: dict[str, str]
    url: str


def _key_file(path: Path, key: bytes) -> Path:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(descriptor, key.hex().encode())
    os.close(descriptor)
    return path


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground0]:
    with deployed_chain(block_seconds=1) as found:
        yield found


@pytest.fixture
def split(ground: Ground0, tmp_path: Path) -> Split:
    network = {**ground.deployment.as_dict(), "development": True}
    write_file(tmp_path / "network.json", json.dumps(network))
    _key_file(tmp_path / "signing.key", ground.keys[OPTICIAN])
    parties = [{"number": OPTICIAN, "role": "optician", "key_file": "signing.key"}]
    write_file(tmp_path / "parties.json", json.dumps(parties))
    port = free_port()
    env = environment(
        database_url=f"sqlite:///{tmp_path}/gateway.db",
        rpc_url=ground.url,
        network_file=tmp_path / "network.json",
        parties_file=tmp_path / "parties.json",
        vault_key_file=key_file(tmp_path),
        relayer_key_file=_key_file(tmp_path / "relayer.key", secrets.token_bytes(32)),
        port=port,
        worker="false",
    )
    return Split(tmp_path, env, f"http://127.0.0.1:{port}")


def test_a_worker_apart_anchors_what_the_api_took_in(split: Split) -> None:
    # The key that sends transactions is the worker's: an API without one serves, and may not have it.
    of_api = {name: value for name, value in split.env.items() if name != "OPTITRACE_RELAYER_KEY_FILE"}
    with running("app.main", of_api, split.folder / "api.log"):
        until(lambda: answer(split.url, "/healthz")[0] == 200, "the API serves")
        made = optitrace(of_api, "party", "key", "create", "--party", str(OPTICIAN))
        assert made.returncode == 0, made.stderr
        key = made.stdout.strip()
        headers = {"Authorization": f"Bearer {key}"}
        taken = httpx.post(f"{split.url}/v1/events", json=QUOTE, headers=headers, trust_env=False)
        assert taken.status_code == 202, taken.text
        event = taken.json()["events"][0]["id"]

        assert answer(split.url, "/readyz") == (
            503,
            {"ready": False, "detail": "no worker reports; see whether it runs"},
        )
        assert answer(split.url, "/v1/status", key)[1]["works"].startswith("Nothing of this gateway talks to the chain")

        with running("app.worker", split.env, split.folder / "worker.log") as worker:
            until(lambda: answer(split.url, f"/v1/events/{event}", key)[1]["status"] == "anchored", "it is anchored")
            assert answer(split.url, "/readyz") == (200, {"ready": True, "detail": "ready"})
            assert answer(split.url, "/v1/status", key)[1]["works"].startswith("Everything works.")

        assert worker.returncode == 0
        assert answer(split.url, "/readyz")[0] == 503, "the worker has ended and says so at once"


def test_a_worker_that_dies_is_missed_within_seconds(split: Split) -> None:
    with running("app.main", split.env, split.folder / "api.log"):
        with running("app.worker", split.env, split.folder / "worker.log") as worker:
            until(lambda: answer(split.url, "/readyz")[0] == 200, "the gateway is ready")
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        assert answer(split.url, "/readyz")[0] == 200, "nobody can know yet"
        until(lambda: answer(split.url, "/readyz")[0] == 503, "the worker's silence is noticed")


def test_a_worker_without_a_chain_says_that_none_answers(split: Split) -> None:
    env = {**split.env, "OPTITRACE_RPC_URL": f"http://127.0.0.1:{free_port()}"}
    with running("app.main", env, split.folder / "api.log"):
        until(lambda: answer(split.url, "/healthz")[0] == 200, "the API serves")
        with running("app.worker", env, split.folder / "worker.log"):
            until(lambda: "worker" not in answer(split.url, "/readyz")[1]["detail"], "the worker reports")
            status, said = answer(split.url, "/readyz")
    assert (status, said["detail"]) == (503, "the node does not answer")


@pytest.mark.parametrize("module", ["app.worker", "app.main"])
def test_what_submits_does_not_start_without_its_key(split: Split, module: str) -> None:
    env = {name: value for name, value in split.env.items() if name != "OPTITRACE_RELAYER_KEY_FILE"}
    command = [sys.executable, "-m", module]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env | {"OPTITRACE_WORKER": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "optitrace: missing in the environment: OPTITRACE_RELAYER_KEY_FILE\n")
