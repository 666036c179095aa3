"""The wheel brings everything that it needs: installed where nothing of this project is, it serves a gateway."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.utils import canonicalize_name
from supply import locks

from tests.deploy.processes import ROOT, answer, until
from tests.support.files import settings
from tests.support.gateways import OPTICIAN, deployed_chain


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what is committed or about to be, and from nothing that merely lies about."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.split(b"\0") if name and (ROOT / name.decode()).exists()]
    source = folder / "source"
    source.mkdir()
    archive = subprocess.run(
        ["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=b"\0".join(names), capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive.stdout, check=True)
    build = ["wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", *build, str(source)], check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The programs of an environment that had nothing, with the wheel and the packages of requirements/run.txt.

    The packages come from pip's cache, or from the registry that pip is set up for.
    """
    venv = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    # The pip that runs the tests, for the other environment: that one has none, and keeps to what is locked.
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin/python"), "install", "--quiet"]
    locked = ["--require-hashes", "--only-binary=:all:", "--requirement", "requirements/run.txt"]
    subprocess.run([*pip, *locked], cwd=ROOT, check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return venv / "bin"


def test_what_is_installed_is_what_is_locked_and_the_wheel(programs: Path) -> None:
    ask = "import importlib.metadata as m, json; print(json.dumps([(d.name, d.version) for d in m.distributions()]))"
    done = subprocess.run([str(programs / "python"), "-I", "-c", ask], capture_output=True, text=True, check=True)
    lock = locks.python_packages((ROOT / "requirements/run.txt").read_text())
    wanted = {(each.name, each.version) for each in lock if each.is_for_this_machine()}
    found = {(canonicalize_name(name), version) for name, version in json.loads(done.stdout)}
    assert {pair for pair in found if pair[0] != "optitrace"} == wanted
    assert "optitrace" in {name for name, _ in found}


def test_the_wheel_holds_the_code_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "app",
        next(n for n in names if n.endswith("/RECORD")).split("/")[0],
    }
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "app"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    there = {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()}
    assert {name for name in names if name.startswith("app/")} == there


def test_an_installed_wheel_makes_its_tables_and_serves_a_gateway_on_a_chain(programs: Path, tmp_path: Path) -> None:
    with deployed_chain() as ground:
        env = {name: value for name, value in settings(ground, tmp_path, OPTICIAN).items() if name != "PYTHONPATH"}

        def optitrace(*arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [str(programs / "optitrace"), *arguments],
                cwd=tmp_path,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

        made, said = (found := optitrace("party", "key", "create", "--party", str(OPTICIAN))).communicate()
        assert (found.returncode, said) == (0, "")
        key, url = made.strip(), f"http://127.0.0.1:{env['OPTITRACE_PORT']}"
        with optitrace("gateway") as gateway:
            until(lambda: answer(url, "/readyz")[0] == 200 or gateway.poll() is not None, "the gateway is ready")
            status = answer(url, "/v1/status", key)
            gateway.send_signal(signal.SIGTERM)
            _, log = gateway.communicate(timeout=60)
    assert status[0] == 200, log
    assert status[1]["chain"]["trusted"] is True
