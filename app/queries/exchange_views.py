"""The shapes of what a party is shown of its exchange with other gateways."""

from dataclasses import dataclass
from typing import Literal

from app.queries.views import Reason

OutgoingStatus = Literal["waiting", "accepted", "refused"]
IncomingStatus = Literal["unconfirmed", "confirmed", "contradicted", "refused"]


@dataclass(frozen=True, slots=True)
class OutgoingView:
    """
    A package to another party. `waiting`: without its receipt, `reason` says why if an attempt was made. `accepted`
    and `refused` are the recipient's signed word, or `refused` that there is nothing to give any more.
    """

    package: str | None
    recipient: int
    dossier: str
    items: list[str]
    status: OutgoingStatus
    attempts: int
    due_since: str
    next_attempt: str | None
    settled_at: str | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class OutgoingPage:
    """Packages, oldest first, and the cursor of the next page; None at the end."""

    packages: list[OutgoingView]
    next: str | None


@dataclass(frozen=True, slots=True)
class IncomingView:
    """
    A sealed package that came in. `unconfirmed` until the ledger shows every step in it; `contradicted` when it has
    another step in place of one of them, or none can come any more: the values behind that one were forgotten.
    """

    package: str
    sender: int
    dossier: str | None
    received_at: str
    status: IncomingStatus
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class IncomingPage:
    """Packages, oldest first, and the cursor of the next page; None at the end."""

    packages: list[IncomingView]
    next: str | None
