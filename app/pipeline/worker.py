"""
The loop behind one gateway: trust the chain, read it, settle, submit.

Whatever fails is said in the state and tried again; nothing here can lose an event, because every stage finds its work
in the database.
"""

import threading
from dataclasses import replace

import structlog

from app.errors import ChainUnavailable, ChainUntrusted, LeaseLost, LedgerBroken, OptiTraceError
from app.pipeline.identity import check_history, check_network
from app.pipeline.indexer import Indexer
from app.pipeline.settle import settle
from app.pipeline.submitter import Submitter
from app.ports import Chain
from app.services.ground import Ground
from app.store import worker_state
from app.store.worker_state import ChainState

IDLE_SECONDS = 0.25
TROUBLE_SECONDS = 1.0
TELL_SECONDS = 2
log = structlog.get_logger()


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
        self._state = ChainState()
        self._told: tuple[int, ChainState] = (0, ChainState())

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self._stop.is_set():
            pause = self._round()
            self._wake.wait(pause)
            self._wake.clear()
        try:
            with self._ground.database.writing() as connection:
                worker_state.fall_silent(connection)
        except OptiTraceError as error:
            log.warning("the end of the worker could not be noted", code=error.code)

    def _round(self) -> float:
        """One turn, and a word on how it went; returns how many seconds to rest."""
        try:
            pause = self._turn_or_trouble()
            self._tell()
        except OptiTraceError as error:
            log.warning("the state of the chain could not be noted", code=error.code)
            return TROUBLE_SECONDS
        except Exception:
            # Nothing may end the loop but `stop`: what is unforeseen is logged and tried again.
            log.exception("the worker stumbled")
            return TROUBLE_SECONDS
        return pause

    def _turn_or_trouble(self) -> float:
        try:
            return 0.0 if self.turn() else IDLE_SECONDS
        except OptiTraceError as error:
            self._note(error)
            return TROUBLE_SECONDS

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
        head, read = self._chain.head(), 0
        # Between two blocks there is nothing to check and nothing to read.
        if head != self._state.head or not self._state.trusted:
            check_history(self._chain, self._ground.database)
            read = self._indexer.catch_up(now, self._read_on)
            if self._stop.is_set():
                return False
            # Reading may have gone further than the block that was the newest when it began.
            self._trusted("the chain answers and is the one pinned", max(head, self._state.head or 0))
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

    def _read_on(self, head: int) -> bool:
        self._trusted(self._state.detail if self._state.trusted else "the chain is being read", head)
        self._tell()
        return not self._stop.is_set()

    def _trusted(self, detail: str, head: int) -> None:
        if not self._state.trusted:
            log.info("the chain is trusted")
        self._state = ChainState(True, True, detail, head)

    def _tell(self) -> None:
        """Leave word for the API: at once where something changed, else every two seconds."""
        now = self._ground.clock.now()
        last, told = self._told
        if replace(told, head=self._state.head) == self._state and 0 <= now - last < TELL_SECONDS:
            return
        with self._ground.database.writing() as connection:
            worker_state.tell(connection, self._state, now)
        self._told = (now, self._state)

    def _note(self, error: OptiTraceError) -> None:
        if isinstance(error, LeaseLost):
            log.warning("another process submits", code=error.code)
            return
        self._checked = False
        reachable = not isinstance(error, ChainUnavailable)
        trusted = self._state.trusted and not isinstance(error, ChainUntrusted | LedgerBroken) and reachable
        state = replace(self._state, reachable=reachable, trusted=trusted, detail=error.detail)
        if state != self._state:
            log.warning("the chain cannot be used now", code=error.code, detail=error.detail, where=error.where)
        self._state = state
