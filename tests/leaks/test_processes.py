"""
What a gateway and the commands beside it write to a disk while they run: temporary files, drafts, what has no name.

A watch reads every file below their folders again and again, and those that a process has open there though no name
leads to them any more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.processes import ROOT, answer, running, until
from tests.faults.test_restore import Shop
from tests.gateway.sales import invoiced, quoted_lens
from tests.hostile.marked import OURS
from tests.support.canary import Canaries
from tests.support.files import settings
from tests.support.gateways import OPTICIAN, Ground0, deployed_chain
from tests.support.postgres import programs
from tests.support.watching import Seen, watching

PRODUCT, PRICE = dict(OURS.product), dict(OURS.price)
# A sphere of four digits turns up by chance in what is sealed. In quotes, as text or in hundredths, it does not.
SPHERES = ('"-38.17"', '"-3817"', "'-38.17'", "'-3817'")
WORDS = ("ZQXOURSVP2", "ZQXOURSSUPP", OURS.device["number"], OURS.claim["cover_number"])
SOUGHT = Canaries([PRODUCT["maker"], PRODUCT["code"], PRICE["amount"], *WORDS, *SPHERES])
SALES, TRIES = 20, 5
LEAKS = """
import os, sqlite3, tempfile, time
from pathlib import Path
kind, value = os.environ["KIND"], b"ZQXOURSPRG16"
folder = Path(tempfile.gettempdir())
if kind == "no name":
    file = tempfile.TemporaryFile()
    file.write(value)
    file.flush()
elif kind == "draft":
    (folder / "draft").write_bytes(value)
else:
    spilling = sqlite3.connect("")
    spilling.execute("PRAGMA cache_size = 1")
    spilling.execute("CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) "
                     "SELECT i, 'ZQXOURSPRG16' AS v FROM n")
time.sleep(0.3)
if kind == "draft":
    (folder / "draft").unlink()
"""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground0]:
    with deployed_chain() as found:
        yield found


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(ground: Ground0, database_url: str, temporary: Path, tmp_path: Path) -> Shop:
    """A gateway with a folder for what is temporary, and the settings of the commands beside it."""
    (tmp_path / "files").mkdir()
    env = settings(ground, tmp_path / "files", OPTICIAN, database_url=database_url)
    env |= {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary), "OPTITRACE_LOG_LEVEL": "debug"}
    env["PATH"] = f"{programs()}:{env['PATH']}"
    made = Shop(tmp_path / "files", env)
    made.key = made.command("party", "key", "create", "--party", str(OPTICIAN)).strip()
    return made


def hits(seen: Seen) -> set[str]:
    """The files in which there is any value."""
    return {Path(name).name for (name, *_), content in seen.contents.items() if SOUGHT.search(content)}


def post(shop: Shop, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Post events at once, and give them as they were accepted."""
    headers = {"Authorization": f"Bearer {shop.key}"}
    taken = httpx.post(f"{shop.url}/v1/events", json=events, headers=headers, trust_env=False, timeout=60)
    assert taken.status_code == 202, taken.text
    return list(taken.json()["events"])


def sell(shop: Shop) -> None:
    """Quote and order so much that what is sorted is no longer a page; deliver and invoice what no glassmaker made."""
    values = OURS.line("product", "supplements", "coding", "price")
    order = {"type": "ordered", **OURS.line("product", "supplements", "correction")}
    quotes = post(shop, *[quoted_lens(f"P-{number}/OD", f"P-{number}", **values) for number in range(SALES)])
    post(shop, *[{**order, "item": quote["item"]} for quote in quotes])
    (own,) = post(shop, quoted_lens("M1/OD", "M", glassmaker=None, **values))
    bill = invoiced(own["dossier"], {"item": own["item"], **values}, **OURS.line("claim", "renewal"))
    post(shop, {"type": "delivered", "item": own["item"], **OURS.line("device")}, bill)


def test_a_gateway_writes_no_value_in_clear_anywhere(shop: Shop, tmp_path: Path) -> None:
    with running("app.main", shop.env, shop.folder / "log") as process:
        until(lambda: answer(shop.url, "/healthz")[0] == 200, "the gateway answers")
        with watching(process.pid, tmp_path) as seen:
            sell(shop)
            for path in ("items", "dossiers", "access", "keys", "exchange/outbox"):
                assert answer(shop.url, f"/v1/{path}", shop.key)[0] == 200
    assert hits(seen) == set()
    assert any(name.endswith("/log") for name, *_ in seen.contents)


def test_the_commands_of_the_operator_write_no_value_in_clear_anywhere(shop: Shop, tmp_path: Path) -> None:
    with shop.open():
        sell(shop)
    # The draft of a backup is there for moments, so a watch on a busy machine may miss one, but not each of several.
    tries = (operate(shop, tmp_path, "backup", str(tmp_path / f"backup{number}")) for number in range(TRIES))
    drafts = (content for seen in tries for (name, *_), content in seen.items() if "/.backup" in name)
    assert any(drafts)
    operate(shop, tmp_path, "restore", str(tmp_path / "backup0"), "--overwrite")


def operate(shop: Shop, folder: Path, *arguments: str) -> dict[tuple[str, int, int], bytes]:
    """Run a command of the operator and find no value in what it writes; everything that was seen."""
    process = subprocess.Popen([sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=shop.env)
    with watching(process.pid, folder) as found:
        assert process.wait(timeout=60) == 0
    assert hits(found) == set()
    return found.contents


@pytest.mark.parametrize("kind", ["no name", "draft", "sqlite"])
def test_a_leak_into_a_temporary_file_is_seen(temporary: Path, kind: str) -> None:
    env = {**os.environ, "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary), "KIND": kind}
    process = subprocess.Popen([sys.executable, "-c", LEAKS], env=env)
    with watching(process.pid, temporary) as seen:
        assert process.wait(timeout=60) == 0
    assert len(hits(seen)) == 1
    assert list(temporary.iterdir()) == []


def test_a_folder_that_vanishes_under_a_look_hides_none_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    scan = os.scandir

    def scan_late(folder: str) -> object:
        if Path(folder).name == "b":
            (Path(folder) / "file").unlink(missing_ok=True)
            Path(folder).rmdir()
        return scan(folder)

    seen = Seen([tmp_path])
    with monkeypatch.context() as late:
        late.setattr(os, "scandir", scan_late)
        seen.look(os.getpid())
    assert sorted(seen.contents.values()) == [b"a", b"c"]
