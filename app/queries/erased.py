"""What was erased, as it is told: the party's own by its notes, everybody's by the steps on the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from app.domain.disclosures import ForGlassmaker, ForInsurer
from app.domain.facts import ItemState
from app.domain.kinds import ERASABLE, Kind
from app.domain.packages import moment
from app.domain.schemas import GROUPS_OF_DOSSIERS, GROUPS_OF_ITEMS
from app.domain.shelf import Facts
from app.queries.erasure_views import ErasedView, ErasureView
from app.services.stock import lot_parties, lots_behind
from app.store import access_log, erasures, read_model
from app.store.database import Connection
from app.store.erasures import Erasure
from app.store.read_model import RecordedStep
from app.store.shelf import StoredFacts


def erasure_view(connection: Connection, erasure: Erasure) -> ErasureView:
    """An erasure of an item, with the parties that were given a package of it, or of the lot that it was drawn from."""
    lots = lots_behind(connection, erasure.party, erasure.subject)
    subjects = (erasure.subject, erasure.dossier, *(lot.hex() for lot in lots))
    given_to = access_log.recipients(connection, erasure.party, subjects)
    facts = StoredFacts(connection)
    holders = {*given_to, *(number for lot in lots for number in lot_parties(facts, lot))} - {erasure.party}
    steps = read_model.steps_of_dossiers(connection, [erasure.dossier])
    said = {each.party: each for each in steps if _erases(each, erasure.subject)}
    own = said.get(erasure.party)
    return ErasureView(
        item=erasure.subject,
        party=erasure.party,
        status="erased" if erasure.done else "erasing",
        erased_at=moment(erasure.erased_at),
        given_to=given_to,
        may_still_open=sorted(holders - said.keys()),
        sequence=own.sequence if own else None,
        block=own.block if own else None,
        block_time=moment(own.block_time) if own else None,
    )


def erasure_of(connection: Connection, party: int, item: str) -> ErasureView | None:
    """The party's erasure of an item; None if it erased nothing of it."""
    found = erasures.erased(connection, party, [item]).get(item)
    return None if found is None else erasure_view(connection, found)


def erased_views(
    steps: Sequence[RecordedStep], makers: Mapping[str, AbstractSet[int]], recorded: Sequence[RecordedStep]
) -> list[ErasedView]:
    """
    Who erased what, by steps of one dossier that the asker may see, and who may still open it.

    `makers` are who holds an item as its glassmaker or as a holder of the lot that it was drawn from, as far as the
    asker may know them. An insurer is known by an invoice or a request for cover that the asker may see. All that is
    `recorded` of the dossier says only when an item was quoted, which an insurer that was asked does not see.
    """
    quoted = {each.step.subject.hex(): each for each in recorded if each.step.kind is Kind.QUOTED}
    return [_erased_view(each, steps, makers, quoted) for each in steps if each.step.kind is Kind.ERASED]


def makers_of(facts: Facts, items: Mapping[str, ItemState], party: int, *, everything: bool) -> dict[str, set[int]]:
    """
    For each item its glassmaker, and whoever held the lot that it was drawn from.

    Of a lot nobody is told but who holds or held it, and an auditor, to whom `everything` is shown.
    """
    found = {name: {state.glassmaker} - {0} for name, state in items.items()}
    for name in found:
        for _, step in facts.steps_on(bytes.fromhex(name), (Kind.DRAWN,)):
            parties = lot_parties(facts, step.named)
            found[name] |= parties if everything or party in parties else set()
    return found


