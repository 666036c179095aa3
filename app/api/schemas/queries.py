"""The query parameters of each list; one that is not named here is refused."""

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.api import examples
from app.api.schemas.base import MAX_PARTY, Identifier, Moment, Reference, seconds
from app.api.schemas.events import Verdict
from app.domain.kinds import KindLabel as Kind
from app.queries.gateway import Filter

MAX_LIMIT: Final = 200
_DIGITS = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)


def _whole(text: object) -> int:
    """Read plain digits only: the validator's own reading would take spaces, underscores and `5.0`."""
    if not isinstance(text, str) or _DIGITS.fullmatch(text) is None:
        raise PydanticCustomError("int_type", "not a whole number")
    return int(text)


Digits = BeforeValidator(_whole)


class Page(BaseModel):
    """Which part of a list, and how much of it at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    cursor: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_=.~-]{1,512}$")] | None = Field(
        default=None,
        description="the `next` of the page before; opaque, and good only for the same conditions",
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), Digits] = Field(
        default=50, description="entries at most", examples=[50]
    )

    def to_filter(self) -> Filter:
        """The page as the core takes it."""
        return Filter(cursor=self.cursor, limit=self.limit)


class Mine(Page):
    """Narrows a list of the party's own items or dossiers."""

    reference: Reference | None = Field(default=None, description="the shop's own reference", examples=["2026-00117"])
    state: Kind | None = Field(default=None, description="the last step recorded", examples=["quoted"])
    verdict: Verdict | None = Field(
        default=None, description="the ledger verdict as it is now", examples=["incomplete"]
    )
    since: Moment | None = Field(
        default=None, description="changed at this moment or later", examples=["2026-03-01T00:00:00Z"]
    )
    until: Moment | None = Field(
        default=None, description="changed before this moment", examples=["2026-04-01T00:00:00Z"]
    )

    def to_filter(self) -> Filter:
        return Filter(
            reference=self.reference,
            state=self.state,
            verdict=self.verdict,
            since=None if self.since is None else seconds(self.since),
            until=None if self.until is None else seconds(self.until),
            cursor=self.cursor,
            limit=self.limit,
        )


class Audited(Page):
    """Narrows the list of all recorded steps."""

    party: Annotated[int, Field(ge=1, le=MAX_PARTY), Digits] | None = Field(
        default=None, description="the party that signed", examples=[examples.OPTICIAN]
    )
    kind: Kind | None = Field(default=None, examples=["quoted"])
    item: Identifier | None = Field(default=None, examples=[examples.ITEM])
    dossier: Identifier | None = Field(default=None, examples=[examples.DOSSIER])
    from_sequence: Annotated[int, Field(ge=0, le=2**63 - 1), Digits] | None = Field(
        default=None, description="the first sequence number of the ledger to show", examples=[1]
    )

    def to_filter(self) -> Filter:
        return Filter(
            party=self.party,
            kind=self.kind,
            item=self.item,
            dossier=self.dossier,
            from_sequence=self.from_sequence,
            cursor=self.cursor,
            limit=self.limit,
        )


class Looked(Page):
    """Narrows the access log."""

    subject: Identifier | None = Field(
        default=None,
        description="only what was done to this item, or to this dossier and its items",
        examples=[examples.DOSSIER],
    )

    def to_filter(self) -> Filter:
        return Filter(subject=self.subject, cursor=self.cursor, limit=self.limit)


class Told(Page):
    """Narrows the list of verdicts that changed."""

    dossier: Identifier | None = Field(
        default=None, description="only what changed in this dossier", examples=[examples.DOSSIER]
    )

    def to_filter(self) -> Filter:
        return Filter(dossier=self.dossier, cursor=self.cursor, limit=self.limit)


class Recipient(BaseModel):
    """For whom a package is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    for_: Annotated[int, Field(ge=1, le=MAX_PARTY), Digits] = Field(
        alias="for", description="number of the party that the package is for", examples=[examples.GLASSMAKER]
    )
    form: Literal["open", "sealed"] = Field(
        default="open",
        description="`open` gives JSON to hand over in confidence; `sealed` gives it signed, and readable by the "
        "recipient alone: a file that anybody may carry",
    )


class Wait(BaseModel):
    """Whether to wait for the chain."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    wait: Literal["anchored"] | None = Field(
        default=None,
        description="wait up to 30 seconds until all events are anchored or refused",
        examples=["anchored"],
    )
