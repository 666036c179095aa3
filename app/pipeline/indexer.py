"""
Read the ledger's log into the mirror.

Blocks are read in bounded windows, each linked to the one before by its parent's hash. What a window holds, the states
it leads to and the cursor are written in one transaction. The cursor never passes a hole in the ledger's numbers, nor
a block whose bloom promises logs that the node did not give: nodes have been seen to leave logs out. If the process
dies, the window is read again and gives the same rows.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import structlog

from app.errors import ChainUnavailable, ChainUntrusted, LedgerBroken
from app.failpoints import failpoint
from app.ports import Block, Chain, LedgerLog, NoticeLog, OutageDeclared, Recorded, RegistryLog, Skipped
from app.store import exchange_outbox, mirror, outbox, read_model, sending, verdict_changes
from app.store.database import Connection, Database, WriteConflict

WINDOW = 2_000
STEPS_AT_ONCE = 2_000
DEEPEST = 64
"""How many blocks may be replaced by others before an operator has to look: no chain we run on goes back so far."""
PATIENCE = 3
"""How often in a row a window may change while it is read."""
log = structlog.get_logger()

Cursor = tuple[int, bytes]
"""Number and hash of the last block read."""


class Indexer:
    """
    Follows one ledger into one database. `is_ours` raises if the chain is not the one it was.

    `parties` are those that the gateway serves: an insurer among them is told what changes after its checks.
    """

    def __init__(
        self,
        chain: Chain,
        database: Database,
        first_block: int,
        is_ours: Callable[[], None],
        parties: Collection[int] = (),
    ) -> None:
        self._chain = chain
        self._parties = parties
        self._database = database
        self._first = first_block
        self._is_ours = is_ours
        self._window = WINDOW

    def catch_up(self, newest: Block, now: int, go_on: Callable[[int], bool]) -> int:
        """
        Read until the block `newest`, the node's newest; returns how many steps came in.

        That may take minutes, so `go_on` is asked between two windows. Raises LedgerBroken for a hole or a
        contradiction, ChainUntrusted if more blocks than `DEEPEST` were replaced, ChainUnavailable if the node does
        not answer; what was read before that stays.
        """
        came_in = changed = 0
        while True:
            cursor = self._cursor(newest, now)
            first = self._first if cursor is None else cursor[0] + 1
            if first > newest.number:
                return came_in
            last = min(first + self._window - 1, newest.number)
            facts = self._logs(first, last)
            if len(facts) > STEPS_AT_ONCE and last > first:
                self._window = max(1, (last - first + 1) // 2)
                continue
            read = self._read(cursor, facts, first, last, newest, now)
            changed = changed + 1 if read is None else 0
            if changed == PATIENCE:
                where = f"blocks {first} to {last}"
                raise LedgerBroken(
                    "what the node shows of its blocks does not hold together", where, "Ask another node."
                )
            came_in += read or 0
            if read is None:
                # What is newest may be what moved.
                newest = self._chain.newest()
            elif last == newest.number or not go_on(newest.number):
                return came_in

    def _cursor(self, newest: Block, now: int) -> Cursor | None:
        """The last block read that is still the chain's, after going back to it; None before the first."""
        with self._database.reading() as connection:
            last = read_model.last_block(connection)
        if last is None or last in ((newest.number, newest.hash), (newest.number - 1, newest.parent)):
            return last
        if _hash(self._chain.block(last[0])) == last[1]:
            return last
        self._is_ours()
        return self._roll_back(last, now)

    def _roll_back(self, last: Cursor, now: int) -> Cursor | None:
        lowest = last[0] - DEEPEST
        with self._database.reading() as connection:
            earlier = read_model.blocks_between(connection, lowest, last[0] - 1)
        common = next((each for each in earlier if _hash(self._chain.block(each[0])) == each[1]), None)
        if common is None and lowest >= self._first:
            raise ChainUntrusted(
                "the chain replaced more blocks than it ever should", "last_block", "Ask the chain's operators."
            )
        number = self._first - 1 if common is None else common[0]
        log.warning("chain reorganised", back_to=number, blocks=last[0] - number)
        with self._database.writing() as connection:
            touched = mirror.roll_back(connection, number)
            told = verdict_changes.roll_back(connection, number, touched, now)
            sending.reopen(connection, number)
        _say(told)
        return common

    def _read(
        self, cursor: Cursor | None, facts: list[LedgerLog], first: int, last: int, newest: Block, now: int
    ) -> int | None:
        """The number of steps that a window with these logs brought; None if the chain moved while it was read."""
        lowest = newest.number - DEEPEST
        wanted = {fact.place.block for fact in facts} | {first, last, *range(max(first, lowest), last + 1)}
        headers = self._headers(wanted - {newest.number})
        if last == newest.number:
            headers[last] = newest
        if cursor is not None and headers[first].parent != cursor[1]:
            return None
        with self._database.reading() as connection:
            known = read_model.step_count(connection)
        facts = self._whole(facts, headers, known, first, last, newest.number)
        if not self._hold_together(facts, headers, last):
            return None
        keep = [headers[number] for number in sorted(headers) if number >= lowest or number == last]
        if not self._write(cursor, facts, headers, keep, now):
            return None
        self._window = min(WINDOW, self._window * 2)
        return sum(isinstance(fact, Recorded) for fact in facts)

    def _logs(self, first: int, last: int) -> list[LedgerLog]:
        try:
            return self._chain.logs(first, last)
        except ChainUnavailable:
            # It may have been too much for the node at once.
            self._window = max(1, self._window // 2)
            raise

    def _headers(self, numbers: Iterable[int]) -> dict[int, Block]:
        found = {}
        for number in sorted(numbers):
            block = self._chain.block(number)
            if block is None:
                raise ChainUnavailable("the node does not have a block that it spoke of", f"block {number}")
            found[number] = block
        return found

    def _whole(
        self, facts: list[LedgerLog], headers: dict[int, Block], known: int, first: int, last: int, newest: int
    ) -> list[LedgerLog]:
        """The facts, read once more from receipts where the node left some out; may add to `headers`."""
        given = {fact.place.block for fact in facts}
        silent = [number for number, block in headers.items() if block.touched and number not in given]
        facts = _ordered([*facts, *self._by_receipts(silent)])
        expected = self._chain.count(last)
        if expected is None and last == newest:
            raise ChainUnavailable("the node cannot say how many steps are recorded", mend="Ask another node.")
        if _runs(facts, known, expected):
            return facts
        log.warning("the node's log index has a hole", first=first, last=last)
        facts = self._by_receipts(range(first, last + 1))
        headers |= self._headers({fact.place.block for fact in facts} - headers.keys())
        if not _runs(facts, known, expected) and self._hold_together(facts, headers, last):
            where = f"blocks {first} to {last}"
            raise LedgerBroken("the node leaves out steps of the ledger", where, "Ask another node.")
        return facts

    def _by_receipts(self, numbers: Iterable[int]) -> list[LedgerLog]:
        return [fact for number in numbers for fact in self._chain.logs_by_receipts(number)]

    def _hold_together(self, facts: Sequence[LedgerLog], headers: Mapping[int, Block], last: int) -> bool:
        """Whether facts and headers are of one chain, and that is still the node's."""
        if any(headers[fact.place.block].hash != fact.place.block_hash for fact in facts):
            return False
        if any(number - 1 in headers and block.parent != headers[number - 1].hash for number, block in headers.items()):
            return False
        return _hash(self._chain.block(last)) == headers[last].hash

    def _write(
        self,
        cursor: Cursor | None,
        facts: Sequence[LedgerLog],
        headers: Mapping[int, Block],
        keep: Sequence[Block],
        now: int,
    ) -> bool:
        """Facts, states and cursor in one transaction; false if another process moved the cursor meanwhile."""
        try:
            with self._database.writing() as connection:
                if read_model.last_block(connection) != cursor:
                    return False
                told = 0
                for fact in facts:
                    touched = _mirror(connection, fact, headers[fact.place.block].time)
                    if isinstance(fact, Recorded):
                        told += verdict_changes.follow(connection, self._parties, fact, now)
                    elif isinstance(fact, OutageDeclared):
                        told += verdict_changes.follow_outage(connection, fact, touched, now)
                for block in keep:
                    mirror.set_last_block(connection, block.number, block.hash)
                failpoint("K10")
                _wake(connection, facts, now)
        except WriteConflict as error:
            where = f"blocks up to {keep[-1].number}"
            raise LedgerBroken("the node gives a step twice, or another process reads too", where) from error
        _say(told)
        return True


def _runs(facts: Sequence[LedgerLog], known: int, expected: int | None) -> bool:
    """Whether the steps' numbers run on from `known` without a hole, to `expected` if that can be told."""
    numbers = [fact.sequence for fact in facts if isinstance(fact, Recorded)]
    return numbers == list(range(known + 1, known + 1 + len(numbers))) and expected in (None, known + len(numbers))


def _ordered(facts: Iterable[LedgerLog]) -> list[LedgerLog]:
    return sorted(facts, key=lambda fact: (fact.place.block, fact.place.log_index))


def _say(told: int) -> None:
    if told:
        log.info("insurers were told of verdicts that changed", changes=told)


def _hash(block: Block | None) -> bytes | None:
    return None if block is None else block.hash


def _mirror(connection: Connection, fact: LedgerLog, block_time: int) -> set[str]:
    """Mirror a fact; returns the dossiers that a notice lets be judged otherwise."""
    if isinstance(fact, NoticeLog):
        return mirror.add_notice(connection, fact)
    if isinstance(fact, Skipped):
        mirror.add_skip(connection, fact)
    elif isinstance(fact, Recorded):
        fault = mirror.add_step(connection, fact, block_time)
        if fault is not None:
            raise LedgerBroken(fault, f"step {fact.sequence}", "Ask another node.")
    else:
        mirror.add_registry_change(connection, fact, block_time)
    return set()


def _wake(connection: Connection, facts: Sequence[LedgerLog], now: int) -> None:
    """Let what waited for any of this be tried again at once."""
    subjects = {fact.step.subject.hex() for fact in facts if isinstance(fact, Recorded)}
    outbox.wake(connection, read_model.dossiers_of(connection, sorted(subjects)), now)
    changed = {fact.party for fact in facts if isinstance(fact, RegistryLog)}
    outbox.wake_parties(connection, changed, now)
    exchange_outbox.wake(connection, changed, now)
