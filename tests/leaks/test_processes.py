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

import pytest

from tests.deploy.processes import ROOT, answer, running, until
from tests.faults.test_restore import Shop
from tests.gateway.sales import quoted_lens
from tests.hostile.marked import OURS
from tests.support.canary import Canaries
from tests.support.files import settings
from tests.support.gateways import OPTICIAN, Ground0, deployed_chain
from tests.support.postgres import programs
from tests.support.watching import Seen, watching

PRODUCT, PRICE = dict(OURS.product), dict(OURS.price)
SOUGHT = Canaries([PRODUCT["maker"], PRODUCT["code"], PRICE["amount"], "ZQXOURSVP2"])
SALES = 20
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


def sell(shop: Shop) -> None:
    """Quote so much that what is sorted is no longer a page."""
    for number in range(SALES):
        event = quoted_lens(f"P-{number}/OD", f"P-{number}", product=PRODUCT, price=PRICE, coding=dict(OURS.coding))
        shop.post_event(event)


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
    seen = []
    for arguments in (["backup", str(tmp_path / "backup")], ["restore", str(tmp_path / "backup"), "--overwrite"]):
        process = subprocess.Popen([sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=shop.env)
        with watching(process.pid, tmp_path) as found:
            assert process.wait(timeout=60) == 0
        assert hits(found) == set()
        seen += [Path(name).name for name, *_ in found.contents]
    # The draft of the backup was seen, which is there for moments.
    assert any(name.startswith(".backup.") for name in seen)


@pytest.mark.parametrize("kind", ["no name", "draft", "sqlite"])
def test_a_leak_into_a_temporary_file_is_seen(temporary: Path, kind: str) -> None:
    env = {**os.environ, "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary), "KIND": kind}
    process = subprocess.Popen([sys.executable, "-c", LEAKS], env=env)
    with watching(process.pid, temporary) as seen:
        assert process.wait(timeout=60) == 0
    assert len(hits(seen)) == 1
    assert list(temporary.iterdir()) == []
