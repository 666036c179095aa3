"""
What every item that is sold has alike, whatever the trade: released schemas are made of it, so it is never edited.

Nobody's name, birth date or insured number has a place here. Amounts are what
the wearer's quote shows, not what the seller pays.
"""

from app.domain.canonical import Code, CodeSet, Identifier, Quantity
from app.domain.identifiers import gtin
from app.domain.schemas.definition import Field, Group, Values
from app.errors import InvalidRecord

WORD = Code(
    "[A-Z0-9._-]{1,35}",
    "1 to 35 of A-Z, 0-9, dot, underscore and hyphen, with a digit in it, no insured number and no date",
    '"PRG16"',
)
_TREATMENTS = ("AR", "BLUE", "HARD", "PHOTO", "POLAR", "TINT", "UV")
_SUPPLEMENT = Code(
    WORD.pattern,
    f"one of {', '.join(_TREATMENTS)}, or {WORD.meaning}",
    '"AR"',
    words=_TREATMENTS,
)
NUMBER = Code(
    "[A-Z0-9._/-]{1,35}",
    "1 to 35 of A-Z, 0-9, dot, underscore, slash and hyphen, with a digit in it, no insured number and no date",
    '"2026-00117"',
)
# Seven digits are the form of a code in the list of products (LPP), which tells the correction: no insurer may see it.
_GROUPED_CODE = Code(
    "(?![A-Z0-9]*[0-9]{7})[A-Z0-9]{1,16}",
    "1 to 16 of A-Z and 0-9, with a digit in it, without seven in a row, as a detailed code of a product has them",
    '"VP2"',
)
_MAPPING = Code(
    "[a-z0-9.-]{1,24}/[0-9]{1,6}",
    "the name and version of a mapping table, joined by a slash",
    '"sample/1"',
    str.lower,
)
_MONEYS = ("BGN", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "ISK", "NOK", "PLN", "RON", "SEK", "XPF")
CURRENCY = Code("[A-Z]{3}", f"one of {', '.join(_MONEYS)} (ISO 4217)", '"EUR"', words=_MONEYS)
_UDI = Code(
    "(?=[!-~]*[0-9])[!-~]{1,64}",
    "1 to 64 printable ASCII characters without a space, a digit among them, no insured number and no date",
    '"(01)04006381333931(10)A7"',
    str,
)
_TOKEN = Code("[0-9a-f]{64}", "64 hex digits", f'"{"0f" * 32}"', str.lower)
_GTIN = Identifier(gtin, "a GTIN of 8, 12, 13 or 14 digits whose check digit fits", '"4006381333931"')


def _price(values: Values) -> dict[str, str | None]:
    """Refuse money without its currency."""
    if values["currency"] is None and (values["amount"] is not None or values["services"] is not None):
        raise InvalidRecord("/currency", "an amount needs a currency", 'Give the currency, such as "EUR".')
    return dict(values)


def coding(benefit_class: Code) -> Group:
    """The code that the insurer sees, with the class of benefits as the trade names it, and the table behind both."""
    return Group(
        "coding",
        (
            Field("grouped_code", _GROUPED_CODE),
            Field("class", benefit_class),
            Field("mapping", _MAPPING),
        ),
    )


SUPPLEMENTS = Group("supplements", (Field("codes", CodeSet(_SUPPLEMENT)),))

PRICE = Group(
    "price",
    (
        Field("amount", Quantity("currency units", 2, 0, 9_999_999)),
        # Services of 0 and no services are one quote, so both are absent.
        Field("services", Quantity("currency units", 2, 1, 9_999_999, zero_is_absent=True)),
        Field("currency", CURRENCY),
    ),
    _price,
)

DEVICE = Group(
    "device",
    (
        Field("number", NUMBER),
        Field("gtin", _GTIN),
        Field("lot", NUMBER),
        Field("udi", _UDI),
        Field("token", _TOKEN),
    ),
)

REFERENCE = Group("reference", (Field("order", NUMBER),))
