"""
The honest histories of `tests/vectors/histories.json`, told one by one; the others are in `history_wrongs.py`.

Of each stands here what a reader must come to: the verdict of its first dossier, the cases that nothing justifies, and
the outcome of each step that the ledger does not record. `history_vectors.py` holds the rules to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from history_trade import MAKER, SHOP, Trade

from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Story:
    """A history; `refused` is what becomes of steps by their place, from 0, where they are not recorded."""

    name: str
    tell: Callable[[Trade], None]
    verdict: Verdict
    cases: frozenset[Case] = frozenset()
    refused: Mapping[int, Outcome] = field(default_factory=dict)


def _one_lens(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left")
    trade.check()


def _whole_sale(trade: Trade) -> None:
    trade.quote("left")
    trade.quote("right")
    trade.quote("frame", maker=0)
    trade.fulfil("left", "right")
    trade.deliver("frame")
    trade.invoice("left", "right", "frame")
    trade.check()


def _frame(trade: Trade) -> None:
    trade.quote("frame", maker=0)
    trade.deliver("frame")
    trade.invoice("frame")


def _two_invoices(trade: Trade) -> None:
    trade.quote("left")
    trade.quote("right")
    trade.fulfil("left", "right")
    trade.invoice("left", partial=True)
    trade.invoice("right", number=1, partial=True)
    trade.check()
    trade.check(invoice=1, occurrence=1)


def _maker_first(trade: Trade) -> None:
    trade.quote("left")
    trade.invoice("left")
    trade.make("left", ahead=0.5)
    trade.order("left")
    trade.deliver("left", device="left")
    trade.check()


def _substituted(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.substitute("left", SHOP, other=["product"])
    trade.substitute("left", MAKER, other=["product"])
    trade.make("left", other=["product"])
    trade.deliver("left")
    trade.invoice("left", other=["product"])


def _corrected_price(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left", other=["price"])
    trade.correct("left", 9, Kind.INVOICED, "price")


def _cancelled(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.tell(Kind.CANCELLED, "left", reason=1)


def _returned(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.tell(Kind.RETURNED, "left", reason=2)
    trade.credit("left")


def _broken(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.make("left")
    trade.tell(Kind.BROKEN_AT_EDGING, "left", reason=1)
    trade.same["again"] = "left"
    trade.quote("again", replaces="left")
    trade.fulfil("again")
    trade.invoice("again")


def _exchanged(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left")
    trade.same["better"] = "left"
    trade.quote("better", replaces="left")
    trade.order("better", other=["product"])
    trade.make("better", warranty=True, other=["product"])
    trade.tell(Kind.RETURNED, "left", reason=1)
    trade.credit("left")
    trade.exchange("better", "left")
    trade.deliver("better", device="better")


def _invoiced_again(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left", other=["price"])
    trade.withdraw("left")
    trade.invoice("left", number=1)
    trade.check(invoice=1)


def _from_stock(trade: Trade) -> None:
    trade.stock()
    trade.quote("stock")
    trade.draw("stock", 1)
    trade.deliver("stock")
    trade.invoice("stock")


HONEST = (
    Story("one lens, from the quote to the check", _one_lens, Verdict.CONFORM),
    Story("two lenses and a frame", _whole_sale, Verdict.CONFORM),
    Story("a frame whose maker is not on the network", _frame, Verdict.CONFORM),
    Story("a sale invoiced in two parts", _two_invoices, Verdict.CONFORM),
    Story("the invoice and the maker arrive before the order", _maker_first, Verdict.CONFORM),
    Story("another product, by the word of both", _substituted, Verdict.JUSTIFIED),
    Story("an error in the price, declared", _corrected_price, Verdict.JUSTIFIED),
    Story("cancelled before anything was made", _cancelled, Verdict.JUSTIFIED),
    Story("returned and credited, never invoiced", _returned, Verdict.JUSTIFIED),
    Story("broken at edging, and made again", _broken, Verdict.JUSTIFIED),
    Story("exchanged for a better one under the warranty", _exchanged, Verdict.JUSTIFIED),
    Story("an invoice withdrawn and written anew", _invoiced_again, Verdict.CONFORM),
    Story("a lens from stock", _from_stock, Verdict.CONFORM),
)
