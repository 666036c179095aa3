"""What holds for every test: with CI=true in the environment a test that is skipped has failed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.postgres import Server, running_server

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has the time draw more."""
    parser.addoption("--draws", type=int, default=10_000, help="how much a test of chance draws (10000)")


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that a gateway may have."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at the outcome of a test and of its fixtures."""
    return _refuse_a_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at the outcome of reading a test file, which can skip itself."""
    return _refuse_a_skip((yield))
