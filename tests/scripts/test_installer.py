"""The parts of the installer that decide: stamps, the choice of Node, the choice of pip."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
import venv
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installer import SetupFailed, node_env, pip_source, python_env, stamps
from installer.commands import Installer
from installer.environment import Environment
from installer.node_env import Node
from installer.steps import alone

SYSTEM = Node(Path("/usr/bin/node"), ("/usr/bin/npm",))
WHEEL = Node(Path("/venv/node"), ("/venv/node", "/venv/npm-cli.js"))


def project(root: Path) -> Path:
    """Make a project's folder with locks, and nothing installed."""
    (root / "requirements").mkdir(parents=True)
    (root / "requirements/dev.txt").write_text("")
    (root / "package.json").write_text("{}")
    (root / "package-lock.json").write_text('{"packages": {}}')
    return root


def program(path: Path, body: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def installer(root: Path, **variables: str) -> Installer:
    return Installer(root, {"PATH": os.environ["PATH"], **variables})


def test_a_stamp_is_fresh_only_for_what_it_was_written_for(tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    assert not stamps.is_fresh(stamp, "one")
    stamps.write(stamp, "one")
    assert stamps.is_fresh(stamp, "one")
    assert not stamps.is_fresh(stamp, "two")
    assert list(tmp_path.iterdir()) == [stamp]


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_fingerprints_of_different_facts_differ(one: list[str], other: list[str]) -> None:
    assert (stamps.fingerprint([], *one) == stamps.fingerprint([], *other)) == (one == other)


def test_changing_a_lock_makes_the_installation_stale(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "node_modules").mkdir()
    stamps.write(root / "node_modules/.optitrace-stamp", node_env.fingerprint(root))
    assert node_env.is_ready(root)
    (root / "package-lock.json").write_text('{"packages": {"": {}}}')
    assert not node_env.is_ready(root)


@pytest.mark.parametrize(
    ("version", "number"),
    [("v20.20.2\n", 20), ("v8.0.0", 8), ("v24.0.0-nightly", 24), ("", None), ("20.1.0", None)],
)
def test_the_version_of_node_is_read_or_admitted_to_be_unknown(version: str, number: int | None) -> None:
    assert node_env.major(version) == number


@given(st.integers(0, 99), st.sampled_from([None, WHEEL]))
def test_the_machine_s_node_serves_exactly_when_it_is_recent(number: int, wheel: Node | None) -> None:
    assert node_env.choose(SYSTEM, f"v{number}.0.0", wheel) == (SYSTEM if number >= 20 else wheel)


def test_without_a_node_that_answers_the_wheel_serves() -> None:
    assert node_env.choose(SYSTEM, "", WHEEL) == WHEEL
    assert node_env.choose(None, "", WHEEL) == WHEEL
    assert node_env.choose(None, "", None) is None


def wheel_of_nothing(folder: Path) -> Path:
    """Write the smallest wheel that pip takes; it is called `nothing`, version 1."""
    information = {
        "METADATA": "Metadata-Version: 2.1\nName: nothing\nVersion: 1\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    wheel = folder / "nothing-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in information.items():
            archive.writestr(f"nothing-1.dist-info/{name}", text)
    return wheel


def test_a_package_is_installed_only_by_the_hash_of_its_lock(tmp_path: Path) -> None:
    root = project(tmp_path / "a folder")
    venv.create(root / ".venv", symlinks=True)
    wheel = wheel_of_nothing(tmp_path)
    offline = installer(root, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python_env.venv_python(root)]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for wrong in ("", f" --hash=sha256:{'0' * 64}"):
        (root / "requirements/dev.txt").write_text(f"nothing==1{wrong}\n")
        with pytest.raises(SetupFailed, match=r"dev.txt failed \(.*\); the whole story is in var/logs/setup.log"):
            python_env.install(offline, pip, python_env.REQUIREMENTS)
    assert not list(root.glob(".venv/lib/*/site-packages/nothing*"))

    (root / "requirements/dev.txt").write_text(f"nothing==1 --hash=sha256:{digest}\n")
    python_env.install(offline, pip, python_env.REQUIREMENTS)
    assert list(root.glob(".venv/lib/*/site-packages/nothing*"))


def test_an_environment_is_kept_only_if_its_python_has_a_pip_and_it_was_not_moved(tmp_path: Path) -> None:
    root = project(tmp_path / "before")
    python = python_env.venv_python(root)
    assert not python_env.is_usable(root / ".venv", python, installer(root))
    program(python, "exit 1")
    assert not python_env.is_usable(root / ".venv", python, installer(root))
    program(python, 'test "$*" = "-m pip --version"')
    assert python_env.is_usable(root / ".venv", python, installer(root))
    (root / ".venv/optitrace-place").write_text(str(root))
    assert python_env.is_usable(root / ".venv", python, installer(root))

    moved = root.rename(tmp_path / "after")
    assert not python_env.is_usable(moved / ".venv", python_env.venv_python(moved), installer(moved))


def test_an_environment_made_for_another_lock_is_not_ready(tmp_path: Path) -> None:
    root = project(tmp_path)
    program(python_env.venv_python(root), "")
    assert not python_env.is_ready(root)
    stamps.write(root / ".venv" / python_env.STAMP, python_env.fingerprint(root))
    assert python_env.is_ready(root)
    (root / "requirements/dev.txt").write_text("nothing==1\n")
    assert not python_env.is_ready(root)


def test_pip_comes_from_the_package_of_the_system_where_python_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs stand in for the system's clients; this apt-get has no lists of packages but its own."""
    clients = tmp_path / "bin"
    program(clients / "apt-get", 'test "$1" = -o && touch python3-pip-whl_1_all.deb')
    unpacked = '"$3/usr/share/python-wheels'
    program(clients / "dpkg-deb", f'mkdir -p {unpacked}" && touch {unpacked}/pip-23.0-py3-none-any.whl"')
    path = f"{clients}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    root = project(tmp_path / "a folder")
    wheel = pip_source.debian_wheel(Installer(root, {"PATH": path}))
    assert wheel is not None
    assert wheel.name == "pip-23.0-py3-none-any.whl"
    assert wheel.is_relative_to(root / "var/cache")


def test_a_system_without_such_a_package_gives_no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin/apt-get", "exit 100")
    program(tmp_path / "bin/dpkg-deb", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    root = project(tmp_path / "project")
    assert pip_source.debian_wheel(Installer(root, {"PATH": str(tmp_path / "bin")})) is None


def test_a_module_that_npm_left_out_in_silence_is_a_failure(tmp_path: Path) -> None:
    root = project(tmp_path)
    here = {"optional": True, "os": [platform.system().lower()]}
    modules = {"node_modules/here": here, "node_modules/elsewhere": {"optional": True, "os": ["plan9"]}}
    (root / "package-lock.json").write_text(json.dumps({"packages": modules}))
    node = Node(Path("/bin/true"), ("/bin/true",))
    with pytest.raises(SetupFailed, match="node_modules/here was not installed"):
        node_env.set_up_modules(installer(root), node)
    assert not node_env.is_ready(root)
    (root / "node_modules/here").mkdir(parents=True)
    node_env.set_up_modules(installer(root), node)
    assert node_env.is_ready(root)


def test_a_command_that_does_not_exist_fails_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match=r"^trying failed.*var/logs/setup.log$"):
        installer(tmp_path).run(["/no/such/program"], "trying")


def test_two_starts_at_once_do_not_meet(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with alone(tmp_path):
            order.append("second")

    with alone(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.3)
        order.append("first")
    waiting.join(timeout=10)
    assert order == ["first", "second"]


def test_a_command_left_behind_by_a_killed_start_still_holds_the_lock(tmp_path: Path) -> None:
    started = tmp_path / "started"
    child = f"echo $$ > '{started}.new'; mv '{started}.new' '{started}'; exec sleep 60"
    killed = (
        "import os, sys; from pathlib import Path; from installer.commands import Installer; "
        "from installer.steps import alone\n"
        "with alone(Path(sys.argv[1])) as lock:\n"
        "    Installer(Path(sys.argv[1]), os.environ, lock).run(['sh', '-c', sys.argv[2]], 'waiting')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(python_env.__file__).parents[1])}
    start = subprocess.Popen([sys.executable, "-c", killed, str(tmp_path), child], env=environment)
    while not started.exists():
        assert start.poll() is None
        time.sleep(0.01)
    start.kill()
    start.wait()
    orphan = int(started.read_text())
    with (tmp_path / "var/setup.lock").open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.kill(orphan, signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_children_find_the_installation_and_keep_their_downloads_in_it(tmp_path: Path) -> None:
    environment = Environment(tmp_path, tmp_path / ".venv/bin/python", tmp_path / "node/bin/node")
    variables = environment.variables()
    assert variables["PATH"].split(os.pathsep)[:2] == [
        str(tmp_path / ".venv/bin"),
        str(tmp_path / "node/bin"),
    ]
    assert variables["PYTHONPATH"] == str(tmp_path)
    assert {variables["PIP_CACHE_DIR"], variables["npm_config_cache"]} == {
        str(tmp_path / "var/cache/pip"),
        str(tmp_path / "var/cache/npm"),
    }


def test_foundry_s_own_binary_goes_before_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(tmp_path, Path(sys.executable), Path("/bin/true"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(SetupFailed, match="no anvil for this platform"):
        environment.foundry("anvil")
    elsewhere = program(tmp_path / "bin/anvil", "")
    assert environment.foundry("anvil") == elsewhere
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = f"node_modules/@foundry-rs/anvil-{platform.system().lower()}-{machine}"
    own = program(tmp_path / folder / "bin/anvil", "")
    assert environment.foundry("anvil") == own
