"""Which chain and ledger this database belongs to: noted before the first block is read, compared ever after."""

from dataclasses import replace

from sqlalchemy import Connection, insert, select

from app.ports import Network
from app.store.tables import chain_pin


def pinned(connection: Connection, network: Network) -> Network | None:
    """`network` with chain id, genesis, ledger and code as they were noted; None if no chain was read yet."""
    row = connection.execute(select(chain_pin)).first()
    if row is None:
        return None
    genesis, code = bytes.fromhex(row.genesis), bytes.fromhex(row.code_hash)
    return replace(network, chain_id=row.chain_id, genesis=genesis, ledger=row.ledger, ledger_code_hash=code)


def pin(connection: Connection, network: Network) -> None:
    """Note the network; the database refuses a second one."""
    row = {
        "only": 1,
        "chain_id": network.chain_id,
        "genesis": network.genesis.hex(),
        "ledger": network.ledger,
        "code_hash": network.ledger_code_hash.hex(),
    }
    connection.execute(insert(chain_pin).values(**row))
