"""What the ledger says became of a step."""

from enum import IntEnum


class Outcome(IntEnum):
    """What the ledger says became of a step; numbers and names are the contract's."""

    RECORDED = 0
    UNKNOWN_SUBJECT = 1
    NOT_YET_NAMED = 2
    PREDECESSOR_MISSING = 3
    STALE_WITNESS = 4
    CLAIMED_AHEAD = 5
    CLAIMED_AFTER_RETIREMENT = 6
    PARTY_SUSPENDED = 7
    PAUSED = 8
    REPEATED = 9
    NOT_ALLOWED = 10
    MALFORMED = 11
    EXPIRED = 12
    KEY_NOT_GOOD = 13
    BAD_SIGNATURE = 14
    DEADLINE_TOO_FAR = 15

    @property
    def final(self) -> bool:
        """Whether no later attempt can record the step."""
        return Outcome.REPEATED <= self <= Outcome.EXPIRED

    @property
    def ignores_list(self) -> bool:
        """Whether the list itself is void and has to be signed again."""
        return self >= Outcome.KEY_NOT_GOOD
