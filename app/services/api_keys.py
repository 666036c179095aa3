"""
API keys: `ot_<id>_<secret>`, shown once.

The secret is 256 random bits, so a plain SHA-256 of it can be kept: there is nothing to guess. The id finds the row,
the secret is compared in constant time. A key belongs to one party, has a scope, and carries the name of the software
or function that holds it. Every change is noted in the party's access log, in the same transaction.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

import structlog

from app.domain.access import THE_GATEWAY, Act, Actor, Deed
from app.domain.identifiers import holds_insured_number, holds_written_date, is_bare_word
from app.errors import InvalidRecord, KeyRefused, NotPermitted, OptiTraceError
from app.services.access_log import COMMAND_LINE, Notes, note
from app.services.ground import Ground, not_found
from app.store import access
from app.store.access import ApiKey
from app.store.database import Connection
from app.store.registry import PartyState, registered_party

ALL, READ = "all", "read"
SCOPES: Final = (ALL, READ)
LABEL: Final = "[A-Za-z0-9._-]{1,40}"
"""With a digit in it, or of one character: what has none may be a name."""
MOST_KEYS: Final = 100
LONGEST_OVERLAP: Final = 7 * 24 * 3600

_FORM = re.compile("ot_([0-9a-f]{8})_([0-9a-f]{64})")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeyEnd:
    """When a key ends: at a moment in seconds since 1970, or so many seconds from now; not both."""

    at: int | None = None
    after: int | None = None

    def moment(self, now: int) -> int | None:
        """The moment; None if no end is named. Raises InvalidRecord for both, and for what is past."""
        if self.at is not None and self.after is not None:
            raise InvalidRecord("/expires_in_seconds", "the end is given twice", "Give one of the two.")
        end = self.at if self.after is None else now + self.after
        if end is not None and end <= now:
            raise InvalidRecord("/expires_at", "the key would be expired already", "Give a moment that is to come.")
        return end


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a new key is made with: who holds it, what it may do, and its end (none: when it is revoked)."""

    label: str = "unnamed-0"
    scope: str = ALL
    end: KeyEnd = KeyEnd()


@dataclass(frozen=True, slots=True)
class KeyRenewal:
    """How a key gets a new secret: how many seconds the old one stays good, and the key's new end (none: as it is)."""

    overlap: int = 0
    end: KeyEnd = KeyEnd()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is, the key's id and label, and its scope."""

    party: int
    key: str
    label: str
    scope: str


def create_api_key(ground: Ground, party: int, terms: KeyTerms | None = None, actor: Actor | None = None) -> str:
    """
    Make a key for a party that this gateway serves, and return it for the only time.

    Without `actor` the command line makes it. Raises InvalidRecord for terms that cannot be, KeyRefused beyond 100
    active keys.
    """
    now, secret, terms = ground.clock.now(), _secret(), terms or KeyTerms()
    _check_terms(terms)
    key = ApiKey(
        secrets.token_hex(4), party, _digest(secret), None, None, terms.scope, terms.label, now, terms.end.moment(now),
        None, None,
    )  # fmt: skip
    with ground.database.writing(party) as connection:
        if len(access.active_keys(connection, party, now)) >= MOST_KEYS:
            raise KeyRefused(f"the party has {MOST_KEYS} active keys", mend="Revoke those that nobody uses.")
        access.add_api_key(connection, key)
        note(ground, connection, actor or _command_line(party), Deed(Act.KEY_CREATED, detail=key.id))
    return f"ot_{key.id}_{secret}"


def rotate_api_key(ground: Ground, actor: Actor, key_id: str, renewal: KeyRenewal) -> str:
    """
    Give a key of the actor's party a new secret and return it for the only time; the id, label and scope stay.

    The secret it had stays good for the overlap; one from a rotation before that ends now. Raises NotFound,
    InvalidRecord, and KeyRefused for a key that is not good any more.
    """
    now, secret = ground.clock.now(), _secret()
    if not 0 <= renewal.overlap <= LONGEST_OVERLAP:
        raise InvalidRecord("/overlap_seconds", f"the overlap is 0 to {LONGEST_OVERLAP} seconds")
    end = renewal.end.moment(now)
    with ground.database.writing(actor.party) as connection:
        key = _own(connection, actor.party, key_id)
        if not key.active(now):
            raise KeyRefused("the key is revoked or expired", mend="Make a new one.")
        access.change_key(
            connection,
            key_id,
            digest=_digest(secret),
            old_digest=key.digest if renewal.overlap else None,
            old_until=now + renewal.overlap if renewal.overlap else None,
            expires_at=key.expires_at if end is None else end,
        )
        note(ground, connection, actor, Deed(Act.KEY_ROTATED, detail=key_id))
    return f"ot_{key_id}_{secret}"


