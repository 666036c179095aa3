"""Every place of a world that a value may have come to, as bytes, with the groups whose values may be there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from typer.testing import CliRunner
from web3.types import RPCEndpoint

from app.cli import app as cli
from app.store import vault
from app.store.vault_tables import vault_group_keys, vault_values
from tests.hostile.marked import spoilt_bodies
from tests.leaks.world import HOSTED, NEIGHBOUR, OTHER_INSURER, OTHER_MAKER, OTHER_SHOP, World
from tests.support.chain import connected
from tests.support.database_files import files_of
from tests.support.gateways import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, Party
from tests.support.listening import parts_of, told
from tests.support.postgres import Server, programs

NAMES: Final = {
    OPTICIAN: "the optician",
    NEIGHBOUR: "a shop that takes no part",
    OTHER_SHOP: "the other optician",
    GLASSMAKER: "the glassmaker",
    OTHER_MAKER: "the other glassmaker",
    INSURER: "the insurer",
    OTHER_INSURER: "the other insurer",
    AUDITOR: "the auditor",
}
SHOPS: Final = (OPTICIAN, OTHER_SHOP)
OWN: Final = frozenset({"dossier"})
"""What a shop reads back of its own without a package: its references."""
_ORDER, _CLAIM = frozenset({"product", "supplements", "correction"}), frozenset({"coding", "price", "claim", "dossier"})
_MADE, _STOCK = frozenset({"device", "reference"}), _ORDER | {"coding", "device"}
_ASKED, _GRANTED = frozenset({"cover"}), frozenset({"grant"})
OPENED: Final = {
    (OPTICIAN, GLASSMAKER): _ORDER,
    (OPTICIAN, OTHER_MAKER): _ORDER,
    (OTHER_SHOP, GLASSMAKER): _ORDER,
    (OPTICIAN, INSURER): _CLAIM | _ASKED,
    (INSURER, OPTICIAN): _GRANTED,
    (OTHER_SHOP, OTHER_INSURER): _CLAIM,
    (GLASSMAKER, OPTICIAN): _MADE | _STOCK,
    (GLASSMAKER, OTHER_SHOP): _MADE,
    (OTHER_MAKER, OPTICIAN): _MADE,
}
"""What a package from the one to the other holds."""
_SOLD: Final = _ORDER | _CLAIM | {"device"}
_OF_ITS_OWN: Final = {
    OPTICIAN: _SOLD | _ASKED | {"statement", "renewal"},
    OTHER_SHOP: _SOLD,
    **dict.fromkeys((GLASSMAKER, OTHER_MAKER), frozenset({"coding", "device", "reference"})),
    INSURER: _GRANTED,
}
"""What a party's vault holds besides: the values of its own steps."""
_NOTHING: Final = frozenset[str]()
WRITE_AHEAD: Final = "PostgreSQL's write-ahead log"
_PAGE: Final = 200
_COUNTED: Final = re.compile(rb"(?m) [0-9]+\.0$")
"""How often something happened, as a monitor sees it: any number, a correction in hundredths too."""
_MEASURED: Final = re.compile(rb'"milliseconds": [0-9.]+')
_WHEN: Final = re.compile(rb"(?m)^[0-9-]{10} [0-9:.]{12} [A-Z]+ \[[0-9]+\] (LOG:  checkpoint .*)?")
"""When PostgreSQL logged something, in which process, and how long a checkpoint took: 08:34:28.170 holds 28.17."""


@dataclass(frozen=True)
class Place:
    """Something that was written, in parts; values of the groups `allowed` belong there."""

    name: str
    parts: tuple[bytes, ...]
    allowed: frozenset[str] = _NOTHING

    @property
    def content(self) -> bytes:
        """All of it."""
        return b"\n".join(self.parts)


def chain(world: World) -> Iterator[Place]:
    """Every block with its transactions, every receipt with its logs, and the state: code and storage."""
    blocks, receipts = [], []
    for number in range(int(_asked(world, "eth_blockNumber"), 16) + 1):
        blocks.append(_asked(world, "eth_getBlockByNumber", hex(number), True))
        receipts.append(_asked(world, "eth_getBlockReceipts", hex(number)))
    yield Place("the transactions", (json.dumps(blocks).encode(),))
    yield Place("the logs of the chain", (json.dumps(receipts).encode(),))
    yield Place("the storage", (json.dumps(_asked(world, "anvil_dumpState")).encode(),))


