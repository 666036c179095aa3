"""The composition of what goes otherwise: endings, replacements, exchanges, credits, declared errors, withdrawals."""

from dataclasses import dataclass, field

from app.domain import details
from app.domain.commitment import group_root
from app.domain.comparisons import COMPARISONS, OPTICIANS_ALONE
from app.domain.kinds import Nature, reason_number
from app.domain.records import group_values
from app.domain.steps import Kind
from app.errors import AlreadyRecorded, InvalidRecord, NotPermitted, OutOfSequence, RecordErased
from app.services.compose_stock import with_token
from app.services.composing import Composed, Composing, Opened
from app.services.drafts import EventDraft
from app.services.ground import not_found
from app.store import vault
from app.store.own import OwnItem


@dataclass(frozen=True, slots=True)
class Replaced:
    """The item that a quote replaces, with the secret of the one that takes its place."""

    item: str
    dossier: str
    secret: bytes = field(repr=False)


def replacing(at: Composing, draft: EventDraft) -> Replaced:
    """The item that the draft replaces: of the same schema, and by nothing else so far."""
    where = f"{draft.where}/replaces"
    old = at.own_item(str(draft.replaces), where)
    if old.schema != draft.schema:
        raise InvalidRecord(f"{draft.where}/schema", "the item replaced is of another schema", "Give its schema.")
    if at.past.replaced(old.dossier, old.item):
        raise AlreadyRecorded("this item is replaced already", where, "Replace the item that took its place.")
    at.check_predecessor(Kind.QUOTED, old.item, draft.where)
    return Replaced(old.item, old.dossier, _secret(at, old, draft.glassmaker, where))


def _secret(at: Composing, old: OwnItem, glassmaker: int, where: str) -> bytes:
    """The same glassmaker holds the keys already; another one must not come to hold the first one's."""
    if glassmaker != old.glassmaker:
        return at.ground.random(32)
    kept = vault.secret(at.connection, at.party, old.item)
    if kept is None:
        raise RecordErased("the secret of the item replaced is not kept any more", where, "Quote the item anew.")
    return kept


def reasoned(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """A step that says why and nothing else."""
    known = _item(at, kind, draft)
    return _composed(at, kind, known, draft, ())


def credited(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """A glassmaker credits what it made, for the item or for stock: by the nullifier that that step has."""
    known = _item(at, kind, draft)
    made = at.past.step(Kind.MANUFACTURED, known.item) or at.drawn_step(known.item)
    shown = None if made is None else made.nullifier
    return _composed(at, kind, known, draft, () if shown is None else (shown,))


def exchanged(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician hands over a replacement for an item that was invoiced."""
    known = _item(at, kind, draft)
    first = at.own_item(str(draft.first), f"{draft.where}/first")
    quote = at.past.step(Kind.QUOTED, known.item)
    if quote is None or quote.replaces is None:
        raise OutOfSequence(
            "only an item that was quoted to replace another is exchanged for it",
            f"{draft.where}/item",
            "Quote the new item with replaces first.",
        )
    if not at.past.invoiced(first.dossier, first.item):
        raise OutOfSequence("the first item is not invoiced", f"{draft.where}/first", "Replace it without an exchange.")
    return _composed(at, kind, known, draft, (details.id_word(bytes.fromhex(first.item)),))


def error_declared(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """A party declares what is wrong with a step of one comparison, and what would have been right."""
    number = _comparison(at, draft)
    known = at.own_item(str(draft.item), f"{draft.where}/item")
    at.check_predecessor(kind, known.item, draft.where)
    if at.past.step(kind, known.item, number) is not None:
        raise AlreadyRecorded("an error in this comparison is declared already", draft.where, "It stands for good.")
    nature, group = Nature[str(draft.nature).upper()], COMPARISONS[number].group
    raw = (draft.groups or {}).get(group)
    if (raw is not None) is not (nature is Nature.INCORRECT_DATA):
        raise InvalidRecord(
            f"{draft.where}/corrected",
            "corrected values are given for incorrect data, and for nothing else",
            "Give the values of the whole group as they should have been, or say did_not_occur.",
        )
    opened: Opened = ()
    words: tuple[bytes, ...] = ()
    if raw is not None:
        key = at.group_key(known.item, group, draft.where)
        raw = with_token(at, known.item, {group: raw})[group]
        values = group_values(known.schema, group, raw, f"{draft.where}/corrected")
        opened, words = ((known.item, values),), (group_root(values, key),)
    detail = details.error_detail(Kind[str(draft.in_error).upper()], nature)
    step = at.step(kind, known.item, detail, words, draft, number)
    return Composed(step, known.item, known.dossier, opened)


def _comparison(at: Composing, draft: EventDraft) -> int:
    """The number of the comparison that the draft names in words."""
    named = (draft.comparison, draft.group)
    number = next((bit for bit, each in enumerate(COMPARISONS) if (each.name, each.group) == named), None)
    if number is None:
        raise InvalidRecord(f"{draft.where}/comparison", "the ledger does not compare this group there", _SEE)
    if draft.in_error not in {each.label for each in COMPARISONS[number].kinds}:
        raise InvalidRecord(f"{draft.where}/in_error", "a step of this kind is not in the comparison", _SEE)
    if at.role == "glassmaker" and number in OPTICIANS_ALONE:
        raise NotPermitted(
            "both sides of this comparison are the optician's", f"{draft.where}/comparison", "The optician declares it."
        )
    return number


_SEE = "Take comparison and group from a case of GET /v1/dossiers/{dossier}."


def withdrawn(at: Composing, kind: Kind, draft: EventDraft) -> Composed:
    """An optician takes an invoice back for some of its items, which may then be invoiced anew."""
    dossier = str(draft.dossier)
    at.check_knows(dossier, f"{draft.where}/dossier")
    invoice = at.past.step(Kind.INVOICED, dossier, draft.invoice)
    if invoice is None:
        raise OutOfSequence("there is no such invoice", f"{draft.where}/invoice", "Give the occurrence of an invoice.")
    for number, line in enumerate(draft.items):
        where = f"{draft.where}/items/{number}"
        if bytes.fromhex(line.item) not in invoice.items:
            raise not_found(where)
        if not at.past.stands(dossier, draft.invoice, line.item):
            raise AlreadyRecorded("the invoice is withdrawn for this item already", where, "Leave it out.")
    words = [details.id_word(bytes.fromhex(line.item)) for line in draft.items]
    step = at.step(kind, dossier, details.occurrence_detail(draft.invoice), words, draft)
    return Composed(step, None, dossier, ())


def _item(at: Composing, kind: Kind, draft: EventDraft) -> OwnItem:
    known = at.own_item(str(draft.item), f"{draft.where}/item")
    at.check_order(kind, known.item, draft.where)
    return known


def _composed(at: Composing, kind: Kind, item: OwnItem, draft: EventDraft, words: tuple[bytes, ...]) -> Composed:
    detail = details.reason_detail(reason_number(kind, str(draft.reason)))
    return Composed(at.step(kind, item.item, detail, words, draft), item.item, item.dossier, ())
