"""
Databases as earlier releases left them, stored, and what those releases showed of them.

For each revision three files in tests/store/data: the database of SQLite, the one of PostgreSQL as `optitrace backup`
writes it, and the answers. To make them for the newest revision, before anything that comes after it is written:

    PYTHONPATH=scripts .venv/bin/python -m tests.support.old_databases

They hold keys and secrets, of parties that never were, on a chain that was gone a minute later.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from app.api.app import create_app
from app.services.access_log import examined
from app.services.api_keys import create_api_key
from app.store import backup, revisions
from app.wiring import HostedGateway
from tests.api.serving import served
from tests.deploy.processes import until
from tests.gateway.sales import CLAIM, CODING, honest_sale, quoted_lens
from tests.support.gateways import (
    AUDITOR,
    GLASSMAKER,
    INSURER,
    OPTICIAN,
    ROLES,
    Network4,
    Party,
    deployed_chain,
    gateway,
)
from tests.support.postgres import programs, running_server

DATA = Path(__file__).resolve().parents[1] / "store" / "data"
SUFFIX = {"sqlite": "sqlite", "postgresql": "pgdump"}


@dataclass(frozen=True)
class Old:
    """A stored database: its revision, its kind, its bytes, and what was shown of it."""

    revision: str
    kind: str

    @property
    def content(self) -> bytes:
        """The file of the database, or its dump."""
        return gzip.decompress((DATA / f"{self.revision}.{SUFFIX[self.kind]}.gz").read_bytes())

    @property
    def shown(self) -> dict[str, Any]:
        """`keys` and `logs` (number and hash of the last row) by party, and `answers` as (party, path, answer)."""
        found: dict[str, Any] = json.loads(gzip.decompress((DATA / f"{self.revision}.json.gz").read_bytes()))[self.kind]
        return found


def stored() -> list[Old]:
    """All that are stored, oldest first."""
    return [Old(file.name.partition(".")[0], kind) for file in sorted(DATA.glob("*.json.gz")) for kind in SUFFIX]


def make() -> None:
    """Make the files of the newest revision."""
    revision = max(revisions.known())
    shown = {}
    with TemporaryDirectory() as folder, running_server() as server:
        urls = {"sqlite": f"sqlite:///{folder}/gateway.db", "postgresql": server.new_database()}
        for kind, url in urls.items():
            shown[kind] = _lived(url)
            backup.back_up(url, Path(folder) / kind)
            _write(f"{revision}.{SUFFIX[kind]}.gz", (Path(folder) / kind).read_bytes())
    _write(f"{revision}.json.gz", json.dumps(shown).encode())


def _write(name: str, content: bytes) -> None:
    # Without a time in it, so that the same content is the same file.
    (DATA / name).write_bytes(gzip.compress(content, mtime=0))


def _lived(url: str) -> dict[str, Any]:
    """Let a gateway of four parties go through a sale and a check, and lose the chain with an event on its way."""
    with ExitStack() as stack:
        chain = stack.enter_context(ExitStack())
        ground = chain.enter_context(deployed_chain())
        hosted = stack.enter_context(gateway(ground, list(ROLES), url))
        url_of_api = str(stack.enter_context(served(create_app(hosted, production=False))).base_url)
        net = Network4(ground)
        for number in ROLES:
            client = stack.enter_context(httpx.Client(base_url=url_of_api, timeout=60, trust_env=False))
            key = create_api_key(hosted.ground, number)
            client.headers["Authorization"] = f"Bearer {key}"
            net.parties[number] = Party(number, hosted, client, key)
        dossier, items = honest_sale(net)
        claimed = [{"item": name, "coding": CODING} for name in items[:2]]
        asked = {"dossier": dossier, "record": True, "partial": True, "claim": CLAIM, "items": claimed}
        check = net[INSURER].post("/v1/verifications", asked, 200)["event"]["id"]
        until(lambda: net[INSURER].get(f"/v1/events/{check}")["status"] == "anchored", "the check is anchored")
        chain.close()
        (waiting,) = net[OPTICIAN].post("/v1/events", quoted_lens("D-2/OD", "D-2"), 202)["events"]
        return {
            "keys": {number: net[number].api_key for number in ROLES},
            "answers": [
                (number, path, answer(net[number].client, path))
                for number, path in _asked(dossier, items, waiting["id"])
            ],
            "logs": {number: _last_row(hosted, number) for number in ROLES},
        }


def _asked(dossier: str, items: list[str], waiting: str) -> Iterator[tuple[int, str]]:
    """Who asks what; the auditor sees no values, the glassmaker no prices, the insurer no corrections."""
    yield OPTICIAN, f"/v1/events/{waiting}"
    yield OPTICIAN, "/v1/dossiers"
    yield AUDITOR, "/v1/audit/events"
    yield AUDITOR, "/v1/parties"
    for number in (GLASSMAKER, INSURER):
        yield OPTICIAN, f"/v1/dossiers/{dossier}/package?for={number}"
        yield number, "/v1/inbox"
    for number in ROLES:
        yield number, "/v1/items"
        yield number, f"/v1/dossiers/{dossier}"
        yield number, f"/v1/items/{items[0]}"


def answer(client: httpx.Client, path: str) -> Any:
    """What a gateway answers to a party's question."""
    found = client.get(path)
    assert found.status_code == 200, found.text
    return found.json()


def _last_row(hosted: HostedGateway, number: int) -> tuple[int, str]:
    found = examined(hosted.ground, number)
    return found.rows, found.last_hash


if __name__ == "__main__":
    os.environ["PATH"] = f"{programs()}:{os.environ['PATH']}"
    make()
