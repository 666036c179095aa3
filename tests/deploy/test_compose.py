"""docker-compose.yml, as far as it can be judged without an engine."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from graphlib import TopologicalSorter
from typing import Any

import pytest
import typer.main
from compose_spec import PyCompose

from app.chain.artifacts import NAMES, artifact
from app.chain.plan import read_plan
from app.cli import app as command_line
from app.domain.weights import TRANSACTION_GAS
from app.settings import Settings
from tests.deploy.besu import FORKS, besu_settings, genesis
from tests.deploy.compose import EXAMPLE, FILE, ROOT, configs, loaded, mounts, services, variables

SERVICES = services()
PARTIES = [party.name for party in read_plan(ROOT / "deploy/network.toml").parties]
ONCE = {"chain-files", "storage", "keys", "contracts"}
OURS = {name for name, service in SERVICES.items() if "build" in service}
_PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+\.\d+\S*|postgres:\d+\.\d+-\w+")


def test_the_file_is_a_compose_specification() -> None:
    PyCompose.from_json(json.dumps(loaded()))


def test_a_key_that_the_specification_lacks_would_be_noticed() -> None:
    content = loaded()
    content["services"]["database"]["helthcheck"] = {}
    with pytest.raises(ValueError, match="helthcheck"):
        PyCompose.from_json(json.dumps(content))


def test_every_file_that_is_mounted_or_built_from_exists() -> None:
    for service in SERVICES.values():
        for file in configs(service).values():
            assert file.is_file(), file
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    allowed = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / path).exists() for path in copied)


def test_every_volume_network_and_config_is_declared_and_used() -> None:
    content = loaded()
    used: dict[str, set[str]] = {"volumes": set(), "networks": set(), "configs": set()}
    for service in SERVICES.values():
        used["volumes"] |= {volume for volume, _ in mounts(service).values()}
        used["networks"] |= set(service.get("networks", []))
        used["configs"] |= {each["source"] for each in service.get("configs", [])}
    assert used == {kind: set(content[kind]) for kind in used}


def test_every_variable_has_one_default_and_stands_in_the_example() -> None:
    text = FILE.read_text()
    assert text.count("${") == sum(len(re.findall(rf"\$\{{{name}:-", text)) for name in variables())
    assert {name: len(defaults) for name, defaults in variables().items() if len(defaults) != 1} == {}
    example = dict(re.findall(r"^#?(OPTITRACE_\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert example == {name: default for name, (default,) in ((n, tuple(d)) for n, d in variables().items())}


def test_images_are_pinned_and_take_a_digest() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    images = {service["image"] for name, service in SERVICES.items() if name not in OURS}
    images |= {service["build"]["args"]["PYTHON_IMAGE"] for service in SERVICES.values() if "build" in service}
    assert [image for image in images if not _PINNED.fullmatch(image)] == []
    assert f"ARG PYTHON_IMAGE={SERVICES['keys']['build']['args']['PYTHON_IMAGE']}" in dockerfile
    digest = "hyperledger/besu:26.8.0@sha256:" + "0" * 64
    assert loaded({"OPTITRACE_BESU_IMAGE": digest})["services"]["validator-1"]["image"] == digest


def test_no_secret_stands_in_the_file() -> None:
    assert not re.search(r"\b[0-9a-fA-F]{40,}\b", FILE.read_text() + EXAMPLE.read_text())
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), name
            if re.search("KEY|PASSWORD|SECRET|TOKEN", name):
                assert name.endswith("_FILE"), name


def test_services_wait_for_each_other_in_an_order_that_exists() -> None:
    waits = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    order = list(TopologicalSorter(waits).static_order())
    assert set(order) == set(SERVICES)
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            ends = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert how == {"condition": ends}
            assert other in ONCE or not SERVICES[other].get("healthcheck", {}).get("disable")


def test_what_runs_once_is_not_started_again_and_the_rest_is() -> None:
    for name, service in SERVICES.items():
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped")


def test_nobody_has_more_rights_than_needed() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert (service.get("user") == "0:0") == (name in {"chain-files", "storage"})
        assert ("cap_add" in service) == (name in {"chain-files", "storage"})
    assert all(SERVICES[name]["read_only"] for name in OURS)
    assert "USER 10001:10001" in (ROOT / "deploy/Dockerfile").read_text()


def test_the_chain_and_the_database_are_reached_by_their_own_only() -> None:
    networks = loaded()["networks"]
    assert networks["chain"]["internal"]
    assert networks["database"]["internal"]
    for name, service in SERVICES.items():
        on_chain = "chain" in service.get("networks", [])
        assert on_chain == (name.startswith("validator-") or name.endswith("-worker") or name == "contracts")
        for port in service.get("ports", []):
            assert name.endswith("-gateway")
            assert port.startswith("127.0.0.1:")


def test_a_party_sees_its_own_files_and_nothing_of_the_others() -> None:
    assert sorted(PARTIES) == sorted(name.removesuffix("-gateway") for name in SERVICES if name.endswith("-gateway"))
    for party in PARTIES:
        both = {"/run/network": ("network", False), "/run/party": (party, False)}
        assert mounts(SERVICES[f"{party}-gateway"]) == both
        assert mounts(SERVICES[f"{party}-worker"]) == both | {"/run/relayer": (f"{party}-relayer", False)}
        for service in (SERVICES[f"{party}-gateway"], SERVICES[f"{party}-worker"]):
            url = service["environment"]["OPTITRACE_DATABASE_URL"]
            assert url == f"postgresql+psycopg://{party}@database/{party}?passfile=/run/party/pgpass"
        made = {f"/data/parties/{party}": (party, True), f"/data/relayers/{party}": (f"{party}-relayer", True)}
        assert made.items() <= mounts(SERVICES["keys"]).items()
        assert made.keys() <= set(SERVICES["storage"]["command"])


def test_secrets_are_mounted_where_they_are_used_and_nowhere_else() -> None:
    holders = {
        volume: {name for name, service in SERVICES.items() if volume in {each for each, _ in mounts(service).values()}}
        for volume in loaded()["volumes"]
    }
    makers = {"storage", "keys", "contracts"}
    assert holders["council"] == makers
    assert holders["passwords"] == makers | {"database"}
    assert holders["database"] == {"database"}
    for party in PARTIES:
        assert holders[party] == makers | {f"{party}-gateway", f"{party}-worker"}
        assert holders[f"{party}-relayer"] == makers | {f"{party}-worker"}
    for number in range(1, 5):
        assert holders[f"validator-{number}"] == {"chain-files", f"validator-{number}"}


def test_a_validator_sees_its_own_key_alone() -> None:
    for number in (1, 2, 3, 4):
        seen = mounts(SERVICES[f"validator-{number}"])
        assert seen == {"/chain": ("chain", False), "/var/lib/besu": (f"validator-{number}", True)}
        assert mounts(SERVICES["chain-files"])[f"/validators/{number}"] == (f"validator-{number}", True)


@pytest.mark.parametrize("name", [name for name in SERVICES if name.endswith(("-gateway", "-worker"))])
def test_the_settings_of_a_gateway_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    known = {f"OPTITRACE_{field.upper()}" for field in Settings.model_fields}
    assert set(environment) <= known
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    found, works = Settings.from_environment(), name.endswith("-worker")
    assert found.worker is works
    assert (found.relayer_key_file is not None) is works
    if found.relayer_key_file is not None:
        assert str(found.relayer_key_file.parent) in mounts(SERVICES[name])


def test_the_commands_of_our_services_exist() -> None:
    known = typer.main.get_command(command_line)
    for name in ("keys", "contracts"):
        module, group, command, *options = SERVICES[name]["command"]
        assert module == "app.cli"
        parameters = known.commands[group].commands[command].params  # type: ignore[attr-defined]
        assert set(options[::2]) <= {option for each in parameters for option in each.opts}
        assert options[options.index("--plan") + 1] in configs(SERVICES[name])
    assert all(SERVICES[name]["command"] == ["app.worker"] for name in SERVICES if name.endswith("-worker"))


@pytest.mark.parametrize("script", ["deploy/besu/chain-files.sh", "deploy/database/parties.sh"])
def test_the_scripts_are_shell(script: str) -> None:
    subprocess.run(["sh", "-n", script], cwd=ROOT, check=True)
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR


def test_genesis_has_the_fork_that_the_contracts_are_compiled_for() -> None:
    config = genesis()["config"]
    forks = [fork for fork, key in FORKS.items() if key in config]
    assert all(config[FORKS[fork]] == 0 for fork in forks)
    assert forks == list(FORKS)[: len(forks)], "no fork is left out before the last"
    assert not [key for key in config if key.endswith("Time")], "no fork by time, which would be a later one"
    settings = re.search(r'^evm_version = "(\w+)"$', (ROOT / "foundry.toml").read_text(), re.MULTILINE)
    assert settings is not None
    assert forks[-1] == settings[1]
    assert {artifact(name).evm_version for name in NAMES} == {settings[1]}


def test_gas_is_free_on_every_validator() -> None:
    assert genesis()["config"]["zeroBaseFee"] is True
    assert besu_settings()["min-gas-price"] == 0
    assert "tx-pool-price-bump" not in besu_settings(), "has no meaning where all prices are zero"


def test_a_block_holds_several_transactions_of_a_gateway() -> None:
    assert int(genesis()["gasLimit"], 16) >= 4 * TRANSACTION_GAS


def test_the_validators_are_as_many_as_the_genesis_makes() -> None:
    made = json.loads((ROOT / "deploy/besu/network.json").read_text())["blockchain"]["nodes"]
    validators = [name for name in SERVICES if name.startswith("validator-")]
    assert made == {"generate": True, "count": len(validators)}
    assert set(validators) <= set(besu_settings()["host-allowlist"])
    addresses = {name: SERVICES[name]["networks"]["chain"]["ipv4_address"] for name in validators}
    prefix = SERVICES["chain-files"]["environment"]["ADDRESS_PREFIX"]
    assert addresses == {f"validator-{number}": f"{prefix}.{10 + number}" for number in range(1, 5)}


def test_nobody_can_vote_for_validators_over_the_network() -> None:
    settings: dict[str, Any] = besu_settings()
    assert set(settings["rpc-http-api"]) == {"ETH", "NET", "WEB3"}
    assert SERVICES["validator-1"]["command"] == ["--config-file=/etc/besu/config.toml"]
    assert configs(SERVICES["validator-1"])["/etc/besu/config.toml"] == ROOT / "deploy/besu/config.toml"


def test_the_page_on_operation_names_every_setting() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    table = page[page.index("## Settings") : page.index("## Limits")]
    named = set(re.findall(r"`([A-Z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)))
    assert named == {field.upper() for field in Settings.model_fields} - {"FAILPOINT"}


def test_the_page_on_operation_names_every_volume_and_service() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    for name in ONCE | {"database", "network", "council", "passwords"}:
        assert f"`{name}`" in page
