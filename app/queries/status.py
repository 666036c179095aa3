"""What works, in plain words."""

from app.domain.packages import moment
from app.ports import Network
from app.queries.views import ChainStatus, StatusView
from app.store import outbox, read_model
from app.store.database import Connection
from app.store.worker_state import ChainState

FEW_BLOCKS = 5


def status_view(connection: Connection, party: int, network: Network, state: ChainState) -> StatusView:
    """The chain, the index, and how many of the party's events wait."""
    waiting, oldest = outbox.waiting(connection, party)
    last = read_model.last_block(connection)
    chain = ChainStatus(
        reachable=state.reachable,
        trusted=state.trusted,
        detail=state.detail,
        chain_id=network.chain_id,
        ledger="0x" + network.ledger,
        head=state.head,
        indexed_block=last[0] if last else None,
        indexed_steps=read_model.step_count(connection),
    )
    return StatusView(_in_words(state, waiting), chain, waiting, moment(oldest) if oldest else None)


def _in_words(state: ChainState, waiting: int) -> str:
    if state.reachable and state.trusted:
        rest = f"{waiting} of your events are on their way." if waiting else "All your events are on the chain."
        return f"Everything works. {rest}"
    if not state.working:
        trouble = "Nothing of this gateway talks to the chain now: its worker is silent"
    elif state.reachable:
        trouble = f"Nothing goes to the chain now: {state.detail}"
    else:
        trouble = "The chain does not answer"
    return f"{trouble}. Events are accepted and kept; {waiting} of yours wait and nothing is lost."
