"""The histories of `tests/vectors/histories.json` in which something is wrong; see `history_stories.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from history_stories import Story
from history_trade import AUDITOR, MAKER, OTHER_MAKER, RIVAL, SHOP, STRANGER, Trade

from app.domain import details
from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome

# -- lawful steps that show what is wrong --


def _made_otherwise(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.make("left", other=["product", "correction"])
    trade.deliver("left")
    trade.invoice("left")


def _price_shift(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left", other=["price"])
    trade.check(4)


def _used_twice(trade: Trade) -> None:
    trade.quote("left")
    trade.quote("right")
    trade.order("left")
    trade.order("right")
    trade.make("left")
    trade.make("right", device="left")


def _hidden(trade: Trade) -> None:
    trade.quote("left")
    trade.quote("right")
    trade.fulfil("left", "right")
    trade.invoice("left")


def _fictitious(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.deliver("left")
    trade.invoice("left")
    trade.check()


def _cancelled(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.invoice("left")
    trade.tell(Kind.CANCELLED, "left", reason=1)


def _kept(trade: Trade) -> None:
    trade.quote("left")
    trade.fulfil("left")
    trade.invoice("left")
    trade.credit("left")


def _out_of_sequence(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left", ahead=2)
    trade.make("left")
    trade.deliver("left")
    trade.invoice("left")


def _other_device(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.make("left")
    trade.deliver("left", other=["device"])
    trade.invoice("left")


# -- steps that the ledger does not record --


def _not_theirs(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left", party=RIVAL)
    trade.make("left", party=OTHER_MAKER)
    trade.make("left", party=SHOP)
    trade.say(RIVAL, Kind.RETURNED, trade.named("left"), details.reason_detail(1))


def _too_early(trade: Trade) -> None:
    trade.order("left")
    trade.make("left")
    trade.quote("left")
    trade.tell(Kind.SHIPPED, "left", MAKER)
    trade.tell(Kind.RECEIVED, "left")
    trade.withdraw("left")


def _twice(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left")
    trade.order("left", other=["correction"])
    trade.quote("left", other=["price"])
    trade.invoice("left")
    trade.invoice("left", other=["price"])


def _not_named(trade: Trade) -> None:
    trade.quote("left")
    trade.invoice("left")
    trade.check(party=STRANGER)
    trade.check(party=AUDITOR)
    trade.check(invoice=1)
    trade.invoice("left", number=1, insurers=(MAKER,))


def _ahead(trade: Trade) -> None:
    trade.quote("left")
    trade.order("left", ahead=72)


def _misshapen(trade: Trade) -> None:
    trade.quote("left")
    trade.say(SHOP, Kind.ORDERED, trade.named("left"), details.ordered_detail(), [trade.root("left", "product")])
    trade.say(SHOP, Kind.ORDERED, trade.named("left"), details.NO_DETAIL, trade.steps[0][1].words[:3])
    trade.invoice("left", "left")
    trade.tell(Kind.SHIPPED, "left", MAKER, reason=1)
    trade.correct("left", 13, Kind.INVOICED, "price")


def _foreign_unit(trade: Trade) -> None:
    trade.stock()
    trade.quote("stock")
    trade.draw("stock", 1, claims=2)
    trade.quote("frame", maker=0)
    trade.draw("frame", 0)
    trade.draw("stock", 0)
    trade.order("stock")


def _another_dossier(trade: Trade) -> None:
    trade.quote("left")
    trade.quote("right", dossier="other")
    trade.invoice("left", "right")


_NOT_ALLOWED, _MALFORMED, _REPEATED = Outcome.NOT_ALLOWED, Outcome.MALFORMED, Outcome.REPEATED
_MISSING, _UNNAMED = Outcome.PREDECESSOR_MISSING, Outcome.NOT_YET_NAMED
_WRONG = Verdict.NON_CONFORM


def _refused(name: str, tell: Callable[[Trade], None], refused: Mapping[int, Outcome]) -> Story:
    """What stands on the ledger is lawful and shows no case; it is only not all of a sale."""
    return Story(name, tell, Verdict.INCOMPLETE, frozenset(), refused)


DISHONEST = (
    Story(
        "another lens than ordered",
        _made_otherwise,
        _WRONG,
        frozenset({Case.PRODUCT_MISMATCH, Case.CORRECTION_MISMATCH}),
    ),
    Story("a higher price than quoted", _price_shift, _WRONG, frozenset({Case.PRICE_SHIFT})),
    Story("one device for two items", _used_twice, _WRONG, frozenset({Case.DUPLICATE_USE})),
    Story("an item left out of the invoice", _hidden, _WRONG, frozenset({Case.HIDDEN_ITEM})),
    Story("invoiced, checked, and never made", _fictitious, _WRONG, frozenset({Case.FICTITIOUS_EQUIPMENT})),
    Story("cancelled, and invoiced", _cancelled, _WRONG, frozenset({Case.CANCELLED_BUT_INVOICED})),
    Story("credited, and the invoice stands", _kept, _WRONG, frozenset({Case.RETURN_NOT_DECLARED})),
    Story("made before it was ordered", _out_of_sequence, _WRONG, frozenset({Case.OUT_OF_SEQUENCE})),
    Story("another device than was made", _other_device, _WRONG, frozenset({Case.DEVICE_MISMATCH})),
    _refused("what is another party's", _not_theirs, dict.fromkeys(range(1, 5), _NOT_ALLOWED)),
    _refused(
        "before what must come first",
        _too_early,
        {0: _MISSING, 1: Outcome.UNKNOWN_SUBJECT, 3: _MISSING, 4: _MISSING, 5: _MISSING},
    ),
    _refused("twice, with another content", _twice, {2: _REPEATED, 3: _REPEATED, 5: _REPEATED}),
    _refused("by or for whom nobody named", _not_named, {2: _UNNAMED, 3: _NOT_ALLOWED, 4: _MISSING, 5: _NOT_ALLOWED}),
    _refused("claimed in three days", _ahead, {1: Outcome.CLAIMED_AHEAD}),
    _refused("of no lawful shape", _misshapen, dict.fromkeys(range(1, 6), _MALFORMED)),
    _refused(
        "a unit under another number, and for a frame",
        _foreign_unit,
        {2: _MALFORMED, 4: _NOT_ALLOWED, 6: _NOT_ALLOWED},
    ),
    _refused("an invoice for another dossier's item", _another_dossier, {2: Outcome.STALE_WITNESS}),
)
