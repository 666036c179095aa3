"""
The loop behind one gateway: trust the chain, read it, settle, submit.

Whatever fails is said in the state and tried again; nothing here can lose an event, because every stage finds its work
in the database.
"""

import threading
import traceback
from dataclasses import replace

import structlog

from app.errors import ChainUnavailable, ChainUntrusted, LeaseLost, LedgerBroken, OptiTraceError
from app.pipeline.courier import Courier
from app.pipeline.housekeeping import Housekeeper
from app.pipeline.identity import check_height, check_network, check_nonce
from app.pipeline.indexer import Indexer
from app.pipeline.settle import settle
from app.pipeline.submitter import Submitter
from app.ports import Block, Chain
from app.services.ground import Ground
from app.store import worker_state
from app.store.database import WriteConflict
from app.store.worker_state import ChainState

IDLE_SECONDS = 0.25
TROUBLE_SECONDS = 1.0
TELL_SECONDS = 2
log = structlog.get_logger()


class Worker:
    """Runs the pipeline of one gateway until it is stopped."""

    def __init__(self, ground: Ground, chain: Chain, courier: Courier | None = None) -> None:
        self._ground = ground
        self._chain = chain
        self._courier = courier
        first = ground.network.deployed_block
        self._indexer = Indexer(chain, ground.database, first, self._check_network, ground.roles)
        self._submitter = Submitter(ground, chain)
        self._housekeeper = Housekeeper(ground)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._checked = False
        self._read_to: Block | None = None
        self._state = ChainState()
        self._told: tuple[int, ChainState] = (0, ChainState())

    def run(self) -> None:
        """Work until `stop` is called; what is due to other gateways is carried beside, whatever the chain does."""
        carrying = None if self._courier is None else threading.Thread(target=self._courier.run, name="courier")
        if carrying is not None:
            carrying.start()
        while not self._stop.is_set():
            pause = self._round()
            self._wake.wait(pause)
            self._wake.clear()
        try:
            self._submitter.give_up_lease()
            with self._ground.database.writing() as connection:
                worker_state.fall_silent(connection)
        except (OptiTraceError, WriteConflict) as error:
            log.warning("the end of the worker could not be noted", error=type(error).__name__)
        if carrying is not None:
            carrying.join()

    def _round(self) -> float:
        """One turn, and a word on how it went; returns how many seconds to rest."""
        pause = TROUBLE_SECONDS
        try:
            pause = 0.0 if self.turn() else IDLE_SECONDS
        except OptiTraceError as error:
            self._note(error)
        except Exception as error:  # noqa: BLE001
            # Nothing may end the loop but `stop`: what is unforeseen is logged and tried again.
            # The message stays out of the log, as everywhere: whatever failed, it may quote a value.
            log.error("the worker stumbled", error=type(error).__name__, places=_places(error))
            self._distrust("the gateway itself stumbled; its log says over what")
        try:
            self._tell()
        except (OptiTraceError, WriteConflict) as error:
            log.warning("the state of the chain could not be noted", error=type(error).__name__)
        return pause

    def stop(self) -> None:
        """End the loop after the turn that is under way."""
        self._stop.set()
        self._wake.set()
        if self._courier is not None:
            self._courier.stop()

    def wake(self) -> None:
        """Do not sleep on: there is something to send."""
        self._wake.set()
        if self._courier is not None:
            self._courier.wake()

    def turn(self) -> bool:
        """One round; returns whether there is more to do at once."""
        now = self._ground.clock.now()
        self._housekeeper.tidy(now)
        if not self._checked:
            self._check_network()
            self._checked = True
        newest, read = self._chain.newest(), 0
        # Between two blocks there is nothing to check and nothing to read.
        if newest != self._read_to:
            self._read_to = None
            check_height(newest, self._ground.database)
            read = self._indexer.catch_up(newest, now, self._read_on)
            if self._stop.is_set():
                return False
            self._housekeeper.follow(newest.time)
            check_nonce(self._chain, self._ground.database)
            self._read_to = newest
        self._trusted("the chain answers and is the one pinned", newest.number)
        self._submitter.hold_lease()
        return self._submit(now) or read > 0

    def _check_network(self) -> None:
        check_network(self._chain, self._ground.network, self._ground.database)

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
        self._housekeeper.follow()
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
        before, reachable = self._state, not isinstance(error, ChainUnavailable)
        if isinstance(error, ChainUntrusted | LedgerBroken) or not reachable:
            self._distrust(error.detail, reachable=reachable)
        else:
            self._checked, self._read_to = False, None
            self._state = replace(before, detail=error.detail)
        if self._state != before:
            log.warning("the chain cannot be used now", code=error.code, detail=error.detail, where=error.where)

    def _distrust(self, detail: str, *, reachable: bool = True) -> None:
        """Send nothing until everything was checked again."""
        self._checked, self._read_to = False, None
        self._state = replace(self._state, reachable=reachable, trusted=False, detail=detail)


def _places(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
