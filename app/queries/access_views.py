"""API keys and the access log as a party may see them: the shapes of answers."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["all", "read"]
ActName = Literal[
    "authenticated", "authentication_failed", "denied", "read", "listed", "checked", "check_recorded",
    "package_given", "package_taken", "list_signed", "record_erased", "groups_forgotten", "contradicted",
    "key_created", "key_rotated", "key_revoked",
]  # fmt: skip
Purpose = Literal["own_work", "claim_check", "audit", "support"]


@dataclass(frozen=True, slots=True)
class KeyView:
    """
    An API key without its secret.

    `label` names the software or the function that holds it; `last_used` is exact to about a minute;
    `old_secret_until` is there while the secret before the last rotation is still good.
    """

    key: str
    label: str
    scope: Scope
    active: bool
    created_at: str
    expires_at: str | None
    last_used: str | None
    revoked_at: str | None
    old_secret_until: str | None


@dataclass(frozen=True, slots=True)
class KeyPage:
    """API keys of the party, newest first, and the cursor of the next page; None at the end."""

    keys: list[KeyView]
    next: str | None


@dataclass(frozen=True, slots=True)
class NewKeyView:
    """An API key with its secret: `api_key` is shown this once and never again."""

    api_key: str
    key: KeyView


@dataclass(frozen=True, slots=True)
class AccessView:
    """
    One row of an access log: which party, when, what, why, about what and at which groups of values.

    A row of another party, that looked at a dossier of the reader's, is named by that party's number alone: its key,
    label, place and hash in its own log are left out.
    """

    party: int
    at: str
    act: ActName
    purpose: Purpose
    subject: str | None
    dossier: str | None
    counterparty: int | None
    fields: list[str]
    detail: str | None
    number: int | None
    key: str | None
    label: str | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Rows of access logs, newest first, and the cursor of the next page; None at the end."""

    entries: list[AccessView]
    next: str | None
