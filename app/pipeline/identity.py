"""
Whether the chain behind the node is still the one that this gateway belongs to.

Five things pin it: chain id, genesis, the ledger with its code, the last block read, and the relayer's own nonce. The
last two are needed because a development chain that was killed may come back shorter under the same genesis. Any
mismatch stops sending; accepting goes on.
"""

from app.errors import ChainUntrusted
from app.ports import Block, Chain, Network
from app.store import pin, read_model, sending
from app.store.database import Database

MEND = "Point the gateway at the right node, or rebuild it for the new chain."
OWN_KEY = "Give this gateway a relayer's key of its own."


def check_network(chain: Chain, network: Network, database: Database) -> None:
    """Chain id, genesis and the ledger's code, by node, network file and database; raises ChainUntrusted for which."""
    if chain.chain_id() != network.chain_id:
        raise ChainUntrusted("the node reports another chain id", "chain_id", MEND)
    first = chain.block(0)
    if first is None or first.hash != network.genesis:
        raise ChainUntrusted("the node shows another genesis block", "genesis", MEND)
    if chain.code_hash() != network.ledger_code_hash:
        raise ChainUntrusted("other code stands at the ledger's address", "ledger", MEND)
    with database.reading() as connection:
        noted = pin.pinned(connection, network)
    if noted is None:
        with database.writing() as connection:
            pin.pin(connection, network)
    elif noted != network:
        raise ChainUntrusted("the database belongs to another chain or ledger", _difference(noted, network), MEND)


def _difference(noted: Network, network: Network) -> str:
    if noted.chain_id != network.chain_id:
        return "chain_id"
    return "genesis" if noted.genesis != network.genesis else "ledger"


def check_height(newest: Block, database: Database) -> None:
    """The chain is at least as long as what was read of it; raises ChainUntrusted."""
    with database.reading() as connection:
        last = read_model.last_block(connection)
    if last is not None and newest.number < last[0]:
        raise ChainUntrusted("the chain is shorter than what this gateway read", "last_block", MEND)


def check_nonce(chain: Chain, database: Database) -> None:
    """The relayer's transactions on the chain are those sent from here, no fewer and no more; raises ChainUntrusted."""
    with database.reading() as connection:
        open_ones = {each.nonce for each in sending.open_transactions(connection) if each.relayer == chain.relayer}
        promised = sending.next_nonce(connection, chain.relayer)
    mined = chain.nonce(chain.relayer)
    if mined > promised:
        raise ChainUntrusted("the relayer's key was used elsewhere", "nonce", OWN_KEY)
    if any(number not in open_ones for number in range(mined, promised)):
        raise ChainUntrusted("the chain forgot transactions of this relayer", "nonce", MEND)
