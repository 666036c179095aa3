"""What the worker last said of the chain: one row, written by the worker alone, read by the API in whatever process."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from app.store.tables import worker_state

SILENT_SECONDS = 15
"""A worker that said nothing for so long is taken for dead."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the worker last saw of the chain; `working` is false where no worker says anything."""

    reachable: bool = False
    trusted: bool = False
    detail: str = "the chain was not asked yet"
    head: int | None = None
    working: bool = True


SILENCE = ChainState(detail="no worker reports; see whether it runs", working=False)


def tell(connection: Connection, state: ChainState, now: int) -> None:
    """Say what the chain is like. The last word counts: two workers of one database take turns by a lease anyway."""
    row = {
        "reachable": state.reachable,
        "trusted": state.trusted,
        "detail": state.detail,
        "head": state.head,
        "told_at": now,
    }
    if connection.execute(update(worker_state).values(**row)).rowcount == 0:
        connection.execute(insert(worker_state).values(only=1, **row))


def fall_silent(connection: Connection) -> None:
    """The worker ends on purpose: from now on nobody says anything."""
    connection.execute(update(worker_state).values(told_at=0))


def chain_state(connection: Connection, now: int) -> ChainState:
    """What the chain is like; `SILENCE` if the worker said nothing for `SILENT_SECONDS`."""
    row = connection.execute(select(worker_state)).first()
    if row is None or now - row.told_at > SILENT_SECONDS:
        return SILENCE
    return ChainState(row.reachable, row.trusted, row.detail, row.head)