def revoke_api_key(ground: Ground, actor: Actor, key_id: str, *, even_the_last: bool = False) -> None:
    """
    End a key of the actor's party, at once and for good; ending it again changes nothing.

    Raises NotFound; KeyRefused for the last active key of scope `all` unless `even_the_last`, because nobody could
    make another through the API.
    """
    now = ground.clock.now()
    with ground.database.writing(actor.party) as connection:
        key = _own(connection, actor.party, key_id)
        if key.revoked_at is not None:
            return
        others = [each for each in access.active_keys(connection, actor.party, now) if each.id != key_id]
        last = key.active(now) and key.scope == ALL and all(each.scope != ALL for each in others)
        if last and not even_the_last:
            raise KeyRefused("this is the party's last active key of scope all", mend="Make another one first.")
        access.change_key(connection, key_id, revoked_at=now, old_digest=None, old_until=None)
        note(ground, connection, actor, Deed(Act.KEY_REVOKED, detail=key_id))


def id_of(api_key: str) -> str:
    """The public part of a key."""
    return api_key.split("_")[1]


def require_all(scope: str) -> None:
    """Raise NotPermitted unless a key of this scope may change anything."""
    if scope != ALL:
        raise NotPermitted("this key may only read", "header authorization", f"Use a key of scope {ALL}.")


class KeyRing:
    """Tells whose a key is, and notes when it was last used and that one failed: once a minute each."""

    def __init__(self, ground: Ground, notes: Notes) -> None:
        self._ground = ground
        self._notes = notes

    def holder_of(self, api_key: str) -> Holder | None:
        """Who holds a key; None if it is none of this gateway, is revoked or expired, or its party left."""
        form = _FORM.fullmatch(api_key)
        if form is None:
            return None
        with self._ground.database.reading() as connection:
            key = access.api_key(connection, form[1])
            party = None if key is None else registered_party(connection, key.party)
        if key is None:
            self._note(Actor(THE_GATEWAY, None, "unknown"), Deed(Act.AUTHENTICATION_FAILED, detail="unknown"))
            return None
        actor = Actor(key.party, key.id, key.label)
        left = party is not None and party.state is PartyState.REVOKED
        fault = self._fault(key, form[2]) or ("party_revoked" if left else None)
        if fault is not None:
            self._note(actor, Deed(Act.AUTHENTICATION_FAILED, detail=fault))
            return None
        self._note(actor, Deed(Act.AUTHENTICATED))
        return Holder(key.party, key.id, key.label, key.scope)

    def _fault(self, key: ApiKey, secret: str) -> str | None:
        """What is wrong with a key and the secret shown for it."""
        now, digest = self._ground.clock.now(), _digest(secret)
        fits = hmac.compare_digest(key.digest, digest)
        if key.old_digest is not None and key.old_until is not None and now < key.old_until:
            fits = hmac.compare_digest(key.old_digest, digest) or fits
        if not fits:
            return "wrong_secret"
        if not key.active(now):
            return "expired" if key.revoked_at is None else "revoked"
        return None if key.party in self._ground.roles else "not_served"

    def _note(self, actor: Actor, deed: Deed) -> None:
        """Note how a key was used. A database that takes no writes keeps nobody from reading the status."""
        if not self._notes.due(actor, deed):
            return
        try:
            with self._ground.database.writing(actor.party) as connection:
                if deed.act == Act.AUTHENTICATED:
                    access.change_key(connection, str(actor.key), used_at=self._ground.clock.now())
                note(self._ground, connection, actor, deed)
        except OptiTraceError as error:
            log.warning("the use of a key could not be noted", code=error.code, party=actor.party)
            return
        self._notes.done(actor, deed)


def _command_line(party: int) -> Actor:
    return Actor(party, None, COMMAND_LINE)


def _own(connection: Connection, party: int, key_id: str) -> ApiKey:
    key = access.api_key(connection, key_id)
    if key is None or key.party != party:
        raise not_found()
    return key


def _check_terms(terms: KeyTerms) -> None:
    if re.fullmatch(LABEL, terms.label) is None:
        raise InvalidRecord("/label", "a label is one word of 1 to 40 letters, digits, dots, dashes and underscores")
    if is_bare_word(terms.label):
        raise InvalidRecord("/label", "a label has a digit in it, or may be somebody's name", 'Write it like "till-1".')
    if holds_insured_number(terms.label):
        raise InvalidRecord("/label", "this looks like the number of an insured person", "Name a function or software.")
    if holds_written_date(terms.label):
        raise InvalidRecord("/label", "this is a date, and may be a birth date", "Name a function or software.")
    if terms.scope not in SCOPES:
        raise InvalidRecord("/scope", f"a scope is one of {', '.join(SCOPES)}")


def _secret() -> str:
    return secrets.token_hex(32)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
