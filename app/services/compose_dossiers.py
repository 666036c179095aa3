"""The composition of the steps between optician and insurer: cover, decisions, answers, and demands to open."""

from app.domain import details
from app.domain.commitment import group_root
from app.domain.kinds import GROUP_NUMBERS, Answer, Decision, reason_number
from app.domain.records import group_values
from app.domain.shelf import optician_of
from app.domain.steps import Kind, Step
from app.errors import AlreadyRecorded, InvalidRecord, OutOfSequence, PackageMissing
from app.services.composing import DOSSIER_SCHEMA, Composed, Composing, Opened
from app.services.drafts import EventDraft
from app.services.ground import not_found
from app.store import outbox, own, read_model, vault
from app.store.registry import Role

# -- cover --


def cover_requested(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician asks an insurer; the same may be asked again only after it was taken back."""
    dossier = str(draft.dossier)
    at.check_knows(dossier, f"{draft.where}/dossier")
    at.check_named(draft.named, Role.INSURER, f"{draft.where}/insurer")
    opened, root = _committed(at, dossier, "cover", draft)
    detail = details.party_detail(draft.named)
    cancelled = {step.about for step in at.past.steps(Kind.COVER_CANCELLED, dossier)}
    for step in at.past.steps(kind, dossier):
        if (step.detail, step.words) == (detail, (root,)) and step.occurrence not in cancelled:
            raise AlreadyRecorded(
                "this insurer was asked for the same cover already", draft.where, "Wait for the answer, or cancel it."
            )
    return Composed(at.step(kind, dossier, detail, (root,), draft), None, dossier, opened)


def cover_answered(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """The insurer asked answers. Its package is enough: the ledger may show the request later."""
    dossier = str(draft.dossier)
    _check_sees(at, dossier, draft)
    request = _shown(at, optician_of(bytes.fromhex(dossier)), Kind.COVER_REQUESTED, dossier, draft.about)
    if request is not None and request.number != at.party:
        raise not_found(f"{draft.where}/request")
    if (draft.answer == Answer.GRANTED.label) is not bool(draft.groups):
        raise InvalidRecord(
            f"{draft.where}/grant", "a grant stands beside granted, and beside nothing else", "Add it or leave it out."
        )
    if vault.group_key(at.connection, at.party, dossier, "grant") is None:
        raise PackageMissing(
            "the optician's package for this request has not come in",
            f"{draft.where}/dossier",
            "Take the package in with POST /v1/packages, then send the event again.",
        )
    opened, root = _committed(at, dossier, "grant", draft)
    detail = details.cover_answered_detail(Answer[str(draft.answer).upper()], draft.about)
    _check_new(at, kind, dossier, detail, draft)
    return Composed(at.step(kind, dossier, detail, (root,), draft), None, dossier, opened)


def cover_cancelled(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician takes a request of its own back, once."""
    dossier = str(draft.dossier)
    at.check_knows(dossier, f"{draft.where}/dossier")
    if at.past.step(Kind.COVER_REQUESTED, dossier, draft.about) is None:
        raise OutOfSequence("there is no such request", f"{draft.where}/request", "Give the occurrence of a request.")
    detail = details.occurrence_detail(draft.about)
    _check_new(at, kind, dossier, detail, draft)
    return Composed(at.step(kind, dossier, detail, (), draft), None, dossier, ())


def _committed(at: Composing, dossier: str, group: str, draft: EventDraft) -> tuple[Opened, bytes]:
    raw = (draft.groups or {}).get(group, {})
    values = group_values(DOSSIER_SCHEMA, group, raw, f"{draft.where}/{group}")
    return ((dossier, values),), group_root(values, at.group_key(dossier, group, draft.where))


# -- decisions, answers, demands --


def decided(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An insurer decides after a check of its own; a question has a deadline, and nothing else has."""
    dossier, where = str(draft.dossier), draft.where
    _check_sees(at, dossier, draft)
    if at.past.step(Kind.VERIFIED, dossier, draft.about) is None:
        raise OutOfSequence("you recorded no such check", f"{where}/check", "Record the check first.")
    decision = Decision[str(draft.decision).upper()]
    if (decision is Decision.QUESTIONED) is (draft.deadline is None):
        raise InvalidRecord(
            f"{where}/deadline", "a deadline stands beside questioned, and beside nothing else", "Add or remove it."
        )
    if draft.deadline is not None and draft.deadline <= at.claimed(draft):
        raise InvalidRecord(f"{where}/deadline", "the deadline is not after the decision", "Give a later one.")
    reason = reason_number(kind, str(draft.reason))
    detail = details.decided_detail(decision, reason, draft.deadline or 0, draft.about)
    _check_new(at, kind, dossier, detail, draft)
    return Composed(at.step(kind, dossier, detail, (), draft), None, dossier, ())


def answered(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician answers what the ledger shows, with an event of its own."""
    dossier, where = str(draft.dossier), draft.where
    at.check_knows(dossier, f"{where}/dossier")
    about = Kind[str(draft.answers).upper()]
    if _shown(at, draft.named, about, dossier, draft.about) is None:
        raise OutOfSequence(
            f"the ledger shows no such {about.label} by this party", f"{where}/occurrence", "Read the dossier's steps."
        )
    event = outbox.events_by_id(at.connection, at.party, [str(draft.event)]).get(str(draft.event))
    if event is None or event.dossier != dossier:
        raise not_found(f"{where}/event")
    detail, word = details.answered_detail(draft.named, draft.about, about), bytes.fromhex(event.digest)
    if any((step.detail, step.words) == (detail, (word,)) for step in at.past.steps(kind, dossier)):
        raise _already(draft)
    return Composed(at.step(kind, dossier, detail, (word,), draft), None, dossier, ())


def opening_demanded(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An insurer or auditor asks to be shown a group of an item of the dossier."""
    dossier, item = str(draft.dossier), str(draft.item)
    if at.ground.roles[at.party] is not Role.AUDITOR:
        _check_sees(at, dossier, draft)
    elif read_model.dossier_state(at.connection, dossier) is None:
        raise not_found(f"{draft.where}/dossier")
    known = own.items_known(at.connection, at.party, [item]).get(item)
    if item not in read_model.items_of_dossier(at.connection, dossier) and (known is None or known.dossier != dossier):
        raise not_found(f"{draft.where}/item")
    detail, word = details.demanded_detail(GROUP_NUMBERS[str(draft.group)]), details.id_word(bytes.fromhex(item))
    if any((step.detail, step.words) == (detail, (word,)) for step in at.past.steps(kind, dossier)):
        raise _already(draft)
    return Composed(at.step(kind, dossier, detail, (word,), draft), None, dossier, ())


# -- pieces --


def _check_sees(at: Composing, dossier: str, draft: EventDraft) -> None:
    """Refuse a dossier that neither the ledger nor a package ties to the party."""
    named = read_model.concerns(at.connection, at.party, dossier)
    if not named and not own.items_in(at.connection, at.party, dossier):
        raise not_found(f"{draft.where}/dossier")


def _shown(at: Composing, party: int, kind: Kind, dossier: str, occurrence: int) -> Step | None:
    """The step of another party that the ledger shows."""
    steps = read_model.steps_by(at.connection, party, dossier)
    return next((step for step in steps if (step.kind, step.occurrence) == (kind, occurrence)), None)


def _check_new(at: Composing, kind: Kind, dossier: str, detail: bytes, draft: EventDraft) -> None:
    if at.past.said(kind, dossier, detail):
        raise _already(draft)


def _already(draft: EventDraft) -> AlreadyRecorded:
    return AlreadyRecorded(f"this was {draft.kind} already", draft.where, "Nothing needs to be done.")
