"""
`dossier/1`: what a sale has of its own, whatever is sold. A released group is never edited.


Each group is committed by itself, so one that is added changes no root of another. `legal_case` is the code of a case
in the table of renewal rules, not its medical reason in words. A statement made later says less: which delay the
optician holds to apply, and from which day it counts.
"""

from app.domain.canonical import Choice, CivilDate, Code, Identifier, Quantity
from app.domain.identifiers import siret
from app.domain.schemas.definition import Field, Group, Schema, Values
from app.domain.schemas.goods import CURRENCY, NUMBER
from app.errors import InvalidRecord

_CASES = ("after_one_year", "at_any_time", "under_16", "two_years", "usual", "vision_changed")
_CASE = Code(
    "[a-z0-9._/-]{1,35}",
    f"the code of a legal case: one of {', '.join(_CASES)}, or 1 to 35 of a-z, 0-9, . _ / - with a digit in it",
    '"two_years"',
    str.lower,
    _CASES,
)
_SIRET = Identifier(siret, "a SIRET of 14 digits whose check digits fit", '"73282932000074"')
_AMOUNT = Quantity("currency units", 2, 0, 9_999_999)


def _money(values: Values) -> dict[str, str | None]:
    """Refuse money without its currency."""
    if values["currency"] is None and values["amount"] is not None:
        raise InvalidRecord("/currency", "an amount needs a currency", 'Give the currency, such as "EUR".')
    return dict(values)


DOSSIER_1 = Schema.of(
    "dossier/1",
    Group(
        "claim",
        (Field("siret", _SIRET), Field("dossier_reference", NUMBER), Field("cover_number", NUMBER)),
    ),
    Group(
        "renewal",
        (
            Field("legal_case", _CASE),
            Field("previous_date", CivilDate()),
            Field("prescription_date", CivilDate()),
        ),
    ),
    Group(
        "statement",
        (Field("ground", Choice(("under_16", "after_one_year", "at_any_time"))), Field("previous_date", CivilDate())),
    ),
    Group(
        "cover",
        (Field("amount", _AMOUNT), Field("currency", CURRENCY), Field("request_date", CivilDate())),
        _money,
    ),
    Group(
        "grant",
        (
            Field("cover_number", NUMBER),
            Field("amount", _AMOUNT),
            Field("currency", CURRENCY),
            Field("valid_until", CivilDate()),
        ),
        _money,
    ),
)
