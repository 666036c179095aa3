"""A network put into service by the commands that the compose file runs, on a real chain."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from app.chain.deployment import Deployment, contract, verify_governance
from app.chain.plan import UnusablePlan, read_plan
from app.formats.mapping_files import packaged, written
from tests.deploy.processes import ROOT, answer, environment, optitrace, running, until
from tests.support.chain import connected, running_chain
from tests.support.ports import free_port

PLAN = ROOT / "deploy" / "network.toml"
NAMES = ["optician", "glassmaker", "insurer", "auditor"]


@pytest.fixture(scope="module")
def chain() -> Iterator[str]:
    with running_chain(block_seconds=1) as url:
        yield url


@pytest.fixture(scope="module")
def founded(chain: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a network that was opened with the plan that is published."""
    folder = tmp_path_factory.mktemp("network")
    succeeds("network", "keys", "--plan", PLAN, "--folder", folder)
    succeeds("network", "open", "--plan", PLAN, "--folder", folder, "--rpc-url", chain)
    return folder


def succeeds(*arguments: object) -> str:
    done = optitrace(environment(), *map(str, arguments))
    assert done.returncode == 0, done.stderr
    return done.stdout


def fails(*arguments: object) -> str:
    done = optitrace(environment(), *map(str, arguments))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    return done.stderr


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def modes(folder: Path) -> set[int]:
    return {file.stat().st_mode & 0o777 for file in folder.rglob("*") if file.is_file()}


def state_on_chain(url: str, folder: Path, number: int) -> tuple[int, int]:
    deployment = Deployment.from_dict(read(folder / "network/network.json"))
    with connected(url) as node:
        role, state = contract(node, "PartyRegistry", deployment.registry).functions.partyOf(number).call()
    return int(role), int(state)


def exchange_on_chain(url: str, folder: Path, number: int) -> tuple[str, str]:
    """The public exchange keys of a party in hex, one after the other, and its gateway."""
    deployment = Deployment.from_dict(read(folder / "network/network.json"))
    with connected(url) as node:
        registry = contract(node, "PartyRegistry", deployment.registry)
        signing, encryption, gateway = registry.functions.exchangeOf(number).call()
    return signing.hex() + encryption.hex(), gateway


def gateway_settings(folder: Path, name: str, url: str, database: Path) -> dict[str, str]:
    party = folder / "parties" / name
    return environment(
        database_url=f"sqlite:///{database}",
        rpc_url=url,
        network_file=folder / "network/network.json",
        parties_file=party / "parties.json",
        relayer_key_file=folder / "relayers" / name / "relayer.key",
        vault_key_file=party / "vault.keys",
        port=free_port(),
    )


def test_every_planned_party_is_active_on_the_chain_in_its_role(chain: str, founded: Path) -> None:
    public = read(founded / "network/parties.json")
    assert [party["name"] for party in public] == NAMES
    assert [state_on_chain(chain, founded, party["number"]) for party in public] == [(n, 1) for n in (1, 2, 3, 4)]


def test_the_council_alone_governs_and_its_deployer_is_forgotten(chain: str, founded: Path) -> None:
    deployment = Deployment.from_dict(read(founded / "network/network.json"))
    owners = [Account.from_key(file.read_text().strip()).address for file in (founded / "council").glob("*.key")]
    assert len(owners) == 3
    with connected(chain) as node:
        verify_governance(node, deployment, owners, 2)
    assert read(founded / "network/network.json")["development"] is True


def test_no_secret_can_be_read_by_others(founded: Path) -> None:
    assert modes(founded / "council") == modes(founded / "parties") == modes(founded / "relayers") == {0o600}
    assert modes(founded / "database") == {0o640}
    assert modes(founded / "network") == {0o644}


def test_a_gateway_starts_from_the_files_of_its_party(chain: str, founded: Path, tmp_path: Path) -> None:
    env = gateway_settings(founded, "optician", chain, tmp_path / "gateway.db")
    url = f"http://127.0.0.1:{env['OPTITRACE_PORT']}"
    number = read(founded / "parties/optician/parties.json")[0]["number"]
    with running("app.main", env, tmp_path / "gateway.log"):
        until(lambda: answer(url, "/readyz")[0] == 200, "the gateway is ready")
        made = optitrace(env, "party", "key", "create", "--party", str(number))
        parties = answer(url, "/v1/parties", made.stdout.strip())[1]["parties"]
    listed = {party["party"]: party["role"] for party in parties}
    assert listed == {party["number"]: party["role"] for party in read(founded / "network/parties.json")}


