"""What holds for every test: databases of each kind, and with CI=true a test that is skipped has failed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from itertools import count, zip_longest
from pathlib import Path
from typing import TypeVar

import pytest

from app.store.database import Database
from tests.support.postgres import Server, running_server

KINDS = ("sqlite", "postgresql")
WAITING = ("faults", "e2e", "deploy")
COMPUTING = ("leaks", "hostile", "differential", "gates", "pipeline", "chain")
"""What takes longest begins first: at the end of a run no process should be busy alone."""
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has the time draw and play more."""
    parser.addoption("--draws", type=int, default=10_000, help="how much a test of chance draws (10000)")
    parser.addoption(
        "--histories", type=int, default=10_000, help="histories that contract and Python both play (10000)"
    )
    parser.addoption("--everywhere", action="store_true", help="play every scenario where a few stand for all too")
    parser.addoption("--addition", default="2.25", help="of the lenses that are hashed with every salt (2.25)")
    parser.addoption("--sales", type=int, default=0, help="more sales by chance that an observer looks at (0)")
    parser.addoption("--seed", type=int, default=1, help="what chance begins with where it can be repeated (1)")
    parser.addoption("--first-history", type=int, default=0, help="the number of the first of these histories (0)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, by turns one that waits for its servers and one that computes, each still together."""
    files = dict.fromkeys(item.path for item in items)
    kinds = [[file for name in kind for file in files if file.parent.name == name] for kind in (WAITING, COMPUTING)]
    turns = [file for pair in zip_longest(*kinds) for file in pair if file is not None]
    place = {file: number for number, file in enumerate(turns)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """What chance begins with where it can be repeated."""
    return int(pytestconfig.getoption("--seed"))


@pytest.fixture(scope="session")
def draws(pytestconfig: pytest.Config) -> int:
    """How much a test of chance draws."""
    return int(pytestconfig.getoption("--draws"))


def _refuse_a_skip(report: Report) -> Report:
    """Turn a skip into a failure that gives the reason; an expected failure (xfail) is none of that."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"On the continuous integration nothing is skipped. {reason}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One PostgreSQL for all tests that want one."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of this release, to be copied: bringing one up takes longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "gateway.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    database.close()
    return file


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this release of each kind that a gateway may have, without a row."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), tmp_path / 'gateway.db')}"
    server: Server = request.getfixturevalue("postgres")
    return server.migrated_database()


@pytest.fixture
def server(request: pytest.FixtureRequest, database_url: str) -> Server | None:
    """The server that the test's database is on; None with SQLite."""
    return request.getfixturevalue("postgres") if database_url.startswith("postgresql") else None


@pytest.fixture(params=KINDS)
def blank_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a database of each kind, before there are any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="module", params=KINDS)
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes databases of this release, all of one kind: the tests of a module run with each kind in turn."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        return server.migrated_database
    template, folder, numbers = request.getfixturevalue("migrated"), tmp_path_factory.mktemp("databases"), count()
    return lambda: f"sqlite:///{shutil.copy(template, folder / f'{next(numbers)}.db')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at the outcome of a test and of its fixtures."""
    return _refuse_a_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at the outcome of reading a test file, which can skip itself."""
    return _refuse_a_skip((yield))
