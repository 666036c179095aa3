"""
`dossier/1`: what a sale has of its own, whatever is sold. Released; never edited.

`legal_case` is the code of a case in the table of renewal rules, not its medical
reason in words. A statement made later says less: which delay the optician holds
to apply, and from which day it counts.
"""

from app.domain.canonical import Choice, CivilDate, Code, Identifier
from app.domain.identifiers import siret
from app.domain.schemas.definition import Field, Group, Schema

_NUMBER = Code(
    "[A-Z0-9._/-]{1,35}",
    "1 to 35 of A-Z, 0-9, dot, underscore, slash and hyphen, no insured number",
    '"2026-00117"',
)
_CASE = Code("[a-z0-9._/-]{1,35}", "the code of a legal case: 1 to 35 of a-z, 0-9, . _ / -", '"two_years"', str.lower)
_SIRET = Identifier(siret, "a SIRET of 14 digits whose check digits fit", '"73282932000074"')

DOSSIER_1 = Schema.of(
    "dossier/1",
    Group(
        "claim",
        (Field("siret", _SIRET), Field("dossier_reference", _NUMBER), Field("cover_number", _NUMBER)),
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
)
