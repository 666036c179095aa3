"""The artifacts are those of the sources, and the compiler behind them loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import solidity

from app.chain import artifacts


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A root with every source that went into the artifacts, to be spoilt."""
    for name in ("foundry.toml", "package.json"):
        shutil.copy(solidity.ROOT / name, tmp_path / name)
    for path in solidity.ARTIFACTS.glob("*.json"):
        for source in json.loads(path.read_text())["sources"]:
            (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(solidity.ROOT / source, tmp_path / source)
    shutil.copytree(solidity.ARTIFACTS, tmp_path / "artifacts")
    assert solidity.stale(tmp_path / "artifacts", tmp_path) == []
    return tmp_path


def test_the_committed_artifacts_are_fresh() -> None:
    assert solidity.stale() == []


def test_the_loader_knows_every_artifact_and_no_other() -> None:
    assert set(artifacts.NAMES) == solidity.SOURCES.keys()
    evm_versions = {artifacts.artifact(name).evm_version for name in artifacts.NAMES}
    assert evm_versions == {solidity.pinned().settings["evmVersion"]}


@pytest.mark.parametrize("name", solidity.SOURCES)
def test_compiling_gives_the_committed_artifact(name: str) -> None:
    compiled = solidity.compile_contract(name, solidity.SOLCJS, solidity.pinned())
    assert solidity.text_of(compiled) == (solidity.ARTIFACTS / f"{name}.json").read_text()


def test_an_artifact_names_no_folder_of_this_machine() -> None:
    for path in solidity.ARTIFACTS.glob("*.json"):
        assert str(solidity.ROOT) not in path.read_text()


def test_a_change_in_an_import_of_an_import_is_noticed(copy: Path) -> None:
    deep = "node_modules/@openzeppelin/contracts/utils/Errors.sol"
    assert deep in json.loads((copy / "artifacts/PartyRegistry.json").read_text())["sources"]
    with (copy / deep).open("a") as source:
        source.write("// changed\n")
    assert f"PartyRegistry: {deep} has changed" in solidity.stale(copy / "artifacts", copy)


def test_a_missing_source_is_noticed(copy: Path) -> None:
    (copy / "contracts/PartyRegistry.sol").unlink()
    findings = solidity.stale(copy / "artifacts", copy)
    assert findings == ["PartyRegistry: contracts/PartyRegistry.sol is missing"]


def test_another_evm_version_is_noticed(copy: Path) -> None:
    file = copy / "foundry.toml"
    file.write_text(file.read_text().replace('evm_version = "london"', 'evm_version = "paris"'))
    findings = solidity.stale(copy / "artifacts", copy)
    assert findings == [f"{name} was compiled with other settings" for name in solidity.SOURCES]


def test_another_compiler_is_noticed(copy: Path) -> None:
    file = copy / "package.json"
    packages = json.loads(file.read_text())
    packages["dependencies"]["solc"] = "0.8.30"
    file.write_text(json.dumps(packages))
    findings = solidity.stale(copy / "artifacts", copy)
    assert len(findings) == len(solidity.SOURCES)
    assert all(finding.endswith("not 0.8.30") for finding in findings)


def test_a_missing_and_a_left_over_artifact_are_noticed(copy: Path) -> None:
    (copy / "artifacts/SafeL2.json").rename(copy / "artifacts/Safe.json")
    findings = solidity.stale(copy / "artifacts", copy)
    assert findings == ["SafeL2 was never compiled", "Safe.json is the artifact of no contract"]


def test_a_native_compiler_on_the_path_is_taken_only_in_the_pinned_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLCX_BINARY_PATH", str(tmp_path / "none"))
    (tmp_path / "none").mkdir()
    native = tmp_path / "solc"
    native.write_text("#!/bin/sh\necho 'Version: 0.8.37+commit.f401782d.Linux.g++'\n")
    native.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert solidity.find_solc("0.8.37", download=False) == native
    assert solidity.find_solc("0.8.36", download=False) == solidity.SOLCJS


@pytest.mark.parametrize("blocking", [True, False])
def test_solcjs_reads_and_writes_megabytes_through_a_slow_pipe(tmp_path: Path, blocking: bool) -> None:
    content = f"pragma solidity ^0.8.0; contract Empty {{}} // {'x' * 3_000_000}"
    settings = {"metadata": {"useLiteralContent": True}, "outputSelection": {"*": {"*": ["metadata"]}}}
    question = tmp_path / "question.json"
    question.write_text(
        json.dumps({"language": "Solidity", "sources": {"Empty.sol": {"content": content}}, "settings": settings})
    )
    answer, to_solc = os.pipe()
    os.set_blocking(to_solc, blocking)
    with question.open("rb") as stdin:
        process = subprocess.Popen([solidity.SOLCJS, "--standard-json"], stdin=stdin, stdout=to_solc)
    os.close(to_solc)
    with os.fdopen(answer, "rb") as reader:
        time.sleep(2.0)
        output = json.loads(reader.read())
    assert process.wait() == 0
    metadata = json.loads(output["contracts"]["Empty.sol"]["Empty"]["metadata"])
    assert metadata["sources"]["Empty.sol"]["content"] == content


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--optimize"], "unrecognised option '--optimize'"),
        (["--base-path"], "the required argument for option '--base-path' is missing"),
        ([], "nothing to do"),
    ],
)
def test_solcjs_refuses_what_it_does_not_know(arguments: list[str], complaint: str) -> None:
    done = subprocess.run([solidity.SOLCJS, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_solcjs_reads_no_import_outside_the_paths_given(tmp_path: Path) -> None:
    (tmp_path / "secret.sol").write_text("contract Secret {}")
    (tmp_path / "project").mkdir()
    content = 'import "../secret.sol";'
    question = {
        "language": "Solidity",
        "sources": {"a/b/Main.sol": {"content": content}, "Outer.sol": {"content": 'import "/secret.sol";'}},
        "settings": {},
    }
    command = [str(solidity.SOLCJS), "--standard-json", "--base-path", str(tmp_path / "project")]
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=True)
    messages = [error["formattedMessage"] for error in json.loads(done.stdout)["errors"]]
    assert sum("not found" in message for message in messages) == 2
