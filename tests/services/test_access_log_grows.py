"""The access log only grows: the database itself refuses everything else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.access import Act, Deed
from app.services.ground import Ground
from app.store.tables import access_log as rows
from tests.services.test_access_log import CLERK, DOSSIER, ITEM, log_of, write
from tests.support.grounds import ground_on
from tests.support.postgres import Server


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(rows).values(label="nobody"),
        lambda: update(rows).where(rows.c.number == 1).values(hash="0" * 64),
        lambda: delete(rows),
        lambda: delete(rows).where(rows.c.number == 2),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_row(ground: Ground, change: Callable[[], object]) -> None:
    write(ground, CLERK, Deed(Act.READ, ITEM, DOSSIER), Deed(Act.READ, DOSSIER, DOSSIER))
    before = log_of(ground)
    with pytest.raises(DBAPIError, match="append-only"), ground.database.engine.begin() as connection:
        connection.execute(change())  # type: ignore[call-overload]  # any statement

    assert log_of(ground) == before


def test_sqlite_refuses_to_replace_a_row_as_well(tmp_path: Path) -> None:
    with ground_on(f"sqlite:///{tmp_path}/replaced.db") as ground:
        write(ground, CLERK, Deed(Act.READ, ITEM, DOSSIER))
        before = log_of(ground)
        with pytest.raises(DBAPIError, match="append-only"), ground.database.engine.begin() as connection:
            connection.execute(text("REPLACE INTO access_log SELECT * FROM access_log"))

        assert log_of(ground) == before


def test_postgresql_refuses_to_empty_the_log_as_well(postgres: Server) -> None:
    with ground_on(postgres.new_database()) as ground:
        write(ground, CLERK, Deed(Act.READ, ITEM, DOSSIER))
        with pytest.raises(DBAPIError, match="append-only"), ground.database.engine.begin() as connection:
            connection.execute(text("TRUNCATE access_log"))

        assert len(log_of(ground)) == 1
