"""
`hearing.aid/1`: one hearing aid for one ear. Released; never edited.

Its maker's serial number is the device's `number`; what it has to make up for
is its correction, and as little the insurer's business as that of an eye.
"""

from app.domain.canonical import Choice, Code, Whole
from app.domain.schemas.definition import Field, Group, Schema
from app.domain.schemas.goods import DEVICE, PRICE, REFERENCE, SUPPLEMENTS, WORD, coding

CODING = coding(Code("I{1,2}", "I or II", '"II"', words=("II",)))

_PRODUCT = Group(
    "product",
    (
        Field("maker", WORD),
        Field("code", WORD),
        Field("form", Choice(("behind_the_ear", "receiver_in_canal", "in_the_ear", "in_the_canal"))),
    ),
)

_CORRECTION = Group(
    "correction",
    (
        Field("ear", Choice(("right", "left"))),
        Field("gain", Whole("decibels", 0, 100)),
        Field("output", Whole("decibels", 80, 150)),
    ),
)

HEARING_AID_1 = Schema.of(
    "hearing.aid/1",
    _PRODUCT,
    SUPPLEMENTS,
    _CORRECTION,
    CODING,
    PRICE,
    DEVICE,
    REFERENCE,
)