def _erased_view(
    said: RecordedStep,
    steps: Sequence[RecordedStep],
    makers: Mapping[str, AbstractSet[int]],
    quoted: Mapping[str, RecordedStep],
) -> ErasedView:
    groups = said.step.erased_groups
    subjects = {said.step.subject.hex()}
    if groups and said.item is None:
        # Of a dossier somebody may say the groups of its items.
        subjects |= {each.item for each in steps if each.item is not None}
    left: set[int] = set()
    for subject in subjects:
        gone = {each.party for each in steps if _erases(each, subject)}
        lost = _groups_gone(steps, subject)
        for party, held in _able(said, steps, subject, makers, quoted).items():
            if party not in gone and (not groups or held.intersection(groups) - lost.get(party, set())):
                left.add(party)
    return ErasedView(
        party=said.party,
        item=said.item,
        dossier=said.dossier,
        erased_at=moment(said.step.claimed_at),
        sequence=said.sequence,
        block=said.block,
        block_time=moment(said.block_time),
        may_still_open=sorted(left),
        groups=list(groups) or None,
    )


def _able(
    said: RecordedStep,
    steps: Sequence[RecordedStep],
    subject: str,
    makers: Mapping[str, AbstractSet[int]],
    quoted: Mapping[str, RecordedStep],
) -> dict[int, frozenset[str]]:
    """Who may be given what of an item or a dossier, by the table of what is disclosed to whom."""
    here = GROUPS_OF_DOSSIERS if subject == said.dossier else GROUPS_OF_ITEMS
    found = dict.fromkeys(makers.get(subject, ()), ForGlassmaker.item_keys)
    for insurers, more in (
        (_insurers(steps, subject), {"claim"}),
        (_asked(steps, subject, quoted.get(subject)), ForInsurer.dossier_keys - {"claim"}),
    ):
        for party in insurers:
            found[party] = found.get(party, frozenset[str]()) | ForInsurer.item_keys | more
    found[_optician(said)] = frozenset(ERASABLE)
    return {party: groups & here for party, groups in found.items()}


def erasures_about(item: str, found: Iterable[ErasedView]) -> list[ErasedView]:
    """Those by which a record of this item is gone: an insurer says it of the dossier."""
    optician = int(item[:8], 16)
    return [each for each in found if each.item == item or (each.item is None and each.party != optician)]


def _erases(each: RecordedStep, subject: str) -> bool:
    """Whether by this step nothing is left of its author's record of a subject."""
    return each.step.erases_all and _covers(each, subject)


def _covers(each: RecordedStep, subject: str) -> bool:
    """Whether an erasure is of this subject: an insurer's of a dossier covers all items."""
    return each.step.subject.hex() == subject or (each.item is None and each.party != _optician(each))


def _groups_gone(steps: Iterable[RecordedStep], subject: str) -> dict[int, set[str]]:
    """The groups of a subject that alone are gone, by party."""
    found: dict[int, set[str]] = {}
    for each in steps:
        if each.step.kind is Kind.ERASED and _covers(each, subject):
            found.setdefault(each.party, set()).update(each.step.erased_groups)
    return found


def _optician(each: RecordedStep) -> int:
    return int(each.dossier[:8], 16)


def _insurers(steps: Sequence[RecordedStep], subject: str) -> set[int]:
    """Those named by an invoice of the item, or of the dossier."""
    invoices = [each.step for each in steps if each.step.kind is Kind.INVOICED]
    name = bytes.fromhex(subject)
    return {number for step in invoices if name in (step.subject, *step.items) for number in step.insurers}


def _asked(steps: Sequence[RecordedStep], subject: str, quoted: RecordedStep | None) -> set[int]:
    """
    Those asked for cover: they may have been given `cover` and `grant` of the dossier, and of an item what was quoted.

    That is the items that were quoted before the request, in the order of the ledger or by their moments, which differ
    where a list waited. A request that was taken back was made all the same.
    """
    requests = [each for each in steps if each.step.kind is Kind.COVER_REQUESTED]
    if quoted is not None:
        then = quoted.sequence, quoted.step.claimed_at
        requests = [each for each in requests if each.sequence > then[0] or each.step.claimed_at >= then[1]]
    return {each.step.number for each in requests if subject == each.dossier or quoted is not None}
