"""How a dossier stands, and how much of a recorded check the ledger bears out."""

from app.domain import details
from app.domain.conformity import Case, Verdict
from app.domain.kinds import Kind
from app.domain.standing import Standing, known_by, standing_of
from app.domain.steps import Step
from tests.domain.trade import DOSSIER, MAKER, OPTICIAN, Trade, root

CONFORM = Standing(Verdict.CONFORM, 0)


def checked(verdict: Verdict, mask: int) -> Step:
    """A recorded check that says so."""
    return Step(Kind.VERIFIED, 0, 0, DOSSIER, details.verified_detail(verdict, mask, 0), ())


def standing(trade: Trade) -> Standing:
    return standing_of(trade.shelf, DOSSIER, trade.reading())


def test_a_standing_names_the_cases_of_all_items_and_of_the_dossier_justified_ones_too() -> None:
    trade = Trade()
    trade.live()
    assert standing(trade) == CONFORM
    trade.credit()
    assert standing(trade) == Standing(Verdict.NON_CONFORM, 1 << Case.RETURN_NOT_DECLARED)
    assert standing(trade).cases == (Case.RETURN_NOT_DECLARED,)
    justified = Trade()
    justified.quote()
    justified.order(correction="other")
    justified.make()
    justified.err(OPTICIAN, 4, Kind.ORDERED, root("correction"))
    justified.err(MAKER, 4, Kind.ORDERED, root("correction"))
    justified.deliver()
    justified.bill()
    assert standing(justified) == Standing(Verdict.JUSTIFIED, 1 << Case.CORRECTION_MISMATCH)


def test_a_check_that_is_not_non_conform_is_taken_at_its_word() -> None:
    late = Standing(Verdict.NON_CONFORM, 1 << Case.RETURN_NOT_DECLARED)
    assert known_by(checked(Verdict.CONFORM, 0), late) == CONFORM
    assert known_by(checked(Verdict.INCOMPLETE, 0), CONFORM) == Standing(Verdict.INCOMPLETE, 0)


def test_what_opening_alone_showed_is_no_change_of_the_ledger() -> None:
    opened = checked(Verdict.NON_CONFORM, 1 << Case.CODING_MISMATCH | 1 << 31)
    assert known_by(opened, CONFORM) == CONFORM
    returned = Standing(Verdict.NON_CONFORM, 1 << Case.RETURN_NOT_DECLARED)
    assert known_by(opened, returned) == Standing(Verdict.NON_CONFORM, 0)
    assert known_by(checked(Verdict.NON_CONFORM, returned.mask), returned) == returned
    assert known_by(checked(Verdict.CONFORM, 1 << 31), CONFORM) == CONFORM