def _asked(world: World, method: str, *parameters: object) -> Any:
    with connected(world.net.ground.url) as node:
        answer: Any = node.provider.make_request(RPCEndpoint(method), list(parameters))
    assert "error" not in answer, answer
    return answer["result"]


def databases(world: World, server: Server | None) -> Iterator[Place]:
    """The files of each database as they lie on the disk, free pages and SQLite's log among them."""
    for numbers in HOSTED:
        database = world.net[numbers[0]].gateway.ground.database
        for file in files_of(database, server):
            allowed = OWN if OPTICIAN in numbers else _NOTHING
            yield Place(f"{NAMES[numbers[0]]}'s file {file.suffix}", (file.read_bytes(),), allowed)


def around(world: World, server: Server | None) -> Iterator[Place]:
    """What PostgreSQL writes beside the databases: every other file, and the write-ahead log since the world began."""
    if server is None:
        return
    server.flush()
    databases, before = server.folder / "data/base", world.log_before
    for file in sorted(each for each in server.folder.rglob("*") if each.is_file()):
        place = file.relative_to(server.folder)
        if place.parts[0] == "install" or file.is_relative_to(databases):
            continue
        if place.parent.name != "pg_wal":
            yield Place(f"PostgreSQL's {place}", (_WHEN.sub(b"", file.read_bytes()),))
        elif file.name > before:
            yield Place(WRITE_AHEAD, (file.read_bytes().rstrip(b"\0"),), OWN)


def spilled(server: Server) -> int:
    """How many temporary files the server wrote, because a sort had no room in its memory."""
    return (server.folder / "log").read_bytes().count(b"temporary file")


def log(world: World) -> Iterator[Place]:
    """What gateways and libraries logged at level debug; how long a request took is anybody's number."""
    yield Place("the log", (_MEASURED.sub(b"", world.log.getvalue().encode()),))


def urls(world: World) -> Iterator[Place]:
    """The address of every request to a gateway until now."""
    yield Place("the URLs", tuple(sorted(world.urls)))


def counts(world: World) -> Iterator[Place]:
    """What a monitor sees."""
    for numbers in HOSTED:
        seen = told(world.net[numbers[0]].client.get("/metrics"))
        yield Place(f"{NAMES[numbers[0]]}'s counts", (_COUNTED.sub(b"", seen),))


def answers(world: World, party: int) -> Iterator[Place]:
    """Everything that a party can read but values: lists to their ends, and what has an identifier, of others too."""
    document = json.loads((asked := world.net[party].client).get("/openapi.json").content)
    dossiers = sorted(world.dossiers | world.lots)
    subjects = {"item": sorted(world.items), "dossier": dossiers, "event": sorted(world.events)}
    found: list[bytes] = []
    for path, operations in document["paths"].items():
        if "get" not in operations or path.endswith(("/package", "/openings")):
            continue
        name = next((each for each in subjects if f"{{{each}}}" in path), None)
        for subject in [""] if name is None else subjects[name]:
            pages = _pages(world.net[party], path.replace(f"{{{name}}}", subject))
            found += (_COUNTED.sub(b"", each) for each in pages) if path == "/metrics" else pages
    for answer in [asked.get(each) for each in ("/openapi.json", "/docs")]:
        found += parts_of(answer)
    yield Place(f"what {NAMES[party]} can read", tuple(found), OWN if party in SHOPS else _NOTHING)


def checks(world: World, party: int) -> Iterator[Place]:
    """What a party is told that checks each dossier and lot, of others too, and claims nothing."""
    bodies = ({"dossier": each} for each in sorted(world.dossiers | world.lots))
    answers = [world.net[party].client.post("/v1/verifications", json=body) for body in bodies]
    assert {each.status_code for each in answers} <= {200, 403, 404, 410}
    yield Place(f"what checks tell {NAMES[party]}", tuple(part for each in answers for part in parts_of(each)))


