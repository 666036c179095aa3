"""The parts of the demonstration, each alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from demo import anvil, guard, ports
from demo.errors import Trouble
from demo.layout import Layout, write_private
from demo.state import ROLES, Party, State, alone, load, version
from demo.supervisor import Child, Supervisor
from eth_utils.address import to_checksum_address
from web3.types import RPCEndpoint

from app.chain.deployment import Deployment
from tests.support.chain import connected, running_chain
from tests.support.ports import free_port

_SOMEWHERE = to_checksum_address("0x" + "11" * 20)
_DEPLOYMENT = Deployment(
    31337, "0x" + "22" * 32, 1, _SOMEWHERE, "0x00", _SOMEWHERE, "0x00", _SOMEWHERE, _SOMEWHERE, _SOMEWHERE
)

_GUEST = Party("optician", 5, guest=True)


def _until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    found = Layout(tmp_path / "var")
    found.prepare()
    return found


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that somebody listens on, with three below it that the system gives to no connection meanwhile."""
    port = [free_port() for _ in range(4)][-1]
    with closing(socket.create_server(("127.0.0.1", port))):
        yield port


def test_a_taken_port_gives_way_to_the_next_free_one(listening: int) -> None:
    chosen = ports.choose("--port", None, listening, 2)
    assert len(set(chosen)) == 2
    assert min(chosen) > listening


def test_a_port_given_by_the_user_is_taken_or_refused_in_one_sentence(listening: int) -> None:
    with pytest.raises(Trouble, match=f"^port {listening} is not free; give --port another one, or leave it out$"):
        ports.choose("--port", listening, 8001, 1)
    with pytest.raises(Trouble, match=f"port {listening} is not free"):
        ports.choose("--port", listening - 3, 8001, 4)


def test_the_gateways_leave_the_chain_its_port() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        free = server.getsockname()[1]
    assert free not in ports.choose("--port", None, free, 4, frozenset({free}))
    with pytest.raises(Trouble):
        ports.choose("--port", free, 8001, 4, frozenset({free + 3}))


def test_a_private_file_is_readable_by_its_owner_alone_and_never_half_written(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    write_private(file, "one")
    write_private(file, "two")
    assert file.read_text() == "two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret"]


def test_an_account_keeps_its_key(layout: Layout) -> None:
    assert layout.account("optician").address == layout.account("optician").address
    assert layout.account("optician").address != layout.account("insurer").address
    assert layout.key("optician").stat().st_mode & 0o777 == 0o600


def _saved(layout: Layout) -> State:
    state = State(version(), _DEPLOYMENT, [Party(role, number) for number, role in enumerate(ROLES, 1)], [_GUEST])
    state.sales.append({"title": "a sale"})
    state.save(layout)
    layout.chain.write_text("{}")
    return state


def test_a_state_is_read_as_it_was_written(layout: Layout) -> None:
    assert load(layout) is None
    saved = _saved(layout)
    assert load(layout) == saved
    assert layout.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda layout: _edit(layout, "version", "0.0.1/1/0000"), "another version"),
        (lambda layout: _edit(layout, "deployment", {}), "is damaged"),
        (lambda layout: layout.state.write_text("{"), "is damaged"),
        (lambda layout: layout.chain.unlink(), "is gone"),
    ],
)
def test_a_state_of_no_use_names_the_way_out(layout: Layout, spoil: Callable[[Layout], None], sentence: str) -> None:
    _saved(layout)
    spoil(layout)
    with pytest.raises(Trouble, match=sentence) as trouble:
        load(layout)
    assert "scripts/run --reset" in str(trouble.value)


def _edit(layout: Layout, key: str, value: object) -> None:
    content = json.loads(layout.state.read_text())
    content[key] = value
    layout.state.write_text(json.dumps(content))


def test_forgetting_leaves_the_logs_alone(layout: Layout) -> None:
    _saved(layout)
    layout.account("optician")
    layout.log("chain").write_text("said\n")
    layout.forget()
    assert load(layout) is None
    assert not layout.key("optician").exists()
    assert layout.log("chain").read_text() == "said\n"


