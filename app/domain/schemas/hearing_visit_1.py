"""
`hearing.visit/1`: one visit at which hearing aids are fitted, quoted and invoiced beside them. Released; never edited.

No party makes it: its `maker` is whoever receives the wearer, and it is
delivered with the number of the visit's report.
"""

from app.domain.canonical import CivilDate
from app.domain.schemas.definition import Field, Group, Schema
from app.domain.schemas.goods import NUMBER, PRICE, SUPPLEMENTS, WORD
from app.domain.schemas.hearing_aid_1 import CODING

HEARING_VISIT_1 = Schema.of(
    "hearing.visit/1",
    Group("product", (Field("maker", WORD), Field("code", WORD))),
    SUPPLEMENTS,
    CODING,
    PRICE,
    Group("device", (Field("number", NUMBER), Field("date", CivilDate()))),
)
