"""The composition of sales that follow others: a replacement under breakage warranty, a renewal stated late."""

from app.domain import details
from app.domain.commitment import group_root
from app.domain.records import group_values
from app.domain.steps import Kind
from app.errors import AlreadyRecorded, InvalidRecord
from app.services.composing import DOSSIER_SCHEMA, Composed, Composing
from app.services.drafts import EventDraft

STATEMENT = "statement"


def breakage_replaced(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician says which dossier of its own the sale replaces."""
    dossier, first = str(draft.dossier), str(draft.first)
    at.check_knows(dossier, f"{draft.where}/dossier")
    at.check_knows(first, f"{draft.where}/first")
    if first == dossier:
        raise InvalidRecord(f"{draft.where}/first", "a sale does not replace itself", "Name the dossier that broke.")
    words = (details.id_word(bytes.fromhex(first)),)
    if at.past.said(kind, dossier, details.NO_DETAIL, words):
        raise AlreadyRecorded("this is said already", f"{draft.where}/first", "Nothing needs to be done.")
    return Composed(at.step(kind, dossier, details.NO_DETAIL, words, draft), None, dossier, ())


def renewal_stated(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician commits to a minimised statement: which delay applies, and since when."""
    dossier, where = str(draft.dossier), f"{draft.where}/{STATEMENT}"
    at.check_knows(dossier, f"{draft.where}/dossier")
    values = group_values(DOSSIER_SCHEMA, STATEMENT, (draft.groups or {}).get(STATEMENT, {}), where)
    for name, value in values.values.items():
        if value is None:
            raise InvalidRecord(f"{where}/{name}", f"a statement has its {name}", "Give it.")
    words = (group_root(values, at.group_key(dossier, STATEMENT, draft.where)),)
    if at.past.said(kind, dossier, details.NO_DETAIL, words):
        raise AlreadyRecorded("exactly this is stated already", where, "Nothing needs to be done.")
    return Composed(at.step(kind, dossier, details.NO_DETAIL, words, draft), None, dossier, ((dossier, values),))
