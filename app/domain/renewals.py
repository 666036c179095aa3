"""What on the ledger says why a sale may come sooner than the delay after an earlier one."""

from app.domain.conformity import Case, dossier_findings
from app.domain.kinds import Kind
from app.domain.shelf import Facts, known_dossier


def renewal_explained(shelf: Facts, dossier: bytes, insurer: int) -> tuple[Kind, ...]:
    """The kinds of step that explain an early renewal: a statement, or a breakage that was replaced as it may be."""
    by = (Kind.RENEWAL_STATED,) if known_dossier(shelf, dossier).has(Kind.RENEWAL_STATED) else ()
    replaced = bool(list(shelf.steps_on(dossier, (Kind.BREAKAGE_REPLACED,))))
    wrongly = any(finding.case is Case.FALSE_BREAKAGE for finding in dossier_findings(shelf, dossier))
    rightly = replaced and not wrongly and not replaces_unknown(shelf, dossier, insurer)
    return (*by, Kind.BREAKAGE_REPLACED) if rightly else by


def replaces_unknown(shelf: Facts, dossier: bytes, insurer: int) -> bool:
    """Whether the dossier replaces the broken equipment of one that no invoice brought to this insurer."""
    steps = shelf.steps_on(dossier, (Kind.BREAKAGE_REPLACED,))
    return any(insurer not in known_dossier(shelf, step.named).insurers for _, step in steps)
