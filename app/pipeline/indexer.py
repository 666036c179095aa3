"""
Read the ledger's log into the mirror.

Blocks are read in bounded windows. What a window holds, the states it leads to and the cursor are written in one
transaction. The cursor never passes a hole in the ledger's numbers: nodes have been seen to leave logs out. If the
process dies, the window is read again and gives the same rows.
"""

from collections.abc import Callable, Sequence

import structlog

from app.errors import LedgerBroken
from app.failpoints import failpoint
from app.ports import Block, Chain, LedgerLog, Recorded, Skipped
from app.store import mirror, outbox, read_model
from app.store.database import Connection, Database

WINDOW = 2_000
STEPS_AT_ONCE = 2_000
log = structlog.get_logger()


class Indexer:
    """Follows one ledger into one database."""

    def __init__(self, chain: Chain, database: Database, first_block: int) -> None:
        self._chain = chain
        self._database = database
        self._first = first_block
        self._window = WINDOW

    def catch_up(self, now: int, go_on: Callable[[int], bool]) -> int:
        """
        Read until the newest block; returns how many steps came in.

        That may take minutes, so `go_on` is asked after each window, with the number of the newest block. Raises
        LedgerBroken for a hole or a contradiction, ChainUnavailable if the node does not answer; what was read before
        that stays.
        """
        came_in = 0
        head = self._chain.head()
        while (first := self._next()) <= head:
            last = min(first + self._window - 1, head)
            came_in += self._read(first, last, now)
            if not go_on(head):
                break
        return came_in

    def _next(self) -> int:
        """The first block not read, after going back to the last block that is still the chain's."""
        with self._database.reading() as connection:
            last = read_model.last_block(connection)
        if last is None:
            return self._first
        number, block_hash = last
        if _hash(self._chain.block(number)) == block_hash:
            return number + 1
        return self._roll_back(number)

    def _roll_back(self, number: int) -> int:
        with self._database.reading() as connection:
            earlier = read_model.blocks_before(connection, number, mirror.KEEP_BLOCKS)
        common = self._first - 1
        for candidate, block_hash in earlier:
            if _hash(self._chain.block(candidate)) == block_hash:
                common = candidate
                break
        log.warning("chain reorganised", back_to=common, blocks=number - common)
        with self._database.writing() as connection:
            mirror.roll_back(connection, common)
        return common + 1

    def _read(self, first: int, last: int, now: int) -> int:
        facts = self._chain.logs(first, last)
        if len(facts) > STEPS_AT_ONCE and last > first:
            self._window = max(1, (last - first + 1) // 2)
            return 0
        headers = self._headers(facts, last)
        if any(headers[fact.place.block].hash != fact.place.block_hash for fact in facts):
            return 0  # The chain moved while it was read; the next look sees it settled.
        with self._database.reading() as connection:
            known = read_model.step_count(connection)
        facts = self._without_holes(facts, known, first, last)
        headers |= self._headers(facts, last)
        steps = [fact for fact in facts if isinstance(fact, Recorded)]
        with self._database.writing() as connection:
            for fact in facts:
                _mirror(connection, fact, headers[fact.place.block].time)
            mirror.set_last_block(connection, last, headers[last].hash)
            failpoint("K10")
            touched = {step.step.subject.hex() for step in steps}
            _wake(connection, sorted(touched), now)
        self._window = min(WINDOW, self._window * 2)
        return len(steps)

    def _headers(self, facts: Sequence[LedgerLog], last: int) -> dict[int, Block]:
        found = {}
        for number in sorted({fact.place.block for fact in facts} | {last}):
            block = self._chain.block(number)
            if block is None:
                raise LedgerBroken("the node has logs of a block that it does not have", where=f"block {number}")
            found[number] = block
        return found

    def _without_holes(self, facts: list[LedgerLog], known: int, first: int, last: int) -> list[LedgerLog]:
        """The facts, read once more from receipts if their numbers do not run on from `known` to the count."""
        expected = self._chain.count(last)
        if _runs(facts, known, expected):
            return facts
        log.warning("the node's log index has a hole", first=first, last=last)
        again = [fact for number in range(first, last + 1) for fact in self._chain.logs_by_receipts(number)]
        if _runs(again, known, expected):
            return again
        raise LedgerBroken(
            "the node leaves out steps of the ledger",
            where=f"blocks {first} to {last}",
            mend="Ask another node.",
        )


def _runs(facts: Sequence[LedgerLog], known: int, expected: int) -> bool:
    numbers = [fact.sequence for fact in facts if isinstance(fact, Recorded)]
    return numbers == list(range(known + 1, expected + 1))


def _hash(block: Block | None) -> bytes | None:
    return None if block is None else block.hash


def _mirror(connection: Connection, fact: LedgerLog, block_time: int) -> None:
    if isinstance(fact, Skipped):
        mirror.add_skip(connection, fact)
    elif isinstance(fact, Recorded):
        differs = mirror.add_step(connection, fact, block_time)
        if differs is not None:
            raise LedgerBroken("the ledger's state differs from our replay of its steps", where=differs)
    else:
        mirror.add_registry_change(connection, fact, block_time)


def _wake(connection: Connection, subjects: Sequence[str], now: int) -> None:
    dossiers = read_model.dossiers_of(connection, subjects)
    outbox.wake(connection, dossiers, now)
