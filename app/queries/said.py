"""What a step between optician and insurer says in its detail, in the words in which it was posted."""

from collections.abc import Callable, Mapping

from app.domain.conformity import Verdict
from app.domain.kinds import GROUP_NUMBERS, Answer, Decision, Kind, reason_label
from app.domain.packages import moment
from app.domain.steps import Step

Said = dict[str, str | int | list[str]]
_GROUPS = {number: group for group, number in GROUP_NUMBERS.items()}


def said(step: Step) -> Said:
    """What the step says beside what every step does; nothing of a record, which the ledger does not have."""
    tell = _TOLD.get(step.kind)
    return {} if tell is None else tell(step)


def _decided(step: Step) -> Said:
    reason = reason_label(step.kind, step.reason)
    told: Said = {"check": step.about, "decision": Decision(step.code).label, "reason": reason}
    return told | ({"deadline": moment(step.deadline)} if step.deadline else {})


def _answered(step: Step) -> Said:
    answers = Kind(step.answered_kind).label
    return {"party": step.number, "answers": answers, "occurrence": step.about, "digest": step.words[0].hex()}


_TOLD: Mapping[Kind, Callable[[Step], Said]] = {
    Kind.ERASED: lambda step: {} if step.erases_all else {"groups": list(step.erased_groups)},
    Kind.VERIFIED: lambda step: {"invoice": step.invoice, "verdict": Verdict(step.verdict_code).label},
    Kind.DECIDED: _decided,
    Kind.ANSWERED: _answered,
    Kind.COVER_REQUESTED: lambda step: {"insurer": step.number},
    Kind.COVER_ANSWERED: lambda step: {"request": step.about, "answer": Answer(step.code).label},
    Kind.COVER_CANCELLED: lambda step: {"request": step.about},
    Kind.OPENING_DEMANDED: lambda step: {"item": step.named.hex(), "group": _GROUPS[step.code]},
}
