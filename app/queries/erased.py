"""What was erased, as it is told: the party's own by its notes, everybody's by the steps on the ledger."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.kinds import Kind
from app.domain.packages import moment
from app.queries.erasure_views import ErasedView, ErasureView
from app.store import access_log, erasures, read_model
from app.store.database import Connection
from app.store.erasures import Erasure
from app.store.read_model import RecordedStep


def erasure_view(connection: Connection, erasure: Erasure) -> ErasureView:
    """An erasure of an item, with the parties that were given a package of it."""
    given_to = access_log.recipients(connection, erasure.party, (erasure.subject, erasure.dossier))
    steps = read_model.steps_of_dossiers(connection, [erasure.dossier])
    said = {each.party: each for each in steps if _erases(each, erasure.subject)}
    own = said.get(erasure.party)
    return ErasureView(
        item=erasure.subject,
        party=erasure.party,
        status="erased" if erasure.done else "erasing",
        erased_at=moment(erasure.erased_at),
        given_to=given_to,
        may_still_open=[number for number in given_to if number not in said],
        sequence=own.sequence if own else None,
        block=own.block if own else None,
        block_time=moment(own.block_time) if own else None,
    )


def erasure_of(connection: Connection, party: int, item: str) -> ErasureView | None:
    """The party's erasure of an item; None if it erased nothing of it."""
    found = erasures.erased(connection, party, [item]).get(item)
    return None if found is None else erasure_view(connection, found)


def erased_views(steps: Sequence[RecordedStep], glassmakers: Mapping[str, int]) -> list[ErasedView]:
    """
    Who erased what, by steps of one dossier that the asker may see, and who may still open it.

    `glassmakers` are those of the items, 0 for none. An insurer is known by an invoice that the asker may see.
    """
    return [_erased_view(each, steps, glassmakers) for each in steps if each.step.kind is Kind.ERASED]


def _erased_view(said: RecordedStep, steps: Sequence[RecordedStep], glassmakers: Mapping[str, int]) -> ErasedView:
    subject = said.step.subject.hex()
    gone = {each.party for each in steps if _erases(each, subject)}
    holders = {_optician(said), glassmakers.get(subject, 0), *_insurers(steps, subject)} - {0}
    return ErasedView(
        party=said.party,
        item=said.item,
        dossier=said.dossier,
        erased_at=moment(said.step.claimed_at),
        sequence=said.sequence,
        block=said.block,
        block_time=moment(said.block_time),
        may_still_open=sorted(holders - gone),
    )


def erasures_about(item: str, found: Iterable[ErasedView]) -> list[ErasedView]:
    """Those by which a record of this item is gone: an insurer says it of the dossier."""
    optician = int(item[:8], 16)
    return [each for each in found if each.item == item or (each.item is None and each.party != optician)]


def _erases(each: RecordedStep, subject: str) -> bool:
    """Whether by this step nothing is left of its author's record of a subject: an insurer's covers all items."""
    if each.step.kind is not Kind.ERASED:
        return False
    return each.step.subject.hex() == subject or (each.item is None and each.party != _optician(each))


def _optician(each: RecordedStep) -> int:
    return int(each.dossier[:8], 16)


def _insurers(steps: Sequence[RecordedStep], subject: str) -> set[int]:
    """Those named by an invoice of the item, or of the dossier."""
    invoices = [each.step for each in steps if each.step.kind is Kind.INVOICED]
    name = bytes.fromhex(subject)
    return {number for step in invoices if name in (step.subject, *step.items) for number in step.insurers}
