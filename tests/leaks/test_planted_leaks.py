"""Each kind of place, with a leak in it that was put there on purpose: the hunt finds every one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from eth_account import Account
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from web3.types import RPCEndpoint

from app.api import problems
from app.domain.keccak import keccak256
from app.errors import NotPermitted, OptiTraceError
from app.exchange.keys import PublicKeys
from app.exchange.sealed import sealed
from app.store.backup import back_up
from app.wiring import HostedGateway
from tests.gateway.sales import PROGRESSIVE, RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.leaks import places
from tests.leaks.hunt import Hunt, salts_of
from tests.leaks.places import Place
from tests.leaks.world import HOSTED, World, on_postgresql, world
from tests.support.canary import Hit
from tests.support.chain import connected
from tests.support.gateways import AUDITOR, GLASSMAKER, INSURER, OPTICIAN
from tests.support.postgres import Server, programs

VALUE = "ZQXPLANT16"
CODE = {"maker": "VERALIA0", "code": VALUE, "index": "1.6", "geometry": "progressive"}
LOGS_WHAT_FOLLOWS = "60{0:02x}600d60003960{0:02x}6000a000"
"""Copies so many bytes of the code that comes after it to memory, and logs them."""


@dataclass(frozen=True)
class Scene:
    """A network with one sale, the search, and the forms that a leak is planted in."""

    world: World
    hunt: Hunt
    forms: dict[str, bytes]
    server: Server | None

    def found(self, where: Iterator[Place], form: str = "in clear") -> bool:
        """Whether the search finds the value, in this form, in any of the places."""
        return any(hit == Hit(VALUE, FORMS[form]) for place in where for hit in self.hunt.search_all(place.parts))

    def quote(self, name: str, **changes: Any) -> tuple[str, str]:
        """A lens of a sale of its own, quoted; its item and its dossier."""
        (quote,) = self.world.net[OPTICIAN].record(quoted_lens(f"{name}/OD1", f"{name}1", **changes))
        self.world.dossiers.add(str(quote["dossier"]))
        return str(quote["item"]), str(quote["dossier"])


FORMS = {
    "in clear": "clear",
    "as a word": "word",
    "hashed": "Keccak-256",
    "hashed with the item": "SHA-256 after a salt",
}
"""How a hunt names each of them: what was planted before in another form does not count."""


@pytest.fixture(scope="module")
def scene(new_database: Callable[[], str], request: pytest.FixtureRequest) -> Iterator[Scene]:
    with world(new_database) as found:
        server = found.server(request)
        found.log_before = "" if server is None else server.turn_the_page()
        (quote,) = found.net[OPTICIAN].record(quoted_lens("P1/OD", "P"))
        item = str(quote["item"])
        found.items.add(item)
        found.dossiers.add(str(quote["dossier"]))
        forms = {
            "in clear": VALUE.encode(),
            "as a word": VALUE.encode().rjust(32, b"\0"),
            "hashed": keccak256(VALUE.encode()),
            "hashed with the item": hashlib.sha256(bytes.fromhex(item) + VALUE.encode()).digest(),
        }
        yield Scene(found, Hunt([VALUE], salts=salts_of([item], [OPTICIAN])), forms, server)


every_form = pytest.mark.parametrize("form", FORMS)
BEFORE, AFTER = 300, 40
"""Rows around a planted one: a backup is written in pieces of many rows."""


def test_before_anything_is_planted_nothing_is_found(scene: Scene) -> None:
    for where in (places.chain, places.log, places.counts, places.urls):
        assert not scene.found(where(scene.world))
    assert not scene.found(places.databases(scene.world, scene.server))
    assert not scene.found(places.around(scene.world, scene.server))
    for party in places.NAMES:
        assert not scene.found(places.answers(scene.world, party))


def sent(scene: Scene, to: str | None, octets: bytes) -> None:
    """Send a transaction with these bytes as its data."""
    sender = Account.create()
    with connected(scene.world.net.ground.url) as node:
        about = {"data": octets, "gas": 1_000_000, "gasPrice": 0, "nonce": 0, "chainId": node.eth.chain_id, "value": 0}
        signed = sender.sign_transaction(about if to is None else {**about, "to": to})
        receipt = node.eth.wait_for_transaction_receipt(node.eth.send_raw_transaction(signed.raw_transaction))
    assert receipt["status"] == 1


def of(where: Iterator[Place], name: str) -> Iterator[Place]:
    """The one place of this name."""
    return (place for place in where if place.name == name)


@every_form
def test_in_a_transaction(scene: Scene, form: str) -> None:
    sent(scene, "0x" + "11" * 20, b"\1\2\3\4" + scene.forms[form])
    assert scene.found(of(places.chain(scene.world), "the transactions"), form)


@every_form
def test_in_a_log_of_the_chain(scene: Scene, form: str) -> None:
    octets = scene.forms[form]
    sent(scene, None, bytes.fromhex(LOGS_WHAT_FOLLOWS.format(len(octets))) + octets)
    assert scene.found(of(places.chain(scene.world), "the logs of the chain"), form)


@every_form
def test_in_storage(scene: Scene, form: str) -> None:
    slot = [f"0x{list(FORMS).index(form):064x}", "0x" + scene.forms[form].rjust(32, b"\0").hex()]
    with connected(scene.world.net.ground.url) as node:
        done = node.provider.make_request(RPCEndpoint("anvil_setStorageAt"), ["0x" + "22" * 20, *slot])
    assert done["result"] is True
    assert scene.found(of(places.chain(scene.world), "the storage"), form)


@on_postgresql
def test_in_postgresqls_write_ahead_log_when_the_rows_are_gone(scene: Scene) -> None:
    database = scene.world.net[OPTICIAN].gateway.ground.database
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE gone (content BYTEA)"))
        for octets in scene.forms.values():
            connection.execute(text("INSERT INTO gone VALUES (:content)"), {"content": octets})
    with database.writing() as connection:
        connection.execute(text("DROP TABLE gone"))
    written = of(places.around(scene.world, scene.server), places.WRITE_AHEAD)
    found = {hit for place in written for hit in scene.hunt.search_all(place.parts)}
    assert found >= {Hit(VALUE, how) for how in FORMS.values()}
    assert not scene.found(places.databases(scene.world, scene.server))


@on_postgresql
def test_in_postgresqls_log_when_a_value_stands_twice(scene: Scene) -> None:
    database = scene.world.net[OPTICIAN].gateway.ground.database
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE once (content TEXT UNIQUE)"))
    twice = text("INSERT INTO once VALUES (:content), (:content)")
    with database.engine.connect() as connection, pytest.raises(DatabaseError):
        connection.execute(twice, {"content": VALUE})
    assert scene.found(of(places.around(scene.world, scene.server), "PostgreSQL's log"))


@on_postgresql
def test_what_postgresql_sorts_in_a_file_is_counted(scene: Scene) -> None:
    assert scene.server is not None
    before = places.spilled(scene.server)
    with scene.world.net[OPTICIAN].gateway.ground.database.engine.begin() as connection:
        connection.execute(text("SET LOCAL work_mem = '64kB'"))
        connection.execute(text("SELECT * FROM generate_series(1, 99999) AS number ORDER BY -number"))
    assert places.spilled(scene.server) > before


@every_form
def test_in_a_backup_between_many_other_rows(
    scene: Scene, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = scene.world.net[AUDITOR].gateway.ground.database
    draw, kind = random.Random(form), "BLOB" if scene.server is None else "BYTEA"
    rows = [draw.randbytes(60) for _ in range(BEFORE + 1 + AFTER)]
    rows[BEFORE] = scene.forms[form]
    with database.writing() as connection:
        connection.execute(text(f"CREATE TABLE backed_up (content {kind})"))
        connection.execute(text("INSERT INTO backed_up VALUES (:content)"), [{"content": each} for each in rows])
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    back_up(database.engine.url.render_as_string(hide_password=False), tmp_path / "backup")
    with database.writing() as connection:
        connection.execute(text("DROP TABLE backed_up"))
    assert scene.found(iter([places.backup(tmp_path / "backup")]), form)


@every_form
@pytest.mark.parametrize("numbers", HOSTED, ids=lambda numbers: places.NAMES[numbers[0]])
def test_in_a_row_of_a_database(scene: Scene, numbers: tuple[int, ...], form: str) -> None:
    database = scene.world.net[numbers[0]].gateway.ground.database
    with database.writing() as connection:
        kind = "BLOB" if scene.server is None else "BYTEA"
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS planted (content {kind})"))
        connection.execute(text("INSERT INTO planted VALUES (:content)"), {"content": scene.forms[form]})
    name = f"{places.NAMES[numbers[0]]}'s file"
    files = (place for place in places.databases(scene.world, scene.server) if place.name.startswith(name))
    assert scene.found(files, form)


@every_form
def test_in_the_log(scene: Scene, form: str) -> None:
    structlog.get_logger("app").debug("seen", of=scene.forms[form].hex())
    assert scene.found(places.log(scene.world), form)


@every_form
@pytest.mark.parametrize("numbers", HOSTED, ids=lambda numbers: places.NAMES[numbers[0]])
def test_in_the_counts(scene: Scene, numbers: tuple[int, ...], form: str) -> None:
    scene.world.apps[numbers[0]].state.metrics.count("GET", scene.forms[form].hex(), 200, 0.1)
    assert scene.found(of(places.counts(scene.world), f"{places.NAMES[numbers[0]]}'s counts"), form)


@pytest.mark.parametrize("form", ["in clear", "hashed", "hashed with the item"])
@pytest.mark.parametrize("party", places.NAMES, ids=lambda party: places.NAMES[party])
def test_in_what_a_party_can_read(scene: Scene, party: int, form: str) -> None:
    scene.world.net[party].post("/v1/keys", {"label": scene.forms[form].hex()[:40]}, 201)
    assert scene.found(places.answers(scene.world, party), form)


@every_form
def test_in_a_url(scene: Scene, form: str) -> None:
    scene.world.net[INSURER].client.get(f"/v1/items?reference={scene.forms[form].hex()}")
    assert scene.found(places.urls(scene.world), form)


@every_form
def test_in_a_refusal(scene: Scene, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = problems.problem_of

    def telling(error: OptiTraceError, request_id: str) -> dict[str, Any]:
        return told(error, request_id) | {"detail": scene.forms[form].hex()}

    monkeypatch.setattr(problems, "problem_of", telling)
    refused = of(places.refusals(scene.world, [quoted_lens("R1/OD", "R1")]), "refusals to the auditor")
    assert scene.found(refused, form)


@every_form
def test_in_the_answer_to_a_check(scene: Scene, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise NotPermitted(scene.forms[form].hex())

    monkeypatch.setattr(HostedGateway, "verify", refused)
    assert scene.found(places.checks(scene.world, AUDITOR), form)


@pytest.mark.parametrize("form", ["in clear", "hashed", "hashed with the item"])
def test_in_a_sealed_package(scene: Scene, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    item, _ = scene.quote(f"S-{len(form)}")
    scene.world.net[OPTICIAN].record(ordered(item, RIGHT))

    def sealed_with_a_note(recipient: PublicKeys, content: str) -> str:
        note = base64.urlsafe_b64encode(json.dumps({"for": scene.forms[form].hex()}).encode()).decode()
        return f"{note}.{sealed(recipient, content)}"

    monkeypatch.setattr("app.services.seal_package.sealed", sealed_with_a_note)
    for place in places.packages(scene.world, (OPTICIAN, GLASSMAKER)):
        assert scene.found(iter([place]), form) == place.name.endswith("sealed")


def test_in_the_orders_that_a_glassmaker_pulls(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item, dossier = scene.quote("O", product=CODE)
    scene.world.net[OPTICIAN].record(ordered(item, RIGHT, CODE))
    scene.world.net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    assert scene.found(iter([places.pulled(scene.world, tmp_path / "orders", monkeypatch)]))


def test_in_a_package_and_in_what_the_insurer_holds(scene: Scene) -> None:
    shop = scene.world.net[OPTICIAN]
    coding = {"grouped_code": VALUE, "class": "B", "mapping": "sample/1"}
    item, dossier = scene.quote("Q", product=CODE, coding=coding)
    shop.record(ordered(item, RIGHT, CODE))
    shop.record(invoiced(dossier, billed_lens(item, product=PROGRESSIVE, coding=coding)))
    scene.world.net.hand(OPTICIAN, INSURER, dossier=dossier)
    for recipient, name in ((GLASSMAKER, "the glassmaker"), (INSURER, "the insurer")):
        given = places.packages(scene.world, (OPTICIAN, recipient))
        assert scene.found(of(given, f"packages from the optician for {name}, open"))
    assert scene.found(places.opened(scene.world, INSURER))
