"""The shapes of what an insurer is told after its checks."""

from dataclasses import dataclass
from typing import Literal

from app.domain.conformity import VerdictLabel
from app.queries.views import StepView


@dataclass(frozen=True, slots=True)
class StandingView:
    """The ledger verdict of a dossier, and the codes of its cases, justified ones too."""

    verdict: VerdictLabel
    cases: list[str]


@dataclass(frozen=True, slots=True)
class VerdictChangeView:
    """
    A dossier stands otherwise than the insurer was told, by its own recorded check or after it; or an error came that
    it could not know at that check, and changes nothing: then `before` and `after` are the same.

    `cause`: `step`, a step of the dossier, which `step` shows; `other_dossier`, one of a dossier that shares a device,
    an exchange or a breakage with it; `outage`, one that the council declared; `reorganised`, the chain took blocks
    back. `decided`: the insurer had recorded a decision by then.
    """

    dossier: str
    told_at: str
    before: StandingView
    after: StandingView
    cause: Literal["step", "other_dossier", "outage", "reorganised"]
    decided: bool
    step: StepView | None = None


@dataclass(frozen=True, slots=True)
class VerdictChangePage:
    """Changes, oldest first, and the cursor of the next page; None at the end."""

    changes: list[VerdictChangeView]
    next: str | None
