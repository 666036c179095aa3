"""
The access log of a party: who did what on its behalf, in rows that each carry the hash of the one before.

A row names acts, identifiers and groups, and never a value. Its hash is SHA-256 over a tag, the hash of the row before
and the row itself as one JSON list, so that no row can be changed, left out or put in without changing every hash
after it. Who can write the whole table can still write it anew: a hash that was noted elsewhere shows that.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TAG: Final = b"optitrace.access/1\n"
BEFORE_THE_FIRST: Final = "0" * 64
"""What the first row of a log has for the hash of the row before."""

THE_GATEWAY: Final = 0
"""Whose log holds what cannot be told to be any party's: a key that this gateway never gave out."""

SHOWN: Final = ("cases", "steps", "verdict")
"""What an item or a dossier shows to whoever reads it."""

PURPOSES: Final = ("own_work", "claim_check", "audit", "support")


class Act(StrEnum):
    """What was done. In brackets: what the row's `detail` holds."""

    AUTHENTICATED = "authenticated"
    """A key was good; one row a minute and key."""
    AUTHENTICATION_FAILED = "authentication_failed"
    """A key was not good (`unknown`, `wrong_secret`, `expired`, `revoked`, `not_served`, `party_revoked`)."""
    DENIED = "denied"
    """
    Something was refused, or was answered as absent (the act that was tried; `too_many_requests`; of what came sealed
    from another gateway, the code of the refusal).
    """
    READ = "read"
    """An item or dossier was shown; `fields` say what of it (`openings` where values were shown)."""
    LISTED = "listed"
    """A list was shown, named in `detail` (`items`, `inbox`, …); one row more for each dossier of another in it."""
    CHECKED = "checked"
    """A dossier was checked; `fields` are the groups that were opened."""
    CHECK_RECORDED = "check_recorded"
    """The same, and the answer goes on the ledger (the event)."""
    PACKAGE_GIVEN = "package_given"
    """Keys and values were disclosed to the counterparty; `fields` are their groups."""
    PACKAGE_TAKEN = "package_taken"
    """The counterparty's package was taken in (the package); `fields` are its groups."""
    LIST_SIGNED = "list_signed"
    """The party's signing key signed a list of steps (the list's number)."""
    RECORD_ERASED = "record_erased"
    """The party's record of an item was erased."""
    GROUPS_FORGOTTEN = "groups_forgotten"
    """The retention of groups of values was over; `fields` are the groups."""
    CONTRADICTED = "contradicted"
    """The ledger contradicts a step of a package of the counterparty; `fields` are the groups that were forgotten."""
    KEY_CREATED = "key_created"
    """An API key was made (its id)."""
    KEY_ROTATED = "key_rotated"
    """An API key got a new secret (its id)."""
    KEY_REVOKED = "key_revoked"
    """An API key is good no more (its id)."""


LOOKS: Final = frozenset({Act.READ, Act.LISTED, Act.CHECKED, Act.CHECK_RECORDED, Act.PACKAGE_GIVEN, Act.PACKAGE_TAKEN})
"""The acts that a dossier's optician may read of others: those that showed something of it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Who acts for a party: the id of the API key, None for a process of the gateway itself, and the key's label.

    `purpose` is why, as the request states it: one of `PURPOSES`.
    """

    party: int
    key: str | None
    label: str
    purpose: str = "own_work"


@dataclass(frozen=True, slots=True)
class Deed:
    """
    What an actor did: the act, one of `Act`, and what it was about.

    `subject` is an item or a dossier, `dossier` the dossier it belongs to where that is known, `counterparty` the
    party that gave or gets something, `fields` names of groups, or of what a view holds.
    """

    act: str
    subject: str | None = None
    dossier: str | None = None
    counterparty: int | None = None
    fields: tuple[str, ...] = ()
    detail: str | None = None

    @property
    def owner(self) -> int | None:
        """The optician whose dossier it was about: its number begins every identifier that it made."""
        name = self.dossier or self.subject
        return None if name is None else int(name[:8], 16)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a party's log. `number` counts from 1, `at` is in seconds since 1970."""

    number: int
    at: int
    actor: Actor
    deed: Deed
    owner: int | None

    def hash(self, before: str) -> str:
        """The row's hash, given that of the row `before`; both 64 hex digits."""
        actor, deed = self.actor, self.deed
        content = [
            before, actor.party, self.number, self.at, actor.key, actor.label, actor.purpose, str(deed.act),
            deed.subject, deed.dossier, self.owner, deed.counterparty, list(deed.fields), deed.detail,
        ]  # fmt: skip
        encoded = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(TAG + encoded.encode("ascii")).hexdigest()
