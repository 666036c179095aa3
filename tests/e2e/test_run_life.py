"""One folder of the demonstration through its life: stopped, started again, given an older chain, killed, reset."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.support.demonstration import lives, once, ports, staying, until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PORTS = ports(21645)


def test_what_was_kept_and_what_is_of_no_use(tmp_path: Path) -> None:
    """One folder through its life, because setting one up takes the better part of a minute."""
    folder = tmp_path / "var"
    with staying(folder, *PORTS) as first:
        until(lambda: (folder / "chain.json").exists())
        shutil.copy(folder / "chain.json", tmp_path / "older.json")
        pids = [pid for pid in first.pids().values() if pid is not None]
        assert len(pids) == 5
    assert first.process.returncode == 0
    assert first.said[-1] == "stopped; what was recorded is kept\n"
    assert not any(map(lives, pids))
    assert not (folder / "run.json").exists()

    again = once(folder, *PORTS, "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["sales"] == first.document["sales"]
    assert json.loads(again.stdout)["chain"]["contracts"] == first.document["chain"]["contracts"]

    shutil.copy(folder / "chain.json", tmp_path / "newer.json")
    shutil.copy(tmp_path / "older.json", folder / "chain.json")
    shorter = once(folder, *PORTS)
    assert shorter.returncode == 1
    assert "scripts/run --reset" in shorter.stderr.splitlines()[-1]
    assert "chain" in shorter.stderr.splitlines()[-1]

    shutil.copy(tmp_path / "newer.json", folder / "chain.json")
    more = once(folder, *PORTS, "--json", "--play")
    assert more.returncode == 0, more.stderr
    sales = json.loads(more.stdout)["sales"]
    assert sales[:2] == first.document["sales"]
    assert [sale["claim_verdict"] for sale in sales] == ["conform", "non_conform", "conform"]
    assert len({sale["dossier"] for sale in sales}) == 3

    other = once(folder, *PORTS, "--json", "--play", str(EXAMPLES / "erased-and-still-proven.json"))
    assert other.returncode == 0, other.stderr
    sale = json.loads(other.stdout)["sales"][-1]
    erased = [event for event in sale["events"] if event["kind"] == "erased"]
    assert {event["role"] for event in erased} == {"optician", "glassmaker"}
    assert {event["verdict"] for event in erased} == {"conform"}


def test_a_run_that_was_killed_leaves_nothing_running_and_reset_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with staying(folder, *PORTS) as first:
        pids = [pid for pid in first.pids().values() if pid is not None]
        first.process.kill()
        first.process.wait()
        until(lambda: not any(map(lives, pids)))
    anew = once(folder, *PORTS, "--reset", "--json")
    assert anew.returncode == 0, anew.stderr
    document = json.loads(anew.stdout)
    assert document["chain"]["contracts"] != first.document["chain"]["contracts"]
    assert [sale["claim_verdict"] for sale in document["sales"]] == ["conform", "non_conform"]
