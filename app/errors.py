"""
Everything that can go wrong for a reason we understand.

    OptiTraceError
      InvalidRecord       the record breaks a rule of the domain
      ProofRejected       openings do not lead to the root they claim
      NotPermitted        this party's role may not do this
      PartySuspended      the party may not act at present
      NotFound            no such thing, or none that this party may see
      OutOfSequence       a step of this party that comes first is missing
      AlreadyRecorded     the same step was accepted before
      IdempotencyConflict the key was used for another request
      PackageRefused      a package does not hold what it claims
      SignerUnknown       a package's steps are signed with a key that the mirror of the registry does not have
      NotSealed           no sealed package and no receipt in the form of this network
      AlgorithmRefused    sealed or signed by another algorithm than the one there is
      ExchangeKeyUnknown  sealed to, or signed by, a key that is not the party's now
      WrongRecipient      a sealed package for another party than the one that it is sealed to
      SealBroken          a seal or a signature does not hold
      PackageAltered      a sealed package is not the one that its id says
      PackageMissing      the keys to commit with have not come in yet
      BadCursor           a cursor that this gateway did not give out
      KeyRefused          an API key that cannot be made, renewed or ended
      QueueFull           the disk is too full to accept more
      StoreUnavailable    the database did not answer; nothing was accepted
      ChainUnavailable    no node answered in time; safe to try again
      ChainUntrusted      the node shows another chain than the one pinned
      LedgerBroken        the ledger's log contradicts itself or our replay
      LeaseLost           another process submits with this relayer's key
      RecordErased        the party erased its record of this item
      VaultUnreadable     what is stored cannot be decrypted, or its key is not here

Each error carries the facts that an answer needs, and never a value of the
record: an error ends up in logs, and a correction or a name must not.
"""

from typing import ClassVar


class OptiTraceError(Exception):
    """
    A failure with a stable `code`, a sentence, a place and a way out.

    `detail` says what is wrong, `mend` what to do about it. `where` is a path
    such as `/items/0/correction/axis`, or `None` if no single place is wrong.
    """

    code: ClassVar[str]

    def __init__(self, detail: str, where: str | None = None, mend: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = where
        self.mend = mend


class InvalidRecord(OptiTraceError):
    """The record breaks a rule of the domain: a field, a value, or how values stand together."""

    code = "invalid_record"

    def __init__(self, where: str | None, how: str, mend: str = "Correct the record and send it again.") -> None:
        super().__init__(how, where, mend)


class ProofRejected(OptiTraceError):
    """Openings do not lead to the root they claim, or do not say what they belong to."""

    code = "proof_rejected"

    def __init__(
        self, detail: str, where: str | None = None, mend: str = "Ask its author for the proof again, whole."
    ) -> None:
        super().__init__(detail, where, mend)


class NotPermitted(OptiTraceError):
    """The caller's role may not do this."""

    code = "not_permitted"


class PartySuspended(OptiTraceError):
    """The registry says that the party may not act at present."""

    code = "party_suspended"


class NotFound(OptiTraceError):
    """No such thing, or none that this party may see: the two are not told apart."""

    code = "not_found"


class OutOfSequence(OptiTraceError):
    """A step of the same party that must come first is missing."""

    code = "out_of_sequence"


class AlreadyRecorded(OptiTraceError):
    """The party's gateway accepted this step before."""

    code = "already_recorded"


class IdempotencyConflict(OptiTraceError):
    """The idempotency key stands for another request."""

    code = "idempotency_conflict"


class PackageRefused(OptiTraceError):
    """A package is malformed, is for somebody else, or does not lead to the steps it carries."""

    code = "package_refused"


class SignerUnknown(PackageRefused):
    """The registry, as far as it was read here, has no such key for the sender: that may pass."""

    code = "signer_unknown"


class NotSealed(OptiTraceError):
    """No sealed package and no receipt in the form of this network."""

    code = "not_sealed"


class AlgorithmRefused(OptiTraceError):
    """Something is sealed or signed by another algorithm than the one that this network has."""

    code = "algorithm_refused"


class ExchangeKeyUnknown(OptiTraceError):
    """The key is not, or not any more, the one that the registry has for the party; or nobody's here."""

    code = "exchange_key_unknown"


class WrongRecipient(OptiTraceError):
    """What was opened is meant for another party than the one that it was sealed to."""

    code = "wrong_recipient"


class SealBroken(OptiTraceError):
    """A seal does not open or a signature does not hold: something was changed on the way."""

    code = "seal_broken"


class PackageAltered(OptiTraceError):
    """The id of a sealed package is not that of its content."""

    code = "package_altered"


class PackageMissing(OptiTraceError):
    """The group keys to commit with have not come in yet."""

    code = "package_missing"


class BadCursor(OptiTraceError):
    """The cursor was not given out by this gateway for this list."""

    code = "bad_cursor"


class KeyRefused(OptiTraceError):
    """An API key cannot be made, renewed or ended as asked; every key is as it was."""

    code = "key_refused"


class QueueFull(OptiTraceError):
    """The disk is too full to accept more; nothing was accepted."""

    code = "queue_full"


class StoreUnavailable(OptiTraceError):
    """The database did not answer; nothing was accepted."""

    code = "store_unavailable"


class ChainUnavailable(OptiTraceError):
    """No node answered in time; safe to try again."""

    code = "chain_unavailable"


class ChainUntrusted(OptiTraceError):
    """The node shows another chain, ledger or history than the one pinned; `where` names the check that failed."""

    code = "chain_untrusted"


class LedgerBroken(OptiTraceError):
    """The ledger's log has a hole or contradicts our replay; the cursor stays where it is."""

    code = "ledger_broken"


class LeaseLost(OptiTraceError):
    """Another process holds the lease of this relayer's key."""

    code = "lease_lost"


class RecordErased(OptiTraceError):
    """The party erased its record of this item: who and when, and that nothing is left to show."""

    code = "record_erased"


class VaultUnreadable(OptiTraceError):
    """What is stored cannot be decrypted, or there is no key to encrypt with; says nothing of what it is."""

    code = "vault_unreadable"