def test_only_one_process_runs_in_a_folder(layout: Layout) -> None:
    program = (
        "import sys; from pathlib import Path; from demo.layout import Layout; from demo.state import alone\n"
        "with alone(Layout(Path(sys.argv[1]))): print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(layout.folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(Trouble, match="it runs already"), alone(layout):
            pass
        other.kill()
    with alone(layout):
        pass


def test_the_guard_knows_who_is_left() -> None:
    lines = ["+10 2\n", "+11 15\n", "-10\n", "+12 15\n"]
    assert guard.remaining(lines) == {12: 15, 11: 15}
    assert list(guard.remaining(lines)) == [12, 11]


def _sleeper(layout: Layout, name: str = "the sleeper", program: str = "import time; time.sleep(600)") -> Child:
    return Child(name, [sys.executable, "-c", program], dict(os.environ), layout.log("sleeper"))


def test_a_child_that_dies_is_named_and_started_again(layout: Layout) -> None:
    said: list[str] = []
    with Supervisor(said.append, lambda: None) as supervisor:
        child = _sleeper(layout)
        supervisor.start(child)
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _until(lambda: child.pid not in (None, first))
        second = child.pid
    assert second is not None
    assert not _lives(second)
    assert len(said) == 1
    assert said[0].startswith("the sleeper ended (signal 9); it is started again in 1 s")


def test_a_child_that_keeps_dying_is_given_more_and_more_time(layout: Layout) -> None:
    said: list[str] = []
    with Supervisor(said.append, lambda: None) as supervisor:
        child = _sleeper(layout, program="raise SystemExit(3)")
        supervisor.start(child)
        _until(lambda: child.deaths == 3, 20.0)
    assert [text.partition("again in ")[2].partition(";")[0] for text in said] == ["1 s", "2 s", "4 s"]
    assert all("exit status 3" in text for text in said)


def test_children_end_in_the_opposite_order_of_their_start(layout: Layout, tmp_path: Path) -> None:
    told = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        "def end(*_): open(sys.argv[2], 'a').write(sys.argv[1]); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, end); open(sys.argv[2] + sys.argv[1], 'w').close(); time.sleep(600)"
    )
    with Supervisor(lambda _: None, lambda: None) as supervisor:
        for name in "abc":
            child = _sleeper(layout, name)
            child.command = [sys.executable, "-c", program, name, str(told)]
            supervisor.start(child)
        _until(lambda: all(Path(f"{told}{name}").exists() for name in "abc"))
    assert told.read_text() == "cba"


def test_a_guard_that_was_killed_keeps_no_child_alive(layout: Layout) -> None:
    with Supervisor(lambda _: None, lambda: None) as supervisor:
        children = [_sleeper(layout, name) for name in "ab"]
        for child in children:
            supervisor.start(child)
        pids = [child.pid for child in children if child.pid is not None]
        supervisor._guard.kill()
        supervisor._guard.wait()
    assert len(pids) == 2
    assert not any(map(_lives, pids))


def test_no_child_outlives_a_supervisor_that_is_killed(layout: Layout) -> None:
    program = (
        "import os, signal, sys, time; from pathlib import Path; from demo.supervisor import Child, Supervisor\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "child = Child('c', sleep, dict(os.environ), Path(sys.argv[1]))\n"
        "with Supervisor(print, lambda: None) as supervisor:\n"
        "    supervisor.start(child); print(child.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(layout.log("orphan"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as killed:
        assert killed.stdout is not None
        orphan = int(killed.stdout.readline())
        assert _lives(orphan)
        killed.kill()
    _until(lambda: not _lives(orphan))


def test_the_chain_keeps_its_genesis_over_many_starts(tmp_path: Path) -> None:
    state = tmp_path / "chain.json"
    seen = set()
    for _ in range(6):
        anvil.mend(state)
        with running_chain(options=("--state", str(state))) as url, connected(url) as node:
            node.provider.make_request(RPCEndpoint("evm_mine"), [])
            seen.add((node.eth.get_block(0)["hash"], node.eth.get_block(1)["hash"]))
    assert len(seen) == 1


def test_a_damaged_chain_file_names_the_way_out(tmp_path: Path) -> None:
    state = tmp_path / "chain.json"
    for text in ("", '{"blocks": [{"header"', "[]"):
        state.write_text(text)
        with pytest.raises(Trouble, match="scripts/run --reset"):
            anvil.mend(state)
