"""
The values that a party holds behind the steps of a dossier: its own, and those that were opened to it.

The only answers of the API, beside packages, that hold values of a record.
"""

from dataclasses import dataclass, field

from app.queries.views import StepView


@dataclass(frozen=True, slots=True)
class OpeningView:
    """
    The values of one group of an item or of the dossier, in canonical form, and the step that commits to them.

    They led to the root in the signed step when they came in. `step` is that step as the ledger has it; None as long as
    it was not read back from there.
    """

    subject: str
    group: str
    values: dict[str, str | None] = field(repr=False)
    digest: str
    step: StepView | None


@dataclass(frozen=True, slots=True)
class OpeningList:
    """All that a party can still read of a dossier; `erased` are the items, or the dossier, that it erased itself."""

    dossier: str
    openings: list[OpeningView]
    erased: list[str]