def _pages(party: Party, path: str) -> Iterator[bytes]:
    query: dict[str, Any] = {}
    while True:
        answer = party.client.get(path, params=query)
        yield from parts_of(answer)
        onward = answer.json().get("next") if "json" in answer.headers.get("content-type", "") else None
        if onward is None:
            return
        query = {"cursor": onward, "limit": _PAGE}


def held(world: World, party: int) -> Place:
    """The values that a party can read, of all dossiers: those that its vault holds."""
    paths = (f"/v1/dossiers/{each}/openings" for each in sorted(world.dossiers | world.lots))
    found = [part for path in paths for part in parts_of(world.net[party].client.get(path))]
    return Place(f"what {NAMES[party]} reads of its own", tuple(found), _holding(party))


def _holding(party: int) -> frozenset[str]:
    return _OF_ITS_OWN.get(party, _NOTHING).union(*(groups for (_, to), groups in OPENED.items() if to == party))


def packages(world: World, *pairs: tuple[int, int]) -> Iterator[Place]:
    """
    Packages from each party for each other, or for `pairs` alone, in clear and sealed.

    Of all dossiers and lots; of two of each where all are refused.
    """
    for sender, recipient in pairs or product(NAMES, NAMES):
        most = None if (sender, recipient) in OPENED else 2
        about = [*sorted(world.dossiers)[:most], *sorted(world.lots)[:most]]
        for form in ("open", "sealed"):
            query = {"for": str(recipient), "form": form}
            paths = (f"/v1/dossiers/{each}/package" for each in about)
            found = [part for path in paths for part in parts_of(world.net[sender].client.get(path, params=query))]
            allowed = OPENED.get((sender, recipient), _NOTHING) if form == "open" else _NOTHING
            yield Place(f"packages from {NAMES[sender]} for {NAMES[recipient]}, {form}", tuple(found), allowed)


def refusals(world: World, events: list[dict[str, Any]]) -> Iterator[Place]:
    """What each party is told about events with something wrong in them."""
    for party, name in NAMES.items():
        found: list[bytes] = []
        for event in events:
            for _, body in spoilt_bodies([event]):
                answer = world.net[party].client.post("/v1/events", json=body)
                assert answer.status_code in (403, 404, 409, 422), answer.text
                found += parts_of(answer)
        yield Place(f"refusals to {name}", tuple(found))


def opened(world: World, party: int) -> Iterator[Place]:
    """All that a party holds, its vault opened with its own key: values, and keys of groups."""
    database = world.net[party].gateway.ground.database
    with database.reading() as connection:
        digests = connection.execute(select(vault_values.c.digest).where(vault_values.c.party == party)).scalars()
        shown = [each for digest in sorted(set(digests)) for each in vault.openings(connection, party, digest)]
        subjects = connection.execute(select(vault_group_keys.c.subject).where(vault_group_keys.c.party == party))
        keys = [vault.group_keys(connection, party, each) for each in sorted(set(subjects.scalars()))]
    lines = [f"{each.subject} {each.values.group} {json.dumps(dict(each.values.values))}" for each in shown]
    lines += [f"{name} {key.hex()}" for each in keys for name, key in each.items()]
    yield Place(f"{NAMES[party]}'s vault, opened", tuple(each.encode() for each in lines), _holding(party))


def backup(file: Path) -> Place:
    """A backup file; PostgreSQL's also as a restoration unpacks it."""
    parts = [file.read_bytes()]
    if parts[0].startswith(b"PGDMP"):
        command = [str(programs() / "pg_restore"), "--file=-", str(file)]
        parts.append(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return Place("a backup", tuple(parts), OWN)


def pulled(world: World, file: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The file of orders that the glassmaker's own software gets from `optitrace party orders pull`."""
    hosted = world.net[GLASSMAKER].gateway
    monkeypatch.setattr("app.cli_party.ground_of", lambda _settings: hosted.ground)
    monkeypatch.setattr("app.cli_party.Settings.from_environment", lambda: None)
    monkeypatch.setattr(hosted.ground.database, "close", lambda: None)
    done = CliRunner().invoke(cli, ["party", "orders", "pull", str(file), "--party", str(GLASSMAKER)])
    assert done.exit_code == 0, done.output
    return Place("the orders that the glassmaker pulled", (file.read_bytes(),), _ORDER)
