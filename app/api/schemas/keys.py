"""API keys as a client asks for them."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from app.api.schemas.base import Moment, Strict, nobody_in, seconds, with_a_digit
from app.queries.access_views import Scope
from app.services.api_keys import LABEL, LONGEST_OVERLAP, KeyEnd, KeyRenewal, KeyTerms

_LONGEST_LIFE: Final = 10 * 366 * 24 * 3600

Label = Annotated[
    str,
    StringConstraints(pattern=f"^{LABEL}$"),
    AfterValidator(nobody_in),
    Field(json_schema_extra={"maxLength": 40, "pattern": f"^{with_a_digit('A-Za-z._-', 'A-Za-z._-')}$"}),
]
ExpiresAt = Annotated[Moment | None, Field(description="the moment from which the key is no good")]
ExpiresIn = Annotated[
    int | None, Field(ge=1, le=_LONGEST_LIFE, description="the same as seconds from now; give one of the two")
]


class _Ending(Strict):
    """When a key ends: at a moment, after seconds, or, with neither, when it is revoked."""

    expires_at: ExpiresAt = None
    expires_in_seconds: ExpiresIn = None

    def end(self) -> KeyEnd:
        """The end as the core takes it."""
        return KeyEnd(None if self.expires_at is None else seconds(self.expires_at), self.expires_in_seconds)


class KeyRequest(_Ending):
    """A new API key of the caller's party."""

    label: Label = Field(
        description="the software or function that holds the key, in one word with a digit; not a person"
    )
    scope: Scope = Field(default="all", description="`read` records nothing, takes in no packages and manages no keys")

    def to_terms(self) -> KeyTerms:
        """The terms as the core takes them."""
        return KeyTerms(self.label, self.scope, self.end())


class RotationRequest(_Ending):
    """A new secret for a key; without an end the key keeps the one it has."""

    overlap_seconds: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP)] = Field(
        default=0, description="how long the secret that it has stays good"
    )

    def to_renewal(self) -> KeyRenewal:
        """The renewal as the core takes it."""
        return KeyRenewal(self.overlap_seconds, self.end())
