"""
What a worker does beside the chain: drop what was kept for a day, forget what is old, write erased files anew, and
see that what was erased is so here and on the ledger.
"""

import structlog

from app.domain.retention import DAY
from app.errors import OptiTraceError
from app.services.announce import announce_left
from app.services.contradicted import forget_contradicted
from app.services.erase_again import erase_again
from app.services.ground import Ground
from app.services.handed_on import forget_handed_on
from app.services.retention import forget_old
from app.store import answers, awaited, exchange_inbox

TIDY_SECONDS = 600
SCRUB_SECONDS = 30
REFUSED_DAYS, MOST_REFUSED = 90, 1000
"""How long refused packages stay in the inbox, and how many of one sender's to one party."""
log = structlog.get_logger()


class Housekeeper:
    """Looks after one gateway's database, each task in its own time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._done: dict[str, int] = {}
        self._erased_to = 0
        self._has_read = False

    def tidy(self, now: int) -> None:
        """Do what is due; what fails is tried again when it is due next."""
        if self._due("day", now, TIDY_SECONDS):
            with self._ground.database.writing() as connection:
                answers.drop_old(connection, now)
                awaited.drop_recorded(connection)
                exchange_inbox.drop_refused(connection, now - REFUSED_DAYS * DAY, MOST_REFUSED)
        if self._due("scrub", now, SCRUB_SECONDS):
            # A receipt may have come since the last block.
            forget_handed_on(self._ground)
            self._scrub()
        # What is forgotten is said on the ledger, and what was said there before this database knew is not said again.
        if self._has_read and self._due("retention", now, TIDY_SECONDS):
            forget_old(self._ground)
            announce_left(self._ground)

    def follow(self, until: int | None = None) -> None:
        """
        Let what was just read of the ledger be true here too: what was erased stays so, a lot is its holder's.

        `until` is the moment up to which all of the ledger was read, None if more is to be read.
        """
        self._has_read = self._has_read or until is not None
        self._erased_to = erase_again(self._ground, self._erased_to)
        forget_handed_on(self._ground)
        forget_contradicted(self._ground, until)

    def _scrub(self) -> None:
        try:
            if not self._ground.database.scrub():
                log.info("the database is in use and is written anew later")
        except OptiTraceError as error:
            # Waits for readers must not keep events from the chain.
            log.warning("the database could not be written anew", code=error.code)

    def _due(self, task: str, now: int, seconds: int) -> bool:
        if 0 <= now - self._done.get(task, -seconds) < seconds:
            return False
        self._done[task] = now
        return True
