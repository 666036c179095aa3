"""
Backup and restoration of PostgreSQL, by pg_dump, pg_restore and psql.

What is restored goes into one transaction that begins with an empty schema, so whatever fails leaves the database as it
was. Of an error on the way in only the SQLSTATE is shown: PostgreSQL quotes rows.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

from sqlalchemy import (
    URL,
    Connection,
    Integer,
    NullPool,
    create_engine,
    func,
    inspect,
    literal_column,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import OperationalError

from app.store.backup_refusal import IN_USE, OVERWRITE, BackupRefused, check_revisions
from app.store.database import MIGRATING

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
_ONE = literal_column("1", Integer)
_BEGIN = b"BEGIN; SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
_COMMIT = b"\nCOMMIT;\n"


def back_up(url: str, draft: Path) -> None:
    """Copy the database at `url` as of one moment into the file `draft`, in pg_dump's own form."""
    _output(url, "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={draft}", *_address(url))
    _read_through(url, draft)


def restore(url: str, file: Path, *, overwrite: bool) -> None:
    """Put the backup `file` into the database at `url`."""
    _read_through(url, file)
    with _alone(url) as connection:
        if not overwrite and _has_content(connection):
            raise BackupRefused(OVERWRITE)
        _load(url, file)


def _read_through(url: str, file: Path) -> None:
    """Raise BackupRefused unless every byte of the backup can be unpacked, and its revision is known."""
    _output(url, "pg_restore", f"--file={os.devnull}", str(file))
    lines = _output(url, "pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)).splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("COPY ")), len(lines))
    check_revisions([line for line in lines[start + 1 : start + 2] if line != "\\."])


def _load(url: str, file: Path) -> None:
    """Replace everything in the database: committed when the backup's last line has come, and else as it was."""
    reading = [_program("pg_restore"), "--no-owner", "--no-acl", "--file=-", str(file)]
    writing = [_program("psql"), "--no-psqlrc", "--quiet", "--file=-", *_address(url)]
    strict = ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate"]
    with (
        Popen(reading, stdout=PIPE, stderr=subprocess.DEVNULL) as source,
        Popen([*writing, *strict], stdin=PIPE, stdout=subprocess.DEVNULL, stderr=PIPE, env=_environment(url)) as target,
    ):
        try:
            _hand_over(source, target)
        except BrokenPipeError:
            source.kill()
        said = target.stderr.read() if target.stderr else b""
    if source.returncode != 0 or target.returncode != 0:
        raise BackupRefused(f"the database took nothing of the backup: {_first_line(said) or 'it broke off'}")


def _hand_over(source: Popen[bytes], target: Popen[bytes]) -> None:
    if source.stdout is None or target.stdin is None:
        raise RuntimeError("started without pipes")
    with target.stdin as into:
        into.write(_BEGIN)
        shutil.copyfileobj(source.stdout, into)
        if source.wait() == 0:
            into.write(_COMMIT)


def _has_content(connection: Connection) -> bool:
    """Whether any table but that of the revision holds a row."""
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return any(connection.execute(select(_ONE).select_from(table(name)).limit(1)).first() for name in names)


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """The only connection to the database. A gateway that is started now waits, as for another's migration."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if connection.execute(_OTHERS).scalar_one():
                raise BackupRefused(IN_USE)
            connection.execute(select(func.pg_advisory_lock(MIGRATING)))
            yield connection
    except OperationalError as error:
        raise BackupRefused("the database does not answer") from error


def _output(url: str, program: str, *options: str) -> str:
    """What one of PostgreSQL's programs prints; none of these has rows in its errors."""
    command = [_program(program), *options]
    done = subprocess.run(command, capture_output=True, env=_environment(url), text=True, check=False)
    if done.returncode != 0:
        raise BackupRefused(f"{program} failed: {_first_line(done.stderr.encode()) or done.returncode}")
    return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(f"{name} is not on the PATH: install PostgreSQL's client programs, of the server's version")
    return found


def _address(url: str) -> list[str]:
    """The database as the programs take it, without the password: other users see a program's arguments."""
    given = make_url(url)
    address = URL.create("postgresql", given.username, None, given.host, given.port, given.database, given.query)
    return ["--no-password", f"--dbname={address.render_as_string()}"]


def _environment(url: str) -> dict[str, str]:
    password = make_url(url).password
    return {**os.environ, **({} if password is None else {"PGPASSWORD": password})}


def _first_line(said: bytes) -> str:
    return said.decode(errors="replace").strip().partition("\n")[0]