def test_opening_again_changes_nothing_and_admits_who_was_added(chain: str, founded: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in founded.rglob("*.key")}
    network = (founded / "network/network.json").read_bytes()
    longer = tmp_path / "longer.toml"
    longer.write_text(PLAN.read_text() + '\n[[parties]]\nname = "second"\nrole = "optician"\nnumber = 77\n')

    succeeds("network", "open", "--plan", longer, "--folder", founded, "--rpc-url", chain)

    assert {file: file.read_bytes() for file in before} == before
    assert (founded / "network/network.json").read_bytes() == network
    assert state_on_chain(chain, founded, 77) == (1, 1)
    assert (founded / "parties/second/pgpass").read_text().startswith("*:*:second:second:")


def test_another_chain_than_the_one_deployed_to_is_refused(founded: Path) -> None:
    with running_chain(block_seconds=1, options=("--timestamp", "1700000000")) as other:
        said = fails("network", "open", "--plan", PLAN, "--folder", founded, "--rpc-url", other)
    assert "the chain is not the one that network.json names" in said


def test_a_chain_that_makes_no_blocks_is_given_up(founded: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    said = fails("network", "open", "--plan", PLAN, "--folder", founded, "--rpc-url", nobody, "--patience", "1")
    assert "the chain makes no blocks" in said


def test_the_founders_exchange_keys_are_registered_and_changed_by_proposal(chain: str, founded: Path) -> None:
    entry = read(founded / "parties/optician/parties.json")[0]
    file = founded / "parties/optician" / entry["exchange_key_file"]
    assert exchange_on_chain(chain, founded, entry["number"]) == (succeeds("party", "exchange-keys", file).strip(), "")

    fresh = succeeds("party", "exchange-keys", founded / "fresh.key").strip()
    chosen = (founded / "exchange.json", "--network-file", founded / "network/network.json", "--rpc-url", chain)
    asked = ("council", "propose-exchange", *chosen, "--party", entry["number"], "--keys", fresh)
    # Host and port together have the form of an insured number without its key.
    gateway = "https://185.10.75.123:443"
    told = succeeds(*asked, "--gateway", gateway)
    assert f"PartyRegistry.setGateway(party={entry['number']}, gateway={gateway})" in told
    for number in (1, 2):
        succeeds("council", "sign", *chosen, "--key-file", founded / f"council/council-{number}.key")
    succeeds("council", "submit", *chosen)
    assert exchange_on_chain(chain, founded, entry["number"]) == (fresh, gateway)


def test_no_address_with_the_number_of_an_insured_person_is_proposed(tmp_path: Path) -> None:
    chosen = (tmp_path / "exchange.json", "--network-file", tmp_path / "none.json", "--rpc-url", "http://127.0.0.1:9")
    asked = ("council", "propose-exchange", *chosen, "--party", 1, "--gateway", "https://a.example/184127645108946")
    done = optitrace(environment(), *map(str, asked))
    # In a frame, whose width cuts the sentence.
    assert (done.returncode, "insured" in done.stderr) == (2, True)
    assert "184127645108946" not in done.stderr


def test_an_outage_and_a_mapping_table_are_told_to_everybody_by_proposal(chain: str, founded: Path) -> None:
    network = ("--network-file", founded / "network/network.json", "--rpc-url", chain)
    (sample,) = packaged().tables
    (founded / "sample-1.json").write_text(written(sample))
    outage = ("--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T18:30:00Z")
    asked = {
        "outage.json": (
            ("council", "propose-outage", founded / "outage.json", *outage),
            "declareOutage(from=1772442000,",
        ),
        "table.json": (
            ("mapping", "propose", founded / "sample-1.json", founded / "table.json"),
            f"publishTable(root=0x{sample.root.hex()}, name=sample/1)",
        ),
    }
    for name, (command, act) in asked.items():
        assert act in succeeds(*command, *network)
        for number in (1, 2):
            key = founded / f"council/council-{number}.key"
            succeeds("council", "sign", founded / name, *network, "--key-file", key)
        succeeds("council", "submit", founded / name, *network)
    deployment = Deployment.from_dict(read(founded / "network/network.json"))
    with connected(chain) as node:
        events = contract(node, "PartyRegistry", deployment.registry).events
        (declared,), (published,) = (
            event().get_logs(from_block=0) for event in (events.OutageDeclared, events.TablePublished)
        )
    assert dict(declared["args"]) == {"from": 1772442000, "to": 1772476200}
    assert dict(published["args"]) == {"root": sample.root, "name": "sample/1"}


@pytest.mark.parametrize(
    "moments",
    [
        ("2026-03-02", "2026-03-03T00:00:00Z"),
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"),
        ("2026-03-02T00:00:00Z", "2026-05-01T00:00:01Z"),
    ],
)
def test_an_outage_that_the_registry_would_not_take_is_not_proposed(tmp_path: Path, moments: tuple[str, str]) -> None:
    network = ("--network-file", tmp_path / "network.json", "--rpc-url", "http://127.0.0.1:1")
    asked = ("council", "propose-outage", tmp_path / "outage.json", "--from", moments[0], "--to", moments[1], *network)
    done = optitrace(environment(), *map(str, asked))
    assert done.returncode == 2
    assert not (tmp_path / "outage.json").exists()


def test_a_real_council_signs_apart_before_anybody_is_admitted(chain: str, tmp_path: Path) -> None:
    owners = [Account.create() for _ in range(3)]
    keys = []
    for number, owner in enumerate([*owners, Account.create()]):
        keys.append(tmp_path / f"owner-{number}.key")
        keys[-1].touch(0o600)
        keys[-1].write_text(owner.key.hex())
    party = Account.create().address
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f"[council]\nthreshold = 2\nowners = {json.dumps([owner.address for owner in owners])}\n"
        f'[[parties]]\nname = "shop"\nrole = "optician"\nnumber = 4711\nkey = "{party}"\n'
    )
    folder = tmp_path / "network"
    succeeds("network", "open", "--plan", plan, "--folder", folder, "--rpc-url", chain)
    proposal = folder / "network/proposal.json"
    chosen = (proposal, "--network-file", folder / "network/network.json", "--rpc-url", chain)

    assert read(folder / "network/network.json")["development"] is False
    assert list((folder / "council").iterdir()) == [], "no key of a real council is made"
    assert state_on_chain(chain, folder, 4711) == (0, 0)
    assert f"PartyRegistry.addKey(party=4711, key={party}, custodian=0)" in succeeds("council", "show", *chosen)
    assert "not that of an owner" in fails("council", "sign", *chosen, "--key-file", keys[3])
    succeeds("council", "sign", *chosen, "--key-file", keys[0])
    assert "1 of 2 signatures" in fails("council", "submit", *chosen)
    succeeds("council", "sign", *chosen, "--key-file", keys[2])
    succeeds("council", "submit", *chosen)
    assert state_on_chain(chain, folder, 4711) == (1, 1)
    assert "the council acted otherwise meanwhile" in fails("council", "submit", *chosen)


