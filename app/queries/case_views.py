"""The shapes of what does not agree: cases, the steps that show or justify them, and assurance."""

from dataclasses import dataclass
from typing import Literal

from app.domain.conformity import AssuranceLabel


@dataclass(frozen=True, slots=True)
class JustifyingStep:
    """A step that justifies a case or a verdict: its place on the ledger, its kind, and who signed it."""

    sequence: int
    kind: str
    party: int


@dataclass(frozen=True, slots=True)
class CaseView:
    """
    One case: what does not agree, shown by which comparison; `found_by` is `ledger` or `claim`.

    `events` are the sequences of the steps that show or justify it. `justified_by` are those that justify it, as far as
    whoever asks may see them; none unless it is `justified`.
    """

    code: str
    comparison: str | None
    group: str | None
    item: str | None
    justified: bool
    found_by: Literal["ledger", "claim"]
    events: list[int]
    justified_by: list[JustifyingStep]


@dataclass(frozen=True, slots=True)
class AssuranceView:
    """The level, and what marks it."""

    level: AssuranceLabel
    late: bool
    custodial: bool
