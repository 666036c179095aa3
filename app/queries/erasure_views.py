"""The shapes of answers about records that were erased: who, when, and who may still open what was in them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ErasureView:
    """
    The party that asks erased its record of an item: its secret, keys and values, not its steps on the ledger.

    `erasing`: nothing of it can be read any more, and the database's files are written anew soon; `erased`: they were.
    `given_to` are the parties that were given a package of it, or of the lot that it was drawn from; `may_still_open`
    those of them, and of those who held the lot, that did not say on the ledger that they erased their copies.
    `sequence`, `block` and `block_time` are of the step that says so on the ledger, None before it is anchored; an
    insurer says it of the dossier, with the last item.
    """

    item: str
    party: int
    status: Literal["erasing", "erased"]
    erased_at: str
    given_to: list[int]
    may_still_open: list[int]
    sequence: int | None = None
    block: int | None = None
    block_time: str | None = None


@dataclass(frozen=True, slots=True)
class ErasedView:
    """
    A step on the ledger: a party erased its record of an item or, where `item` is None, of the dossier itself.

    `groups` are those that alone are gone because their time was over; None where the whole record is.
    An optician's dossier is its claim and its renewal, an insurer's all that it held of it. `may_still_open` are those
    to whom the protocol lets values of it be given, as far as the asker may know them, and who did not erase them: the
    optician, the glassmaker, insurers named or asked for cover and, of a lens from stock, whoever held its lot.
    """

    party: int
    item: str | None
    dossier: str
    erased_at: str
    sequence: int
    block: int
    block_time: str
    may_still_open: list[int]
    groups: list[str] | None = None
