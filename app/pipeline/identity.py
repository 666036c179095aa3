"""
Whether the chain behind the node is still the one that this gateway belongs to.

Five things pin it: chain id, genesis, the ledger's code, the last block read, and the relayer's own nonce. The last
two are needed because a development chain that was killed may come back shorter under the same genesis. Any mismatch
stops sending; accepting goes on.
"""

from app.errors import ChainUntrusted
from app.ports import Chain, Network
from app.store import read_model, sending
from app.store.database import Database

MEND = "Point the gateway at the right node, or rebuild it for the new chain."


def check_network(chain: Chain, network: Network) -> None:
    """Chain id, genesis and code of the ledger; raises ChainUntrusted naming the check that failed."""
    if chain.chain_id() != network.chain_id:
        raise ChainUntrusted("the node reports another chain id", "chain_id", MEND)
    first = chain.block(0)
    if first is None or first.hash != network.genesis:
        raise ChainUntrusted("the node shows another genesis block", "genesis", MEND)
    if chain.code_hash() != network.ledger_code_hash:
        raise ChainUntrusted("other code stands at the ledger's address", "ledger", MEND)


def check_history(chain: Chain, database: Database) -> None:
    """The last block read, unless the chain only replaced a few blocks, and the relayer's nonce."""
    with database.reading() as connection:
        last = read_model.last_block(connection)
        open_ones = {each.nonce for each in sending.open_transactions(connection, chain.relayer)}
        promised = sending.next_nonce(connection, chain.relayer)
    if last is not None and chain.head() < last[0]:
        raise ChainUntrusted("the chain is shorter than what this gateway read", "last_block", MEND)
    mined = chain.nonce(chain.relayer)
    if mined > promised:
        raise ChainUntrusted("the relayer's key was used elsewhere", "nonce", "Give this gateway a key of its own.")
    settled = [number for number in range(mined, promised) if number not in open_ones]
    if settled:
        raise ChainUntrusted("the chain forgot transactions of this relayer", "nonce", MEND)