def test_a_proposal_that_calls_something_else_is_not_signed(chain: str, founded: Path, tmp_path: Path) -> None:
    file = tmp_path / "proposal.json"
    somewhere = Account.create().address
    network = founded / "network/network.json"
    chosen = (file, "--network-file", network, "--rpc-url", chain)
    key = founded / "council/council-1.key"
    for to, data, why in (
        (somewhere, "0x", "no part of the network"),
        (read(network)["registry"], "0x" + secrets.token_hex(4), "cannot be read"),
    ):
        file.write_text(json.dumps({"nonce": 1, "calls": [{"to": to, "data": data}], "signatures": {}}))
        assert why in fails("council", "sign", *chosen, "--key-file", key)
        assert read(file)["signatures"] == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ('role = "optician"', 'role = "baker"'),
        ("size = 3", "size = 1"),
        ("size = 3", 'owners = ["0x12"]'),
        ('name = "glassmaker"', 'name = "optician"'),
        ('name = "auditor"', 'name = "Robert\'); drop"'),
        ('name = "auditor"', 'name = "auditor"\nkey = "0x' + "11" * 20 + '"'),
        ('name = "auditor"', 'name = "auditor"\ngateway = "https://a.example/184127645108946"'),
        ("[council]", "[council"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, change: str, why: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.read_text().replace("\n" + change, "\n" + why))
    assert plan.read_text() != PLAN.read_text()
    with pytest.raises(UnusablePlan, match=r"plan\.toml") as refused:
        read_plan(plan)
    assert "184127645108946" not in str(refused.value)


def test_a_plan_may_know_a_gateway_by_its_number(tmp_path: Path) -> None:
    plan, gateway = tmp_path / "plan.toml", "https://185.10.75.123:443"  # looks like an insured number
    plan.write_text(PLAN.read_text().replace('\nname = "auditor"', f'\nname = "auditor"\ngateway = "{gateway}"'))
    assert [party.gateway for party in read_plan(plan).parties if party.name == "auditor"] == [gateway]


def test_with_a_plan_that_cannot_be_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("[council]\nsize = 3\nthreshold = 4\n")
    said = fails("network", "keys", "--plan", tmp_path / "plan.toml", "--folder", tmp_path / "network")
    assert "the threshold is above the number of owners" in said
    assert not (tmp_path / "network").exists()
