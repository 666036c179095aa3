"""
The loop behind one gateway: trust the chain, read it, settle, submit.

Whatever fails is said in the state and tried again; nothing here can lose an event, because every stage finds its work
in the database.
"""

import threading
from dataclasses import dataclass, replace

import structlog

from app.errors import ChainUnavailable, ChainUntrusted, LeaseLost, LedgerBroken, OptiTraceError
from app.pipeline.identity import check_history, check_network
from app.pipeline.indexer import Indexer
from app.pipeline.settle import settle
from app.pipeline.submitter import Submitter
from app.ports import Chain
from app.services.ground import Ground

IDLE_SECONDS = 0.25
TROUBLE_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the worker last saw of the chain."""

    reachable: bool = False
    trusted: bool = False
    detail: str = "the chain was not asked yet"
    head: int | None = None


class Worker:
    """Runs the pipeline of one gateway until it is stopped."""

    def __init__(self, ground: Ground, chain: Chain) -> None:
        self._ground = ground
        self._chain = chain
        self._indexer = Indexer(chain, ground.database, ground.network.deployed_block)
        self._submitter = Submitter(ground, chain)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._checked = False
        self.state = ChainState()

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self._stop.is_set():
            try:
                busy = self.turn()
                pause = 0.0 if busy else IDLE_SECONDS
            except OptiTraceError as error:
                self._note(error)
                pause = TROUBLE_SECONDS
            except Exception:
                # Nothing may end the loop but `stop`: what is unforeseen is logged and tried again.
                log.exception("the worker stumbled")
                pause = TROUBLE_SECONDS
            self._wake.wait(pause)
            self._wake.clear()

    def stop(self) -> None:
        """End the loop after the turn that is under way."""
        self._stop.set()
        self._wake.set()

    def wake(self) -> None:
        """Do not sleep on: there is something to send."""
        self._wake.set()

    def turn(self) -> bool:
        """One round; returns whether there is more to do at once."""
        now = self._ground.clock.now()
        if not self._checked:
            check_network(self._chain, self._ground.network)
            self._checked = True
        check_history(self._chain, self._ground.database)
        read = self._indexer.catch_up(now)
        self._trusted()
        self._submitter.hold_lease()
        return self._submit(now) or read > 0

    def _submit(self, now: int) -> bool:
        transaction = self._submitter.under_way()
        if transaction is None:
            return self._submitter.prepare()
        if transaction.status == "prepared":
            transaction = self._submitter.follow(transaction)
        if transaction.status == "prepared":
            return False
        return settle(self._ground.database, transaction, now)

    def _trusted(self) -> None:
        if not self.state.trusted:
            log.info("the chain is trusted and read")
        self.state = ChainState(True, True, "the chain answers and is the one pinned", self._chain.head())

    def _note(self, error: OptiTraceError) -> None:
        if isinstance(error, LeaseLost):
            log.warning("another process submits", code=error.code)
            return
        self._checked = False
        reachable = not isinstance(error, ChainUnavailable)
        trusted = self.state.trusted and not isinstance(error, ChainUntrusted | LedgerBroken) and reachable
        state = replace(self.state, reachable=reachable, trusted=trusted, detail=error.detail)
        if state != self.state:
            log.warning("the chain cannot be used now", code=error.code, detail=error.detail, where=error.where)
        self.state = state
