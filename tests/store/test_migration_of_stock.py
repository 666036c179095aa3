"""Units of stock that were held before there was a list of them are on it once the database is of this release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from app.domain.details import party_detail
from app.domain.kinds import Kind
from app.domain.steps import Step
from app.domain.stock import unit_name
from app.store.database import Database
from app.store.outbox import step_columns
from app.store.tables import events, lists, packages, stock_units
from app.store.vault_tables import vault_values
from tests.support.keys import KEYS

MAKER, SHOP, OTHER = 2002002002, 1001001001, 1001001002
LOT = bytes.fromhex(f"{MAKER:08x}" + "ab" * 12)


def at_0041(url: str) -> Database:
    """A database as the release before left it."""
    database = Database(url)
    config = Config()
    folder = Path(__file__).resolve().parents[2] / "app/store/migrations"
    config.set_main_option("script_location", str(folder))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0041")
    return database


def transfer(occurrence: int, holder: int) -> Step:
    return Step(Kind.LOT_TRANSFERRED, occurrence, 0, LOT, party_detail(holder), ())


def test_units_held_before_are_noted_with_their_lot_and_whom_it_was_handed_to(blank_database_url: str) -> None:
    old = at_0041(blank_database_url)
    units = [unit_name(LOT, number).hex() for number in (1, 2)]
    shipped = Step(Kind.LOT_SHIPPED, 0, 0, LOT, party_detail(SHOP), (bytes(32),))
    steps = [(MAKER, shipped), (SHOP, transfer(0, OTHER)), (SHOP, transfer(1, OTHER))]
    came = {"party": SHOP, "sender": MAKER, "digests": "[]", "received_at": 7}
    signed = {"id": 1, "party": MAKER, "deadline": 1, "signer": "", "signature": b"", "status": "done"}
    with old.writing() as connection:
        for party, unit in ((MAKER, units[0]), (MAKER, units[1]), (SHOP, units[1])):
            row = {"party": party, "digest": "cd" * 32, "subject": unit, "group_name": "coding"}
            connection.execute(insert(vault_values).values(**row, schema="optics.lens/1", content=b"sealed"))
        for at, dossier in enumerate((LOT.hex(), "0c" * 16)):
            connection.execute(insert(packages).values(id=f"{at:032x}", dossier=dossier, **came))
        connection.execute(insert(lists).values(**signed, due_at=1, created_at=1))
        for at, (party, step) in enumerate(steps):
            row = step_columns(step) | {"id": f"{at:032x}", "party": party, "dossier": LOT.hex(), "position": at}
            connection.execute(insert(events).values(**row, list_id=1, status="anchored", accepted_at=5))
    old.close()
    database = Database(blank_database_url, KEYS)
    database.migrate()
    with database.reading() as connection:
        rows = connection.execute(select(stock_units).order_by(stock_units.c.party, stock_units.c.unit)).all()
    found = {(row.party, row.unit): (row.lot, row.schema, row.created_at, row.handed_to) for row in rows}
    assert found == {
        (MAKER, units[0]): (LOT.hex(), "optics.lens/1", 5, None),
        (MAKER, units[1]): (LOT.hex(), "optics.lens/1", 5, None),
        (SHOP, units[1]): (LOT.hex(), "optics.lens/1", 7, OTHER),
    }
    database.close()
